"""Check what came as FHIR, and name every input by its place there."""

from __future__ import annotations

from typing import Any

import msgspec

from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.place import Place, as_pointer, order_of
from kg.contract.report import (
    Because,
    Burden,
    Contributor,
    Finding,
    Missing,
    NotEvaluable,
    Operation,
    Recognised,
    Report,
    Score,
    ScorePart,
    Stale,
    Suppressed,
    Unrecognised,
)
from kg.errors import CaseError, MalformedRequest
from kg.fhir.intake import Line
from kg.fhir.request import Asked, decode_fhir, read_bundle
from kg.snapshot.model import Snapshot

# Which fields of which parts of a report name inputs, or hold parts that do.
_INPUTS: dict[type, tuple[str, ...]] = {
    Report: (
        *("findings", "suppressed", "not_evaluable", "missing", "unrecognised", "recognised"),
        *("burden", "stale"),
    ),
    Finding: ("because", "explanation"),
    Because: ("input",),
    Suppressed: ("input",),
    NotEvaluable: ("needs",),
    Missing: ("needs",),
    Unrecognised: ("input",),
    Recognised: ("input",),
    Stale: ("input",),
    Burden: ("drugs", "risk_factors", "score_detail"),
    Contributor: ("input",),
    Score: ("parts",),
    ScorePart: ("inputs",),
}


def check_fhir(asked: Asked, snapshot: Snapshot, *, brief: bool = False) -> Report:
    """Check one request; the report names inputs by FHIRPath and accounts for every resource."""
    report = plain_report(asked, snapshot, brief=brief)
    return told(report, asked, without="not_evaluable" if brief else "")


def check_file(data: bytes, beside: dict[str, Any], snapshot: Snapshot) -> Report:
    """Check a FHIR document; only what has no place in FHIR may be given beside it."""
    return check_fhir(asked_in_file(data, beside, snapshot), snapshot)


def asked_in_file(data: bytes, beside: dict[str, Any], snapshot: Snapshot) -> Asked:
    """Read a FHIR document, with what is given beside it."""
    given = dict(beside)
    context, flags = given.pop("context", {}), given.get("patient", {}).pop("flags", None)
    if given.pop("patient", None) or given:
        raise MalformedRequest(
            code="file-and-arguments",
            message="beside a FHIR document only flags and context are given by arguments",
            repair="leave out the arguments that describe what the document describes",
        )
    return read_bundle(decode_fhir(data), context, flags, snapshot)


def plain_report(asked: Asked, snapshot: Snapshot, *, brief: bool = False) -> Report:
    """Check one request; the report names inputs as the engine does."""
    try:
        return check(assemble(asked.request, snapshot), snapshot, brief=brief)
    except CaseError as error:
        error.location = asked.in_fhir(error.location)
        raise


def told(report: Report, asked: Asked, without: str = "") -> Report:
    """Name the inputs of a report by their places in FHIR, and add what was no line of a list.

    One part may be left as it is, where nobody looks at the inputs that it names.
    """
    found: Report = _named(report, asked, without)
    recognised = [_noted(r, asked) for r in found.recognised]
    unrecognised = [_noted_miss(u, asked) for u in found.unrecognised]
    return msgspec.structs.replace(
        found,
        complete=found.complete and not asked.unrecognised,
        recognised=(*recognised, *asked.recognised),
        unrecognised=(*unrecognised, *sorted(asked.unrecognised, key=lambda u: order_of(u.input))),
        left_out=asked.left_out,
    )


def _noted(entry: Recognised, asked: Asked) -> Recognised:
    notes = asked.notes.get(entry.input)
    if not notes:
        return entry
    own = (entry.note,) if entry.note else ()
    return msgspec.structs.replace(entry, note="; ".join((*own, *notes)))


def _noted_miss(entry: Unrecognised, asked: Asked) -> Unrecognised:
    notes = asked.notes.get(entry.input)
    if not notes:
        return entry
    return msgspec.structs.replace(entry, reason="; ".join((entry.reason, *notes)))


def pointer(path: str) -> str:
    """Write the place of a resource as a JSON Pointer into the request."""
    return as_pointer(path.removeprefix("Bundle.").removesuffix(".resource"))


def replacement(text: str, line: Line, patient: str | None) -> dict[str, Any]:
    """Write the draft of an order that stands in the place of another."""
    old = line.found.resource
    order: dict[str, Any] = {
        "resourceType": "MedicationRequest",
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": {"text": text},
        "subject": old.get("subject") or {"reference": patient or "#unknown"},
    }
    kept = {name: old[name] for name in ("encounter", "requester") if name in old}
    return order | kept


def _patch(change: tuple[Operation, ...], asked: Asked) -> tuple[Operation, ...]:
    """Write a change set as a patch of the bundle: a resource goes, or another takes its place.

    Where one resource holds several drugs, all of it goes: leaving out more raises nothing.
    """
    found: dict[str, Operation] = {}
    for operation in change:
        place = Place.of_pointer(operation.path)
        line = None if place is None else asked.line(place)
        if line is None:
            found[operation.path] = operation
            continue
        path = pointer(line.found.path)
        if operation.op == "remove":
            found.setdefault(path, Operation(op="remove", path=path))
        else:
            value = operation.value
            text = str(value.get("text", "")) if isinstance(value, dict) else str(value)
            order = replacement(text, line, asked.patient)
            found[path] = Operation(op="replace", path=f"{path}/resource", value=order)
    return tuple(found.values())


def _named(value: Any, asked: Asked, without: str = "") -> Any:
    """Name the inputs of one part of a report, and of the parts that it consists of."""
    fields = _INPUTS.get(type(value))
    if fields is None:
        return value
    found: dict[str, Any] = {}
    for name in fields:
        held = getattr(value, name)
        if not held or name == without:
            continue
        if isinstance(held, str):
            found[name] = asked.in_fhir(held)
        elif isinstance(held, tuple):
            found[name] = tuple(
                [asked.in_fhir(h) if isinstance(h, str) else _named(h, asked) for h in held]
            )
        elif isinstance(held, dict):
            found[name] = {key: _named(h, asked) for key, h in held.items()}
        elif isinstance(held, msgspec.Struct):
            found[name] = _named(held, asked)
    if isinstance(value, Finding):
        found["clears_by"] = tuple(_patch(change, asked) for change in value.clears_by)
    return msgspec.structs.replace(value, **found)
