"""The tools that judge a patient: check, explain, alternatives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from api.mcp.desk import AssistantDesk, ToolArguments, patient, taken
from api.mcp.told import AnswerStatus, ToldAnswer, quoted
from kg.casing.assemble import assemble
from kg.checking.brief import checked
from kg.checking.words import NOTED, named
from kg.contract.detail import BRIEF, FULL, VERDICTS, AnyReport, BriefReport, encode_answer
from kg.contract.explanation import Explanation
from kg.contract.place import begins_as_place
from kg.contract.report import Alternative, Report
from kg.contract.request import Request, malformed
from kg.explaining.advisory import explain_advisory
from kg.explaining.input import explain_input
from kg.explaining.parts import find
from kg.explaining.without_patient import explain_without_patient
from kg.snapshot.file import encode

_DETAILS = (BRIEF, FULL)
_LONGEST_PLAIN = 40


def check_patient(arguments: ToolArguments, desk: AssistantDesk) -> ToldAnswer:
    """Check one patient; what was not read and what is missing comes first."""
    detail = taken(arguments, "detail") or BRIEF
    if detail not in _DETAILS:
        raise malformed("detail", "there is no such detail", f"send one of {', '.join(_DETAILS)}")
    request = patient(arguments, desk)
    brief = _checked(request, desk)
    whole: AnyReport = brief
    if detail == FULL:
        case = assemble(request, desk.snapshot)
        whole = checked(case, desk.snapshot, FULL, desk.reviews)
    desk.count(brief)
    report = msgspec.json.decode(encode_answer(whole))
    return ToldAnswer(
        status=status_of(brief),
        verdict=_verdict(brief),
        unread=unread_in(brief),
        written=_written(request),
        lines=list(_lines(brief)),
        data={"report": report},
    )


def _checked(request: Request, desk: AssistantDesk) -> BriefReport:
    case = assemble(request, desk.snapshot)
    report = checked(case, desk.snapshot, BRIEF, desk.reviews)
    assert isinstance(report, BriefReport)  # noqa: S101 - it was asked for
    return report


def status_of(report: AnyReport) -> AnswerStatus:
    """Say whether all that was given was read and judged."""
    return "complete" if report.complete else "not complete"


def unread_in(report: AnyReport) -> list[str]:
    """Name the entries that were not read, as they were given."""
    return [u.given or u.input for u in report.unrecognised]


def _verdict(report: BriefReport) -> str:
    """Give the strongest finding by its severity and title."""
    if report.severity is None:
        return report.summary.split(". ")[0]
    first = report.findings[0]
    strongest = "Strongest" if report.complete else "Strongest so far"
    return f"{strongest}: {first.severity.upper()}, {first.title} ({_because(first.because)})"


def _because(seen: Sequence[object]) -> str:
    return named([str(getattr(b, "label", "")) for b in seen])


def _lines(report: BriefReport) -> Iterator[str]:
    yield report.summary
    for finding in report.findings:
        does = f": {finding.do}" if finding.do and finding.asks != NOTED else ""
        yield f"{finding.severity}: {finding.title} ({_because(finding.because)}){does}"
    for spared in report.exempted:
        said = f"{spared.title} would be {spared.severity} but for: {spared.exemption}."
        yield f"Set aside by an exemption: {said}"
    for entry in report.unrecognised:
        near = named([s.label for s in entry.suggestions])
        meant = f" It may mean {near}; nothing was chosen." if near else ""
        yield f"Not read, {entry.input} {quoted(entry.given)}: {entry.reason}.{meant}"
    # What was sent and not read is told above, in quotes.
    unread = tuple(f"{u.input}:" for u in report.unrecognised)
    missing = [m for m in report.missing if not m.needs.startswith(unread)]
    if missing:
        worst = [f"{m.label or m.needs} ({m.severity})" for m in missing]
        yield f"Still to be given, with the worst that may come of it: {'; '.join(worst)}."
    yield f"Release {report.release.version}, {report.release.hash[:19]}."


def explain(arguments: ToolArguments, desk: AssistantDesk) -> ToldAnswer:
    """Say why advice applies or not, or what an input led to; without a patient, for whom it is."""
    subject = taken(arguments, "explain")
    if not subject:
        raise malformed("explain", "what to explain was not said", "send an advisory or a place")
    snapshot = desk.snapshot
    if not arguments:
        found = explain_without_patient(
            find("advisory", subject, snapshot.advisories, snapshot), snapshot
        )
        return _explained(found, "no patient", ())
    request = patient(arguments, desk)
    if begins_as_place(subject):
        found = explain_input(request, subject, snapshot)
    else:
        advisory = find("advisory", subject, snapshot.advisories, snapshot)
        found = explain_advisory(request, advisory, snapshot)
    case = assemble(request, snapshot)
    whole = checked(case, snapshot, VERDICTS, desk.reviews)
    return _explained(found, status_of(whole), unread_in(whole), _written(request))


def _written(request: Request) -> list[str]:
    """Give the longer texts of a request; a name of the usual length claims nothing."""
    lists = (request.medications, request.conditions, request.allergies, request.observations)
    texts = (entry.text for entries in lists for entry in entries or ())
    return [text for text in texts if text and len(text) > _LONGEST_PLAIN]


def _explained(
    found: Explanation,
    status: AnswerStatus,
    unread: Sequence[str],
    written: Sequence[str] = (),
) -> ToldAnswer:
    said = found.verdict or "explained"
    return ToldAnswer(
        status=status,
        verdict=f"{said}: {found.title}",
        unread=unread,
        written=written,
        lines=found.steps,
        data={"explanation": msgspec.json.decode(encode(found))},
    )


def alternatives(arguments: ToolArguments, desk: AssistantDesk) -> ToldAnswer:
    """Offer medicines of the same use for each finding, each checked for this patient."""
    request = patient(arguments, desk)
    case = assemble(request, desk.snapshot)
    report = checked(case, desk.snapshot, FULL, desk.reviews)
    assert isinstance(report, Report)  # noqa: S101 - it was asked for
    offered = [f for f in report.findings if f.alternatives]
    lines = []
    for finding in offered:
        each = [f"{a.label} ({_raised(a)})" for a in finding.alternatives or ()]
        lines.append(
            f"{finding.severity}, {finding.title}, in place of {_because(finding.because)}: "
            f"{'; '.join(each)}."
        )
    number = len(offered)
    said = f"For {number} of {len(report.findings)} findings there is something to offer instead"
    return ToldAnswer(
        status=status_of(report),
        verdict=said if number else "The release names nothing to take instead",
        unread=unread_in(report),
        written=_written(request),
        lines=lines,
        data={
            "alternatives": [
                {
                    "advisory": f.advisory,
                    "severity": f.severity,
                    "instead_of": [b.label for b in f.because],
                    "offered": msgspec.to_builtins(f.alternatives),
                }
                for f in offered
            ]
        },
    )


def _raised(alternative: Alternative) -> str:
    worst = alternative.raises
    return f"raises {worst}" if worst else "raised none of the advice that could be judged"
