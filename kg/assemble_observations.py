"""Observations of a request as items of a Case: one current value for each kind.

A value without the laboratory's limit is a multiple known within bounds, by the range of
limits that laboratories use. Of several values the latest counts; where the dates do not say
which that is, the value is known only to lie among them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

from kg import terms
from kg.case import Item
from kg.derive import derived
from kg.interval import ANYTHING, Interval, between, exact, hull, minus, over, point, times
from kg.lexicon import lexicons
from kg.model import Observation
from kg.names import words
from kg.quantity import MULTIPLE, Reading, Scale, reach, read_number, scales, ucum
from kg.request import ObservationEntry, instant
from kg.resolve import resolve
from kg.resolve_names import Missed
from kg.setting import Setting, given_as, plainly, shown

# The unit of a result that is a word, present or absent.
_PRESENCE = "{presence}"
_SAME = Scale(Fraction(1), Fraction(0))


@dataclass(frozen=True, slots=True)
class _Measured:
    """One value that was given, in the canonical unit or as a multiple of the upper limit."""

    item: Item
    when: tuple[str, str]


class _Unusable(Exception):
    """A value that cannot be used, with the reason."""


def observations(entries: list[ObservationEntry], setting: Setting) -> tuple[Item, ...]:
    """Give the current value of each kind of observation, and what follows from them."""
    by_kind: dict[str, list[_Measured]] = defaultdict(list)
    for n, entry in enumerate(entries):
        measured = _measured(f"observations[{n}]", entry, setting)
        if measured is not None and measured.item.term is not None:
            by_kind[measured.item.term].append(measured)
    current = [_current(by_kind[kind]) for kind in sorted(by_kind)]
    return (*current, *derived(current, setting.snapshot))


def _measured(path: str, entry: ObservationEntry, setting: Setting) -> _Measured | None:
    found = resolve(entry, "observation", setting.snapshot)
    moment = instant(entry.taken_at, f"{path}.taken_at")
    if isinstance(found, Missed):
        setting.miss(path, shown(given_as(entry), entry.value, entry.unit), found)
        return None
    (term,) = found.terms
    kind = setting.snapshot.observations[term]
    try:
        if moment and setting.as_of and moment[0] > setting.as_of:
            raise _Unusable("it is dated after the day of the question")
        numbers, attributes = _numbers(entry, kind, scales(setting.snapshot)[term], setting)
    except _Unusable as reason:
        given = shown(given_as(entry), entry.value, entry.unit)
        setting.miss(path, given, Missed(str(reason)))
        return None
    setting.recognise(path, found.terms, found.matched, found.note)
    when = (moment[0].isoformat(), moment[1]) if moment else ("", "")
    item = Item(
        path,
        kind.label,
        terms.HAS_OBSERVATION,
        term=term,
        classes=frozenset({term, *kind.ancestors}),
        attributes=attributes,
        numbers=numbers,
        detail=_detail(entry),
    )
    return _Measured(item, when)


def _numbers(
    entry: ObservationEntry, kind: Observation, units: dict[str, Scale], setting: Setting
) -> tuple[dict[str, Interval], dict[str, str]]:
    """Work out all that criteria ask of a value."""
    reading, scale = _value(entry, kind, units, setting)
    plausible = between(kind.plausible)
    numbers = (
        _from_multiple(entry, reading, kind)
        if scale is None
        else _from_value(entry, reading, scale, kind)
    )
    value = numbers.get(terms.VALUE, plausible)
    if terms.TIMES_LOWER_LIMIT not in numbers and kind.lower_limits is not None:
        numbers[terms.TIMES_LOWER_LIMIT] = over(value, between(kind.lower_limits))
    return numbers, _baseline(entry, value, scale, plausible, numbers, setting)


def _from_multiple(
    entry: ObservationEntry, reading: Reading, kind: Observation
) -> dict[str, Interval]:
    if entry.upper_limit is not None or entry.lower_limit is not None:
        raise _Unusable("a multiple of the upper limit comes without limits")
    multiple = reach(reading.number, reading.sign, Interval(Fraction(0), None))
    numbers = {terms.TIMES_UPPER_LIMIT: multiple}
    if kind.upper_limits is not None:
        numbers[terms.VALUE] = times(multiple, between(kind.upper_limits))
    return numbers


def _from_value(
    entry: ObservationEntry, reading: Reading, scale: Scale, kind: Observation
) -> dict[str, Interval]:
    number, plausible = scale.canonical(reading.number), between(kind.plausible)
    if not point(number).within(plausible):
        bounds = " to ".join(kind.plausible or ())
        raise _Unusable(f"the value lies outside what can be, {bounds} {kind.unit or ''}".rstrip())
    value = reach(number, reading.sign, plausible)
    upper = _limit(entry.upper_limit, scale, "upper")
    lower = _limit(entry.lower_limit, scale, "lower")
    if upper is not None and lower is not None and lower > upper:
        raise _Unusable("the lower limit lies above the upper limit")
    numbers = {terms.VALUE: value}
    uppers = point(upper) if upper is not None else between(kind.upper_limits)
    if uppers != ANYTHING:
        numbers[terms.TIMES_UPPER_LIMIT] = over(value, uppers)
    if lower is not None:
        numbers[terms.TIMES_LOWER_LIMIT] = over(value, point(lower))
    return numbers


def _value(
    entry: ObservationEntry, kind: Observation, units: dict[str, Scale], setting: Setting
) -> tuple[Reading, Scale | None]:
    """Read the number and the scale of its unit; none for a multiple of the upper limit."""
    if entry.value is None:
        raise _Unusable("the value is missing")
    word = _word(entry.value, setting) if kind.unit == _PRESENCE else None
    if word is not None:
        return Reading(word), _SAME
    number = None if isinstance(entry.value, bool) else read_number(entry.value)
    if number is None:
        raise _Unusable("the value is no number")
    if not entry.unit or not entry.unit.strip():
        raise _Unusable("the unit is missing")
    if entry.unit.strip().lower() == MULTIPLE:
        if number.number < 0:
            raise _Unusable("a multiple of the upper limit is not below zero")
        return number, None
    scale = units.get(ucum(entry.unit))
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


def _limit(given: float | None, scale: Scale, name: str) -> Fraction | None:
    number = None if given is None else exact(given)
    if given is None:
        return None
    limit = None if number is None else scale.canonical(number)
    if limit is None or limit <= 0:
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
        numbers[terms.CHANGE_FROM_BASELINE] = point(0)
        numbers[terms.TIMES_BASELINE] = point(1)
        return {terms.STATED_BASELINE: terms.BASELINE_VALUE}
    number = exact(entry.baseline)
    if number is None:
        raise _Unusable("the baseline is no number")
    if scale is None:
        numbers[terms.TIMES_BASELINE] = over(numbers[terms.TIMES_UPPER_LIMIT], point(number))
        return {terms.STATED_BASELINE: terms.BASELINE_VALUE}
    baseline = point(scale.canonical(number))
    if not baseline.within(plausible):
        raise _Unusable("the baseline lies outside what can be")
    numbers[terms.BASELINE_VALUE] = baseline
    numbers[terms.CHANGE_FROM_BASELINE] = minus(value, baseline)
    numbers[terms.TIMES_BASELINE] = over(value, baseline)
    return {terms.STATED_BASELINE: terms.BASELINE_VALUE}


def _detail(entry: ObservationEntry) -> str:
    limits = [
        f"{name} limit {plainly(limit)}"
        for name, limit in (("lower", entry.lower_limit), ("upper", entry.upper_limit))
        if limit is not None
    ]
    if entry.baseline is not None:
        limits.append(f"before treatment {plainly(entry.baseline)}")
    return ", ".join([shown("", entry.value, entry.unit), *limits])


def _current(values: list[_Measured]) -> Item:
    """Choose the latest of several values of one kind, or what is known of it."""
    last = max(v.when for v in values)
    candidates = [v for v in values if _may_be_last(v.when, last)]
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
