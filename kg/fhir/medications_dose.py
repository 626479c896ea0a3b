"""How much of a medication is taken a day, as FHIR says it in numbers or in words."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from kg.fhir import resources as fhir
from kg.fhir.intake import LONGEST_WORDS
from kg.interval import exact
from kg.resolving.free_text import lexicons, said_in
from kg.snapshot.model import Snapshot

_DAY = Fraction(24)
_HOURS = {
    "s": Fraction(1, 3600),
    "min": Fraction(1, 60),
    "h": Fraction(1),
    "d": _DAY,
    "wk": 7 * _DAY,
}
# A dose that was said and cannot be counted: its amount a day stays open.
_UNCOUNTED = {"value": 1, "unit": "dose as written"}


def doses_of(taken: fhir.Taken) -> list[fhir.Dosage]:
    """Give how a medication is taken, whichever resource says it."""
    single = taken.dosage if isinstance(taken.dosage, list) else [taken.dosage]
    return [*taken.dosage_instruction, *single]


def daily_dose(doses: list[fhir.Dosage], name: str, snapshot: Snapshot) -> dict[str, Any] | None:
    """Give the amount a day; an amount that was said and cannot be counted is said to be so."""
    if not doses:
        return None
    counted = [_a_day(d) for d in doses]
    units = {c[1] for c in counted if c is not None}
    if all(counted) and len(units) == 1:
        total = sum((c[0] for c in counted if c is not None), Fraction(0))
        return {"value": float(total), "unit": units.pop()} if total > 0 else None
    if units:
        return _UNCOUNTED
    return _in_words(doses, name, snapshot)


def _a_day(dose: fhir.Dosage) -> tuple[Fraction, str] | None:
    """Count one dose by its numbers: so much a time, so many times a day."""
    most = dose.max_dose_per_period
    if most is not None and most.numerator and most.denominator:
        amount, hours = _amount(most.numerator), _hours(most.denominator)
        return (amount[0] * _DAY / hours, amount[1]) if amount and hours else None
    single = [r.dose_quantity for r in dose.dose_and_rate if r.dose_quantity]
    single += [r.dose_range.high for r in dose.dose_and_rate if r.dose_range and r.dose_range.high]
    repeat = dose.timing.repeat if dose.timing else None
    if len(single) != 1 or repeat is None or repeat.period_unit not in _HOURS:
        return None
    amount, period = _amount(single[0]), _number(repeat.period)
    times = repeat.frequency_max or repeat.frequency or 1
    if amount is None or not period:
        return None
    return amount[0] * times * _DAY / (period * _HOURS[repeat.period_unit]), amount[1]


def _amount(quantity: fhir.Quantity) -> tuple[Fraction, str] | None:
    number, unit = _number(quantity.value), quantity.code or quantity.unit
    return None if number is None or not unit else (number, unit)


def _hours(quantity: fhir.Quantity) -> Fraction | None:
    number, unit = _number(quantity.value), quantity.code or quantity.unit
    return None if not number or unit not in _HOURS else number * _HOURS[unit]


def _number(value: float | int | None) -> Fraction | None:
    number = None if value is None else exact(value)
    return None if number is None or number < 0 else number


def _in_words(doses: list[fhir.Dosage], name: str, snapshot: Snapshot) -> dict[str, Any] | None:
    """Read the amount from the words of the order together with the name and its strength."""
    words = "; ".join(d.text for d in doses if d.text)
    if len(name) + len(words) > LONGEST_WORDS:
        return _UNCOUNTED
    said = said_in(f"{name} {words}", lexicons(snapshot)["medication"]).daily
    if not said.stated:
        return None
    reach = said.milligrams
    if reach is None or reach.low is None or reach.low != reach.high:
        return _UNCOUNTED
    return {"value": float(reach.low), "unit": "mg"}
