"""Which items of a Case answer which questions, as the engine keeps it: a bit for a question."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import NamedTuple

from kg.casing.case import Item
from kg.contract.parts import LISTS
from kg.interval import TRUE
from kg.judging.clauses import Clauses, clauses, truth
from kg.judging.questions import PatientNode, logic, ready
from kg.judging.view import Answers, View
from kg.snapshot.criteria import AtLeast
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot


class Told(NamedTuple):
    """One item, and the questions to which it answers surely and possibly."""

    item: Item
    sure: int
    possible: int


class Asks(NamedTuple):
    """What decides an advisory: its clauses, where they are few, and those that count drugs."""

    clauses: Clauses | None
    counts: int


@once_per_snapshot
def asks(snapshot: Snapshot) -> dict[str, Asks]:
    """Give what decides each advisory."""
    return {r.iri: Asks(clauses(r.applies), _counts(r.medications)) for r in ready(snapshot)}


def _counts(nodes: Iterable[PatientNode]) -> int:
    found = (n.bit for n in nodes if isinstance(n.expression, AtLeast) and n.expression.least > 1)
    return reduce(or_, found, 0)


def answers_of(view: View, snapshot: Snapshot) -> Answers:
    """Give what a case answers as a whole."""
    return logic(snapshot).questions.answers(view)


def told(view: View, snapshot: Snapshot, family: str) -> list[Told]:
    """Give what each item of a family answers; one that counts less answers nothing surely."""
    shelf = view.shelves[family]
    of_item = logic(snapshot).questions.of_item
    found = []
    for item, limit in shelf.all if shelf else ():
        sure, possible = of_item(family, item)
        found.append(Told(item, sure if limit == TRUE else 0, possible))
    return found


def told_by_all(view: View, snapshot: Snapshot) -> list[Told]:
    """Give what every item of a case answers."""
    return [item for one in LISTS for item in told(view, snapshot, one.family)]


def truth_without(known: Clauses, left: Iterable[Told], rest: Answers) -> int:
    """Judge a criterion on some of the medicines of a case and all the rest of it."""
    sure, possible, stamp = rest
    for one in left:
        sure |= one.sure
        possible |= one.possible
    return truth(known, Answers(sure, possible, stamp))
