"""Observations of a request as items of a Case: one current value for each kind.

A value without the laboratory's limit is a multiple known within bounds, by the range of
limits that laboratories use. Of several values the latest counts; where the dates do not say
which that is, the value is known only to lie among them.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import NamedTuple

from kg import terms
from kg.casing.case import Item
from kg.casing.derived import derived
from kg.casing.ledger import Setting, given_as, plainly, shown
from kg.casing.units import (
    MULTIPLE,
    SAME,
    Measure,
    Scale,
    WrittenNumber,
    measures,
    reach,
    read_number,
)
from kg.contract.place import entry_path
from kg.contract.request import ObservationEntry, instant
from kg.interval import Interval, exact, hull, minus, over, point, times
from kg.resolving.free_text import lexicons
from kg.resolving.known import Known, known_terms
from kg.resolving.names import Missed
from kg.resolving.remembered import Readings
from kg.resolving.resolve import Resolved
from kg.snapshot.model import Snapshot
from kg.snapshot.names import words
from kg.snapshot.once import once_per_snapshot

# The unit of a result that is a word, present or absent.
_PRESENCE = "{presence}"
# What a value is to itself: before the first dose it is its own baseline.
_UNCHANGED, _ONCE = point(0), point(1)
_STATED = {terms.STATED_BASELINE: terms.BASELINE_VALUE}


class _MeasuredAt(NamedTuple):
    """One value that was given, and when it was measured."""

    item: Item
    when: tuple[str, str]


class _Unusable(Exception):
    """A value that cannot be used, with the reason."""


class _ObservationRead(NamedTuple):
    """What the name and codes of an observation say of it."""

    found: Resolved
    term: str
    known: Known
    measure: Measure


@once_per_snapshot
def measurements(snapshot: Snapshot) -> Readings[_ObservationRead]:
    """Give what names and codes of observations were read as."""
    return Readings("observation", snapshot, _read)


def _read(found: Resolved, snapshot: Snapshot) -> _ObservationRead:
    (term,) = found.terms
    return _ObservationRead(found, term, known_terms(snapshot)[term], measures(snapshot)[term])


def observations(entries: list[ObservationEntry], setting: Setting) -> tuple[Item, ...]:
    """Give the current value of each kind of observation, and what follows from them."""
    by_kind: dict[str, list[_MeasuredAt]] = defaultdict(list)
    for n, entry in enumerate(entries):
        measured = _measured(entry_path("observations", n), entry, setting)
        if measured is not None and measured.item.term is not None:
            by_kind[measured.item.term].append(measured)
    current = [_current(by_kind[kind]) for kind in sorted(by_kind)]
    return (*current, *derived(current, setting.snapshot))


def _measured(path: str, entry: ObservationEntry, setting: Setting) -> _MeasuredAt | None:
    read = measurements(setting.snapshot).of(entry)
    moment = None
    if entry.taken_at is not None:
        moment = instant(entry.taken_at, f"{path}.taken_at")
    if isinstance(read, Missed):
        setting.miss(path, shown(given_as(entry), entry.value, entry.unit), read)
        return None
    try:
        if moment and setting.as_of and moment[0] > setting.as_of:
            raise _Unusable("it is dated after the day of the question")
        numbers, attributes = _numbers(entry, read.measure, setting)
    except _Unusable as reason:
        given = shown(given_as(entry), entry.value, entry.unit)
        setting.miss(path, given, Missed(str(reason)))
        return None
    found = read.found
    setting.recognise(path, found.terms, found.matched, found.note)
    item = Item(
        path,
        read.known.label,
        terms.HAS_OBSERVATION,
        term=read.term,
        classes=read.known.classes,
        attributes=attributes,
        numbers=numbers,
        detail=_detail(entry),
    )
    return _MeasuredAt(item, (moment[0].isoformat(), moment[1]) if moment else ("", ""))


def _numbers(
    entry: ObservationEntry, measure: Measure, setting: Setting
) -> tuple[dict[str, Interval], dict[str, str]]:
    """Work out all that criteria ask of a value."""
    reading, scale = _value(entry, measure, setting)
    numbers = (
        _from_multiple(entry, reading, measure)
        if scale is None
        else _from_value(entry, reading, scale, measure)
    )
    value = numbers.get(terms.VALUE, measure.plausible)
    if measure.lowers is not None and terms.TIMES_LOWER_LIMIT not in numbers:
        numbers[terms.TIMES_LOWER_LIMIT] = over(value, measure.lowers)
    return numbers, _baseline(entry, value, scale, measure.plausible, numbers, setting)


def _from_multiple(
    entry: ObservationEntry, reading: WrittenNumber, measure: Measure
) -> dict[str, Interval]:
    if entry.upper_limit is not None or entry.lower_limit is not None:
        raise _Unusable("a multiple of the upper limit comes without limits")
    multiple = reach(reading.number, reading.sign, Interval(Fraction(0), None))
    numbers = {terms.TIMES_UPPER_LIMIT: multiple}
    if measure.uppers is not None:
        numbers[terms.VALUE] = times(multiple, measure.uppers)
    return numbers


def _from_value(
    entry: ObservationEntry, reading: WrittenNumber, scale: Scale, measure: Measure
) -> dict[str, Interval]:
    number, kind = scale.canonical(reading.number), measure.kind
    if not measure.plausible.holds(number):
        bounds = " to ".join(kind.plausible or ())
        raise _Unusable(f"the value lies outside what can be, {bounds} {kind.unit or ''}".rstrip())
    value = reach(number, reading.sign, measure.plausible)
    upper = lower = None
    if entry.upper_limit is not None:
        upper = _limit(entry.upper_limit, scale, "upper")
    if entry.lower_limit is not None:
        lower = _limit(entry.lower_limit, scale, "lower")
    if upper is not None and lower is not None and lower > upper:
        raise _Unusable("the lower limit lies above the upper limit")
    numbers = {terms.VALUE: value}
    uppers = measure.uppers if upper is None else point(upper)
    if uppers is not None:
        numbers[terms.TIMES_UPPER_LIMIT] = over(value, uppers)
    if lower is not None:
        numbers[terms.TIMES_LOWER_LIMIT] = over(value, point(lower))
    return numbers


def _value(
    entry: ObservationEntry, measure: Measure, setting: Setting
) -> tuple[WrittenNumber, Scale | None]:
    """Read the number and the scale of its unit; none for a multiple of the upper limit."""
    if entry.value is None:
        raise _Unusable("the value is missing")
    kind = measure.kind
    word = _word(entry.value, setting) if kind.unit == _PRESENCE else None
    if word is not None:
        return WrittenNumber(word), SAME
    number = None if isinstance(entry.value, bool) else read_number(entry.value)
    if number is None:
        raise _Unusable("the value is no number")
    unit = (entry.unit or "").strip()
    if not unit:
        raise _Unusable("the unit is missing")
    if unit.lower() == MULTIPLE:
        if number.number < 0:
            raise _Unusable("a multiple of the upper limit is not below zero")
        return number, None
    scale = measure.scale(unit)
    if scale is None:
        known = f" to {kind.unit}" if kind.unit else ""
        raise _Unusable(f"the unit {entry.unit} cannot be converted{known}")
    return number, scale


def _word(value: float | int | str | bool, setting: Setting) -> Fraction | None:
    """Read a result that is a word; the words are data."""
    if isinstance(value, bool):
        return Fraction(value)
    if not isinstance(value, str):
        return None
    tokens = words(value)
    found = lexicons(setting.snapshot)["observation"].find(tokens)
    results = {p.word.result for p in found if p.word.result is not None}
    whole = sum(p.end - p.start for p in found) == len(tokens)
    return Fraction(results.pop()) if whole and len(results) == 1 else None


def _limit(given: float, scale: Scale, name: str) -> Fraction:
    number = exact(given)
    limit = None if number is None else scale.canonical(number)
    if limit is None or limit.numerator <= 0:
        raise _Unusable(f"the {name} limit is not above zero")
    return limit


def _baseline(
    entry: ObservationEntry,
    value: Interval,
    scale: Scale | None,
    plausible: Interval,
    numbers: dict[str, Interval],
    setting: Setting,
) -> dict[str, str]:
    """Add what the value before treatment says; before the first dose a value is its own."""
    if entry.baseline is None:
        if not setting.untreated:
            return {}
        numbers[terms.BASELINE_VALUE] = value
        numbers[terms.CHANGE_FROM_BASELINE] = _UNCHANGED
        numbers[terms.TIMES_BASELINE] = _ONCE
        return _STATED
    number = exact(entry.baseline)
    if number is None:
        raise _Unusable("the baseline is no number")
    if scale is None:
        numbers[terms.TIMES_BASELINE] = over(numbers[terms.TIMES_UPPER_LIMIT], point(number))
        return _STATED
    before = scale.canonical(number)
    if not plausible.holds(before):
        raise _Unusable("the baseline lies outside what can be")
    baseline = point(before)
    numbers[terms.BASELINE_VALUE] = baseline
    numbers[terms.CHANGE_FROM_BASELINE] = minus(value, baseline)
    numbers[terms.TIMES_BASELINE] = over(value, baseline)
    return _STATED


def _detail(entry: ObservationEntry) -> str:
    said = shown("", entry.value, entry.unit)
    if entry.lower_limit is not None:
        said += f", lower limit {plainly(entry.lower_limit)}"
    if entry.upper_limit is not None:
        said += f", upper limit {plainly(entry.upper_limit)}"
    if entry.baseline is not None:
        said += f", before treatment {plainly(entry.baseline)}"
    return said


def _current(values: list[_MeasuredAt]) -> Item:
    """Choose the latest of several values of one kind, or what is known of it."""
    if len(values) == 1:
        return values[0].item
    last = max(v.when for v in values)
    # Where several may be, what is said of them decides which stands for them, not its place.
    candidates = [v for v in values if _may_be_last(v.when, last)]
    candidates.sort(key=lambda v: (v.item.detail, v.when))
    first = candidates[0].item
    if len(candidates) == 1:
        return first
    items = [v.item for v in candidates]
    shared = set(first.numbers).intersection(*(i.numbers for i in items))
    numbers = {}
    for prop in sorted(shared):
        known = first.numbers[prop]
        for item in items[1:]:
            known = hull(known, item.numbers[prop])
        numbers[prop] = known
    common = set(first.attributes.items()).intersection(*(i.attributes.items() for i in items))
    return Item(
        first.input,
        first.label,
        first.role,
        term=first.term,
        classes=first.classes,
        attributes=dict(sorted(common)),
        numbers=numbers,
        needs=dict.fromkeys(
            (terms.VALUE, *numbers), f"{first.input}: taken_at, to tell which value is the latest"
        ),
        detail=" or ".join(sorted(i.detail for i in items)),
    )


def _may_be_last(when: tuple[str, str], last: tuple[str, str]) -> bool:
    """Say whether a value may be the latest: it has the last moment, or too little is known."""
    if not when[0]:
        return True
    return when[0] == last[0] and (when[1] == last[1] or not when[1] or not last[1])
