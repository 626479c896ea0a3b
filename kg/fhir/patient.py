"""Who the patient of a FHIR request is: one, with the references by which others name them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from kg.contract.parts import FIELDS, LISTS
from kg.contract.place import Place
from kg.contract.request import day
from kg.errors import MalformedRequest
from kg.fhir import resources as fhir
from kg.fhir.bundle import Gathered
from kg.fhir.intake import FoundResource, Intake, convert, spoken_of

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def the_patient(
    gathered: Gathered, named: str | None
) -> tuple[FoundResource | None, frozenset[str]]:
    """Find the one patient, and the references by which other resources may name them."""
    people = list(gathered.of_type("Patient"))
    if len(people) > 1:
        raise MalformedRequest(
            code="two-patients",
            message="the request holds more than one patient",
            location=people[1].path,
            repair="send one patient per request",
        )
    person = people[0] if people else None
    own = {named} if named else set()
    if person is not None:
        own |= {person.reference or "", person.full_url or ""} - {""}
    if not own:
        # Where nobody is named, the first that is spoken of is the patient.
        own = set(list(filter(None, map(spoken_of, gathered.found)))[:1])
    # A bare id is no reference, and still says plainly whom it means.
    own |= {name.removeprefix("Patient/") for name in own}
    return person, frozenset(own)


def places(root: str, person: FoundResource | None) -> dict[Place, str]:
    """Say where in FHIR stands what is no single entry of a list."""
    at = person.path if person else f"{root}.entry.resource.ofType(Patient)"
    fields = {
        Place(field.part, None, field.name): f"{at}.{field.element}"
        for field in FIELDS
        if field.element
    }
    # That something was not measured is said of the list as a whole.
    lists = {
        Place(one.name): f"{root}.entry.resource.ofType({one.resources[0]})"
        for one in LISTS
        if one.measured
    }
    return lists | fields


def about(
    person: FoundResource | None, flags: Iterable[str] | None, intake: Intake
) -> dict[str, Any]:
    """Say who the patient is; what a year alone leaves open stays open."""
    fields: dict[str, Any] = {}
    if flags is not None:
        fields["flags"] = list(flags)
    if person is None:
        return fields
    patient = convert(person.resource, fhir.FhirPatient, person.path)
    if patient.gender in ("female", "male"):
        fields["sex"] = patient.gender
    elif patient.gender:
        intake.miss(f"{person.path}.gender", patient.gender, "what bears on one sex cannot be told")
    if patient.birth_date:
        path = f"{person.path}.birthDate"
        age, lacking = _age(patient.birth_date, intake.as_of, path)
        if lacking:
            # The day of birth names a person, and an answer may be kept.
            intake.miss(path, "birthDate", lacking)
        else:
            fields["age_years"] = age
    return fields


def _age(born: str, as_of: str | None, path: str) -> tuple[int, str]:
    """Count the years completed on the day of the question, or say what is lacking for it."""
    now = day(as_of, "context.as_of")
    if now is None:
        return 0, "without the day of the question (as_of) there is no age"
    earliest = born if _DAY.fullmatch(born) else f"{born}-01"[:7] + "-01"
    if re.fullmatch(r"\d{4}", born):
        return 0, "a year alone leaves the age open"
    try:
        first = day(earliest, path) or now
    except MalformedRequest:
        return 0, "the date of birth names no day"
    if first > now:
        return 0, "the date of birth lies after the day of the question"
    if not _DAY.fullmatch(born) and (first.month == now.month):
        return 0, "without the day of birth the age is open in this month"
    return _years(first, now), ""


def _years(first: date, last: date) -> int:
    return last.year - first.year - ((last.month, last.day) < (first.month, first.day))
