"""The shorter answers: a brief report, and verdicts alone; each computes only what it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec import UNSET

from kg.casing.case import Case
from kg.checking.check import JudgedCase, check, is_complete, mark, unrecognised
from kg.checking.findings import spared_by_exemption, topic
from kg.checking.hazards import asks_of, hazard_of
from kg.checking.missing import missing_in_brief, wanting
from kg.checking.summary import summary
from kg.checking.wording import management
from kg.checking.words import NOTED, first_sentence
from kg.contract.detail import (
    AnyReport,
    BriefBecause,
    BriefExempted,
    BriefFinding,
    BriefReport,
    Detail,
    JudgedAdvisory,
    TruthName,
    VerdictReport,
)
from kg.contract.severity import SeverityName, strongest
from kg.interval import FALSE, TRUE, UNKNOWN
from kg.judging.judge import Candidate, Verdict, candidates
from kg.judging.view import Witness
from kg.judging.witnesses import witnesses
from kg.review.reviews import NO_REVIEWS, Reviews
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

_TRUTHS: Mapping[int, TruthName] = {
    TRUE: "applies",
    FALSE: "does_not_apply",
    UNKNOWN: "cannot_tell",
}


def check_in_brief(case: Case, snapshot: Snapshot, reviews: Reviews = NO_REVIEWS) -> BriefReport:
    """Say what applies, what is missing and what was not read, in few words."""
    judged = JudgedCase.of(case, snapshot, reviews)
    complete, unread = is_complete(case, judged), unrecognised(case)
    findings = tuple(
        [
            BriefFinding(
                advisory=v.ready.iri,
                topic=topic(v.ready.advisory, snapshot),
                hazard=hazard_of(snapshot, v.ready.advisory.topic),
                severity=v.severity,
                asks=asks,
                title=v.ready.advisory.label,
                because=_because(witnesses(v.ready.applies, v.view, snapshot, steps=False)),
                do=""
                if asks == NOTED
                else first_sentence(management(v.ready.advisory, v.view, snapshot)),
            )
            for v in judged.applying
            for asks in (asks_of(v.ready.iri, v.severity, snapshot),)
        ]
    )
    wanted = wanting(case, judged.needs(snapshot), snapshot)
    return BriefReport(
        severity=strongest(v.severity for v in judged.applying),
        complete=complete,
        summary=summary(findings, wanted, len(unread), snapshot, complete=complete),
        findings=findings,
        exempted=tuple([_exempted(v, label) for v, label in _spared(judged, snapshot)]),
        unrecognised=unread,
        missing=missing_in_brief(wanted),
        release=mark(snapshot, reviews),
    )


def _because(seen: Sequence[Witness]) -> tuple[BriefBecause, ...]:
    return tuple(
        [BriefBecause(input=w.input, label=w.label, detail=w.detail or UNSET) for w in seen]
    )


def _spared(judged: JudgedCase, snapshot: Snapshot) -> list[tuple[Verdict, str]]:
    spared = spared_by_exemption(judged.verdicts, snapshot)
    return [(one.verdict, one.exemption.label) for one in spared]


def _exempted(verdict: Verdict, exemption: str) -> BriefExempted:
    return BriefExempted(
        advisory=verdict.ready.iri,
        severity=verdict.severity,
        title=verdict.ready.advisory.label,
        exemption=exemption,
    )


def verdicts(case: Case, snapshot: Snapshot, reviews: Reviews = NO_REVIEWS) -> VerdictReport:
    """Say of every advisory whether it applies, and nothing beside."""
    judged = JudgedCase.of(case, snapshot, reviews)
    written = _written(snapshot)[case.jurisdiction]
    waiting = {v.ready.iri for v in judged.held_back}
    return VerdictReport(
        severity=strongest(v.severity for v in judged.applying),
        complete=is_complete(case, judged),
        verdicts=tuple(
            [
                by_truth[UNKNOWN if v.ready.iri in waiting else v.truth]
                for by_truth, v in zip(written, judged.verdicts, strict=True)
            ]
        ),
        unrecognised=unrecognised(case),
        release=mark(snapshot, reviews),
    )


@once_per_snapshot
def _written(snapshot: Snapshot) -> dict[str, tuple[dict[int, JudgedAdvisory], ...]]:
    """Write each verdict that there can be, in each jurisdiction in the order of reports."""
    return {
        jurisdiction: tuple([_each_truth(entry, snapshot) for entry in listed])
        for jurisdiction, listed in candidates(snapshot).items()
    }


def _each_truth(entry: Candidate, snapshot: Snapshot) -> dict[int, JudgedAdvisory]:
    severity: SeverityName = entry.severity
    return {
        truth: JudgedAdvisory(
            advisory=entry.ready.iri,
            topic=topic(entry.ready.advisory, snapshot),
            severity=severity,
            truth=name,
        )
        for truth, name in _TRUTHS.items()
    }


_BY_DETAIL: Mapping[Detail, Callable[[Case, Snapshot, Reviews], AnyReport]] = {
    "full": check,
    "brief": check_in_brief,
    "verdicts": verdicts,
}


def checked(
    case: Case, snapshot: Snapshot, detail: Detail, reviews: Reviews = NO_REVIEWS
) -> AnyReport:
    """Check a case in the detail that is asked for."""
    return _BY_DETAIL[detail](case, snapshot, reviews)
