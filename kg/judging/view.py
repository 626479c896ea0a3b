"""A Case as one advisory looks at it: what is set aside is gone, the rest lies by class."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

import msgspec

from kg import terms
from kg.casing.case import Case, Item
from kg.contract.parts import LISTS
from kg.interval import FALSE, TRUE

# An item, and how far it counts at most: no farther than unknown where it may be set aside.
Counted: TypeAlias = tuple[Item, int]


class Need(NamedTuple):
    """Something to supply, and which entry of a whole part that is missing is meant."""

    text: str
    among: str = ""


class Answers(NamedTuple):
    """The questions that are surely so and those that may be, each a bit, and when asked."""

    sure: int
    possible: int
    stamp: object


class Shelf(msgspec.Struct):
    """Items of one family by the classes that criteria ask about; some may be of any class.

    `asked` gives the classes of each term that any criterion asks about.
    """

    all: list[Counted]
    asked: Mapping[str, frozenset[str]]
    _by_class: dict[str, list[Counted]] | None = None
    _anywhere: list[Counted] = []

    def at(self, anchors: tuple[str, ...] | None) -> list[Counted]:
        """Give the items that can answer a question asked of these classes."""
        if anchors is None:
            return self.all
        by_class = self._laid_out() if self._by_class is None else self._by_class
        found = self._anywhere
        for anchor in anchors:
            here = by_class.get(anchor)
            if here:
                found = found + here
        return found

    def _laid_out(self) -> dict[str, list[Counted]]:
        """Lay the items out when they are first asked for by class."""
        by_class: dict[str, list[Counted]] = defaultdict(list)
        for counted in self.all:
            item = counted[0]
            known = self.asked.get(item.term) if item.term is not None else None
            if known is None or (item.drugs is not None and len(item.drugs) != 1):
                self._anywhere.append(counted)
                continue
            for name in known:
                by_class[name].append(counted)
        self._by_class = by_class
        return by_class


class View(msgspec.Struct):
    """A Case on its shelves, with what has been judged of it so far.

    Whoever lays out other shelves makes a new view: what was judged holds for these.
    """

    case: Case
    shelves: dict[str, Shelf | None]
    kinds: frozenset[str]
    memo: dict[str, int] = {}
    # What would settle what is open, by the criterion or the question that is.
    needs: dict[str | int, tuple[Need, ...]] = {}
    open_aside: Mapping[str, tuple[Need, ...]] = {}
    answers: Answers | None = None
    # What it answers but for the medications, which is all that views of one case differ in.
    rest: Answers | None = None
    # What each medication on the shelf surely and possibly answers.
    taken: list[tuple[int, int]] | None = None


def shelved(items: Iterable[Counted], asked: Mapping[str, frozenset[str]]) -> Shelf:
    """Lay items out; `asked` gives the classes of each term that any criterion asks about."""
    return Shelf(list(items), asked)


def view_of(case: Case, asked: Mapping[str, frozenset[str]]) -> View:
    """Look at a Case whole."""
    shelves = {}
    for one in LISTS:
        items: tuple[Item, ...] | None = getattr(case, one.name)
        if items is None and not one.closed:
            # Of each kind that was not measured it is said by itself.
            items = ()
        shelves[one.family] = None if items is None else shelved([(i, TRUE) for i in items], asked)
    kinds = frozenset([i.term for i in case.observations or () if i.term is not None])
    return View(case, shelves, kinds)


def without(
    view: View,
    limits: Mapping[int, Counted],
    open_aside: Mapping[str, tuple[Need, ...]],
    asked: Mapping[str, frozenset[str]],
) -> View:
    """Look at the same Case with some medications, each by its identity, counting less or gone."""
    shelf = view.shelves[terms.HAS_MEDICATION]
    limited = [limits.get(id(each[0]), each) for each in (shelf.all if shelf else ())]
    left = shelved([each for each in limited if each[1] != FALSE], asked)
    shelves = view.shelves | {terms.HAS_MEDICATION: left}
    less = View(view.case, shelves, view.kinds, open_aside=open_aside, rest=view.rest)
    if view.taken is not None:
        pairs = zip(view.taken, limited, strict=True)
        less.taken = [answers for answers, (_, limit) in pairs if limit != FALSE]
    return less


def key_of(item: Item) -> str:
    """Tell the drugs of one entry apart."""
    return f"{item.input} {item.term}"
