"""What a Case answers to all questions about the patient at once.

Each question is one bit in two numbers: those that are surely so, and those that may be. What an
item answers depends on the item alone, and a list answers whatever one of its items does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

import msgspec

from kg import terms
from kg.casing.case import Item
from kg.contract.parts import LISTS
from kg.interval import FALSE, TRUE, UNKNOWN, Interval
from kg.judging.item_questions import ItemLogic, ItemNode
from kg.judging.three_valued import OnItem, OnPatient, different
from kg.judging.view import Answers, View

_ABOUT_REST = tuple(one.family for one in LISTS if one.family != terms.HAS_MEDICATION)
_FACTS = (terms.HAS_FLAG, terms.LACKS)


class Along(NamedTuple):
    """A question that an item answers: how far its role counts, and what is asked of it."""

    bit: int
    truths: Mapping[str, int]
    node: ItemNode


class _Told(NamedTuple):
    """What a term answers that hangs on a role, and what is left to ask of its items."""

    sure: int
    possible: int
    left: tuple[tuple[int, int, OnItem], ...]


# A medication that may be one of those counted: how far it counts, and what it answers.
_Counting: TypeAlias = tuple[Item, int, int, int]


class _Count(NamedTuple):
    """How many different drugs must answer another question."""

    bit: int
    least: int
    family: str
    counted: int


class _Facet(NamedTuple):
    """Bounds within which a number of the patient must lie."""

    bit: int
    bounds: Interval
    not_given: int


class Questions(msgspec.Struct):
    """All questions that were asked so far, each with its bit.

    `closers` gives the kinds of observation of which one being given makes another known. Answers
    are kept beside what was asked under a stamp, which no other questions share and which changes
    with every new one.
    """

    items: ItemLogic
    closers: Mapping[str, frozenset[str]]
    stamp: object = msgspec.field(default_factory=object)
    _asked: int = 0
    _along: dict[str, list[Along]] = msgspec.field(default_factory=lambda: defaultdict(list))
    _told: dict[tuple[str, str, str], _Told] = {}
    _of_kind: dict[str, int] = {}
    _said: dict[str, dict[str, int]] = msgspec.field(default_factory=lambda: defaultdict(dict))
    _silent: dict[str, dict[int, int]] = msgspec.field(default_factory=lambda: defaultdict(dict))
    _numbers: dict[str, list[_Facet]] = msgspec.field(default_factory=lambda: defaultdict(list))
    _counts: list[_Count] = []
    _counted: int = 0

    # --- asking -------------------------------------------------------------------------------

    def along(
        self, family: str, truths: Mapping[str, int], node: ItemNode, open_kinds: Iterable[str] = ()
    ) -> int:
        """Ask whether some item along a role is so; one of a kind not measured may be."""
        bit = self._new()
        self._along[family].append(Along(bit, truths, node))
        for kind in open_kinds:
            self._of_kind[kind] = self._of_kind.get(kind, 0) | bit
        return bit

    def fact(self, prop: str, value: str, *, not_given: int = FALSE) -> int:
        """Ask whether a flag or an absence holds, or an attribute has a value."""
        bit = self._new()
        self._said[prop][value] = self._said[prop].get(value, 0) | bit
        self._silent[prop][bit] = not_given
        return bit

    def number(self, prop: str, facet: Interval, *, not_given: int) -> int:
        """Ask whether a number of the patient lies within bounds."""
        bit = self._new()
        self._numbers[prop].append(_Facet(bit, facet, not_given))
        return bit

    def count(self, least: int, family: str, counted: int) -> int:
        """Ask whether so many items of different drugs answer another question."""
        bit = self._new()
        self._counts.append(_Count(bit, least, family, counted))
        self._counted |= counted
        return bit

    def _new(self) -> int:
        self._told.clear()
        self.stamp = object()
        self._asked += 1
        return 1 << self._asked

    # --- answering ----------------------------------------------------------------------------

    def answer(self, bit: int) -> OnPatient:
        """Give a question as a function of a Case as it is looked at."""

        def judge(view: View) -> int:
            answers = self.answers(view)
            if answers.sure & bit:
                return TRUE
            return UNKNOWN if answers.possible & bit else FALSE

        return judge

    def answers(self, view: View) -> Answers:
        """Answer everything, once for each view of a case."""
        known = view.answers
        if known is not None and known.stamp is self.stamp:
            return known
        rest = view.rest
        if rest is None or rest.stamp is not self.stamp:
            rest = view.rest = self._of_rest(view)
            view.taken = None
        sure, possible, _ = rest
        taken = view.taken
        if taken is None:
            taken = view.taken = self._of_taken(view)
        shelf = view.shelves[terms.HAS_MEDICATION]
        counting: list[_Counting] = []
        if shelf is None:
            possible |= self._every(terms.HAS_MEDICATION)
        else:
            for counted, answers in zip(shelf.all, taken, strict=True):
                possible |= answers[1]
                if counted[1] == TRUE:
                    sure |= answers[0]
                if answers[1] & self._counted:
                    counting.append((*counted, *answers))
        for count in self._counts:
            answer = self._of_count(count, view, counting)
            if answer != FALSE:
                possible |= count.bit
                sure |= count.bit if answer == TRUE else 0
        view.answers = found = Answers(sure, possible, self.stamp)
        return found

    def of_item(self, family: str, item: Item) -> tuple[int, int]:
        """Give what one item answers: surely and possibly."""
        sure, possible, left = self._told_by(family, item)
        for bit, ceiling, judge in left:
            answer = judge(item)
            if answer != FALSE:
                possible |= bit
                if answer == TRUE == ceiling:
                    sure |= bit
        return sure, possible

    def _told_by(self, family: str, item: Item) -> _Told:
        """Give what an item answers by its term alone, and what is left to ask of it."""
        term, drugs = item.term, item.drugs
        if term is None or (drugs is not None and len(drugs) != 1):
            return self._asking(self._along[family], item.role)
        if (item.classes is None) if drugs is None else (term not in drugs):
            near = [q for q in self._along[family] if self._near(q, term)]
            return self._asking(near, item.role)
        key = family, term, item.role
        told = self._told.get(key)
        if told is None:
            told = self._told[key] = self._told_of(family, term, item.role)
        return told

    def _near(self, question: Along, term: str) -> bool:
        return self.items.may_belong(term, question.node.anchors)

    def _asking(self, questions: Iterable[Along], role: str) -> _Told:
        """Ask everything of what may be anything."""
        asked = ((q.bit, q.truths.get(role, FALSE), q.node.judge) for q in questions)
        return _Told(0, 0, tuple(each for each in asked if each[1] != FALSE))

    def _told_of(self, family: str, term: str, role: str) -> _Told:
        sure = possible = 0
        left = []
        for question in self._along[family]:
            ceiling = question.truths.get(role, FALSE)
            if ceiling == FALSE or not self._near(question, term):
                continue
            told = self.items.told(question.node, term)
            if not isinstance(told, int):
                left.append((question.bit, ceiling, told))
            elif told != FALSE:
                possible |= question.bit
                sure |= question.bit if told == TRUE == ceiling else 0
        return _Told(sure, possible, tuple(left))

    def _of_taken(self, view: View) -> list[tuple[int, int]]:
        family = terms.HAS_MEDICATION
        shelf = view.shelves[family]
        return [self.of_item(family, item) for item, _ in shelf.all] if shelf else []

    def _every(self, family: str) -> int:
        """Give all questions of which some item of a family could be so."""
        return sum(question.bit for question in self._along[family])

    def _of_count(self, count: _Count, view: View, counting: list[_Counting]) -> int:
        """Count the items that answer a question; `counting` are the medications that may."""
        shelf, family = view.shelves[count.family], count.family
        if shelf is None:
            return UNKNOWN
        if family != terms.HAS_MEDICATION:
            counting = [(item, limit, *self.of_item(family, item)) for item, limit in shelf.all]
        scored = [
            (item, TRUE if limit == TRUE and sure & count.counted else UNKNOWN)
            for item, limit, sure, possible in counting
            if possible & count.counted
        ]
        return different(count.least, scored)

    def _of_rest(self, view: View) -> Answers:
        """Answer what does not depend on the medications."""
        case = view.case
        sure = possible = 0
        for family in _ABOUT_REST:
            shelf = view.shelves[family]
            if shelf is None:
                possible |= self._every(family)
                continue
            for item, _ in shelf.all:
                surely, possibly = self.of_item(family, item)
                sure |= surely
                possible |= possibly
        for kind, bits in self._of_kind.items():
            if self.closers[kind].isdisjoint(view.kinds):
                possible |= bits
        for prop, facts in zip(_FACTS, (case.flags, case.absences), strict=True):
            for value, bit in self._said[prop].items():
                truth = facts[value].truth
                if truth != FALSE:
                    possible |= bit
                    sure |= bit if truth == TRUE else 0
        found = Answers(sure, possible, self.stamp)
        return self._with_attributes(found, case.attributes, case.numbers)

    def _with_attributes(
        self, known: Answers, attributes: Mapping[str, str], numbers: Mapping[str, Interval]
    ) -> Answers:
        sure, possible, _ = known
        for prop, values in self._said.items():
            given = attributes.get(prop)
            if given is not None:
                bits = values.get(given, 0)
                sure |= bits
                possible |= bits
            elif prop not in _FACTS:
                for bit, truth in self._silent[prop].items():
                    possible |= bit if truth != FALSE else 0
                    sure |= bit if truth == TRUE else 0
        for prop, facets in self._numbers.items():
            number = numbers.get(prop)
            if number is not None and number.empty:
                continue
            for bit, bounds, not_given in facets:
                truth = not_given if number is None else number.compare(bounds)
                if truth != FALSE:
                    possible |= bit
                    sure |= bit if truth == TRUE else 0
        return Answers(sure, possible, self.stamp)
