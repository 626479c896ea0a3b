"""The decision table made ready: what one item, and what one patient, answers to all questions.

Each question is one bit in two bit masks: those surely so, and those that may be. A list
answers whatever one of its items does, so a patient's masks are the union of the items'.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import partial
from typing import NamedTuple, TypeAlias

from kg import terms
from kg.casing.case import Case, Fact, Item
from kg.interval import FALSE, TRUE, UNKNOWN, Interval
from kg.judging.three_valued import OnItem, conjunction
from kg.snapshot.criteria import Has, Is, Number, Of
from kg.snapshot.decisions import (
    Clauses,
    CountQuestion,
    FactQuestion,
    NumberQuestion,
    RoleQuestion,
    bounds_of,
    mask_of,
    masks_of_profile,
    masks_of_reach,
    reduced,
)
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

# The questions that are surely so, and those that may be.
Masks: TypeAlias = tuple[int, int]
_NONE: Masks = (0, 0)
_FACTS = (terms.HAS_FLAG, terms.LACKS)


class _TermAnswer(NamedTuple):
    """What a term on a role answers by itself, and what is left to ask of the item."""

    sure: int
    possible: int
    left: tuple[tuple[int, int, OnItem], ...]


class DrugCount(NamedTuple):
    """How many different drugs must answer another question."""

    bit: int
    family: str
    least: int
    counted: int


class _Bounds(NamedTuple):
    """Bounds within which a number of the patient must lie."""

    bit: int
    bounds: Interval
    unsaid: int


class AnswerTables:
    """The decision table of one Snapshot as functions of items and cases."""

    def __init__(self, snapshot: Snapshot) -> None:
        table = snapshot.decisions
        self._snapshot = snapshot
        self._leaves = table.leaves
        self._judges = [self._leaf(leaf.asks, leaf.unsaid) for leaf in table.leaves]
        self._reach = {role: masks_of_reach(reach) for role, reach in table.roles.items()}
        self._profiles = [
            (*masks_of_profile(profile), tuple((n, self._judge(c)) for n, c in profile.open))
            for profile in table.profiles
        ]
        self._terms = table.terms
        self._answers: dict[tuple[str, str], _TermAnswer] = {}
        self._along: dict[str, list[tuple[int, RoleQuestion]]] = defaultdict(list)
        self._said: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._unsaid: dict[str, Masks] = defaultdict(lambda: _NONE)
        self._numbers: dict[str, list[_Bounds]] = defaultdict(list)
        of_kind: dict[str, int] = defaultdict(int)
        self.counts: list[DrugCount] = []
        for number, question in enumerate(table.questions):
            bit = 1 << number
            if isinstance(question, RoleQuestion):
                self._along[question.family].append((bit, question))
                for kind in question.open_kinds:
                    of_kind[kind] |= bit
            elif isinstance(question, FactQuestion):
                self._said[question.property][question.value] |= bit
                sure, possible = self._unsaid[question.property]
                if question.unsaid != FALSE:
                    possible |= bit
                    sure |= bit if question.unsaid == TRUE else 0
                self._unsaid[question.property] = sure, possible
            elif isinstance(question, NumberQuestion):
                bounds = _Bounds(bit, bounds_of(question.bounds), question.unsaid)
                self._numbers[question.bounds.property].append(bounds)
            else:
                self.counts.append(_count(bit, question))
        # What may be so as long as none of these kinds was measured.
        self._unmeasured = [(frozenset(table.closers[k]), bits) for k, bits in of_kind.items()]
        # What some item of a list that was not given could answer.
        self.every = {f: mask_of(b.bit_length() - 1 for b, _ in a) for f, a in self._along.items()}
        self.counted = mask_of(c.counted.bit_length() - 1 for c in self.counts)

    def counted_by(self, role: str) -> int:
        """Give the questions for which an item on a role counts for certain."""
        return self._reach.get(role, _NONE)[0]

    def may_count(self, role: str) -> int:
        """Give the questions for which an item on a role counts, or may."""
        return self._reach.get(role, _NONE)[1]

    def of_item(self, item: Item) -> Masks:
        """Give what one item answers: surely and possibly."""
        sure, possible, left = self._of_term(item)
        for bit, ceiling, judge in left:
            answer = judge(item)
            if answer != FALSE:
                possible |= bit
                if answer == TRUE == ceiling:
                    sure |= bit
        return sure, possible

    def of_patient(self, case: Case, kinds: frozenset[str]) -> Masks:
        """Give what a patient answers, but for the items; `kinds` are those that were measured."""
        sure = possible = 0
        for closing, bits in self._unmeasured:
            if closing.isdisjoint(kinds):
                possible |= bits
        for prop, facts in zip(_FACTS, (case.flags, case.absences), strict=True):
            surely, possibly = self._of_facts(prop, facts)
            sure |= surely
            possible |= possibly
        for prop, values in self._said.items():
            if prop in _FACTS:
                continue
            given = case.attributes.get(prop)
            if given is None:
                surely, possibly = self._unsaid[prop]
            else:
                surely = possibly = values.get(given, 0)
            sure |= surely
            possible |= possibly
        for prop, asked in self._numbers.items():
            number = case.numbers.get(prop)
            if number is not None and number.empty:
                continue
            for bit, bounds, unsaid in asked:
                truth = unsaid if number is None else number.compare(bounds)
                if truth != FALSE:
                    possible |= bit
                    sure |= bit if truth == TRUE else 0
        return sure, possible

    def _of_facts(self, prop: str, facts: Mapping[str, Fact]) -> Masks:
        sure = possible = 0
        for value, bit in self._said[prop].items():
            truth = facts[value].truth
            if truth != FALSE:
                possible |= bit
                sure |= bit if truth == TRUE else 0
        return sure, possible

    # --- leaves --------------------------------------------------------------------------------

    def leaf(self, asks: Is | Of | Has | Number) -> OnItem:
        """Give what a definition asks in the end as a function of an item."""
        number = next(n for n, leaf in enumerate(self._leaves) if leaf.asks == asks)
        return self._judges[number]

    def _leaf(self, asks: Is | Of | Has | Number, unsaid: int) -> OnItem:
        if isinstance(asks, Has):
            return _has(asks, unsaid)
        if isinstance(asks, Number):
            return _within(asks, unsaid)
        return partial(self._membership, asks)

    # --- terms ---------------------------------------------------------------------------------

    def _of_term(self, item: Item) -> _TermAnswer:
        """Give what an item answers by its term and role, and what is left to ask."""
        term, drugs = item.term, item.drugs
        if term is None:
            return self._of_what_may_be(item, None)
        if drugs is None:
            if item.classes is None:
                return self._of_what_may_be(item, term)
        elif len(drugs) != 1 or term not in drugs:
            return self._of_what_may_be(item, term if len(drugs) == 1 else None)
        key = term, item.role
        known = self._answers.get(key)
        if known is None:
            known = self._answers[key] = self._of_profile(term, item.role)
        return known

    def _of_profile(self, term: str, role: str) -> _TermAnswer:
        surely, possibly = self._reach.get(role, _NONE)
        sure, possible, left = self._profiles[self._terms[term]]
        asked = []
        for number, judge in left:
            bit = 1 << number
            if bit & possibly:
                asked.append((bit, TRUE if bit & surely else UNKNOWN, judge))
        return _TermAnswer(sure & surely, possible & possibly, tuple(asked))

    def _of_what_may_be(self, item: Item, near: str | None) -> _TermAnswer:
        """Ask everything of what may be several things; `near` says where to look for it."""
        surely, possibly = self._reach.get(item.role, _NONE)
        settled = self._known_of(item)
        sure = possible = 0
        asked = []
        for family in self._along.values():
            for bit, question in family:
                if not bit & possibly or not self._may_belong(near, question.anchors):
                    continue
                left = reduced(question.clauses, *settled)
                if left is None:
                    continue
                if not left:
                    sure |= bit & surely
                    possible |= bit
                else:
                    asked.append((bit, TRUE if bit & surely else UNKNOWN, self._judge(left)))
        return _TermAnswer(sure, possible, tuple(asked))

    def _known_of(self, item: Item) -> tuple[int, int, int]:
        """Say which leaves an item decides by what it is or may be."""
        sure = possible = decided = 0
        for number, leaf in enumerate(self._leaves):
            if isinstance(leaf.asks, Is | Of):
                bit = 1 << number
                decided |= bit
                answer = self._membership(leaf.asks, item)
                possible |= bit if answer != FALSE else 0
                sure |= bit if answer == TRUE else 0
        return sure, possible, decided

    def _membership(self, asks: Is | Of, item: Item) -> int:
        """Judge a class: sure where all that an item may be is in it, open where something is.

        Nothing is known of the liabilities of a drug on an axis that is open, so it may be a
        member of any class that is defined by them.
        """
        if isinstance(asks, Is):
            if item.classes is None:
                return UNKNOWN
            return TRUE if asks.term in item.classes else FALSE
        if item.drugs is None:
            return UNKNOWN
        group = self._snapshot.classes[asks.term]
        members = members_of(self._snapshot)[asks.term]
        if item.drugs <= members:
            return TRUE
        if group.axes and asks.property == terms.OF_DRUG:
            still_open = open_on(self._snapshot)
            if any(not item.drugs.isdisjoint(still_open[a]) for a in group.axes):
                return UNKNOWN
        return FALSE if item.drugs.isdisjoint(members) else UNKNOWN

    def _may_belong(self, term: str | None, anchors: tuple[str, ...] | None) -> bool:
        """Say whether what is like a term may belong to one of some classes."""
        if term is None or anchors is None:
            return True
        snapshot = self._snapshot
        known = snapshot.conditions.get(term) or snapshot.observations.get(term)
        if known is not None:
            return term in anchors or not set(anchors).isdisjoint(known.ancestors)
        drug = snapshot.drugs.get(term)
        if drug is None:
            return True
        members, still_open = members_of(snapshot), set(drug.open_axes)
        return any(
            term in members.get(name, ())
            or (name in snapshot.classes and not still_open.isdisjoint(snapshot.classes[name].axes))
            for name in anchors
        )

    def _judge(self, clauses: Clauses) -> OnItem:
        """Give clauses over leaves as a function of an item."""
        return conjunction([[self._judges[n] if n >= 0 else None for n in c] for c in clauses])


@once_per_snapshot
def tables(snapshot: Snapshot) -> AnswerTables:
    """Give the decision table of a Snapshot, made ready."""
    return AnswerTables(snapshot)


@once_per_snapshot
def members_of(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """Give the members of each class of drugs."""
    return {iri: frozenset(known.members) for iri, known in snapshot.classes.items()}


def classes_of(term: str, snapshot: Snapshot) -> Collection[str] | None:
    """Give all classes of a term; None for a drug that is open on an axis: it may be in others."""
    known = snapshot.conditions.get(term) or snapshot.observations.get(term)
    if known is not None:
        return (term, *known.ancestors)
    drug = snapshot.drugs[term]
    return None if drug.open_axes else drug.classes


@once_per_snapshot
def open_on(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """Give, of each axis, the drugs of which nobody has judged whether they bring its harm."""
    found = defaultdict(set)
    for iri, drug in snapshot.drugs.items():
        for axis in drug.open_axes:
            found[axis].add(iri)
    axes = {axis for group in snapshot.classes.values() for axis in group.axes}
    return {axis: frozenset(found[axis]) for axis in sorted(axes | set(found))}


def _count(bit: int, question: CountQuestion) -> DrugCount:
    return DrugCount(bit, question.family, question.least, 1 << question.of)


def _has(asks: Has, unsaid: int) -> OnItem:
    prop, value = asks.property, asks.value

    def judge(item: Item) -> int:
        given = item.attributes.get(prop)
        return unsaid if given is None else TRUE if given == value else FALSE

    return judge


def _within(asks: Number, unsaid: int) -> OnItem:
    prop, bounds = asks.property, bounds_of(asks)

    def judge(item: Item) -> int:
        given = item.numbers.get(prop)
        return unsaid if given is None else given.compare(bounds)

    return judge
