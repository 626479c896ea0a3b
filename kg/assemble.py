"""A request as a Case: every input resolved or listed, every silence given its meaning."""

from __future__ import annotations

from kg import assemble_patient as about
from kg import terms
from kg.assemble_conditions import conditions
from kg.assemble_medications import allergies, medications
from kg.assemble_observations import observations
from kg.case import Case
from kg.model import Snapshot
from kg.request import ContextPart, PatientPart, Request
from kg.setting import Setting
from kg.vocabulary import refuse_unknown_words

NOBODY, NO_CONTEXT = PatientPart(), ContextPart()


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
    given = _given_fields(request)
    return Case(
        jurisdiction=context.jurisdiction or "any",
        medications=taken,
        conditions=had,
        allergies=allergic,
        observations=measured,
        flags=flags,
        absences=about.absences(given, flags, measured, setting),
        attributes=_attributes(patient, setting),
        numbers=about.numbers(patient, context, setting),
        needs=about.needs(context, setting),
        flags_given=patient.flags is not None,
        recognised=tuple(setting.ledger.recognised),
        unrecognised=tuple(setting.ledger.unrecognised),
        not_assessed=_not_assessed(request, patient),
    )


def _attributes(patient: PatientPart, setting: Setting) -> dict[str, str]:
    found = {terms.PHASE: setting.phase}
    if patient.sex is not None:
        found[terms.SEX] = setting.known.sexes[patient.sex]
    return {prop: value for prop, value in found.items() if value is not None}


def _given_fields(request: Request) -> dict[str, bool]:
    """Say of every single field of the request whether it was given."""
    parts: tuple[tuple[str, PatientPart | ContextPart], ...] = (
        ("patient", request.patient or NOBODY),
        ("context", request.context or NO_CONTEXT),
    )
    return {
        f"{name}.{field}": getattr(part, field) is not None
        for name, part in parts
        for field in part.__struct_fields__
    }


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
    return tuple(name for name, value in parts.items() if value is None)
