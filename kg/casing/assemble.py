"""Build a Case from a request: every input resolved or listed, every omission given its meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kg import terms
from kg.casing import patient as about
from kg.casing.case import IDENTITY, Case, Item
from kg.casing.closed_lists import refuse_unknown_words
from kg.casing.conditions import conditions
from kg.casing.ledger import Setting
from kg.casing.medications import allergies, medications
from kg.casing.observations import observations
from kg.contract.parts import LIST_NAMES, LISTS, OF_PATIENT, InputList, ListedPart
from kg.contract.request import ContextPart, PatientPart, Request
from kg.snapshot.jurisdictions import ANY
from kg.snapshot.model import Snapshot

NOBODY, NO_CONTEXT = PatientPart(), ContextPart()
_READERS: Mapping[ListedPart, Callable[[list[Any], Setting], tuple[Item, ...]]] = {
    "medications": medications,
    "conditions": conditions,
    "allergies": allergies,
    "observations": observations,
}


def assemble(request: Request, snapshot: Snapshot) -> Case:
    """Read a request against a Snapshot; refuse words and dates that cannot be."""
    refuse_unknown_words(request, snapshot)
    patient, context = request.patient or NOBODY, request.context or NO_CONTEXT
    setting = Setting.of(context, snapshot)
    read = {one.name: _read(one.name, request, setting) for one in LISTS}
    flags = about.flags(patient, context, read["conditions"] or (), setting)
    partly = request.partly_read or ()
    return Case(
        jurisdiction=context.jurisdiction or ANY,
        **{one.name: _with_rest(one, read[one.name], request) for one in LISTS},
        flags=flags,
        absences=about.absences(
            request, flags, read["observations"], setting, "observations" not in partly
        ),
        attributes=_attributes(patient, setting),
        numbers=about.numbers(patient, context, setting),
        needs=about.needs(context, setting),
        flags_given=patient.flags is not None,
        recognised=tuple(setting.ledger.recognised),
        unrecognised=tuple(setting.ledger.unrecognised),
        not_assessed=_not_assessed(request, patient),
        request=request,
    )


def _read(part: ListedPart, request: Request, setting: Setting) -> tuple[Item, ...] | None:
    entries = getattr(request, part)
    return None if entries is None else _READERS[part](entries, setting)


def _with_rest(
    of: InputList, items: tuple[Item, ...] | None, request: Request
) -> tuple[Item, ...] | None:
    """Assume that the unread part of a closed list may hold anything."""
    if items is None or not of.closed or of.name not in (request.partly_read or ()):
        return items
    needs = dict.fromkeys(IDENTITY, f"part: {of.name}")
    return (*items, Item(of.name, of.name, of.family, needs=needs))


def _attributes(patient: PatientPart, setting: Setting) -> dict[str, str]:
    found = {terms.PHASE: setting.phase}
    if patient.sex is not None:
        found[terms.SEX] = setting.known.sexes[patient.sex]
    return {prop: value for prop, value in found.items() if value is not None}


def _not_assessed(request: Request, patient: PatientPart) -> tuple[str, ...]:
    """List the parts of a whole picture that the request leaves out."""
    partly = request.partly_read or ()
    lists = [name for name in LIST_NAMES if getattr(request, name) is None or name in partly]
    return (*[name for name, field in OF_PATIENT if getattr(patient, field) is None], *lists)
