"""Orders, statements, administrations, dispensing and products given once, as lines of one list."""

from __future__ import annotations

from typing import Any, TypeAlias

from kg import terms
from kg.contract.request import LONGEST_TEXT, MedicationEntry, request_from
from kg.fhir import resources as fhir
from kg.fhir.bundle import Gathered
from kg.fhir.intake import LONGEST_WORDS, FoundResource, Intake, convert, said_of, term_of
from kg.fhir.medications_dose import daily_dose, doses_of
from kg.resolving.free_text import lexicons, said_in
from kg.resolving.names import Missed
from kg.resolving.resolve import resolve

_ORDER = {
    **dict.fromkeys(("active", "unknown"), "active"),
    **dict.fromkeys(("draft", "on-hold"), "planned"),
    **dict.fromkeys(("stopped", "completed"), "stopped"),
}
_STATEMENT = _ORDER | {"intended": "planned"}
_GIVEN = {
    **dict.fromkeys(("in-progress", "unknown"), "active"),
    "on-hold": "planned",
    **dict.fromkeys(("stopped", "completed"), "stopped"),
}
# What was dispensed is in the patient's hands; how long it is taken, nobody says.
_DISPENSED = {
    **dict.fromkeys(("completed", "unknown"), "active"),
    **dict.fromkeys(("preparation", "in-progress", "on-hold"), "planned"),
    "stopped": "stopped",
}
_STATUS = {
    "MedicationRequest": _ORDER,
    "MedicationStatement": _STATEMENT,
    "MedicationAdministration": _GIVEN,
    "MedicationDispense": _DISPENSED,
}
# Words with which a resource says of itself that it is no medication of this patient.
_OUT = {"cancelled", "declined", "entered-in-error", "not-taken", "not-done"}
_NOT_YET_ORDERED = {"proposal", "plan", "option"}
TYPES = tuple(_STATUS)
_PRODUCTS = ("Medication", "Substance")
_DEEPEST = 3
# Where it is said, and what.
_Meant: TypeAlias = tuple[str, fhir.Concept]


def read_medication(found: FoundResource, gathered: Gathered, intake: Intake) -> None:
    """Read an order, a statement or an administration of a medication."""
    taken = convert(found.resource, fhir.Taken, found.path)
    meant = _meant(taken, found, gathered)
    given = "; ".join(said_of(c) for _, c in meant) or found.type
    for loose in gathered.unused_in(found, _PRODUCTS):
        intake.miss(loose.path, loose.type, "nothing that was sent points to it")
    if taken.do_not_perform:
        intake.leave_out(
            found.path, given[:LONGEST_TEXT], "it says not to give this (doNotPerform)"
        )
        return
    status = _status(found, taken, given, intake)
    if status is None:
        return
    if not meant:
        named = taken.medication_reference
        given = (named.display or named.reference or "") if named else ""
        intake.add("medications", found.path, {"text": given, "status": status}, found)
        intake.note(found.path, "the medication that it points to was not sent")
        return
    only = meant[0][1] if len(meant) == 1 else None
    if only is not None and intake.nothing(only, found):
        return
    shared = {
        "status": status,
        **_dates(taken, status, found, intake),
        **_manner(taken, given, found, intake),
    }
    for path, concept in meant:
        item = intake.item(concept, "medication") or {"text": ""}
        intake.add("medications", path, {**item, **shared}, found)


def _status(found: FoundResource, taken: fhir.Taken, given: str, intake: Intake) -> str | None:
    """Say whether a medication is taken, planned or stopped; None where it is neither."""
    word = (taken.status or "").lower()
    if word in _OUT:
        intake.leave_out(found.path, given[:LONGEST_TEXT], f"its status is {word}")
        return None
    status = _STATUS[found.type].get(word)
    if status is None:
        intake.note(found.path, f"its status, {word or 'not given'}, is read as active")
        status = "active"
    elif word == "unknown":
        intake.note(found.path, "its status is unknown and is read as active")
    if status == "active" and (taken.intent or "") in _NOT_YET_ORDERED:
        return "planned"
    return status


def _meant(taken: fhir.Taken, found: FoundResource, gathered: Gathered) -> list[_Meant]:
    """Give what the medication is: what is said of it, and of each ingredient."""
    meant: list[_Meant] = []
    if taken.medication_codeable_concept is not None:
        meant.append((found.path, taken.medication_codeable_concept))
    named = taken.medication_reference
    if named is not None:
        to = gathered.pointed_to(named.reference, found) if named.reference else None
        if to is not None and to.type in _PRODUCTS:
            _of_product(to, found, gathered, (), meant)
        elif named.display or meant:
            said = named.display or named.reference or ""
            meant.append((found.path, fhir.Concept(text=said)))
    return meant


def _of_product(
    product: FoundResource,
    owner: FoundResource,
    gathered: Gathered,
    above: tuple[str, ...],
    meant: list[_Meant],
) -> None:
    """Add what a product is, and each ingredient; one that has no meaning stays in sight."""
    medication = gathered.product(product)
    if medication is None:
        meant.append((owner.path, fhir.Concept(text="")))
        return
    named = medication.code is not None and bool(medication.code.coding or medication.code.text)
    if named or not medication.ingredient:
        meant.append((owner.path, medication.code or fhir.Concept(text="")))
    for n, part in enumerate(medication.ingredient):
        path, to = f"{product.path}.ingredient[{n}]", part.item_reference
        if part.item_codeable_concept is not None:
            meant.append((path, part.item_codeable_concept))
            continue
        # A contained resource points to its siblings through the one that holds them.
        holder = owner if product.path.startswith(owner.path) else product
        source = gathered.pointed_to(to.reference, holder) if to and to.reference else None
        way = (*above, product.path)
        if (
            source is None
            or source.type not in _PRODUCTS
            or source.path in way
            or len(way) > _DEEPEST
        ):
            said = (to.display or to.reference) if to else None
            meant.append((path, fhir.Concept(text=said or "")))
        else:
            _of_product(source, owner, gathered, way, meant)


def _dates(
    taken: fhir.Taken, status: str, found: FoundResource, intake: Intake
) -> dict[str, str | None]:
    period = taken.effective_period or fhir.Period()
    start = period.start or taken.effective_date_time or taken.when_handed_over
    dates = {"started": intake.day(found.path, start)}
    if status == "stopped":
        last = period.end or taken.effective_date_time or _bounds(taken)
        dates["last_taken"] = intake.day(found.path, last)
    return dates


def _bounds(taken: fhir.Taken) -> str | None:
    """Give the end that an order sets itself; of several doses the last, if all have one."""
    repeats = [d.timing.repeat if d.timing else None for d in doses_of(taken)]
    periods = [r.bounds_period if r else None for r in repeats]
    ends = [p.end if p else None for p in periods]
    return max((e for e in ends if e), default=None) if all(ends) else None


def _manner(taken: fhir.Taken, given: str, found: FoundResource, intake: Intake) -> dict[str, Any]:
    """Say by which route, in which role and how much a day, as far as it is said."""
    doses = doses_of(taken)
    groups = taken.category if isinstance(taken.category, list) else [taken.category]
    reasons = [*groups, *taken.reason_code]
    reasons += [taken.course_of_therapy_type] if taken.course_of_therapy_type else []
    spoken = [said_of(c) for c in reasons]
    for dose in doses:
        spoken += [dose.text or "", dose.patient_instruction or ""]
        spoken += [said_of(c) for c in dose.additional_instruction]
    text = " ; ".join(s for s in spoken if s)
    if len(text) > LONGEST_WORDS:
        intake.note(found.path, "what is written beside it is too long to be read")
        text = ""
    lexicon = lexicons(intake.snapshot)["medication"]
    role = said_in(text, lexicon).only("role") if text else None
    known = intake.snapshot.roles.get(str(role))
    return {
        "role": known.key if known else None,
        "route": _route(doses, found, intake),
        "daily_dose": daily_dose(doses, given, intake.snapshot),
    }


def _route(doses: list[fhir.Dosage], found: FoundResource, intake: Intake) -> str | None:
    """Give the one route of all doses; where they differ or are not known, none."""
    routes: set[str] = set()
    known = intake.snapshot.properties[terms.ROUTE].admits
    for dose in doses:
        iri = term_of(dose.route, known, intake.snapshot)
        text = said_of(dose.route) if dose.route else dose.text or ""
        if iri is None:
            spoken = said_in(text, lexicons(intake.snapshot)["medication"]).only("route")
            iri = None if spoken is None else str(spoken)
        if iri is None and dose.route is not None:
            intake.note(found.path, f"the route is not counted: {text} is not known")
        routes.add(intake.snapshot.values[iri].key if iri else "")
    return routes.pop() or None if len(routes) == 1 else None


def read_given(found: FoundResource, intake: Intake) -> None:
    """Read a product that was given once; one that is not recognised is still of its class."""
    given = convert(found.resource, fhir.FhirGiven, found.path)
    said = said_of(given.vaccine_code) or found.type
    word = (given.status or "").lower()
    if word in _OUT:
        intake.leave_out(found.path, said, f"its status is {word}")
        return
    entry = {
        **intake.item(given.vaccine_code, "medication"),
        "status": "stopped",
        "last_taken": intake.day(found.path, given.occurrence_date_time),
    }
    kept = {k: v for k, v in entry.items() if v is not None}
    request = request_from({"medications": [kept]})
    (typed,) = request.medications or [MedicationEntry()]
    missed = resolve(typed, "medication", intake.snapshot)
    kind = intake.snapshot.doors.classes_of_records.get(found.type)
    if isinstance(missed, Missed) and kind is not None:
        intake.miss(found.path, said, missed.reason)
        label = intake.snapshot.classes[kind].label
        entry = {"text": label, "status": "stopped", "last_taken": entry["last_taken"]}
    intake.add("medications", found.path, entry, found)
