"""The axioms that an advisory rests on, in the notation of Manchester, for a reviewer to read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kg import terms
from kg.review.content import criteria_below
from kg.snapshot.criteria import AllOf, AnyOf, AtLeast, Expression, Has, Is, Named, Number, Of
from kg.snapshot.labels import label_of
from kg.snapshot.model import Snapshot


class WrittenAxiom(NamedTuple):
    """One definition: its name, what it says as a sentence, and as an axiom."""

    name: str
    label: str
    sentence: str
    axiom: str


def axioms(names: Iterable[str | None], snapshot: Snapshot) -> list[WrittenAxiom]:
    """Write the definitions that some criteria rest on; those asked for come first."""
    asked = [n for n in names if n in snapshot.criteria and n is not None]
    below = [n for n in criteria_below(asked, snapshot) if n not in asked]
    return [
        WrittenAxiom(name, known.label, known.definition, written(known.expression))
        for name in (*asked, *below)
        for known in (snapshot.criteria[name],)
    ]


def written(expression: Expression) -> str:
    """Write one definition."""
    if isinstance(expression, AllOf | AnyOf):
        word = " and " if isinstance(expression, AllOf) else " or "
        return word.join(_inner(p) for p in expression.parts) or "owl:Thing"
    if isinstance(expression, Named):
        return terms.local(expression.criterion)
    if isinstance(expression, Has):
        return f"{terms.local(expression.property)} value {terms.local(expression.value)}"
    if isinstance(expression, AtLeast):
        count = "some" if expression.least == 1 else f"min {expression.least}"
        return f"{terms.local(expression.role)} {count} {_inner(expression.item)}"
    if isinstance(expression, Of):
        return f"{terms.local(expression.property)} some {terms.local(expression.term)}"
    if isinstance(expression, Is):
        return terms.local(expression.term)
    return f"{terms.local(expression.property)} some decimal[{_bounds(expression)}]"


def _inner(expression: Expression) -> str:
    text = written(expression)
    return text if isinstance(expression, Named | Is) else f"({text})"


def _bounds(number: Number) -> str:
    low = f"{'>' if number.low_open else '>='} {number.low}" if number.low is not None else ""
    high = f"{'<' if number.high_open else '<='} {number.high}" if number.high is not None else ""
    return ", ".join(side for side in (low, high) if side)


def exemption(iri: str | None, snapshot: Snapshot) -> str:
    """Name what exempts, or say that nothing does."""
    return label_of(iri, snapshot) if iri else ""
