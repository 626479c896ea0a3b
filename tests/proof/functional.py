"""OWL functional syntax: definitions as they stand, and what portraits are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from kg.interval import Interval
from tests.proof.axioms import XSD, And, AtLeast, Expression, Facet, Name, Or, Value
from tests.proof.cells import decimal
from tests.proof.drugs import OF
from tests.proof.shown import Choice

SLOT = "urn:slot:"
# Digits that are written of a number which is no decimal.
DIGITS = 40


def amount(prop: str, known: Interval, cuts: list[Fraction]) -> str:
    """Write a number: exactly, or as the interval in which it lies."""

    def literal(value: Fraction) -> str:
        return f'"{decimal(value, DIGITS, cuts)}"^^<{XSD}decimal>'

    if known.low is not None and known.low == known.high:
        return f"DataHasValue(<{prop}> {literal(known.low)})"
    facets = [
        f"<{XSD}{side}{'Exclusive' if is_open else 'Inclusive'}> {literal(value)}"
        for side, value, is_open in (
            ("min", known.low, known.low_open),
            ("max", known.high, known.high_open),
        )
        if value is not None
    ]
    return f"DataSomeValuesFrom(<{prop}> DatatypeRestriction(<{XSD}decimal> {' '.join(facets)}))"


def choice(family: str, one: Choice) -> Iterator[str]:
    """Write one way for an entry to be."""
    if one.slot is not None:
        yield f"<{SLOT}{one.slot}>"
    yield from (f"ObjectSomeValuesFrom(<{OF[family]}> <{d}>)" for d in one.drugs)


def values(given: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Write attributes with their values."""
    yield from (f"ObjectHasValue(<{p}> <{v}>)" for p, v in given)


def both(parts: Iterable[str]) -> str:
    """Write what belongs to every part."""
    written = list(parts)
    if not written:
        return "owl:Thing"
    return written[0] if len(written) == 1 else f"ObjectIntersectionOf({' '.join(written)})"


def expression(node: Expression) -> str:
    """Write a definition."""
    if isinstance(node, And):
        return f"ObjectIntersectionOf({' '.join(map(expression, node.parts))})"
    if isinstance(node, Or):
        return f"ObjectUnionOf({' '.join(map(expression, node.parts))})"
    if isinstance(node, Name):
        return f"<{node.iri}>"
    if isinstance(node, Value):
        return f"ObjectHasValue(<{node.role}> <{node.individual}>)"
    if isinstance(node, AtLeast):
        if node.number == 1:
            return f"ObjectSomeValuesFrom(<{node.role}> {expression(node.filler)})"
        return f"ObjectMinCardinality({node.number} <{node.role}> {expression(node.filler)})"
    return _facet(node)


def _facet(node: Facet) -> str:
    facets = [
        f'<{XSD}{side}{"Exclusive" if is_open else "Inclusive"}> "{decimal(value, 20, [value])}"'
        f"^^<{node.datatype}>"
        for side, value, is_open in (
            ("min", node.low, node.low_open),
            ("max", node.high, node.high_open),
        )
        if value is not None
    ]
    restriction = f"DatatypeRestriction(<{node.datatype}> {' '.join(facets)})"
    return f"DataSomeValuesFrom(<{node.role}> {restriction})"
