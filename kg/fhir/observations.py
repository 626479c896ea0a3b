"""Measurements as lines of the list of observations, with the laboratory's own limits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec

from kg.casing.ledger import plainly
from kg.contract.request import MOST_ITEMS, instant
from kg.fhir import resources as fhir
from kg.fhir.bundle import Gathered
from kg.fhir.intake import FhirLine, FoundResource, Intake, convert, said_of, word_of
from kg.resolving.figures import figure
from kg.resolving.printed import folded_unit, plainly_written, printed_units
from kg.snapshot.model import Snapshot

_OUT = {"cancelled", "entered-in-error"}
_UCUM = "http://unitsofmeasure.org"
# The reasons for which a value is lacking that say that nothing was measured.
_NOT_DONE = {"not-performed", "not-asked", "not-applicable"}
_SIGNS = {"<", "<=", ">", ">="}
# The kinds of reference range that are the limits of normal; no kind at all is one of them.
_NORMAL = {"normal", "recommended"}
_LONGEST_RANGE = 60
_FIGURE = r"\d[\d.,]{0,12}"
_TWO = re.compile(rf"(?P<low>{_FIGURE}) ?(?:-|to) ?(?P<high>{_FIGURE})(?: (?P<unit>\S+))?\Z")
_ONE = re.compile(rf"(?P<sign><=|>=|<|>) ?(?P<number>{_FIGURE})(?: (?P<unit>\S+))?\Z")


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


def read_report(found: FoundResource, gathered: Gathered, intake: Intake) -> None:
    """Read the results that a report holds or points to; without any, nobody knows what it says."""
    report = convert(found.resource, fhir.DiagnosticReport, found.path)
    given, status = said_of(report.code) or found.type, (report.status or "").lower()
    if status in _OUT:
        intake.leave_out(found.path, given, f"its status is {status}")
        return
    pointed = [r.reference and gathered.pointed_to(r.reference, found) for r in report.result]
    held = list(gathered.unused_in(found, {"Observation"}))
    held += [p for p in pointed if p and p.path.startswith(found.path)]
    for part in held:
        read_observation(part, intake)
    if not pointed and not held:
        intake.miss(found.path, given, "the report holds no results that can be read")
    elif not all(pointed):
        intake.miss(found.path, given, "results that it points to were not sent")
    else:
        intake.leave_out(found.path, given, "its results stand for it")
        return
    intake.partly.add("observations")


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
        if word_of(result.data_absent_reason) in _NOT_DONE:
            intake.leave_out(path, said_of(result.code), f"it was not made: {why}")
            return
        # It was asked for, and its value is not known: it goes on as what it is.
        intake.note(path, f"there is no value: {why}")
    entry = {**intake.item(result.code, "observation"), **valued, "taken_at": when}
    limits, doubt = _limits(result, valued.get("unit"), intake.snapshot)
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


def _limits(
    result: fhir.Result, unit: str | None, snapshot: Snapshot
) -> tuple[dict[str, Any], str]:
    """Give the laboratory's limits, and why they are not used where they are not."""
    normal = list(dict.fromkeys(map(_ends, filter(_is_normal, result.reference_range))))
    if not normal:
        return {}, ""
    if len(normal) > 1:
        return {}, "several ranges of normal are given, so none of them is used"
    limits = {}
    named = result.value_quantity.unit if result.value_quantity else None
    words = (result.value_string or "")[:_LONGEST_RANGE].split()
    for name, number, own in normal[0]:
        if own is not None and not _one_unit(own, (unit, named, *words), snapshot):
            return {}, f"the range of normal is in {own}, not in {unit}, and is not used"
        limits[name] = number
    doubt = "" if limits or not normal[0] else "the range of normal is not understood"
    return limits, doubt


_End = tuple[str, float | int, str | None]


def _ends(given: fhir.ReferenceRange) -> tuple[_End, ...]:
    """Give the ends of a range: as amounts, or else from its text."""
    bounds = (("lower_limit", given.low), ("upper_limit", given.high))
    found = [(n, b.value, _unit(b)) for n, b in bounds if b is not None and b.value is not None]
    return tuple(found) or _ends_in_text(given.text or "")


def _ends_in_text(text: str) -> tuple[_End, ...]:
    """Read a range that is written as two numbers, or as one with a sign."""
    written = " ".join(plainly_written(text[:_LONGEST_RANGE]).strip(" ()[]").split())
    two = _TWO.match(written)
    if two is not None:
        low, high = figure(two.group("low")), figure(two.group("high"))
        if low is None or high is None or low.parted or high.parted:
            return ()
        unit = two.group("unit") or None
        ends = (("lower_limit", low), ("upper_limit", high))
        return tuple((name, float(end.number), unit) for name, end in ends)
    one = _ONE.match(written)
    end = figure(one.group("number")) if one is not None else None
    if one is None or end is None or end.parted:
        return ()
    name = "upper_limit" if one.group("sign").startswith("<") else "lower_limit"
    return ((name, float(end.number), one.group("unit") or None),)


def _one_unit(own: str, given: Iterable[str | None], snapshot: Snapshot) -> bool:
    """Say whether a unit is one of those given, in this spelling or another."""
    printed = printed_units(snapshot)
    return any(
        other is not None
        and (
            folded_unit(own) == folded_unit(other)
            or not printed.known(own).isdisjoint(printed.known(other))
        )
        for other in given
    )


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
