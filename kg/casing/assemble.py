"""A request as a Case: every input resolved or listed, every silence given its meaning."""

from __future__ import annotations

from kg import terms
from kg.casing import patient as about
from kg.casing.case import IDENTITY, Case, Item
from kg.casing.closed_lists import refuse_unknown_words
from kg.casing.conditions import conditions
from kg.casing.ledger import Setting
from kg.casing.medications import allergies, medications
from kg.casing.observations import observations
from kg.contract.request import ContextPart, ListedPart, PatientPart, Request
from kg.snapshot.jurisdictions import ANY
from kg.snapshot.model import Snapshot

NOBODY, NO_CONTEXT = PatientPart(), ContextPart()
_FAMILIES = {
    "medications": terms.HAS_MEDICATION,
    "conditions": terms.HAS_CONDITION,
    "allergies": terms.HAS_ALLERGY,
}


def assemble(request: Request, snapshot: Snapshot) -> Case:
    """Read a request against a Snapshot; refuse words and dates that cannot be."""
    refuse_unknown_words(request, snapshot)
    patient, context = request.patient or NOBODY, request.context or NO_CONTEXT
    setting = Setting.of(context, snapshot)
    taken = None if request.medications is None else medications(request.medications, setting)
    had = None if request.conditions is None else conditions(request.conditions, setting)
    allergic = None if request.allergies is None else allergies(request.allergies, setting)
    measured = None if request.observations is None else observations(request.observations, setting)
    flags = about.flags(patient, context, had or (), setting)
    partly = request.partly_read or ()
    return Case(
        jurisdiction=context.jurisdiction or ANY,
        medications=_with_rest("medications", taken, request),
        conditions=_with_rest("conditions", had, request),
        allergies=_with_rest("allergies", allergic, request),
        observations=measured,
        flags=flags,
        absences=about.absences(request, flags, measured, setting, "observations" not in partly),
        attributes=_attributes(patient, setting),
        numbers=about.numbers(patient, context, setting),
        needs=about.needs(context, setting),
        flags_given=patient.flags is not None,
        recognised=tuple(setting.ledger.recognised),
        unrecognised=tuple(setting.ledger.unrecognised),
        not_assessed=_not_assessed(request, patient),
        request=request,
    )


def _with_rest(
    part: ListedPart, items: tuple[Item, ...] | None, request: Request
) -> tuple[Item, ...] | None:
    """Let what may stand in the unread portion of a list be anything."""
    if items is None or part not in (request.partly_read or ()):
        return items
    needs = dict.fromkeys(IDENTITY, f"part: {part}")
    return (*items, Item(part, part, _FAMILIES[part], needs=needs))


def _attributes(patient: PatientPart, setting: Setting) -> dict[str, str]:
    found = {terms.PHASE: setting.phase}
    if patient.sex is not None:
        found[terms.SEX] = setting.known.sexes[patient.sex]
    return {prop: value for prop, value in found.items() if value is not None}


def _not_assessed(request: Request, patient: PatientPart) -> tuple[str, ...]:
    """List the parts of a whole picture that the request leaves out."""
    parts = {
        "age": patient.age_years,
        "sex": patient.sex,
        "flags": patient.flags,
        "medications": request.medications,
        "conditions": request.conditions,
        "allergies": request.allergies,
        "observations": request.observations,
    }
    partly = request.partly_read or ()
    return tuple(name for name, value in parts.items() if value is None or name in partly)
