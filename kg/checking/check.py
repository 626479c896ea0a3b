"""Say which advisories apply to a case, and what could not be judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from kg.casing.case import Case
from kg.checking.burden import burden, whole_view
from kg.checking.clearing import Cleared, Clearing
from kg.checking.evidence import overdue_on
from kg.checking.findings import Teller, exempted, finding, refinements, suppressed, teller, topic
from kg.checking.freshness import aged, asked_at, with_states
from kg.checking.hazards import asks_of
from kg.checking.missing import Open, missing, wanting
from kg.checking.plan import plan
from kg.checking.summary import summary
from kg.checking.to_fetch import to_fetch
from kg.contract.place import order_of
from kg.contract.report import Finding, NotEvaluable, ReleaseMark, Report, Unrecognised
from kg.contract.severity import asks_for_care, strongest
from kg.interval import TRUE, UNKNOWN
from kg.judging.judge import Verdict, judge
from kg.judging.needs import needs
from kg.judging.view import Need, Witness
from kg.judging.witnesses import witnesses
from kg.review.reviews import APPROVAL, NO_REVIEWS, Reviews
from kg.snapshot.model import Snapshot


class JudgedCase(NamedTuple):
    """One case after judging: what applies, what is open, and what waits for a reviewer."""

    verdicts: list[Verdict]
    applying: list[Verdict]
    open: list[Verdict]
    held_back: list[Verdict]

    @classmethod
    def of(cls, case: Case, snapshot: Snapshot, reviews: Reviews = NO_REVIEWS) -> JudgedCase:
        """Judge a case; advice that may not speak before it is approved is put aside."""
        verdicts = judge(case, snapshot)
        applying = [v for v in verdicts if v.truth == TRUE]
        held: list[Verdict] = []
        if reviews.only_approved:
            split = {True: held, False: []}
            for verdict in applying:
                split[reviews.holds_back(verdict.ready.iri, verdict.ready.advisory)].append(verdict)
            applying = split[False]
        return cls(verdicts, applying, [v for v in verdicts if v.truth == UNKNOWN], held)

    def needs(self, snapshot: Snapshot) -> Open:
        """Say of each open advisory what would settle it."""
        return [(v, needs(v.ready.applies, v.view, snapshot)) for v in self.open]


def check(
    case: Case, snapshot: Snapshot, reviews: Reviews = NO_REVIEWS, *, for_cards: bool = False
) -> Report:
    """Say which advisories apply to a case, and what could not be judged.

    A report for cards comes without what no card shows: the steps, what was set aside or
    exempted, what adds up, the plan, and what would clear advice that asks for nothing.
    """
    judged = JudgedCase.of(case, snapshot, reviews)
    open_needs = judged.needs(snapshot)
    now = asked_at(case)
    overdue = overdue_on(now.day if now else None, snapshot)
    told = teller(case, snapshot, overdue, judged.verdicts, reviews, for_cards=for_cards)
    seen = {
        v.ready.iri: witnesses(v.ready.applies, v.view, snapshot, steps=not for_cards)
        for v in judged.applying
    }
    findings = _findings(judged, seen, told)
    wanted = wanting(case, open_needs, snapshot)
    complete = is_complete(case, judged)
    unread = unrecognised(case)
    states, stale = ({}, ()) if for_cards else aged(case, snapshot)
    return Report(
        severity=strongest(v.severity for v in judged.applying),
        complete=complete,
        summary=""
        if for_cards
        else summary(findings, wanted, len(unread), snapshot, complete=complete),
        findings=findings,
        exempted=() if for_cards else exempted(judged.verdicts, told),
        suppressed=() if for_cards else suppressed(judged.verdicts, told),
        not_evaluable=_all_not_evaluable(judged, open_needs, snapshot),
        missing=missing(wanted),
        to_fetch=to_fetch(case, () if for_cards else wanted, snapshot),
        plan=()
        if for_cards
        else plan(case, whole_view(judged.verdicts, case, snapshot), states, snapshot),
        unrecognised=unread,
        recognised=tuple(
            sorted(with_states(case.recognised, states), key=lambda r: (order_of(r.input), r.term))
        ),
        burden={}
        if for_cards
        else burden(judged.verdicts, _whole(judged.applying, seen), case, snapshot),
        release=mark(snapshot, reviews),
        stale=stale,
    )


def _findings(
    judged: JudgedCase, seen: Mapping[str, list[Witness]], told: Teller
) -> tuple[Finding, ...]:
    refined = refinements(judged.applying)
    clearing = Clearing(judged.verdicts, told.case, told.snapshot)
    return tuple(
        [
            finding(
                v, seen[v.ready.iri], _cleared(v, clearing, told), refined.get(v.ready.iri), told
            )
            for v in judged.applying
        ]
    )


def _cleared(verdict: Verdict, clearing: Clearing, told: Teller) -> Cleared:
    """Look for what clears a finding; no card shows what asks for nothing."""
    if told.for_cards and asks_of(verdict.ready.iri, verdict.severity, told.snapshot) == "know":
        return Cleared((), ())
    return clearing.of(verdict)


def mark(snapshot: Snapshot, reviews: Reviews = NO_REVIEWS) -> ReleaseMark:
    """Name the release that answers, and the reviews that the answer carries."""
    return ReleaseMark(version=snapshot.version, hash=snapshot.knowledge_hash, reviews=reviews.hash)


def unrecognised(case: Case) -> tuple[Unrecognised, ...]:
    """List the entries that were not recognised, by place."""
    return tuple(sorted(case.unrecognised, key=lambda u: order_of(u.input)))


def is_complete(case: Case, judged: JudgedCase) -> bool:
    """Say whether nothing was left out, misread, unassessed or undecided that asks for care."""
    return (
        not case.unrecognised
        and not case.not_assessed
        and all(r.assessed for r in case.recognised)
        and not any(asks_for_care(v.severity) for v in judged.open)
        and not judged.held_back
    )


def _whole(
    applying: Sequence[Verdict], seen: Mapping[str, list[Witness]]
) -> dict[str, list[Witness]]:
    """Give what made each criterion true for which nothing was set aside."""
    advisories = (v.ready for v in applying)
    return {r.advisory.applies_to: seen[r.iri] for r in advisories if not r.advisory.sets_aside}


def _all_not_evaluable(
    judged: JudgedCase, open_needs: Open, snapshot: Snapshot
) -> tuple[NotEvaluable, ...]:
    """List what is open and what waits for approval, in the order of reports."""
    found = {v.ready.iri: _not_evaluable(v, n, snapshot) for v, n in open_needs}
    for verdict in judged.held_back:
        entry = _not_evaluable(verdict, (), snapshot)
        found[verdict.ready.iri] = replace(entry, needs=(APPROVAL,))
    if not judged.held_back:
        return tuple(found.values())
    return tuple(found[v.ready.iri] for v in judged.verdicts if v.ready.iri in found)


def _not_evaluable(verdict: Verdict, wanted: tuple[Need, ...], snapshot: Snapshot) -> NotEvaluable:
    return NotEvaluable(
        advisory=verdict.ready.iri,
        topic=topic(verdict.ready.advisory, snapshot),
        severity=verdict.severity,
        title=verdict.ready.advisory.label,
        needs=tuple(dict.fromkeys(n.text for n in wanted)),
    )
