"""On which day a time window closes, and what a case is like on a later day.

A window is a bound on a number that grows with the days: since the last dose, since a dose was
due, since a medicine was last taken. Nothing else of a case depends on the day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor

import msgspec

from kg import terms
from kg.casing.case import Case, Item
from kg.casing.medications import half_life
from kg.casing.patient import completed_months
from kg.interval import Interval, point
from kg.judging.item_questions import ItemNode
from kg.judging.questions import PatientNode, ready
from kg.snapshot.cache import cached_per_snapshot
from kg.snapshot.criteria import Number
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

# Numbers that grow by one a day.
_DAYS = (terms.DAYS_SINCE_LAST_DOSE, terms.DAYS_SINCE_DOSE_DUE, terms.DAYS_SINCE_LAST_TAKEN)
_OF_MEDICINES = (terms.DAYS_SINCE_LAST_TAKEN, terms.HALF_LIVES_SINCE_LAST_TAKEN)
OF_TIME = frozenset((*_DAYS, *_OF_MEDICINES, terms.MONTHS_SINCE_LAST_DOSE))

_HOURS = 24


def dosed(case: Case) -> bool:
    """Say whether anything but the medicines of a case grows with the days."""
    of_doses = (terms.DAYS_SINCE_LAST_DOSE, terms.DAYS_SINCE_DOSE_DUE)
    return any(_whole(case.numbers.get(prop)) is not None for prop in of_doses)


def stopped(case: Case) -> list[tuple[Item, int]]:
    """List the medicines of which it is known how many days ago they were last taken."""
    taken = ((i, i.numbers.get(terms.DAYS_SINCE_LAST_TAKEN)) for i in case.medications or ())
    found = ((item, _whole(number)) for item, number in taken)
    return [(item, days) for item, days in found if days is not None]


def washouts(
    advisory: str, taken: Sequence[tuple[Item, int]], today: date, snapshot: Snapshot
) -> dict[str, date]:
    """Give the day from which each stopped entry no longer counts for an advisory."""
    ends: dict[str, date] = {}
    endless: set[str] = set()
    bounds_on_medicines = [b for b in windows(snapshot)[advisory] if b.property in _OF_MEDICINES]
    for item, since in taken if bounds_on_medicines else ():
        days = [_days_of(snapshot, bound, item.term) for bound in bounds_on_medicines]
        last = [d for d in days if d is not None]
        if len(last) < len(days) or since >= max(last):
            endless.add(item.input)
            continue
        end = today + timedelta(days=max(last) - since)
        ends[item.input] = max(end, ends.get(item.input, end))
    return {path: day for path, day in ends.items() if path not in endless}


@cached_per_snapshot(4096)
def _days_of(snapshot: Snapshot, bound: Number, drug: str | None) -> int | None:
    """Count the days after which a medicine oversteps a bound."""
    high, per_day = Fraction(bound.high or 0), Fraction(1)
    if bound.property == terms.HALF_LIVES_SINCE_LAST_TAKEN:
        hours = half_life(snapshot.drugs.get(drug or ""))
        per_day = Fraction(0) if hours is None else _HOURS / hours
    return _first_beyond(high / per_day, bound) if per_day else None


def _first_beyond(high: Fraction, bound: Number) -> int:
    """Give the first whole number beyond a bound."""
    return ceil(high) if bound.high_open else floor(high) + 1


@once_per_snapshot
def only_run_out(snapshot: Snapshot) -> bool:
    """Say whether time can only end what is said of a medicine, and never begin it."""
    return not any(
        b.property in _OF_MEDICINES and b.low is not None
        for advisory in ready(snapshot)
        for b in bounds(advisory.applies)
    )


@once_per_snapshot
def windows(snapshot: Snapshot) -> dict[str, tuple[Number, ...]]:
    """Map each advisory to the upper bounds on time that it holds."""
    return {
        r.iri: tuple(dict.fromkeys(b for b in bounds(r.applies) if b.high is not None))
        for r in ready(snapshot)
    }


def bounds(node: PatientNode | ItemNode) -> Iterator[Number]:
    """Give every bound on time that a question holds."""
    if isinstance(node.expression, Number) and node.expression.property in OF_TIME:
        yield node.expression
    for part in node.parts:
        yield from bounds(part)
    if isinstance(node, PatientNode) and node.item is not None:
        yield from bounds(node.item)


def closings(advisory: str, case: Case, today: date, snapshot: Snapshot) -> list[date]:
    """Give the days after today on which a bound of an advisory is first overstepped."""
    found: set[date] = set()
    for bound in windows(snapshot)[advisory]:
        found.update(_closing(bound, case, today))
    last = date.max
    return sorted(d for d in found if today < d < last)


def _closing(bound: Number, case: Case, today: date) -> Iterator[date]:
    prop, high = bound.property, Fraction(bound.high or 0)
    first = _first_beyond(high, bound)
    if prop == terms.MONTHS_SINCE_LAST_DOSE:
        since = _whole(case.numbers.get(terms.DAYS_SINCE_LAST_DOSE))
        if since is not None:
            yield _after_months(today - timedelta(days=since), first)
    elif prop in (terms.DAYS_SINCE_LAST_DOSE, terms.DAYS_SINCE_DOSE_DUE):
        since = _whole(case.numbers.get(prop))
        if since is not None:
            yield today + timedelta(days=first - since)


def _whole(number: Interval | None) -> int | None:
    """Give a number of days that is known exactly."""
    if number is None or number.empty or number.low is None or number.low != number.high:
        return None
    return int(number.low)


def _after_months(start: date, months: int) -> date:
    """Give the first day on which so many calendar months are completed."""
    day = start + timedelta(days=28 * months)
    while completed_months(start, day) < months:
        day += timedelta(days=1)
    return day


def on(day: date, case: Case, today: date, snapshot: Snapshot) -> Case:
    """Give the same case as it would be on a later day."""
    more = (day - today).days
    numbers = dict(case.numbers)
    since = _whole(numbers.get(terms.DAYS_SINCE_LAST_DOSE))
    for prop in _DAYS:
        _shift(numbers, prop, more)
    if since is not None:
        start = today - timedelta(days=since)
        numbers[terms.MONTHS_SINCE_LAST_DOSE] = point(completed_months(start, day))
    given = case.medications
    taken = None if given is None else tuple([_later(i, more, snapshot) for i in given])
    return msgspec.structs.replace(case, numbers=numbers, medications=taken)


def _later(item: Item, more: int, snapshot: Snapshot) -> Item:
    """Give a medicine as it would be after some more days."""
    since = _whole(item.numbers.get(terms.DAYS_SINCE_LAST_TAKEN))
    if since is None:
        return item
    numbers = dict(item.numbers)
    numbers[terms.DAYS_SINCE_LAST_TAKEN] = point(since + more)
    hours = half_life(snapshot.drugs.get(item.term or ""))
    if hours is not None and terms.HALF_LIVES_SINCE_LAST_TAKEN in numbers:
        numbers[terms.HALF_LIVES_SINCE_LAST_TAKEN] = point((since + more) * _HOURS / hours)
    return msgspec.structs.replace(item, numbers=numbers)


def _shift(numbers: dict[str, Interval], prop: str, more: int) -> None:
    since = _whole(numbers.get(prop))
    if since is not None:
        numbers[prop] = point(since + more)
