"""The numbers of an observation: its value, and what it is against limits and baseline."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from kg import terms
from kg.casing.ledger import Setting, plainly
from kg.casing.observed import PossibleReading
from kg.casing.result_text import PrintedResult, Unreadable, read_result
from kg.casing.units import MULTIPLE, PRESENCE, Measure, Scale, reach
from kg.contract.request import ObservationEntry
from kg.interval import Interval, exact, minus, over, point, times
from kg.resolving.free_text import lexicons
from kg.resolving.printed import remarks
from kg.snapshot.names import words

# What a value is to itself: before the first dose it is its own baseline.
_UNCHANGED, _ONCE = point(0), point(1)
_STATED = {terms.STATED_BASELINE: terms.BASELINE_VALUE}


class Valued(NamedTuple):
    """What is known of a value, and what was not used of that which was given beside it."""

    numbers: dict[str, Interval]
    attributes: dict[str, str]
    detail: str
    doubt: str = ""
    # False of an observation on which nothing rests, of which no number is made.
    used: bool = True


def valued(candidate: PossibleReading, entry: ObservationEntry, setting: Setting) -> Valued:
    """Work out all that criteria ask of a value, or say why it cannot be used."""
    measure, value = candidate.read.measure, candidate.value
    if measure.kind.print.written_in:
        return _seen(candidate, measure)
    if value is None:
        raise Unreadable("the value is missing")
    word = _word(value, measure, setting)
    if word is not None:
        numbers: dict[str, Interval] = {terms.VALUE: word}
        return Valued(numbers, _baseline(entry, word, None, measure, numbers, setting), str(value))
    if isinstance(value, bool):
        raise Unreadable("the value is no number")
    if measure.kind.unit is None and not measure.scales:
        raise Unreadable("this is a group of observations; say which of them was measured")
    result = read_result(value, candidate.unit, measure, remarks(setting.snapshot))
    if result.unit == MULTIPLE:
        return _of_multiple(entry, result, measure, setting)
    unit = result.unit or _unit_of_bare(candidate, result, entry, measure)
    _refuse_two_readings(result, unit, measure)
    return _of_value(entry, result, unit, measure, setting)


def _seen(candidate: PossibleReading, measure: Measure) -> Valued:
    """Take note of a result on which nothing rests, where its unit is not that of another."""
    unit = (candidate.unit or "").strip()
    if unit and measure.unit(unit) is None and measure.printed.known(unit):
        raise Unreadable(f"the unit {unit} is not one of {measure.kind.label}")
    if candidate.rivals and not unit:
        raise Unreadable("the unit is missing, which would say what was measured")
    return Valued({}, {}, "", used=False)


def _word(value: float | int | str | bool, measure: Measure, setting: Setting) -> Interval | None:
    """Read a result that is a word, positive or negative; the words are data."""
    kind = measure.kind
    if kind.unit != PRESENCE and kind.print.positive_above is None:
        return None
    if isinstance(value, bool):
        said: Fraction | None = Fraction(value)
    elif isinstance(value, str):
        said = _said(value, setting)
    else:
        return None
    if said is None or kind.unit == PRESENCE:
        return None if said is None else point(said)
    if said == 0:
        raise Unreadable("'negative' is no figure here; send the figure with its unit")
    return Interval(Fraction(kind.print.positive_above or 0), measure.plausible.high, True, False)


def _said(value: str, setting: Setting) -> Fraction | None:
    tokens = words(value)
    found = lexicons(setting.snapshot)["observation"].find(tokens)
    results = {p.word.result for p in found if p.word.result is not None}
    whole = sum(p.end - p.start for p in found) == len(tokens)
    return Fraction(results.pop()) if whole and len(results) == 1 else None


def _unit_of_bare(
    candidate: PossibleReading, result: PrintedResult, entry: ObservationEntry, measure: Measure
) -> str:
    """Find the unit of a number that was sent without one."""
    if candidate.rivals:
        raise Unreadable("the unit is missing, which would say what was measured")
    figure = result.figure
    parted = figure is not None and figure.parted is not None and figure.comma
    if parted:
        raise Unreadable(_TWO_WAYS)
    ends = [result.number] if result.high is None else [result.number, result.high]
    decimal = figure.decimal if figure is not None else False
    units = {measure.unit_of_bare(n, decimal=decimal) for n in ends}
    (unit,) = units if len(units) == 1 else (None,)
    if unit is None:
        lower, upper = _given_limits(entry, result)
        if lower is not None or upper is not None:
            unit = measure.unit_of_limits(lower, upper)
    if unit is None:
        raise Unreadable("the unit is missing")
    return unit


def _given_limits(
    entry: ObservationEntry, result: PrintedResult
) -> tuple[Fraction | None, Fraction | None]:
    printed = result.limits
    lower = printed.lower if printed else None
    upper = printed.upper if printed else None
    if entry.lower_limit is not None:
        lower = exact(entry.lower_limit)
    if entry.upper_limit is not None:
        upper = exact(entry.upper_limit)
    return lower or None, upper or None


_TWO_WAYS = "the comma may be a decimal sign or part thousands; send a plain number"


def _refuse_two_readings(result: PrintedResult, unit: str, measure: Measure) -> None:
    """Read a sign that may part thousands only where the unit leaves no choice."""
    figure = result.figure
    if figure is None or figure.parted is None:
        return
    if unit in measure.printed.whole:
        if not figure.comma:
            raise Unreadable("the point may part thousands; send a plain number")
        result.number = figure.parted
    elif figure.comma:
        raise Unreadable(_TWO_WAYS)


def _of_multiple(
    entry: ObservationEntry, result: PrintedResult, measure: Measure, setting: Setting
) -> Valued:
    if entry.upper_limit is not None or entry.lower_limit is not None or result.limits:
        raise Unreadable("a multiple of the upper limit comes without limits")
    above_zero = Interval(Fraction(0), None)
    multiple = _reach(result, result.number, result.high, above_zero)
    if multiple.empty or result.number < 0:
        raise Unreadable("a multiple of the upper limit is not below zero")
    numbers = {terms.TIMES_UPPER_LIMIT: multiple}
    if measure.uppers is not None:
        numbers[terms.VALUE] = times(multiple, measure.uppers)
    value = numbers.get(terms.VALUE, measure.plausible)
    if measure.lowers is not None:
        numbers[terms.TIMES_LOWER_LIMIT] = over(value, measure.lowers)
    attributes = _baseline(entry, value, None, measure, numbers, setting)
    return Valued(numbers, attributes, _detail(entry, result, MULTIPLE, None, None))


def _reach(
    result: PrintedResult, number: Fraction, high: Fraction | None, plausible: Interval
) -> Interval:
    return reach(number, result.sign, plausible) if high is None else Interval(number, high)


def _of_value(
    entry: ObservationEntry, result: PrintedResult, unit: str, measure: Measure, setting: Setting
) -> Valued:
    scale, kind = measure.scales[unit], measure.kind
    number = scale.canonical(result.number)
    high = None if result.high is None else scale.canonical(result.high)
    value = _reach(result, number, high, measure.plausible)
    ends = [n for n in (number, high) if n is not None]
    if value.empty or not all(map(measure.plausible.holds, ends)):
        bounds = " to ".join(kind.plausible or ())
        raise Unreadable(f"the value lies outside what can be, {bounds} {kind.unit or ''}".rstrip())
    lower, upper, doubts = _limits(entry, result, unit, measure)
    if high is not None and _is_a_range_of_normal(result, unit, measure):
        raise Unreadable("this is a range of normal and no value, or cannot be told from one")
    numbers = {terms.VALUE: value}
    uppers = measure.uppers if upper is None else point(scale.canonical(upper))
    if uppers is not None and uppers.low:
        numbers[terms.TIMES_UPPER_LIMIT] = over(value, uppers)
    lowers = measure.lowers if lower is None else point(scale.canonical(lower))
    if lowers is not None and lowers.low:
        numbers[terms.TIMES_LOWER_LIMIT] = over(value, lowers)
    attributes = _baseline(entry, value, scale, measure, numbers, setting)
    detail = _detail(entry, result, unit, lower, upper)
    return Valued(numbers, attributes, detail, "; ".join(doubts))


def _is_a_range_of_normal(result: PrintedResult, unit: str, measure: Measure) -> bool:
    low, high = result.number, result.high or result.number
    begins = low == 0 if not measure.lower_limits else measure.believes(low, unit, upper=False)
    return begins and bool(measure.upper_limits) and measure.believes(high, unit, upper=True)


def _limits(
    entry: ObservationEntry, result: PrintedResult, unit: str, measure: Measure
) -> tuple[Fraction | None, Fraction | None, list[str]]:
    """Give the limits that are used, in the unit of the value, and why others are not."""
    doubts = [result.doubt] if result.doubt else []
    printed = None if result.doubt else result.limits
    found: dict[str, Fraction | None] = {}
    for side, given in (("lower", entry.lower_limit), ("upper", entry.upper_limit)):
        limit = None if given is None else exact(given)
        if given is not None and limit is None:
            raise Unreadable(f"the {side} limit is no number")
        within = None if printed is None else getattr(printed, side)
        if within is not None and printed is not None and printed.unit not in (None, unit):
            own = measure.scales.get(printed.unit or "")
            within = None if own is None else _in_unit(within, own, measure.scales[unit])
        if limit is not None and within is not None and limit != within:
            doubts.append(f"two {side} limits are given, so neither is used")
            limit = None
        elif limit is None:
            limit = within
        found[side] = limit
    lower, upper = found["lower"], found["upper"]
    if lower is not None and upper is not None and lower > upper:
        raise Unreadable("the lower limit lies above the upper limit")
    for side, limit in list(found.items()):
        if limit is None:
            continue
        if limit == 0 and side == "lower" and not measure.lower_limits:
            # Nothing is normal below it, so nothing is said.
            found[side] = None
        elif not measure.believes(limit, unit, upper=side == "upper"):
            found[side] = None
            doubts.append(
                f"no laboratory has {plainly(float(limit))} {unit} as its {side} limit, "
                "so it is not used"
            )
    return found["lower"], found["upper"], doubts


def _in_unit(limit: Fraction, own: Scale, wanted: Scale) -> Fraction:
    return (own.canonical(limit) - wanted.offset) / wanted.factor


def _baseline(
    entry: ObservationEntry,
    value: Interval,
    scale: Scale | None,
    measure: Measure,
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
        raise Unreadable("the baseline is no number")
    if scale is None:
        multiple = numbers.get(terms.TIMES_UPPER_LIMIT)
        if multiple is None:
            return {}
        numbers[terms.TIMES_BASELINE] = over(multiple, point(number))
        return _STATED
    before = scale.canonical(number)
    if not measure.plausible.holds(before):
        raise Unreadable("the baseline lies outside what can be")
    baseline = point(before)
    numbers[terms.BASELINE_VALUE] = baseline
    numbers[terms.CHANGE_FROM_BASELINE] = minus(value, baseline)
    numbers[terms.TIMES_BASELINE] = over(value, baseline)
    return _STATED


def _detail(
    entry: ObservationEntry,
    result: PrintedResult,
    unit: str,
    lower: Fraction | None,
    upper: Fraction | None,
) -> str:
    """Write a value as it was read, with the limits that were used."""
    if entry.value is not None and not isinstance(entry.value, str) and entry.unit:
        said = f"{plainly(entry.value)} {entry.unit}"
    else:
        high = "" if result.high is None else f" to {_written(result.high)}"
        said = f"{result.sign}{_written(result.number)}{high} {unit}"
    if lower is not None:
        said += f", lower limit {_written(lower)}"
    if upper is not None:
        said += f", upper limit {_written(upper)}"
    if entry.baseline is not None:
        said += f", before treatment {plainly(entry.baseline)}"
    return said


def _written(number: Fraction) -> str:
    return plainly(float(number))
