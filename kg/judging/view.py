"""A Case as one advisory looks at it: what is set aside is removed, and the rest is answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import msgspec

from kg import terms
from kg.casing.case import Case, Fact, Item
from kg.contract.parts import LISTS
from kg.interval import FALSE, TRUE, UNKNOWN
from kg.judging.tables import AnswerTables, DrugCount, Masks, tables
from kg.judging.three_valued import different
from kg.snapshot.model import Snapshot

_OTHERS = tuple(one.family for one in LISTS if one.family != terms.HAS_MEDICATION)


class Need(NamedTuple):
    """Something to supply, and which entry of a whole part that is missing is meant."""

    text: str
    among: str = ""


class Witness(msgspec.Struct, frozen=True):
    """An input that counted, the term it counted as, and why it did."""

    input: str
    term: str
    label: str
    detail: str = ""
    steps: tuple[str, ...] = ()


class Answered(NamedTuple):
    """One item with the questions to which it answers surely and possibly.

    What may be set aside answers nothing surely.
    """

    item: Item
    sure: int
    possible: int


class View(msgspec.Struct):
    """A Case with what it answers, and what has been looked up of it so far.

    A family that was not assessed has no list of items.
    """

    case: Case
    items: Mapping[str, list[Answered] | None]
    kinds: frozenset[str]
    # What it answers but for the medications, which is all that views of one case differ in.
    rest: Masks
    sure: int
    possible: int
    open_aside: Mapping[str, tuple[Need, ...]] = {}
    needs: dict[int, tuple[Need, ...]] = {}
    seen: dict[tuple[int, bool], list[Witness]] = {}


def view_of(case: Case, snapshot: Snapshot) -> View:
    """Look at a Case whole."""
    answer_tables = tables(snapshot)
    items: dict[str, list[Answered] | None] = {}
    for one in LISTS:
        listed: tuple[Item, ...] | None = getattr(case, one.name)
        if listed is None and not one.closed:
            # Of each kind that was not measured it is said by itself.
            listed = ()
        answered = [Answered(i, *answer_tables.of_item(i)) for i in listed or ()]
        items[one.family] = None if listed is None else answered
    kinds = frozenset([i.term for i in case.observations or () if i.term and i.settles])
    return _view(case, items, kinds, _rest(case, items, kinds, answer_tables), answer_tables)


def seen_on(view: View, case: Case, snapshot: Snapshot) -> View:
    """Look at another Case that has the same items."""
    known = tables(snapshot)
    rest = _rest(case, view.items, view.kinds, known)
    return _view(case, view.items, view.kinds, rest, known)


def without(
    view: View,
    gone: Iterable[int],
    open_aside: Mapping[str, tuple[Need, ...]],
    snapshot: Snapshot,
) -> View:
    """Look at the same Case with some medications left out, and others that may be set aside."""
    left_out = frozenset(gone)
    kept = [
        one._replace(sure=0) if key_of(one.item) in open_aside else one
        for one in view.items[terms.HAS_MEDICATION] or ()
        if id(one.item) not in left_out
    ]
    items = {**view.items, terms.HAS_MEDICATION: kept}
    less = _view(view.case, items, view.kinds, view.rest, tables(snapshot))
    less.open_aside = open_aside
    return less


def read_alone(view: View, lost: Collection[str], snapshot: Snapshot) -> View:
    """Look at the same Case as if the inputs that were not read were not there."""
    known = tables(snapshot)
    flags = {
        iri: Fact(FALSE, fact.input) if fact.input in lost and fact.truth == UNKNOWN else fact
        for iri, fact in view.case.flags.items()
    }
    case = msgspec.structs.replace(view.case, flags=flags)
    items = {
        family: None if listed is None else [one for one in listed if one.item.input not in lost]
        for family, listed in view.items.items()
    }
    alone = _view(case, items, view.kinds, _rest(case, items, view.kinds, known), known)
    alone.open_aside = view.open_aside
    return alone


def instead(view: View, path: str, items: Iterable[Item], snapshot: Snapshot) -> View:
    """Look at the same Case with other medications in the place of those of one entry."""
    known = tables(snapshot)
    kept = [one for one in view.items[terms.HAS_MEDICATION] or () if one.item.input != path]
    put = [Answered(item, *known.of_item(item)) for item in items]
    taken = {**view.items, terms.HAS_MEDICATION: [*kept, *put]}
    return _view(view.case, taken, view.kinds, view.rest, known)


def _view(
    case: Case,
    items: Mapping[str, list[Answered] | None],
    kinds: frozenset[str],
    rest: Masks,
    known: AnswerTables,
) -> View:
    sure, possible = rest
    taken = items[terms.HAS_MEDICATION]
    if taken is None:
        possible |= known.every.get(terms.HAS_MEDICATION, 0)
    else:
        for one in taken:
            sure |= one.sure
            possible |= one.possible
    for count in known.counts:
        answer = _of_count(count, items)
        if answer != FALSE:
            possible |= count.bit
            sure |= count.bit if answer == TRUE else 0
    return View(case, items, kinds, rest, sure, possible)


def _rest(
    case: Case,
    items: Mapping[str, list[Answered] | None],
    kinds: frozenset[str],
    known: AnswerTables,
) -> Masks:
    """Answer what does not depend on the medications."""
    sure, possible = known.of_patient(case, kinds)
    for family in _OTHERS:
        listed = items[family]
        if listed is None:
            possible |= known.every.get(family, 0)
            continue
        for one in listed:
            sure |= one.sure
            possible |= one.possible
    return sure, possible


def _of_count(count: DrugCount, items: Mapping[str, list[Answered] | None]) -> int:
    """Count the different drugs that answer a question."""
    listed = items[count.family]
    if listed is None:
        return UNKNOWN
    scored = [
        (item, TRUE if sure & count.counted else UNKNOWN)
        for item, sure, possible in listed
        if possible & count.counted
    ]
    return different(count.least, scored)


def key_of(item: Item) -> str:
    """Tell the drugs of one entry apart."""
    return f"{item.input} {item.term}"
