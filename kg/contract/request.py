"""The request as callers may send it: one patient, every part optional, nothing else allowed.

A part that is left out was not assessed; an empty list says assessed, none. Words of closed
lists that the ontology owns are held against the Snapshot in `kg.casing.closed_lists`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from kg.contract.json import refuse_repeated_names
from kg.contract.parts import ListedPart
from kg.errors import CaseError, MalformedRequest, TooLarge

MOST_ITEMS = 500
MOST_CODINGS = 50
LONGEST_TEXT = 500

ShortText = Annotated[str, Meta(max_length=LONGEST_TEXT)]
Amount = Annotated[float, Meta(gt=0)]
WholeNumber = Annotated[int, Meta(ge=0)]
Day = Annotated[str, Meta(max_length=40)]


class RequestPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The base class of every part of a request: unknown fields are refused, never dropped."""


class Coding(RequestPart, frozen=True, kw_only=True):
    """One code of one system."""

    system: ShortText | None = None
    code: ShortText | None = None


class ListEntry(RequestPart, frozen=True, kw_only=True):
    """Something named by text, by a code, by several codes, or by any of these together."""

    text: ShortText | None = None
    system: ShortText | None = None
    code: ShortText | None = None
    codings: Annotated[list[Coding], Meta(max_length=MOST_CODINGS)] | None = None

    def all_codings(self) -> Iterator[Coding]:
        """Give every code of the item."""
        if self.system is not None or self.code is not None:
            yield Coding(system=self.system, code=self.code)
        yield from self.codings or ()


class Dose(RequestPart, frozen=True, kw_only=True):
    """An amount a day."""

    value: Amount
    unit: ShortText


class MedicationEntry(ListEntry, frozen=True, kw_only=True):
    """One line of a medication list."""

    status: Literal["active", "planned", "stopped"] | None = None
    last_taken: Day | None = None
    started: Day | None = None
    role: ShortText | None = None
    route: ShortText | None = None
    daily_dose: Dose | None = None


class ConditionEntry(ListEntry, frozen=True, kw_only=True):
    """One diagnosis, finding or history."""

    status: Literal["active", "resolved", "suspected"] | None = None
    severity: ShortText | None = None
    grade: Annotated[int, Meta(ge=1, le=5)] | None = None
    onset: Day | None = None


class AllergyEntry(ListEntry, frozen=True, kw_only=True):
    """One substance that the patient does not tolerate."""


class ObservationEntry(ListEntry, frozen=True, kw_only=True):
    """One measurement; limits and baseline are in the unit of the value."""

    value: float | int | str | bool | None = None
    unit: ShortText | None = None
    upper_limit: float | None = None
    lower_limit: float | None = None
    baseline: float | None = None
    taken_at: Day | None = None


class PatientPart(RequestPart, frozen=True, kw_only=True):
    """Who the patient is."""

    age_years: Annotated[float, Meta(ge=0)] | None = None
    sex: ShortText | None = None
    weight_kg: Amount | None = None
    height_cm: Amount | None = None
    flags: Annotated[list[ShortText], Meta(max_length=MOST_ITEMS)] | None = None


class ContextPart(RequestPart, frozen=True, kw_only=True):
    """Which dose of which index drug is in question, when, and under which law."""

    jurisdiction: ShortText | None = None
    index_drug: ShortText | None = None
    phase: ShortText | None = None
    cycle: WholeNumber | None = None
    day: WholeNumber | None = None
    as_of: Day | None = None
    first_dose: Day | None = None
    last_dose: Day | None = None
    dose_due: Day | None = None
    dose_mg_m2: Amount | None = None
    reduced_to_mg_m2: Amount | None = None
    dose_reduced: bool | None = None
    hsct_planned: bool | None = None
    salvage_line: WholeNumber | None = None


class Request(RequestPart, frozen=True, kw_only=True):
    """One patient and the question of the index drug.

    `partly_read` names the lists of which only a portion could be had: what is in such a list
    counts, and what is not in it is not known.
    """

    patient: PatientPart | None = None
    medications: Annotated[list[MedicationEntry], Meta(max_length=MOST_ITEMS)] | None = None
    conditions: Annotated[list[ConditionEntry], Meta(max_length=MOST_ITEMS)] | None = None
    allergies: Annotated[list[AllergyEntry], Meta(max_length=MOST_ITEMS)] | None = None
    observations: Annotated[list[ObservationEntry], Meta(max_length=MOST_ITEMS)] | None = None
    context: ContextPart | None = None
    partly_read: list[ListedPart] | None = None


RequestType = TypeVar("RequestType", bound=Request)

_decoder = msgspec.json.Decoder(Request)
_PLACE = re.compile(r" - at `\$(.*)`\Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_UNKNOWN_FIELD = re.compile(r"unknown field `(.*)`")


def decode_request(data: bytes) -> Request:
    """Read a request from JSON, or say which field is wrong."""
    return decoded(data, _decoder)


def decoded(data: bytes, decoder: msgspec.json.Decoder[RequestType]) -> RequestType:
    """Read what is asked from JSON, or say which field is wrong."""
    try:
        found = decoder.decode(data)
        refuse_repeated_names(data)
        return found
    except msgspec.ValidationError as error:
        raise refusal(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedRequest(
            code="not-json",
            message=f"the request is not JSON: {error}",
            repair="send one JSON object, in UTF-8",
        ) from error


def request_from(value: Any) -> Request:
    """Read a request from plain values, as a command line or another format gives them."""
    try:
        return msgspec.convert(value, Request)
    except msgspec.ValidationError as error:
        raise refusal(str(error)) from error


def refusal(message: str) -> CaseError:
    """Say in our words what a value of the wrong form means for the caller."""
    place = _PLACE.search(message)
    path = place.group(1).lstrip(".") if place else ""
    what = message[: place.start()] if place else message
    unknown = _UNKNOWN_FIELD.search(what)
    if unknown:
        name = unknown.group(1)
        return MalformedRequest(
            code="unknown-field",
            message=f"the contract has no field '{name}' here",
            subject=name,
            location=f"{path}.{name}".lstrip("."),
            repair="leave the field out, or correct its spelling",
        )
    if "length <=" in what:
        return TooLarge(
            code="too-large",
            message=f"more than the bounds allow: {_lower(what)}",
            location=path,
            repair=f"send at most {MOST_ITEMS} items a list, {LONGEST_TEXT} characters a text",
        )
    if "enum value" in what:
        return malformed(
            path,
            f"the closed list of this field has no {what.rsplit(' ', 1)[-1].replace('`', '')}",
            "send one of the words that the contract lists for this field",
        )
    return MalformedRequest(
        code="wrong-type",
        message=_lower(what).replace("`", "'"),
        location=path,
        repair="send the type that the contract names for this field",
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def malformed(path: str, message: str, repair: str, *, subject: str = "") -> MalformedRequest:
    """Refuse a request for a field with the right type and an invalid value."""
    return MalformedRequest(
        code="wrong-value", message=message, subject=subject, location=path, repair=repair
    )


# Dates outside these years are typing errors, and cannot be calculated with safely.
_EARLIEST, _LATEST = "1900", "2199"


def day(text: str | None, path: str) -> date | None:
    """Read a date; of a moment only its day counts."""
    moment = instant(text, path)
    return None if moment is None else moment[0]


def instant(text: str | None, path: str) -> tuple[date, str] | None:
    """Read a date with or without a time; the time stays text in one zone, '' where none."""
    if text is None:
        return None
    try:
        if not _EARLIEST <= text[:4] <= _LATEST:
            raise ValueError(text)
        if _DAY.fullmatch(text):
            return date.fromisoformat(text), ""
        if not _MOMENT.match(text):
            raise ValueError(text)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise malformed(
            path, "this is no date", "write it as YYYY-MM-DD, with a time if need be", subject=text
        ) from error
    offset = moment.utcoffset()
    if offset is not None:
        moment = moment.replace(tzinfo=None) - offset
    return moment.date(), moment.time().isoformat("microseconds")
