"""Write an expression in one line, so that a person sees what a mutant changed."""

from __future__ import annotations

import os

from kg.snapshot.criteria import AllOf, AnyOf, AtLeast, Expression, Has, Is, Named, Number
from kg.terms import local

_AROUND = 2


def line(node: Expression) -> str:
    """Write an expression as words parted by spaces."""
    if isinstance(node, AllOf | AnyOf):
        joint = " and " if isinstance(node, AllOf) else " or "
        return f"( {joint.join(map(line, node.parts))} )"
    if isinstance(node, Named):
        return local(node.criterion)
    if isinstance(node, Has):
        return f"{local(node.property)} {local(node.value)}"
    if isinstance(node, Number):
        low = f" {'>' if node.low_open else '>='} {node.low}" if node.low is not None else ""
        high = f" {'<' if node.high_open else '<='} {node.high}" if node.high is not None else ""
        return f"{local(node.property)}{low}{high}"
    if isinstance(node, AtLeast):
        number = f"at-least {node.least} " if node.least > 1 else ""
        return f"{number}{local(node.role)} {line(node.item)}"
    if isinstance(node, Is):
        return local(node.term)
    return f"{local(node.property)} {local(node.term)}"


def change(before: str, after: str) -> str:
    """Show where two lines differ, with a few words around."""
    old, new = before.split(), after.split()
    start = len(os.path.commonprefix([old, new]))  # noqa: RUF071 - of lists of words
    end = len(os.path.commonprefix([old[start:][::-1], new[start:][::-1]]))  # noqa: RUF071
    first = max(0, start - _AROUND)

    def shown(words: list[str]) -> str:
        last = min(len(words), len(words) - end + _AROUND)
        inner = " ".join(words[first:last])
        return f"{'… ' if first else ''}{inner}{' …' if last < len(words) else ''}"

    return f"[{shown(old)}] → [{shown(new)}]"
