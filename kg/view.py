"""A Case as one advisory looks at it: what is set aside is gone, the rest lies by class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from kg import terms
from kg.case import Case, Item
from kg.interval import TRUE

# An item, and how far it counts at most: no farther than unknown where it may be set aside.
Counted: TypeAlias = tuple[Item, int]


class Need(NamedTuple):
    """Something to supply, and which entry of a whole part that is missing is meant."""

    text: str
    among: str = ""


@dataclass(slots=True)
class Shelf:
    """Items of one family by the classes that criteria ask about; some may be of any class."""

    by_class: dict[str, list[Counted]] = field(default_factory=dict)
    anywhere: list[Counted] = field(default_factory=list)
    all: list[Counted] = field(default_factory=list)

    def at(self, anchors: tuple[str, ...] | None) -> list[Counted]:
        """Give the items that can answer a question asked of these classes."""
        if anchors is None:
            return self.all
        found = self.anywhere
        for anchor in anchors:
            here = self.by_class.get(anchor)
            if here:
                found = found + here
        return found


@dataclass(slots=True)
class View:
    """A Case on its shelves, with what has been judged of it so far."""

    case: Case
    shelves: dict[str, Shelf | None]
    kinds: frozenset[str]
    memo: dict[str, int] = field(default_factory=dict)
    open_aside: Mapping[str, tuple[Need, ...]] = field(default_factory=dict)


def shelved(items: Iterable[Counted], asked: Mapping[str, frozenset[str]]) -> Shelf:
    """Lay items out; `asked` gives the classes of each term that any criterion asks about."""
    shelf = Shelf()
    for counted in items:
        item = counted[0]
        shelf.all.append(counted)
        known = asked.get(item.term) if item.term is not None else None
        if known is None or (item.drugs is not None and len(item.drugs) != 1):
            shelf.anywhere.append(counted)
            continue
        for name in known:
            shelf.by_class.setdefault(name, []).append(counted)
    return shelf


def view_of(case: Case, asked: Mapping[str, frozenset[str]]) -> View:
    """Look at a Case whole."""
    families = {
        terms.HAS_MEDICATION: case.medications,
        terms.HAS_CONDITION: case.conditions,
        terms.HAS_ALLERGY: case.allergies,
        terms.HAS_OBSERVATION: case.observations or (),
    }
    shelves = {
        family: None if items is None else shelved(((i, TRUE) for i in items), asked)
        for family, items in families.items()
    }
    kinds = frozenset(i.term for i in case.observations or () if i.term is not None)
    return View(case, shelves, kinds)


def without(
    view: View,
    limits: Mapping[str, int],
    open_aside: Mapping[str, tuple[Need, ...]],
    asked: Mapping[str, frozenset[str]],
) -> View:
    """Look at the same Case with some medications counting less, or gone."""
    left = [
        (item, limit)
        for item in view.case.medications or ()
        if (limit := limits.get(key_of(item), TRUE))
    ]
    shelves = view.shelves | {terms.HAS_MEDICATION: shelved(left, asked)}
    return View(view.case, shelves, view.kinds, open_aside=open_aside)


def key_of(item: Item) -> str:
    """Tell the drugs of one entry apart."""
    return f"{item.input} {item.term}"
