"""Criteria made ready to judge: each expression once per Snapshot, as a node that answers.

Three values, ordered: false, unknown, true. *And* is the least, *or* the largest. Nothing is
negated. A node says what it is made of, so that the tree that judges can also say why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_

import msgspec

from kg import terms
from kg.casing.case import Item
from kg.interval import FALSE, TRUE, UNKNOWN
from kg.judging.bits import Questions
from kg.judging.item_questions import (
    ItemLogic,
    ItemNode,
    assessed_drugs,
    facet_of,
    not_given,
    unsaid,
)
from kg.judging.three_valued import OnPatient, largest, least, remembered
from kg.snapshot.advice import own_advisories
from kg.snapshot.criteria import AllOf, AnyOf, AtLeast, Expression, Has, Named, Number
from kg.snapshot.model import Advisory, Snapshot
from kg.snapshot.once import once_per_snapshot

FAMILIES = (
    terms.HAS_MEDICATION,
    terms.HAS_CONDITION,
    terms.HAS_OBSERVATION,
    terms.HAS_ALLERGY,
)


class Role(msgspec.Struct, frozen=True):
    """A role that a question looks along: how far an item that hangs by another counts."""

    family: str
    truths: Mapping[str, int]
    open_kinds: tuple[tuple[str, frozenset[str]], ...] = ()


class PatientNode(msgspec.Struct, frozen=True):
    """A question about the patient: what it asks and how it answers.

    `bit` is its place among all answers of a case, where it is not made of others; `of_item` the
    place of what each item is asked.
    """

    expression: Expression
    judge: OnPatient
    parts: tuple[PatientNode, ...] = ()
    item: ItemNode | None = None
    role: Role | None = None
    bit: int = 0
    of_item: int = 0


class Ready(msgspec.Struct, frozen=True):
    """One advisory, ready to judge."""

    iri: str
    advisory: Advisory
    applies: PatientNode
    unless: PatientNode | None
    aside: tuple[ItemNode, ...]
    medications: tuple[PatientNode, ...]
    aside_bits: tuple[int, ...] = ()
    of_medications: int = 0


class Logic(msgspec.Struct):
    """All that a Snapshot asks, ready to judge."""

    snapshot: Snapshot
    items: ItemLogic
    questions: Questions
    nodes: dict[str, PatientNode] = {}
    leaves: dict[Expression, PatientNode] = {}
    asides: dict[str, int] = {}
    anchors: set[str] = set()

    def criterion(self, name: str) -> PatientNode:
        """Give a named criterion as a question about the patient, judged once a view."""
        if name not in self.nodes:
            inner = self._node(self.snapshot.criteria[name].expression)
            self.nodes[name] = PatientNode(Named(name), remembered(name, inner.judge), (inner,))
        return self.nodes[name]

    def aside(self, name: str) -> ItemNode:
        """Give a class of medications that an advisory sets aside."""
        node = self.items.criterion(name)
        self.anchors.update(node.anchors or ())
        if name not in self.asides:
            truths = self._role(terms.HAS_MEDICATION, node).truths
            family = terms.HAS_MEDICATION
            self.asides[name] = self.questions.along(family, truths, node)
        return node

    def _node(self, expression: Expression) -> PatientNode:
        if isinstance(expression, AllOf):
            parts = tuple(map(self._node, expression.parts))
            return PatientNode(expression, least([p.judge for p in parts]), parts)
        if isinstance(expression, AnyOf):
            parts = tuple(map(self._node, expression.parts))
            return PatientNode(expression, largest([p.judge for p in parts]), parts)
        if isinstance(expression, Named):
            return self.criterion(expression.criterion)
        # The same question is asked once, whoever asks it.
        if expression not in self.leaves:
            self.leaves[expression] = self._leaf(expression)
        return self.leaves[expression]

    def _leaf(self, expression: Expression) -> PatientNode:
        if isinstance(expression, AtLeast):
            return self._at_least(expression)
        if isinstance(expression, Has):
            bit = self._has(expression)
        elif isinstance(expression, Number):
            bit = self._number(expression)
        else:
            raise TypeError(f"no question about the patient: {expression!r}")
        return PatientNode(expression, self.questions.answer(bit), bit=bit)

    def _has(self, expression: Has) -> int:
        prop, value = expression.property, expression.value
        if prop in (terms.HAS_FLAG, terms.LACKS):
            return self.questions.fact(prop, value)
        return self.questions.fact(prop, value, not_given=unsaid(expression, self.snapshot))

    def _number(self, expression: Number) -> int:
        prop, facet = expression.property, facet_of(expression)
        unknown = not_given(self.snapshot.properties[prop], facet)
        return self.questions.number(prop, facet, not_given=unknown)

    def _at_least(self, expression: AtLeast) -> PatientNode:
        item = self.items.node(expression.item)
        self.anchors.update(item.anchors or ())
        role = self._role(expression.role, item)
        kinds = [kind for kind, _ in role.open_kinds]
        of_item = self.questions.along(role.family, role.truths, item, kinds)
        bit = of_item
        if expression.least > 1:
            bit = self.questions.count(expression.least, role.family, of_item)
        return PatientNode(expression, self.questions.answer(bit), (), item, role, bit, of_item)

    def _role(self, name: str, item: ItemNode) -> Role:
        """Prepare a role: one below it counts wholly, one above it may be it."""
        properties = self.snapshot.properties
        wider = {name, *properties[name].wider}
        truths = dict.fromkeys(wider, UNKNOWN)
        truths |= {o: TRUE for o, known in properties.items() if name in (o, *known.wider)}
        family = next(f for f in FAMILIES if f in wider)
        kinds = self._open_kinds(item) if family == terms.HAS_OBSERVATION else ()
        return Role(family, truths, kinds)

    def _open_kinds(self, item: ItemNode) -> tuple[tuple[str, frozenset[str]], ...]:
        """List the kinds of observation that could answer, each with the kinds that close it."""
        found = []
        for kind, known in self.snapshot.observations.items():
            classes = frozenset({kind, *known.ancestors})
            unmeasured = Item("", "", terms.HAS_OBSERVATION, term=kind, classes=classes)
            if item.judge(unmeasured) != FALSE:
                found.append((kind, closers(self.snapshot)[kind]))
        return tuple(found)


@once_per_snapshot
def logic(snapshot: Snapshot) -> Logic:
    """Give the criteria of a Snapshot, ready to judge."""
    items = ItemLogic(snapshot)
    return Logic(snapshot, items, Questions(items, closers(snapshot)))


@once_per_snapshot
def ready(snapshot: Snapshot) -> tuple[Ready, ...]:
    """Give every advisory about the index drug, ready to judge."""
    made = logic(snapshot)
    found = []
    for iri, advisory in sorted(own_advisories(snapshot).items()):
        applies = made.criterion(advisory.applies_to)
        medications = tuple(_about_medications(applies))
        found.append(
            Ready(
                iri,
                advisory,
                applies,
                made.criterion(advisory.unless) if advisory.unless else None,
                tuple(made.aside(name) for name in advisory.sets_aside),
                medications,
                tuple(made.asides[name] for name in advisory.sets_aside),
                reduce(or_, (node.of_item for node in medications), 0),
            )
        )
    return tuple(found)


def _about_medications(node: PatientNode) -> Iterable[PatientNode]:
    if node.role is not None and node.role.family == terms.HAS_MEDICATION:
        yield node
    for part in node.parts:
        yield from _about_medications(part)


@once_per_snapshot
def asked(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """Give, of each term that is known for certain, the classes that any criterion asks about."""
    ready(snapshot)
    for name in counted(snapshot):
        logic(snapshot).criterion(name)
    anchors = logic(snapshot).anchors
    found: dict[str, set[str]] = defaultdict(set)
    for name in anchors:
        if name in snapshot.classes:
            for member in snapshot.classes[name].members:
                found[member].add(name)
    known = {drug: frozenset(found[drug]) for drug in assessed_drugs(snapshot)}
    for table in (snapshot.conditions, snapshot.observations):
        for iri, term in table.items():
            known[iri] = frozenset(anchors.intersection((iri, *term.ancestors)))
    return known


def counted(snapshot: Snapshot) -> Iterable[str]:
    """List the criteria that ladders and scores count beside the advice."""
    for ladder in snapshot.ladders.values():
        yield from (step.criterion for step in ladder.steps)
        yield from (item.criterion for item in ladder.score.items) if ladder.score else ()


@once_per_snapshot
def closers(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """Give, of each kind of observation, the kinds of which one being given leaves it not open."""
    below: dict[str, set[str]] = {kind: {kind} for kind in snapshot.observations}
    for kind, known in snapshot.observations.items():
        for above in known.ancestors:
            if above in below:
                below[above].add(kind)
    found = {}
    for kind, known in snapshot.observations.items():
        groups = [a for a in known.ancestors if a in below]
        enough = [below[g] for g in groups if snapshot.observations[g].one_suffices]
        found[kind] = frozenset(below[kind]).union(*enough)
    return found
