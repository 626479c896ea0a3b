"""Criteria made ready to judge: each expression once per Snapshot, as a node that answers.

Three values, ordered: false, unknown, true. *And* is the least, *or* the largest. Nothing is
negated. A node says what it is made of, so that the same tree that judges can say why.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from kg import terms
from kg.case import Item
from kg.connectives import OnItem, OnPatient, count, largest, least, measured, remembered, some
from kg.interval import ANYTHING, FALSE, TRUE, UNKNOWN, Interval, between
from kg.model import (
    AllOf,
    AnyOf,
    AtLeast,
    Expression,
    Has,
    Is,
    Named,
    Number,
    Of,
    Property,
    Snapshot,
)
from kg.once import once_per_snapshot
from kg.view import View


@dataclass(frozen=True, slots=True)
class ItemNode:
    """A question about one item: what it asks, how it answers, and where it can be true at all.

    `anchors` are the classes one of which an item must belong to, or may belong to, for any
    answer but false; None where any item may do.
    """

    expression: Expression
    judge: OnItem
    parts: tuple[ItemNode, ...] = ()
    anchors: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class PatientNode:
    """A question about the patient: what it asks and how it answers."""

    expression: Expression
    judge: OnPatient
    parts: tuple[PatientNode, ...] = ()
    item: ItemNode | None = None
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """A role that a question looks along: how far an item that hangs by another counts."""

    name: str
    family: str
    truths: dict[str, int]
    open_kinds: tuple[tuple[str, frozenset[str]], ...] = ()


@dataclass(slots=True)
class Logic:
    """All criteria of a Snapshot as nodes, made when they are first asked for."""

    snapshot: Snapshot
    patient_nodes: dict[str, PatientNode] = field(default_factory=dict)
    item_nodes: dict[str, ItemNode] = field(default_factory=dict)
    asked_classes: set[str] = field(default_factory=set)

    def criterion(self, name: str) -> PatientNode:
        """Give a named criterion as a question about the patient, judged once a case."""
        if name not in self.patient_nodes:
            inner = self._patient(self.snapshot.criteria[name].expression)
            self.patient_nodes[name] = PatientNode(
                Named(name), remembered(name, inner.judge), (inner,)
            )
        return self.patient_nodes[name]

    def item_criterion(self, name: str) -> ItemNode:
        """Give a named criterion as a question about one item."""
        if name not in self.item_nodes:
            inner = self._item(self.snapshot.criteria[name].expression)
            self.item_nodes[name] = ItemNode(Named(name), inner.judge, (inner,), inner.anchors)
        return self.item_nodes[name]

    # --- about the patient ---------------------------------------------------------------------

    def _patient(self, expression: Expression) -> PatientNode:
        if isinstance(expression, AllOf):
            parts = tuple(map(self._patient, expression.parts))
            return PatientNode(expression, least([p.judge for p in parts]), parts)
        if isinstance(expression, AnyOf):
            parts = tuple(map(self._patient, expression.parts))
            return PatientNode(expression, largest([p.judge for p in parts]), parts)
        if isinstance(expression, Named):
            return self.criterion(expression.criterion)
        if isinstance(expression, AtLeast):
            return self._atleast(expression)
        if isinstance(expression, Has):
            return PatientNode(expression, self._patient_has(expression))
        if isinstance(expression, Number):
            return PatientNode(expression, self._patient_number(expression))
        raise TypeError(expression)

    def _patient_has(self, expression: Has) -> OnPatient:
        prop, value = expression.property, expression.value
        if prop == terms.HAS_FLAG:
            return lambda view: view.case.flags[value].truth
        if prop == terms.LACKS:
            return lambda view: view.case.absences[value].truth
        silent = TRUE if value == self.snapshot.properties[prop].unstated else UNKNOWN

        def judge(view: View) -> int:
            given = view.case.attributes.get(prop)
            return silent if given is None else TRUE if given == value else FALSE

        return judge

    def _patient_number(self, expression: Number) -> OnPatient:
        prop, facet = expression.property, facet_of(expression)
        unknown = _silent(self.snapshot.properties[prop], facet)

        def judge(view: View) -> int:
            given = view.case.numbers.get(prop)
            return unknown if given is None else given.compare(facet)

        return judge

    def _atleast(self, expression: AtLeast) -> PatientNode:
        item = self._item(expression.item)
        self.asked_classes |= item.anchors or set()
        role = self.role(expression.role, item)
        along = (role.family, role.truths, item.anchors, item.judge)
        if expression.least > 1:
            judge = count(expression.least, *along)
        elif role.family == terms.HAS_OBSERVATION:
            judge = measured(*along, role.open_kinds)
        else:
            judge = some(*along)
        return PatientNode(expression, judge, (), item, role)

    def role(self, name: str, item: ItemNode) -> Role:
        """Prepare a role: an item counts by how its own role stands to the one asked for."""
        properties = self.snapshot.properties
        family = next(f for f in FAMILIES if f in properties[name].wider or f == name)
        truths = {
            other: TRUE if name in (other, *known.wider) else UNKNOWN
            for other, known in properties.items()
            if name in (other, *known.wider) or other in properties[name].wider
        }
        kinds = self._open_kinds(item) if family == terms.HAS_OBSERVATION else ()
        return Role(name, family, truths, kinds)

    def _open_kinds(self, item: ItemNode) -> tuple[tuple[str, frozenset[str]], ...]:
        """List the kinds of observation that could answer, each with the kinds that close it."""
        observations = self.snapshot.observations
        found = []
        for kind, known in observations.items():
            unmeasured = Item(
                "",
                "",
                terms.HAS_OBSERVATION,
                term=kind,
                classes=frozenset({kind, *known.ancestors}),
            )
            if item.judge(unmeasured) != FALSE:
                found.append((kind, closers(self.snapshot)[kind]))
        return tuple(found)

    # --- about one item ------------------------------------------------------------------------

    def _item(self, expression: Expression) -> ItemNode:
        if isinstance(expression, AllOf):
            parts = tuple(map(self._item, expression.parts))
            anchored = [p.anchors for p in parts if p.anchors is not None]
            anchors = min(anchored, key=lambda a: (len(a), sorted(a))) if anchored else None
            return ItemNode(expression, least([p.judge for p in parts]), parts, anchors)
        if isinstance(expression, AnyOf):
            parts = tuple(map(self._item, expression.parts))
            return ItemNode(expression, largest([p.judge for p in parts]), parts, _together(parts))
        if isinstance(expression, Named):
            return self.item_criterion(expression.criterion)
        if isinstance(expression, Is):
            return ItemNode(expression, _is(expression.term), (), frozenset({expression.term}))
        if isinstance(expression, Of):
            return ItemNode(expression, self._of(expression), (), frozenset({expression.term}))
        if isinstance(expression, Has):
            return ItemNode(expression, self._item_has(expression))
        if isinstance(expression, Number):
            return ItemNode(expression, self._item_number(expression))
        raise TypeError(expression)

    def _of(self, expression: Of) -> OnItem:
        """Judge membership: sure where every drug an item may be is a member, open where one is.

        Nothing is known of the liabilities of a drug that nobody assessed, so it may be a
        member of any class that is defined by them.
        """
        known = self.snapshot.classes[expression.term]
        members = frozenset(known.members)
        by_liability = known.defined and expression.property == terms.OF_DRUG
        drugs = self.snapshot.drugs

        def one(drug: str) -> int:
            if drug in members:
                return TRUE
            judged = drug in drugs and (drugs[drug].assessed or drugs[drug].kind != "drug")
            return UNKNOWN if by_liability and not judged else FALSE

        def judge(item: Item) -> int:
            if item.drugs is None:
                return UNKNOWN
            found = {one(drug) for drug in item.drugs}
            return found.pop() if len(found) == 1 else UNKNOWN

        return judge

    def _item_has(self, expression: Has) -> OnItem:
        prop, value = expression.property, expression.value
        silent = TRUE if value == self.snapshot.properties[prop].unstated else UNKNOWN

        def judge(item: Item) -> int:
            given = item.attributes.get(prop)
            return silent if given is None else TRUE if given == value else FALSE

        return judge

    def _item_number(self, expression: Number) -> OnItem:
        prop, facet = expression.property, facet_of(expression)
        unknown = _silent(self.snapshot.properties[prop], facet)

        def judge(item: Item) -> int:
            given = item.numbers.get(prop)
            return unknown if given is None else given.compare(facet)

        return judge


FAMILIES = (
    terms.HAS_MEDICATION,
    terms.HAS_CONDITION,
    terms.HAS_OBSERVATION,
    terms.HAS_ALLERGY,
)


@once_per_snapshot
def logic(snapshot: Snapshot) -> Logic:
    """Give the criteria of a Snapshot, ready to judge."""
    return Logic(snapshot)


@once_per_snapshot
def closers(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """Give, for each kind of observation, the kinds of which one being given leaves it not open."""
    below: dict[str, set[str]] = {kind: {kind} for kind in snapshot.observations}
    for kind, known in snapshot.observations.items():
        for above in known.ancestors:
            if above in below:
                below[above].add(kind)
    found = {}
    for kind, known in snapshot.observations.items():
        groups = [
            a for a in known.ancestors if a in below and snapshot.observations[a].one_suffices
        ]
        found[kind] = frozenset(below[kind]).union(*(below[g] for g in groups))
    return found


def facet_of(number: Number) -> Interval:
    """Give the bounds that a criterion sets."""
    return Interval(
        None if number.low is None else Fraction(number.low),
        None if number.high is None else Fraction(number.high),
        number.low_open,
        number.high_open,
    )


def _silent(prop: Property, facet: Interval) -> int:
    """Judge a number that was not given: it may be anything plausible."""
    plausible = between(prop.plausible)
    return UNKNOWN if plausible == ANYTHING else plausible.compare(facet)


def _is(term: str) -> OnItem:
    def judge(item: Item) -> int:
        if item.classes is None:
            return UNKNOWN
        return TRUE if term in item.classes else FALSE

    return judge


def _together(parts: tuple[ItemNode, ...]) -> frozenset[str] | None:
    found: set[str] = set()
    for part in parts:
        if part.anchors is None:
            return None
        found |= part.anchors
    return frozenset(found)
