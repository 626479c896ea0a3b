"""A FHIR R4 request as the request of the contract.

Types of resources that are not there were not assessed; a search that found nothing, or a
coded "no known", says none. What context has no place in FHIR comes beside the bundle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from kg.contract.json import read_once
from kg.contract.parts import LIST_NAMES, LIST_OF_RESOURCE
from kg.contract.request import Request, request_from
from kg.errors import CaseError, MalformedRequest
from kg.fhir.asked import BesideBundle, FhirRequest, OwnSearches, Unread
from kg.fhir.bundle import Gathered, gather
from kg.fhir.conditions import ORDERS, read_allergy, read_condition, read_procedure
from kg.fhir.intake import (
    MODIFIED,
    FoundResource,
    Intake,
    is_modified,
    is_other,
    of_other_patient,
)
from kg.fhir.medications import TYPES, read_given, read_medication
from kg.fhir.observations import read_observation, thin_out
from kg.fhir.patient import about, places, the_patient
from kg.snapshot.model import Snapshot

# Types that say who, where and how, and nothing about what was asked.
_BESIDE = {
    *("Account", "CareTeam", "Coverage", "Device", "Encounter", "Endpoint", "EpisodeOfCare"),
    *("HealthcareService", "Location", "Organization", "Practitioner", "PractitionerRole"),
    *("Provenance", "RelatedPerson"),
    # Orders of other things, as they stand beside orders of medications.
    *("Appointment", "CommunicationRequest", "DeviceRequest", "NutritionOrder", "RequestGroup"),
    *("SupplyRequest", "Task", "VisionPrescription"),
}
# Types that are read through the resources that point to them.
_POINTED_TO = {"Medication", "Substance"}


def decode_fhir(data: bytes) -> dict[str, Any]:
    """Read FHIR JSON, or say why it is none."""
    value = read_once(data)
    if not isinstance(value, dict) or value.get("resourceType") != "Bundle":
        raise MalformedRequest(
            code="not-a-bundle",
            message="the request is not a FHIR Bundle",
            location="resourceType",
            repair="send one FHIR R4 Bundle with the patient's resources",
        )
    return value


def is_fhir(data: bytes) -> bool:
    """Say whether a document is FHIR: only a resource says its type."""
    try:
        value = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return "resourceType" in value


def read_bundle(
    bundle: Mapping[str, Any],
    context: Mapping[str, Any],
    flags: Iterable[str] | None,
    snapshot: Snapshot,
) -> FhirRequest:
    """Read one Bundle, with the context that comes beside it."""
    beside = BesideBundle(context, None if flags is None else tuple(flags))
    return read_resources([("Bundle", bundle)], beside, snapshot)


def read_resources(
    sources: Iterable[tuple[str, Mapping[str, Any]]],
    beside: BesideBundle,
    snapshot: Snapshot,
    own: OwnSearches | None = None,
) -> FhirRequest:
    """Read resources and bundles, each with the place where it stands."""
    intake = Intake(snapshot, as_of=beside.context.get("as_of"))
    gathered = Gathered(own_searches=own is not None)
    gathered.searched.update(own.searched if own else ())
    for path, resource in sources:
        gather(path, resource, intake, gathered)
    person, names = the_patient(gathered, own.patient if own else None)
    _read_all(gathered, intake, names, own)
    thin_out(intake)
    _account(gathered, intake)
    for search in own.unread if own else ():
        _lack(search, intake)
    who = _about(None if person and is_modified(person) else person, beside, intake, own)
    asked = FhirRequest(
        request=Request(),
        lines={part: tuple(lines) for part, lines in intake.lines.items()},
        recognised=tuple(intake.recognised),
        unrecognised=tuple(intake.unrecognised),
        left_out=tuple(intake.left_out),
        notes={path: tuple(said) for path, said in intake.notes.items()},
        patient=person.reference if person else own.patient if own else None,
        places=places(own.root if own else "Bundle", person),
    )
    try:
        request = request_from(_body(intake, who, beside.context))
    except CaseError as error:
        error.location = asked.in_fhir(error.location)
        raise
    return msgspec.structs.replace(asked, request=request)


def _about(
    person: FoundResource | None, beside: BesideBundle, intake: Intake, own: OwnSearches | None
) -> dict[str, Any]:
    """Say who the patient is; one who was sent along for us and cannot be read is nobody known."""
    try:
        return about(person, beside.flags, intake)
    except MalformedRequest as error:
        if own is None or person is None:
            raise
        intake.miss(person.path, person.type, error.message)
        return about(None, beside.flags, intake)


def _body(intake: Intake, who: dict[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """Write what was read as the body of a request; what was not given is left out."""
    body: dict[str, Any] = {
        part: [line.entry for line in intake.lines[part]]
        for part in LIST_NAMES
        if part in intake.read or intake.lines[part]
    }
    if who:
        body["patient"] = who
    if context:
        body["context"] = dict(context)
    partly_read = sorted(part for part in intake.partly if part in body)
    if partly_read:
        body["partly_read"] = partly_read
    return body


def _read_all(
    gathered: Gathered, intake: Intake, names: frozenset[str], own: OwnSearches | None
) -> None:
    """Read every resource; `names` are the references by which the patient is named."""
    # A search about somebody else says nothing of this patient.
    gathered.partly |= {kind for kind, whom in gathered.about if is_other(whom, names)}
    for resource in gathered.found:
        try:
            _read(resource, gathered, intake, names)
        except MalformedRequest as error:
            # What was sent along for us must not keep what is sound from being judged.
            if own is None or not resource.path.startswith(own.root):
                raise
            intake.miss(resource.path, resource.type, error.message)
            gathered.partly.add(resource.type)
    for resource in gathered.of_type(*_POINTED_TO):
        if resource.path not in gathered.used:
            intake.miss(resource.path, resource.type, "nothing that was sent points to it")


def _read(found: FoundResource, gathered: Gathered, intake: Intake, names: frozenset[str]) -> None:
    """Read one resource; of somebody else's nothing is taken over."""
    modified = is_modified(found)
    if found.type in ("Patient", *_POINTED_TO):
        if modified:
            intake.miss(found.path, found.type, MODIFIED)
        return
    if of_other_patient(found, names):
        intake.miss(found.path, found.type, "this is about another patient and is not counted")
        return
    if modified:
        gathered.partly.add(found.type)
        intake.miss(found.path, found.type, MODIFIED)
        return
    reader = _READERS.get(found.type)
    if found.type in intake.snapshot.doors.classes_of_records:
        read_given(found, intake)
    elif found.type in TYPES:
        read_medication(found, gathered, intake)
    elif reader is not None:
        reader(found, intake)
    elif found.type in _BESIDE:
        intake.leave_out(found.path, found.type, "resources of this type have no bearing here")
    else:
        intake.miss(found.path, found.type, f"resources of the type {found.type} are not read")


# Who reads a resource that needs no other; medications may point to products.
_READERS: dict[str, Callable[[FoundResource, Intake], None]] = {
    "Condition": read_condition,
    "AllergyIntolerance": read_allergy,
    "Observation": read_observation,
    **dict.fromkeys(("Procedure", *ORDERS), read_procedure),
}


def _account(gathered: Gathered, intake: Intake) -> None:
    """Say which lists were given, and of which only a portion was."""
    for kind in gathered.searched | {f.type for f in gathered.found}:
        part = LIST_OF_RESOURCE.get(kind)
        if part is not None:
            intake.read.add(part)
            if kind in gathered.partly:
                intake.partly.add(part)
    for part in intake.unknown:
        # That nobody knows stands beside what is known of single entries.
        if intake.lines[part]:
            intake.partly.add(part)
        else:
            intake.read.discard(part)
    for part in LIST_NAMES:
        if intake.lines[part] and part not in intake.read:
            # Single doses and procedures stand for no whole list.
            intake.partly.add(part)


def _lack(search: Unread, intake: Intake) -> None:
    """Assume that what a search would have found may be anything of its type."""
    intake.miss(search.path, search.type, search.reason)
    part, kind = (
        LIST_OF_RESOURCE.get(search.type),
        intake.snapshot.doors.classes_of_records.get(search.type),
    )
    if part in intake.read:
        intake.partly.add(part)
    if kind is not None and "medications" in intake.read:
        label = intake.snapshot.classes[kind].label
        found = FoundResource(search.path, search.type, {})
        intake.add("medications", search.path, {"text": label, "status": "stopped"}, found)
