"""Measurements as lines of the list of observations, with the laboratory's own limits."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from kg.casing.ledger import plainly
from kg.contract.request import MOST_ITEMS, instant
from kg.fhir import resources as fhir
from kg.fhir.intake import FhirLine, FoundResource, Intake, convert, said_of

_OUT = {"cancelled", "entered-in-error"}
_UCUM = "http://unitsofmeasure.org"
_SIGNS = {"<", "<=", ">", ">="}
# The kinds of reference range that are the limits of normal; no kind at all is one of them.
_NORMAL = {"normal", "recommended"}


def read_observation(found: FoundResource, intake: Intake) -> None:
    """Read a measurement and each of its components."""
    measured = convert(found.resource, fhir.FhirObservation, found.path)
    given = said_of(measured.code)
    status = (measured.status or "").lower()
    if status in _OUT:
        intake.leave_out(found.path, given, f"its status is {status}")
        return
    when = intake.day(found.path, _when(measured))
    valued = _value(measured)
    if valued or not measured.component or measured.data_absent_reason is not None:
        _add(found.path, measured, valued, when, found, intake)
    for n, part in enumerate(measured.component):
        _add(f"{found.path}.component[{n}]", part, _value(part), when, found, intake)


def _when(measured: fhir.FhirObservation) -> str | None:
    period = measured.effective_period or fhir.Period()
    at = measured.effective_date_time or measured.effective_instant
    return at or period.end or period.start


def _add(
    path: str,
    result: fhir.Result,
    valued: dict[str, Any],
    when: str | None,
    found: FoundResource,
    intake: Intake,
) -> None:
    if not valued and result.data_absent_reason is not None:
        why = said_of(result.data_absent_reason)
        intake.miss(path, said_of(result.code), f"there is no value: {why}")
        return
    entry = {**intake.item(result.code, "observation"), **valued, "taken_at": when}
    limits, doubt = _limits(result, valued.get("unit"))
    if doubt:
        intake.note(path, doubt)
    intake.add("observations", path, {**entry, **limits}, found)


def _value(result: fhir.Result) -> dict[str, Any]:
    """Give the value and its unit, a sign such as < as part of the value."""
    quantity = result.value_quantity
    if sum(value is not None for value in _values(result)) > 1:
        return {"value": "; ".join(_said(value) for value in _values(result) if value is not None)}
    if quantity is not None and quantity.value is not None:
        sign = quantity.comparator or ""
        if sign and sign not in _SIGNS:
            return {"value": f"{sign} {plainly(quantity.value)}", "unit": _unit(quantity)}
        value = f"{sign}{plainly(quantity.value)}" if sign else quantity.value
        return {"value": value, "unit": _unit(quantity)}
    concept = result.value_codeable_concept
    if concept is not None:
        return {"value": said_of(concept)}
    for plain in (result.value_string, result.value_boolean, result.value_integer):
        if plain is not None:
            return {"value": plain}
    return {}


def _values(result: fhir.Result) -> tuple[object, ...]:
    """Give what FHIR lets a result have one of."""
    return (
        *(result.value_quantity, result.value_codeable_concept, result.value_string),
        *(result.value_boolean, result.value_integer),
    )


def _said(value: object) -> str:
    if isinstance(value, fhir.Quantity):
        return f"{value.value} {_unit(value) or ''}".strip()
    return said_of(value) if isinstance(value, fhir.Concept) else str(value)


def _unit(quantity: fhir.Quantity) -> str | None:
    """Give the unit in UCUM where it is; else as it is written."""
    if quantity.code and quantity.system in (None, _UCUM):
        return quantity.code
    return quantity.unit or quantity.code


def _limits(result: fhir.Result, unit: str | None) -> tuple[dict[str, Any], str]:
    """Give the laboratory's limits, and why they are not used where they are not."""
    normal = [r for r in result.reference_range if _is_normal(r)]
    if not normal or unit is None:
        return {}, ""
    if len(normal) > 1:
        return {}, "several ranges of normal are given, so none of them is used"
    limits = {}
    for name, bound in (("lower_limit", normal[0].low), ("upper_limit", normal[0].high)):
        if bound is None or bound.value is None:
            continue
        own = _unit(bound)
        if own is not None and own != unit and own != (result.value_quantity or bound).unit:
            return {}, f"the range of normal is in {own}, not in {unit}, and is not used"
        limits[name] = bound.value
    return limits, ""


def _is_normal(given: fhir.ReferenceRange) -> bool:
    words = {c.code for c in given.type.coding} if given.type else set()
    return not words or bool(words & _NORMAL)


def thin_out(intake: Intake) -> None:
    """Leave out older results of the same kind where there are more than a request may hold.

    Of several values the latest counts, so that what is left out changes nothing.
    """
    lines = intake.lines["observations"]
    if len(lines) <= MOST_ITEMS:
        return
    latest: dict[bytes, tuple[date, str]] = {}
    for line in lines:
        when = instant(line.entry.get("taken_at"), line.path)
        if when is not None:
            latest[_kind(line)] = max(when, latest.get(_kind(line), when))
    kept = []
    for line in lines:
        when = instant(line.entry.get("taken_at"), line.path)
        if when is not None and when[0] < latest[_kind(line)][0]:
            intake.leave_out(line.path, line.entry.get("text", ""), "there is a later result")
        else:
            kept.append(line)
    intake.lines["observations"] = kept


def _kind(line: FhirLine) -> bytes:
    return msgspec.json.encode([line.entry.get("codings"), line.entry.get("text")])
