"""Criteria as trees over the questions of the decision table: what a verdict is explained by.

A verdict is read off the clauses; a tree is walked only to say what decided it, and what is open.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from itertools import product
from operator import or_

import msgspec

from kg import terms
from kg.casing.case import Item
from kg.judging.item_questions import ItemLogic, ItemNode
from kg.judging.tables import classes_of
from kg.snapshot.advice import own_advisories
from kg.snapshot.criteria import AllOf, AnyOf, AtLeast, Expression, Has, Named
from kg.snapshot.decisions import CountQuestion, FactQuestion, NumberQuestion, RoleQuestion, mask_of
from kg.snapshot.model import Advisory, Snapshot
from kg.snapshot.once import once_per_snapshot

# A criterion in conjunctive normal form, each clause as the bit mask of its questions: true where
# each mask holds a question that is surely so.
ClauseMasks = tuple[int, ...]


class PatientNode(msgspec.Struct, frozen=True):
    """A question about the patient, and the clauses that decide it.

    `mask` holds all questions that it rests on. Where it is not made of others, `bit` is its place
    among all answers of a case, and `of_item` the place of what each item of a family is asked;
    `kinds` are the observations that could answer it, each with the kinds of which one being
    measured settles it.
    """

    expression: Expression
    clauses: ClauseMasks
    mask: int
    parts: tuple[PatientNode, ...] = ()
    item: ItemNode | None = None
    family: str = ""
    anchors: tuple[str, ...] = ()
    kinds: tuple[tuple[str, frozenset[str]], ...] = ()
    bit: int = 0
    of_item: int = 0
    # Questions that only say that this is the time for advice.
    window: int = 0


class ReadyAdvisory(msgspec.Struct, frozen=True):
    """One advisory, ready to judge."""

    iri: str
    advisory: Advisory
    applies: PatientNode
    unless: PatientNode | None
    aside: tuple[ItemNode, ...]
    medications: tuple[PatientNode, ...]
    aside_bits: tuple[int, ...]
    of_medications: int
    counts: int


class Logic:
    """The criteria of a Snapshot as trees, made when they are first asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.items = ItemLogic(snapshot)
        self._nodes: dict[str, PatientNode] = {}
        self._leaves: dict[Expression, PatientNode] = {}
        self._numbers = _numbers(snapshot)

    def criterion(self, name: str) -> PatientNode:
        """Give a named criterion as a question about the patient."""
        if name not in self._nodes:
            inner = self._node(self.snapshot.criteria[name].expression)
            listed = self.snapshot.decisions.criteria.get(name)
            clauses = inner.clauses if listed is None else tuple(map(mask_of, listed))
            window = inner.mask if self.snapshot.criteria[name].window else inner.window
            self._nodes[name] = PatientNode(
                Named(name), clauses, inner.mask, (inner,), window=window
            )
        return self._nodes[name]

    def aside(self, name: str) -> int:
        """Give the place of the question whether a class of medications is set aside."""
        return 1 << self.snapshot.decisions.asides[name]

    def _node(self, expression: Expression) -> PatientNode:
        if isinstance(expression, AllOf | AnyOf):
            parts = tuple(map(self._node, expression.parts))
            clauses = _joined(expression, [part.clauses for part in parts])
            mask = reduce(or_, (part.mask for part in parts), 0)
            # What is also asked outside the window is a reason.
            outside = reduce(or_, (part.mask & ~part.window for part in parts), 0)
            return PatientNode(expression, clauses, mask, parts, window=mask & ~outside)
        if isinstance(expression, Named):
            return self.criterion(expression.criterion)
        # The same question is asked once, whoever asks it.
        if expression not in self._leaves:
            self._leaves[expression] = self._leaf(expression)
        return self._leaves[expression]

    def _leaf(self, expression: Expression) -> PatientNode:
        number = self._numbers[expression]
        bit = 1 << number
        if not isinstance(expression, AtLeast):
            return PatientNode(expression, (bit,), bit, bit=bit)
        questions = self.snapshot.decisions.questions
        question = questions[number]
        along = questions[question.of] if isinstance(question, CountQuestion) else question
        of_item = 1 << question.of if isinstance(question, CountQuestion) else bit
        assert isinstance(along, RoleQuestion)  # noqa: S101 - what is counted is asked along a role
        closers = self.snapshot.decisions.closers
        kinds = tuple((kind, frozenset(closers[kind])) for kind in along.open_kinds)
        item = self.items.node(expression.item)
        return PatientNode(
            expression,
            (bit,),
            bit,
            item=item,
            family=along.family,
            anchors=along.anchors or (),
            kinds=kinds,
            bit=bit,
            of_item=of_item,
        )


def _numbers(snapshot: Snapshot) -> dict[Expression, int]:
    """Give the number of each question by the part of a definition that asks it."""
    number_of: dict[Expression, int] = {}
    questions = snapshot.decisions.questions
    for number, question in enumerate(questions):
        if isinstance(question, RoleQuestion):
            number_of[AtLeast(question.role, 1, question.item)] = number
        elif isinstance(question, FactQuestion):
            number_of[Has(question.property, question.value)] = number
        elif isinstance(question, NumberQuestion):
            number_of[question.bounds] = number
        else:
            along = questions[question.of]
            assert isinstance(along, RoleQuestion)  # noqa: S101 - what is counted is asked along a role
            number_of[AtLeast(along.role, question.least, along.item)] = number
    return number_of


def _joined(expression: AllOf | AnyOf, parts: list[ClauseMasks]) -> ClauseMasks:
    """Join the conjunctive normal forms of the parts of a definition into one."""
    if isinstance(expression, AllOf):
        found = {clause for part in parts for clause in part}
    else:
        found = {reduce(or_, chosen, 0) for chosen in product(*parts)}
    kept: list[int] = []
    for clause in sorted(found, key=lambda c: (c.bit_count(), c)):
        if not any(clause & other == other for other in kept):
            kept.append(clause)
    return tuple(kept)


@once_per_snapshot
def logic(snapshot: Snapshot) -> Logic:
    """Give the criteria of a Snapshot as trees."""
    return Logic(snapshot)


@once_per_snapshot
def ready(snapshot: Snapshot) -> tuple[ReadyAdvisory, ...]:
    """Give every advisory about the index drug, ready to judge."""
    made = logic(snapshot)
    prepared = []
    for iri, advisory in sorted(own_advisories(snapshot).items()):
        applies = made.criterion(advisory.applies_to)
        medications = tuple(_about_medications(applies))
        prepared.append(
            ReadyAdvisory(
                iri,
                advisory,
                applies,
                made.criterion(advisory.unless) if advisory.unless else None,
                tuple(made.items.criterion(name) for name in advisory.sets_aside),
                medications,
                tuple(made.aside(name) for name in advisory.sets_aside),
                reduce(or_, (node.of_item for node in medications), 0),
                reduce(or_, (n.bit for n in medications if n.bit != n.of_item), 0),
            )
        )
    return tuple(prepared)


def _about_medications(node: PatientNode) -> Iterable[PatientNode]:
    if node.family == terms.HAS_MEDICATION:
        yield node
    for part in node.parts:
        yield from _about_medications(part)


def in_order(items: list[Item], node: PatientNode, snapshot: Snapshot) -> list[Item]:
    """Put what may be anything first, then the others by the classes that a question names."""
    if len(items) < 2:
        return items

    def place(item: Item) -> int:
        term, drugs = item.term, item.drugs
        if term is None or (drugs is not None and len(drugs) != 1):
            return -1
        classes = classes_of(term, snapshot)
        if classes is None:
            return -1
        return next((n for n, name in enumerate(node.anchors) if name in classes), -1)

    return sorted(items, key=place)
