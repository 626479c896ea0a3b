"""Conditions, procedures and allergies as lines of their lists."""

from __future__ import annotations

from kg import terms
from kg.contract.request import ConditionEntry, request_from
from kg.fhir import resources as fhir
from kg.fhir.intake import FoundResource, Intake, convert, said_of, term_of, word_of
from kg.resolving.agreement import bearing
from kg.resolving.free_text import lexicons, said_in
from kg.resolving.resolve import Resolved, resolve

_COURSE = {
    **dict.fromkeys(("active", "recurrence", "relapse"), "active"),
    **dict.fromkeys(("inactive", "remission", "resolved"), "resolved"),
}
_NOT_SURE = {"unconfirmed", "provisional", "differential"}
_OUT = {"refuted", "entered-in-error"}
_DONE = {"completed"}
_TO_COME = {"preparation", "in-progress", "on-hold", "draft", "active"}
_UNDONE = {"not-done", "entered-in-error", "stopped", "revoked"}
# A procedure that is ordered, and not yet done.
ORDERS = ("ServiceRequest",)


def read_condition(found: FoundResource, intake: Intake) -> None:
    """Read a diagnosis, a finding or a history."""
    condition = convert(found.resource, fhir.FhirCondition, found.path)
    given = said_of(condition.code)
    verified = word_of(condition.verification_status)
    if verified in _OUT:
        intake.leave_out(found.path, given, f"its verification status is {verified}")
        return
    if condition.code is not None and intake.nothing(condition.code, found):
        return
    severity, grade = _severity(condition, intake), _grade(condition, intake)
    entry = {
        **intake.item(condition.code, "condition"),
        "status": "suspected" if verified in _NOT_SURE else _course(condition, found, intake),
        "severity": severity,
        "grade": grade,
        "onset": intake.day(found.path, condition.onset_date_time),
    }
    intake.add("conditions", found.path, entry, found)


def _course(condition: fhir.FhirCondition, found: FoundResource, intake: Intake) -> str | None:
    """Give the status that a condition states; where it states none its text may."""
    word = word_of(condition.clinical_status)
    if word in _COURSE:
        return _COURSE[word]
    ended = condition.abatement_date_time or condition.abatement_period
    if not word and (ended or condition.abatement_string):
        return "resolved"
    if word:
        intake.note(found.path, f"its clinical status, {word}, is read as active")
        return "active"
    return None


def _severity(condition: fhir.FhirCondition, intake: Intake) -> str | None:
    if condition.severity is None:
        return None
    admitted = intake.snapshot.properties[terms.SEVERITY].admits
    iri = term_of(condition.severity, admitted, intake.snapshot)
    if iri is None:
        lexicon = lexicons(intake.snapshot)["condition"]
        said = said_in(said_of(condition.severity), lexicon).only("severity")
        iri = None if said is None else str(said)
    return intake.snapshot.values[iri].key if iri else None


def _grade(condition: fhir.FhirCondition, intake: Intake) -> int | None:
    """Read a grade of toxicity where a stage is said to be one."""
    if not condition.stage:
        return None
    lexicon = lexicons(intake.snapshot)["condition"]
    spoken = (f"{said_of(s.type)} {said_of(s.summary)}" for s in condition.stage)
    grades = {said_in(text, lexicon).only("grade") for text in spoken} - {None}
    only = grades.pop() if len(grades) == 1 else None
    return only if isinstance(only, int) else None


def read_procedure(found: FoundResource, intake: Intake) -> None:
    """Read a procedure that counts as a condition: done, or planned where that has a name."""
    procedure = convert(found.resource, fhir.Procedure, found.path)
    given = said_of(procedure.code) or found.type
    word = (procedure.status or "").lower()
    if word in _UNDONE or procedure.do_not_perform:
        because = f"its status is {word}" if word in _UNDONE else "it says not to do this"
        intake.leave_out(found.path, given, because)
        return
    if procedure.code is not None and intake.nothing(procedure.code, found):
        return
    entry = intake.item(procedure.code, "condition")
    (typed,) = request_from({"conditions": [entry]}).conditions or [ConditionEntry()]
    meant = resolve(typed, "condition", intake.snapshot)
    ordered = found.type in ORDERS
    if not isinstance(meant, Resolved):
        if ordered:
            intake.leave_out(found.path, given, "an order for something that has no bearing here")
        else:
            intake.miss(found.path, given, meant.reason)
        return
    done = word in _DONE and not ordered
    if done:
        intake.add("conditions", found.path, entry, found)
        return
    if ordered and not bearing(meant.terms[0], intake.snapshot):
        intake.leave_out(found.path, given, "an order for something that has no bearing here")
        return
    plan = intake.snapshot.doors.planned_as.get(meant.terms[0])
    if plan is not None and word in _TO_COME:
        label = intake.snapshot.conditions[plan].label
        intake.add("conditions", found.path, {"text": label}, found)
        return
    intake.miss(found.path, given, f"whether this was done is not known: its status is {word}")


def read_allergy(found: FoundResource, intake: Intake) -> None:
    """Read an allergy: its substance, and else the substances of its reactions."""
    allergy = convert(found.resource, fhir.AllergyIntolerance, found.path)
    verified = word_of(allergy.verification_status)
    given = said_of(allergy.code)
    if verified in _OUT:
        intake.leave_out(found.path, given, f"its verification status is {verified}")
        return
    substances = [
        (f"{found.path}.reaction[{n}].substance", r.substance)
        for n, r in enumerate(allergy.reaction)
        if r.substance is not None
    ]
    if intake.nothing(allergy.code, found, beside=bool(allergy.reaction)):
        return
    if word_of(allergy.clinical_status) == "resolved":
        intake.note(found.path, "its clinical status is resolved; it counts all the same")
    entry = intake.item(allergy.code, "allergy")
    if entry or not substances:
        intake.add("allergies", found.path, entry, found)
    for path, substance in substances:
        intake.add("allergies", path, intake.item(substance, "allergy"), found)
