"""A FHIR R4 request as the request of the contract.

Types of resources that are not there were not assessed; a search that found nothing, or a
coded "no known", says none. What context has no place in FHIR comes beside the bundle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from kg.contract.json import read_once
from kg.contract.parts import LIST_NAMES, LIST_OF_RESOURCE
from kg.contract.place import Place
from kg.contract.report import LeftOut, Recognised, Unrecognised
from kg.contract.request import Request, request_from
from kg.errors import CaseError, MalformedRequest
from kg.fhir.bundle import Gathered, gather
from kg.fhir.conditions import ORDERS, read_allergy, read_condition, read_procedure
from kg.fhir.intake import (
    MODIFIED,
    Found,
    Intake,
    Line,
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


class Unread(msgspec.Struct, frozen=True):
    """A search that could not be read: where it was to stand, for which type, and why."""

    path: str
    type: str
    reason: str


class Asked(msgspec.Struct, frozen=True):
    """A request that came as FHIR, and what its answer needs to know of it."""

    request: Request
    lines: Mapping[str, tuple[Line, ...]]
    recognised: tuple[Recognised, ...] = ()
    unrecognised: tuple[Unrecognised, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: Mapping[str, tuple[str, ...]] = {}
    patient: str | None = None
    places: Mapping[Place, str] = {}

    def line(self, place: Place) -> Line | None:
        """Find the line that stands for an entry of a list."""
        lines = self.lines.get(place.part, ())
        return lines[place.n] if place.n is not None and place.n < len(lines) else None

    def in_fhir(self, text: str) -> str:
        """Write an input that stands at the head of a text as its place in FHIR."""
        head = Place.at_head(text)
        if head is None:
            return text
        place, rest = head
        if place.listed and place.n is not None:
            line = self.line(place)
            field = f".{place.field}" if place.field else ""
            return f"{line.path}{field}{rest}" if line else text
        known = self.places.get(place)
        return known + rest if known and (not rest or rest.startswith(": ")) else text


def decode_fhir(data: bytes) -> dict[str, Any]:
    """Read FHIR JSON, or say why it is none."""
    value = read_once(data)
    if not isinstance(value, dict) or value.get("resourceType") != "Bundle":
        raise MalformedRequest(
            code="not-a-bundle",
            message="the request is no FHIR Bundle",
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
) -> Asked:
    """Read one Bundle, with the context that comes beside it."""
    return read_resources([("Bundle", bundle)], context, flags, snapshot)


def read_resources(
    sources: Iterable[tuple[str, Mapping[str, Any]]],
    context: Mapping[str, Any],
    flags: Iterable[str] | None,
    snapshot: Snapshot,
    *,
    searched: Iterable[str] = (),
    unread: Iterable[Unread] = (),
    patient: str | None = None,
    root: str = "Bundle",
) -> Asked:
    """Read resources and bundles, each with the place where it stands.

    `searched` are types that were asked for by searches of our own, whatever came of them;
    `unread` are searches of which nothing came.
    """
    intake = Intake(snapshot, as_of=context.get("as_of"))
    gathered = Gathered(searched=set(searched), own_searches=root != "Bundle")
    for path, resource in sources:
        gather(path, resource, intake, gathered)
    person, own = the_patient(gathered, patient)
    # A search about somebody else says nothing of this patient.
    gathered.partly |= {kind for kind, whom in gathered.about if is_other(whom, own)}
    for found in gathered.found:
        try:
            _read(found, gathered, intake, own)
        except MalformedRequest as error:
            # What was sent along for us must not keep what is sound from being judged.
            if not gathered.own_searches or not found.path.startswith(root):
                raise
            intake.miss(found.path, found.type, error.message)
            gathered.partly.add(found.type)
    for found in gathered.of_type(*_POINTED_TO):
        if found.path not in gathered.used:
            intake.miss(found.path, found.type, "nothing that was sent points to it")
    thin_out(intake)
    _account(gathered, intake)
    for search in unread:
        _lack(search, intake)
    who = about(None if person and is_modified(person) else person, flags, intake)
    body: dict[str, Any] = {
        part: [line.entry for line in intake.lines[part]]
        for part in LIST_NAMES
        if part in intake.read or intake.lines[part]
    }
    if who:
        body["patient"] = who
    if context:
        body["context"] = dict(context)
    partly_read = sorted(p for p in intake.partly if p in body)
    if partly_read:
        body["partly_read"] = partly_read
    asked = Asked(
        request=Request(),
        lines={p: tuple(lines) for p, lines in intake.lines.items()},
        recognised=tuple(intake.recognised),
        unrecognised=tuple(intake.unrecognised),
        left_out=tuple(intake.left_out),
        notes={path: tuple(said) for path, said in intake.notes.items()},
        patient=person.reference if person else patient,
        places=places(root, person),
    )
    try:
        return msgspec.structs.replace(asked, request=request_from(body))
    except CaseError as error:
        error.location = asked.in_fhir(error.location)
        raise


def _read(found: Found, gathered: Gathered, intake: Intake, own: frozenset[str]) -> None:
    """Read one resource; of somebody else's nothing is taken over."""
    modified = is_modified(found)
    if found.type in ("Patient", *_POINTED_TO):
        if modified:
            intake.miss(found.path, found.type, MODIFIED)
        return
    if of_other_patient(found, own):
        intake.miss(found.path, found.type, "this is about another patient and is not counted")
        return
    if modified:
        gathered.partly.add(found.type)
        intake.miss(found.path, found.type, MODIFIED)
        return
    if found.type in intake.snapshot.doors.classes_of_records:
        read_given(found, intake)
    elif found.type in TYPES:
        read_medication(found, gathered, intake)
    elif found.type == "Condition":
        read_condition(found, intake)
    elif found.type == "AllergyIntolerance":
        read_allergy(found, intake)
    elif found.type == "Observation":
        read_observation(found, intake)
    elif found.type in ("Procedure", *ORDERS):
        read_procedure(found, intake)
    elif found.type in _BESIDE:
        intake.leave_out(found.path, found.type, "resources of this type have no bearing here")
    else:
        intake.miss(found.path, found.type, f"resources of the type {found.type} are not read")


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
    """Let what a search would have brought be anything of its type."""
    intake.miss(search.path, search.type, search.reason)
    part, kind = (
        LIST_OF_RESOURCE.get(search.type),
        intake.snapshot.doors.classes_of_records.get(search.type),
    )
    if part in intake.read:
        intake.partly.add(part)
    if kind is not None and "medications" in intake.read:
        label = intake.snapshot.classes[kind].label
        found = Found(search.path, search.type, {})
        intake.add("medications", search.path, {"text": label, "status": "stopped"}, found)
