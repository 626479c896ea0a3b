"""Check what came as FHIR, and name every input by its place there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from msgspec import UnsetType
from msgspec.structs import replace

from kg.casing.assemble import assemble
from kg.casing.case import Case
from kg.checking.brief import checked
from kg.checking.check import check
from kg.contract.detail import FULL, AnyReport, BriefReport, Detail
from kg.contract.place import Place, as_pointer, order_of
from kg.contract.report import (
    Because,
    Burden,
    Contributor,
    Finding,
    NotEvaluable,
    Operation,
    Planned,
    Recognised,
    Report,
    Unrecognised,
)
from kg.errors import CaseError, MalformedRequest
from kg.fhir.asked import FhirRequest
from kg.fhir.intake import FhirLine
from kg.fhir.request import decode_fhir, read_bundle
from kg.review.reviews import NO_REVIEWS, Reviews
from kg.snapshot.model import Snapshot

ReportType = TypeVar("ReportType", bound=AnyReport)


def check_fhir(
    asked: FhirRequest,
    snapshot: Snapshot,
    reviews: Reviews = NO_REVIEWS,
    *,
    for_cards: bool = False,
) -> Report:
    """Check one request; the report names inputs by FHIRPath and accounts for every resource."""
    report = plain_report(asked, snapshot, reviews, for_cards=for_cards)
    return told(report, asked, for_cards=for_cards)


def checked_fhir(
    asked: FhirRequest, snapshot: Snapshot, detail: Detail, reviews: Reviews = NO_REVIEWS
) -> AnyReport:
    """Check one request in the detail that is asked for."""
    if detail == FULL:
        return check_fhir(asked, snapshot, reviews)
    report = _in_its_places(asked, lambda case: checked(case, snapshot, detail, reviews), snapshot)
    here = asked.in_fhir
    missed = {
        "complete": report.complete and not asked.unrecognised,
        "unrecognised": _all_missed(report.unrecognised, asked),
        "left_out": asked.left_out,
    }
    if isinstance(report, BriefReport):
        return replace(
            report,
            findings=tuple(
                [
                    replace(f, because=tuple([replace(b, input=here(b.input)) for b in f.because]))
                    for f in report.findings
                ]
            ),
            missing=tuple([replace(m, needs=here(m.needs)) for m in report.missing]),
            **missed,
        )
    return replace(report, **missed)


def check_file(
    data: bytes, beside: dict[str, Any], snapshot: Snapshot, detail: Detail = FULL
) -> AnyReport:
    """Check a FHIR document; only what has no place in FHIR may be given beside it."""
    return checked_fhir(asked_in_file(data, beside, snapshot), snapshot, detail)


def asked_in_file(data: bytes, beside: dict[str, Any], snapshot: Snapshot) -> FhirRequest:
    """Read a FHIR document, with what is given beside it."""
    given = dict(beside)
    context, flags = given.pop("context", {}), given.get("patient", {}).pop("flags", None)
    if given.pop("patient", None) or given:
        raise MalformedRequest(
            code="file-and-arguments",
            message="with a FHIR document, only flags and context can be given as arguments",
            repair="leave out the arguments that describe what the document describes",
        )
    return read_bundle(decode_fhir(data), context, flags, snapshot)


def plain_report(
    asked: FhirRequest,
    snapshot: Snapshot,
    reviews: Reviews = NO_REVIEWS,
    *,
    for_cards: bool = False,
) -> Report:
    """Check one request; the report names inputs as the engine does."""
    return _in_its_places(
        asked, lambda case: check(case, snapshot, reviews, for_cards=for_cards), snapshot
    )


def _in_its_places(
    asked: FhirRequest, work_out: Callable[[Case], ReportType], snapshot: Snapshot
) -> ReportType:
    """Answer a request; a refusal names the place in FHIR."""
    try:
        return work_out(assemble(asked.request, snapshot))
    except CaseError as error:
        error.location = asked.in_fhir(error.location)
        raise


def told(report: Report, asked: FhirRequest, *, for_cards: bool = False) -> Report:
    """Name the inputs of a report by their places in FHIR, and add what was no line of a list.

    For cards what cannot be evaluated is left as it is, since nobody looks at its inputs there.
    """
    here = asked.in_fhir
    unevaluable = report.not_evaluable
    return replace(
        report,
        complete=report.complete and not asked.unrecognised,
        findings=tuple([_finding(f, asked) for f in report.findings]),
        exempted=tuple([replace(e, because=_because(e.because, asked)) for e in report.exempted]),
        suppressed=tuple([replace(s, input=here(s.input)) for s in report.suppressed]),
        not_evaluable=unevaluable
        if for_cards
        else tuple([_needing(n, asked) for n in unevaluable]),
        missing=tuple([replace(m, needs=here(m.needs)) for m in report.missing]),
        unrecognised=_all_missed(report.unrecognised, asked),
        recognised=(*[_recognised(r, asked) for r in report.recognised], *asked.recognised),
        burden={axis: _burden(burden, asked) for axis, burden in report.burden.items()},
        stale=tuple([replace(s, input=here(s.input)) for s in report.stale]),
        plan=tuple([_planned(p, asked) for p in report.plan]),
        left_out=asked.left_out,
    )


def _planned(entry: Planned, asked: FhirRequest) -> Planned:
    if isinstance(entry.items, UnsetType):
        return entry
    items = (
        i if isinstance(i.input, UnsetType) else replace(i, input=asked.in_fhir(i.input))
        for i in entry.items
    )
    return replace(entry, items=tuple(items))


def _all_missed(listed: tuple[Unrecognised, ...], asked: FhirRequest) -> tuple[Unrecognised, ...]:
    """Add the resources that were not recognised to the entries that were not."""
    return (
        *[_missed(u, asked) for u in listed],
        *sorted(asked.unrecognised, key=lambda u: order_of(u.input)),
    )


def _because(listed: tuple[Because, ...], asked: FhirRequest) -> tuple[Because, ...]:
    return tuple([replace(b, input=asked.in_fhir(b.input)) for b in listed])


def _finding(finding: Finding, asked: FhirRequest) -> Finding:
    return replace(
        finding,
        because=_because(finding.because, asked),
        explanation=tuple(map(asked.in_fhir, finding.explanation)),
        clears_by=tuple([_patch(change, asked) for change in finding.clears_by]),
    )


def _needing(entry: NotEvaluable, asked: FhirRequest) -> NotEvaluable:
    return replace(entry, needs=tuple(map(asked.in_fhir, entry.needs)))


def _recognised(entry: Recognised, asked: FhirRequest) -> Recognised:
    path = asked.in_fhir(entry.input)
    said = ((entry.note,) if entry.note else ()) + asked.notes.get(path, ())
    return replace(entry, input=path, note="; ".join(said) or None)


def _missed(entry: Unrecognised, asked: FhirRequest) -> Unrecognised:
    path = asked.in_fhir(entry.input)
    return replace(entry, input=path, reason="; ".join((entry.reason, *asked.notes.get(path, ()))))


def _burden(burden: Burden, asked: FhirRequest) -> Burden:
    detail = burden.score_detail
    if not isinstance(detail, UnsetType):
        parts = [replace(p, inputs=tuple(map(asked.in_fhir, p.inputs))) for p in detail.parts]
        detail = replace(detail, parts=tuple(parts))
    return replace(
        burden,
        drugs=_standing(burden.drugs, asked),
        risk_factors=_standing(burden.risk_factors, asked),
        score_detail=detail,
    )


def _standing(found: tuple[Contributor, ...], asked: FhirRequest) -> tuple[Contributor, ...]:
    return tuple([replace(one, input=asked.in_fhir(one.input)) for one in found])


def pointer(path: str) -> str:
    """Write the place of a resource as a JSON Pointer into the request."""
    return as_pointer(path.removeprefix("Bundle.").removesuffix(".resource"))


def replacement(text: str, line: FhirLine, patient: str | None) -> dict[str, Any]:
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


def _patch(change: tuple[Operation, ...], asked: FhirRequest) -> tuple[Operation, ...]:
    """Write a change set as a patch of the bundle: a resource goes, or another takes its place.

    Where one resource holds several drugs, all of it goes: leaving out more raises nothing.
    """
    operations: dict[str, Operation] = {}
    for operation in change:
        place = Place.of_pointer(operation.path)
        line = None if place is None else asked.line(place)
        if line is None:
            operations[operation.path] = operation
            continue
        path = pointer(line.found.path)
        if operation.op == "remove":
            operations.setdefault(path, Operation(op="remove", path=path))
        else:
            value = operation.value
            text = str(value.get("text", "")) if isinstance(value, dict) else str(value)
            order = replacement(text, line, asked.patient)
            operations[path] = Operation(op="replace", path=f"{path}/resource", value=order)
    return tuple(operations.values())
