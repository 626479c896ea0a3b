"""Walk the definition of a criterion down to what it asks in the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, overload

from kg.model import AllOf, AnyOf, AtLeast, Expression, Has, Is, Named, Number, Of, Snapshot

Leaf = Has | Number | Is | Of


@overload
def leaves_of(expression: Expression, snapshot: Snapshot) -> Iterator[Leaf]: ...


@overload
def leaves_of(
    expression: Expression, snapshot: Snapshot, *, named: Literal[True]
) -> Iterator[Leaf | str]: ...


def leaves_of(
    expression: Expression, snapshot: Snapshot, *, named: bool = False
) -> Iterator[Leaf | str]:
    """Give what a definition asks; with `named`, stop at criteria that have a name."""
    stack = [expression]
    while stack:
        here = stack.pop()
        if isinstance(here, AllOf | AnyOf):
            stack += reversed(here.parts)
        elif isinstance(here, AtLeast):
            stack.append(here.item)
        elif isinstance(here, Named):
            if named:
                yield here.criterion
            else:
                stack.append(snapshot.criteria[here.criterion].expression)
        else:
            yield here
