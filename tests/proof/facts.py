"""What a request says of flags and of what is lacking, read anew from the contract.

Listed, or said elsewhere, is true. In a list that was given what is not listed is false, except
where none of a group of contraries or of a group of flags was listed: then it is open. What was
not said is itself a fact.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kg.casing.case import Case, Item
from tests.proof.axioms import IK, Axioms
from tests.proof.shown import Facts

TRUE, OPEN, FALSE = 2, 1, 0
Body = Mapping[str, Any]
_ABSENCES = ("FieldUnstated", "FlagUnstated", "FlagDenied", "NoObservationGiven")


def facts(body: Body, case: Case, axioms: Axioms) -> Facts:
    """Say of every flag and absence whether it is so."""
    flags = _flags(body, case, axioms)
    lacking = (a for type_ in _ABSENCES for a in axioms.instances(IK + type_))
    absences = {a: _absence(a, body, case, flags, axioms) for a in lacking}
    return Facts(flags, absences, frozenset(body.get("partly_read") or ()))


def _flags(body: Body, case: Case, axioms: Axioms) -> dict[str, int]:
    patient = body.get("patient") or {}
    context = body.get("context") or {}
    listed = set(patient.get("flags") or ())
    every = axioms.instances(IK + "Flag")
    rivals: dict[str, set[str]] = {f: set() for f in every}
    for flag in every:
        for other in axioms.names(flag, IK + "contrary"):
            rivals[flag].add(other)
            rivals[other].add(flag)
    elsewhere = {f: _field(axioms.text(f, IK + "input"), context) for f in every}
    for flag in every:
        field = axioms.text(flag, IK + "saidByField").removeprefix("context.")
        if field and context.get(field) is not None:
            elsewhere[flag] = True
    implied = {f: _implied(f, case, axioms) for f in every}
    true = {
        f
        for f in every
        if axioms.text(f, IK + "flagKey") in listed or elsewhere[f] is True or implied[f] == TRUE
    }
    # An entry that was not read, and is not of the past, may be one that implies a flag.
    entries = [i for i in case.conditions or () if i.input.endswith("]")]
    unread = any(not i.term and i.role != IK + "hasPast" for i in entries)
    groups = [
        set(axioms.names(g, IK + "groupFlag"))
        for g in axioms.instances(IK + "FlagGroup")
        if _concerned(g, patient, axioms)
    ]

    def truth(flag: str) -> int:
        if flag in true:
            return TRUE
        if implied[flag] == OPEN:
            return OPEN
        if elsewhere[flag] is False or rivals[flag] & true:
            return FALSE
        undecided = rivals[flag] or any(flag in g and not g & true for g in groups)
        undecided = undecided or (unread and flag in axioms.implied_flags)
        return OPEN if undecided or patient.get("flags") is None else FALSE

    return {f: truth(f) for f in every}


def _field(path: str, context: Body) -> bool | None:
    value = context.get(path.removeprefix("context.")) if path else None
    return value if isinstance(value, bool) else None


def _implied(flag: str, case: Case, axioms: Axioms) -> int:
    """Say how far conditions make a flag true: surely when confirmed and ongoing."""
    found = FALSE
    for item in case.conditions or ():
        if item.term and flag in axioms.names(item.term, IK + "impliesFlag"):
            found = max(found, _current(item))
    return found


def _current(item: Item) -> int:
    if item.role == IK + "hasPast":
        return FALSE
    confirmed = item.attributes.get(IK + "certainty", "").endswith("/confirmed")
    return TRUE if confirmed and item.role == IK + "hasOngoing" else OPEN


def _concerned(group: str, patient: Body, axioms: Axioms) -> bool:
    (sex, *_) = (*axioms.names(group, IK + "groupSex"), "")
    if sex and patient.get("sex") and not sex.endswith("/" + patient["sex"]):
        return False
    ages = axioms.range_of(group, IK + "groupAges")
    age = patient.get("age_years")
    return age is None or ages is None or ages[0] <= age <= ages[1]


def _sent_and_unknown(case: Case) -> bool:
    """Say whether an observation was sent of which nobody knows what it is."""
    known = {i.input for i in case.observations or ()}
    sent = (u.input for u in case.unrecognised if u.input.startswith("observations["))
    return any(path not in known for path in sent)


def _absence(iri: str, body: Body, case: Case, flags: dict[str, int], axioms: Axioms) -> int:
    types = axioms.types[iri]
    if IK + "FieldUnstated" in types:
        part, _, name = axioms.text(iri, IK + "ofField").partition(".")
        return TRUE if (body.get(part) or {}).get(name) is None else FALSE
    if IK + "NoObservationGiven" in types:
        (wanted,) = axioms.names(iri, IK + "ofKind")
        if case.observations is None:
            return OPEN
        of_kind = [i for i in case.observations if i.term and wanted in axioms.above(i.term)]
        if any(i.settles and i.numbers for i in of_kind):
            return FALSE
        if of_kind or _sent_and_unknown(case):
            return OPEN
        return OPEN if "observations" in (body.get("partly_read") or ()) else TRUE
    (flag,) = axioms.names(iri, IK + "ofFlag")
    if IK + "FlagUnstated" in types:
        return TRUE if flags[flag] == OPEN else FALSE
    return TRUE - flags[flag]
