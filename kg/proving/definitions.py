"""The definitions as formulas about an item, or a patient, of whom nothing is known beforehand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from kg import terms
from kg.contract.parts import LISTS
from kg.interval import ANYTHING, FALSE, TRUE, UNKNOWN, between
from kg.proving.formula import CONSTANT, Halves, Symbols, all_of, any_of, unsaid_of
from kg.snapshot.criteria import AllOf, AnyOf, AtLeast, Expression, Has, Is, Named, Number, Of
from kg.snapshot.decisions import bounds_of
from kg.snapshot.model import Snapshot

FACTS = (terms.HAS_FLAG, terms.LACKS)
FAMILIES = tuple(one.family for one in LISTS)
# What a term is known to be, where one is known: the answers to its memberships.
Memberships = Mapping[Is | Of, int]
OnLeaf = Callable[[Has | Number | Is | Of], Halves]
ITEM, PATIENT = "item", "patient"


def walked(node: Expression, snapshot: Snapshot, leaf: Callable[[Expression], Halves]) -> Halves:
    """Read a definition as a formula: least of all parts, highest of some."""
    if isinstance(node, Named):
        return walked(snapshot.criteria[node.criterion].expression, snapshot, leaf)
    if isinstance(node, AllOf):
        return all_of(walked(part, snapshot, leaf) for part in node.parts)
    if isinstance(node, AnyOf):
        return any_of(walked(part, snapshot, leaf) for part in node.parts)
    return leaf(node)


def ends_of(node: Expression, snapshot: Snapshot) -> Iterator[Expression]:
    """Give what a definition asks in the end, through all that it names."""
    if isinstance(node, Named):
        yield from ends_of(snapshot.criteria[node.criterion].expression, snapshot)
    elif isinstance(node, AllOf | AnyOf):
        for part in node.parts:
            yield from ends_of(part, snapshot)
    else:
        yield node


def of_item(
    node: Expression, snapshot: Snapshot, symbols: Symbols, known: Memberships | None = None
) -> Halves:
    """Read a definition of an item, of a term that is known or of any."""

    def leaf(end: Expression) -> Halves:
        if isinstance(end, Is | Of):
            return CONSTANT[known[end]] if known else membership(end, symbols)
        if isinstance(end, Has | Number):
            return said(ITEM, end, snapshot, symbols)
        raise TypeError(f"no question about one item: {end!r}")

    return walked(node, snapshot, leaf)


def membership(asks: Is | Of, symbols: Symbols) -> Halves:
    """Ask whether an item belongs to a class, where it may be anything."""
    return symbols.answer(membership_name(asks))


def membership_name(asks: Is | Of) -> str:
    """Name the unknown that says whether an item belongs to a class."""
    return f"{ITEM} {asks.property if isinstance(asks, Of) else 'is'} {asks.term}"


def said(owner: str, end: Has | Number, snapshot: Snapshot, symbols: Symbols) -> Halves:
    """Ask for an attribute or a number; what was not said follows from its property."""
    known = snapshot.properties[end.property]
    if isinstance(end, Has):
        return symbols.attribute(owner, end.property, end.value, unsaid_of(end.value, known))
    plausible = between(known.plausible)
    unsaid = UNKNOWN if plausible == ANYTHING else plausible.compare(bounds_of(end))
    return symbols.number(owner, end.property, bounds_of(end), unsaid)


def family_of(role: str, snapshot: Snapshot) -> str:
    """Give the kind of item that hangs by a role."""
    wider = {role, *snapshot.properties[role].wider}
    return next(family for family in FAMILIES if family in wider)


def along_name(role: str, least: int, item: Expression, view: str) -> str:
    """Name the unknown that says whether items along a role answer, on a view of a case."""
    return f"{view}at least {least} by {role} of {_shown(item)}"


def _shown(item: Expression) -> str:
    """Show a definition within a name: by its own, or by its content."""
    if isinstance(item, Named):
        return item.criterion
    return hashlib.sha256(msgspec.json.encode(item)).hexdigest()[:16]


def of_patient(node: Expression, snapshot: Snapshot, symbols: Symbols, view: str = "") -> Halves:
    """Read a definition of a patient; a view leaves out medications and changes nothing else."""

    def leaf(end: Expression) -> Halves:
        if isinstance(end, AtLeast):
            along_medications = family_of(end.role, snapshot) == terms.HAS_MEDICATION
            seen = view if along_medications else ""
            return symbols.answer(along_name(end.role, end.least, end.item, seen))
        if isinstance(end, Has) and end.property in FACTS:
            return symbols.fact(end.property, end.value)
        if isinstance(end, Has | Number):
            return said(PATIENT, end, snapshot, symbols)
        raise TypeError(f"no question about the patient: {end!r}")

    return walked(node, snapshot, leaf)


class Catalogue:
    """What each term is, as the Snapshot states and infers it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._members = {name: frozenset(known.members) for name, known in snapshot.classes.items()}

    def memberships(self, term: str, asked: Iterable[Is | Of]) -> dict[Is | Of, int]:
        """Say of one term which classes it belongs to: by itself, by inference, or perhaps."""
        snapshot = self._snapshot
        known = snapshot.conditions.get(term) or snapshot.observations.get(term)
        drug = snapshot.drugs.get(term)
        above = {term, *known.ancestors} if known is not None else set()
        still_open = set(drug.open_axes) if drug is not None else set()
        answers: dict[Is | Of, int] = {}
        for asks in asked:
            if isinstance(asks, Is):
                answer = UNKNOWN if known is None else TRUE if asks.term in above else FALSE
            elif drug is None:
                answer = UNKNOWN
            elif term in self._members[asks.term]:
                answer = TRUE
            else:
                axes = snapshot.classes[asks.term].axes if asks.property == terms.OF_DRUG else ()
                answer = FALSE if still_open.isdisjoint(axes) else UNKNOWN
            answers[asks] = answer
        return answers

    def terms(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Give every term, and the families whose items it may be."""
        for term in self._snapshot.drugs:
            yield term, (terms.HAS_MEDICATION, terms.HAS_ALLERGY)
        for term in self._snapshot.conditions:
            yield term, (terms.HAS_CONDITION,)
        for term in self._snapshot.observations:
            yield term, (terms.HAS_OBSERVATION,)
