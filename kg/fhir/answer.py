"""A Report as FHIR R4: one issue for each finding, what was not recognised, what is missing.

Nothing here says that a patient is safe: where something could not be judged, the guidance
asks for data, and only a complete answer says success.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID, uuid5

import msgspec

from kg import terms
from kg.checking.evidence import cited
from kg.contract.parts import ELEMENTS, LISTS
from kg.contract.report import Because, Finding, Report, Unrecognised
from kg.fhir.asked import FhirRequest
from kg.fhir.intake import FoundResource
from kg.fhir.medications import TYPES
from kg.review.reviews import APPROVAL
from kg.snapshot.cache import cached_per_snapshot
from kg.snapshot.hl7 import OutsideCode
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

_ISSUE_CODES = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_LOINC = "http://loinc.org"
_NAMESPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
# The types of FHIR in which each part of a request comes.
_TYPES = {one.name: one.resources[0] for one in LISTS} | dict.fromkeys(ELEMENTS, "Patient")
_FIELDS = {
    **ELEMENTS,
    **dict.fromkeys(("upper_limit", "lower_limit"), "referenceRange"),
    **dict.fromkeys(("last_taken", "taken_at"), "effective"),
}
# Of one kind of data so many codes are named; more would not help anybody to find it.
_MOST_CODES = 8

FhirJson = dict[str, Any]
_encoder = msgspec.json.Encoder()


def encode_bundle(bundle: FhirJson) -> bytes:
    """Write a bundle as FHIR JSON."""
    return _encoder.encode(bundle)


def answer_bundle(report: Report, asked: FhirRequest, snapshot: Snapshot) -> FhirJson:
    """Write a Report as one bundle."""
    found = _index(asked)
    resources: list[FhirJson] = [
        detected_issue(f, report, asked, snapshot, found) for f in report.findings
    ]
    outcome = _outcome(report)
    if outcome:
        resources.append(outcome)
    resources.append(guidance(report, asked, snapshot, outcome))
    entries = [{"fullUrl": f"urn:uuid:{r['id']}", "resource": r} for r in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _index(asked: FhirRequest) -> dict[str, FoundResource]:
    return {line.path: line.found for lines in asked.lines.values() for line in lines}


def _id(*parts: str) -> str:
    return str(uuid5(_NAMESPACE, "|".join(parts)))


def detected_issue(
    finding: Finding,
    report: Report,
    asked: FhirRequest,
    snapshot: Snapshot,
    found: dict[str, FoundResource] | None = None,
) -> FhirJson:
    """Write one finding as a DetectedIssue."""
    at = _index(asked) if found is None else found
    facts = [(b, at.get(b.input)) for b in finding.because]
    medicines = {
        f.path: f for _, f in facts if f is not None and f.type in medicines_in_fhir(snapshot)
    }
    as_of = asked.request.context.as_of if asked.request.context else None
    topic = snapshot.advisories[finding.advisory].topic
    code = snapshot.doors.issue_codes.get(topic)
    own = {"system": f"{terms.BASE}topic", "code": finding.topic}
    codings = [{"system": _ISSUE_CODES, "code": code}, own] if code else [own]
    issue: FhirJson = {
        "resourceType": "DetectedIssue",
        "id": _id(report.release.hash, finding.advisory, *(b.input for b in finding.because)),
        "status": "final" if finding.review.status == "approved" else "preliminary",
        "code": {"coding": codings, "text": finding.title},
        "severity": snapshot.doors.issue_severities.get(finding.severity, "high"),
        "author": {"display": f"inokg {report.release.version}, {report.release.hash}"},
        "evidence": [
            {
                "code": [{"text": _words(b)}],
                **({"detail": [_pointer(f)]} if f is not None and f.path not in medicines else {}),
            }
            for b, f in facts
        ],
        "detail": _detail(finding, snapshot),
        "reference": finding.advisory,
    }
    if asked.patient:
        issue["patient"] = {"reference": asked.patient}
    if as_of:
        issue["identifiedDateTime"] = as_of
    medicines |= _of_index_drug(report, at, snapshot)
    if medicines:
        issue["implicated"] = [_pointer(f) for f in medicines.values()]
    if finding.management:
        issue["mitigation"] = [{"action": {"text": finding.management}}]
    return {name: value for name, value in issue.items() if value}


def _of_index_drug(
    report: Report, at: Mapping[str, FoundResource], snapshot: Snapshot
) -> dict[str, FoundResource]:
    """Give the orders and statements of the drug that every check is about."""
    own = (r.input for r in report.recognised if r.term == snapshot.index_drug)
    return {f.path: f for f in map(at.get, own) if f is not None}


@once_per_snapshot
def medicines_in_fhir(snapshot: Snapshot) -> frozenset[str]:
    """Give the types of resources that say which medicine a patient gets."""
    return frozenset((*TYPES, *snapshot.doors.classes_of_records))


def _words(because: Because) -> str:
    """Name a fact with its value, and say of a medicine which side is new."""
    beside = "; ".join(said for said in (because.detail, because.status) if said)
    return f"{because.label} ({beside})" if beside else because.label


def _pointer(found: FoundResource) -> FhirJson:
    if found.reference:
        return {"reference": found.reference, "type": found.type}
    return {"type": found.type, "display": found.path}


def _detail(finding: Finding, snapshot: Snapshot) -> str:
    """Say severity and title, the steps to them, and each source with its reading."""
    lines = [f"{finding.severity}: {finding.title}", *finding.explanation, *finding.monitoring]
    return "\n".join([*dict.fromkeys(lines), _grounds(snapshot, finding.advisory)])


@cached_per_snapshot(1024)
def _grounds(snapshot: Snapshot, advisory: str) -> str:
    """Write what the sources say of an advisory, which is the same whoever the patient is."""
    found = cited(snapshot.advisories[advisory].statements, snapshot)
    said = (f"{e.jurisdiction}, {e.title}, {e.section}: {e.says}" for e in found)
    return "\n".join([*dict.fromkeys(said), terms.DISCLAIMER])


def _outcome(report: Report) -> FhirJson | None:
    """List what was not recognised, and what said of itself that it is no fact."""
    issues = [_issue(u) for u in report.unrecognised]
    left_out = report.left_out if isinstance(report.left_out, tuple) else ()
    issues += [
        {
            "severity": "information",
            "code": "informational",
            "diagnostics": f"left out: {one.given}: {one.because}",
            "expression": [one.input],
        }
        for one in left_out
    ]
    if not issues:
        return None
    name = _id(report.release.hash, "outcome", *(i["diagnostics"] for i in issues))
    return {"resourceType": "OperationOutcome", "id": name, "issue": issues}


def _issue(entry: Unrecognised) -> FhirJson:
    likely = ", ".join(s.label for s in entry.suggestions)
    meant = f"; did you mean {likely}?" if likely else ""
    return {
        "severity": "warning",
        "code": "not-found",
        "diagnostics": f"not recognised: {entry.given}: {entry.reason}{meant}",
        "expression": [entry.input],
    }


def guidance(
    report: Report, asked: FhirRequest, snapshot: Snapshot, outcome: FhirJson | None
) -> FhirJson:
    """Say whether the answer is whole, and else which data it needs."""
    needs = [_requirement(m.needs, m.among, asked, snapshot) for m in report.missing]
    response: FhirJson = {
        "resourceType": "GuidanceResponse",
        "id": _id(report.release.hash, "guidance", *(m.needs for m in report.missing)),
        "moduleUri": snapshot.index_drug,
        "status": "success" if report.complete else "data-required",
        "note": [{"text": text} for text in _notes(report)],
    }
    if asked.patient:
        response["subject"] = {"reference": asked.patient}
    if outcome is not None:
        response["evaluationMessage"] = [{"reference": f"urn:uuid:{outcome['id']}"}]
    if needs and not report.complete:
        response["dataRequirement"] = needs
    return response


def _notes(report: Report) -> Iterator[str]:
    yield terms.DISCLAIMER
    yield f"Answered from release {report.release.version} ({report.release.hash})."
    yield f"It carries the reviews {report.release.reviews}."
    if not report.complete:
        yield "This answer is not complete; that nothing more is listed does not mean safe."
    for held in report.not_evaluable:
        if APPROVAL in held.needs:
            yield f"Held back until a reviewer approves it: {held.title} ({held.severity})."
    for missing in report.missing:
        among = f" ({', '.join(missing.among)})" if missing.among else ""
        settles = len(missing.settles)
        yield f"Missing: {missing.needs}{among}; up to {missing.severity}, {settles} to settle."


def _requirement(
    needs: str, among: tuple[str, ...], asked: FhirRequest, snapshot: Snapshot
) -> FhirJson:
    """Write one thing that is missing as the data that would supply it."""
    kind, _, what = needs.partition(": ")
    if kind == "part" and what in _TYPES:
        return {
            "type": _TYPES[what],
            **({"mustSupport": [_FIELDS[what]]} if what in _FIELDS else {}),
        }
    if kind == "observation":
        codes = observation_codes(snapshot).get(what, ())
        coded = [{"system": c.system, "code": c.code} for c in codes[:_MOST_CODES]]
        return {
            "type": "Observation",
            "codeFilter": [{"path": "code", "code": coded or [{"display": what}]}],
        }
    line = next((x for ls in asked.lines.values() for x in ls if x.path == kind), None)
    if line is not None:
        return {"type": line.found.type, "mustSupport": [_FIELDS.get(what, what)]}
    # What has no place in a bundle comes beside it, as parameters of the request.
    names = what.split(" or ") if kind in ("flag", "context") else [*among] or [what]
    given = [{"code": name} for name in names]
    return {"type": "Parameters", "codeFilter": [{"path": "parameter.name", "code": given}]}


@once_per_snapshot
def observation_codes(snapshot: Snapshot) -> dict[str, tuple[OutsideCode, ...]]:
    """Give the exact codes of each kind of observation, by the label under which it is asked for.

    A kind that is a group is asked for by the codes of what stands below it.
    """
    systems = (s for s in snapshot.systems.values() if s.uri == _LOINC)
    exact: dict[str, list[OutsideCode]] = {}
    for system in systems:
        for notation, code in sorted(system.codes.items()):
            if code.match == "exact" and not code.former:
                exact.setdefault(code.term, []).append(OutsideCode(system.uri, notation))
    found: dict[str, tuple[OutsideCode, ...]] = {}
    for iri, kind in snapshot.observations.items():
        below = [k for k, o in sorted(snapshot.observations.items()) if iri in o.ancestors]
        found[kind.label] = tuple(c for k in dict.fromkeys((iri, *below)) for c in exact.get(k, ()))
    return found
