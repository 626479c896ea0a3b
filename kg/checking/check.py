"""Say which advisories apply to a case, and what could not be judged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kg.casing.case import Case
from kg.checking.burden import burden
from kg.checking.clearing import Clearing
from kg.checking.evidence import overdue_on
from kg.checking.findings import finding, refinements, suppressed, teller, topic
from kg.checking.freshness import aged, asked_at, with_states
from kg.checking.plan import plan
from kg.contract.place import order_of
from kg.contract.report import (
    Missing,
    NotEvaluable,
    ReleaseMark,
    Report,
)
from kg.contract.severity import ORDER, asks_for_care, rank, strongest
from kg.interval import TRUE, UNKNOWN
from kg.judging.judge import Verdict, judge
from kg.judging.needs import needs
from kg.judging.view import Need, Witness
from kg.judging.witnesses import witnesses
from kg.snapshot.model import Snapshot


def check(case: Case, snapshot: Snapshot, *, brief: bool = False) -> Report:
    """Say which advisories apply to a case, and what could not be judged.

    A brief report is for cards: without the steps, what was set aside, and what adds up.
    """
    verdicts = judge(case, snapshot)
    applying = [v for v in verdicts if v.truth == TRUE]
    open_needs = [
        (v, needs(v.ready.applies, v.view, snapshot)) for v in verdicts if v.truth == UNKNOWN
    ]
    refined = refinements(applying)
    now = asked_at(case)
    told = teller(case, snapshot, overdue_on(now.day if now else None, snapshot), brief=brief)
    clearing = Clearing(verdicts, case, snapshot)
    seen = {
        v.ready.iri: witnesses(v.ready.applies, v.view, snapshot, steps=not brief) for v in applying
    }
    states, stale = ({}, ()) if brief else aged(case, snapshot)
    return Report(
        severity=strongest(v.severity for v in applying),
        complete=_complete(case, open_needs),
        findings=tuple(
            finding(v, seen[v.ready.iri], clearing.of(v), refined.get(v.ready.iri), told)
            for v in applying
        ),
        suppressed=() if brief else suppressed(verdicts, told),
        not_evaluable=tuple(_not_evaluable(v, n, snapshot) for v, n in open_needs),
        missing=_missing(case, open_needs),
        plan=() if brief else plan(case, snapshot),
        unrecognised=tuple(sorted(case.unrecognised, key=lambda u: order_of(u.input))),
        recognised=tuple(
            sorted(with_states(case.recognised, states), key=lambda r: (order_of(r.input), r.term))
        ),
        burden={} if brief else burden(verdicts, _whole(applying, seen), case, snapshot),
        release=ReleaseMark(version=snapshot.version, hash=snapshot.knowledge_hash),
        stale=stale,
    )


def _whole(
    applying: Sequence[Verdict], seen: Mapping[str, list[Witness]]
) -> dict[str, list[Witness]]:
    """Give what made each criterion true for which nothing was set aside."""
    advisories = (v.ready for v in applying)
    return {r.advisory.applies_to: seen[r.iri] for r in advisories if not r.advisory.sets_aside}


_Open = Sequence[tuple[Verdict, tuple[Need, ...]]]


def _complete(case: Case, open_needs: _Open) -> bool:
    """Say whether nothing was left out, misread, unassessed or undecided that asks for care."""
    return (
        not case.unrecognised
        and not case.not_assessed
        and all(r.assessed for r in case.recognised)
        and not any(asks_for_care(v.severity) for v, _ in open_needs)
    )


def _not_evaluable(verdict: Verdict, wanted: tuple[Need, ...], snapshot: Snapshot) -> NotEvaluable:
    return NotEvaluable(
        advisory=verdict.ready.iri,
        topic=topic(verdict.ready.advisory, snapshot),
        severity=verdict.severity,
        title=verdict.ready.advisory.label,
        needs=tuple(dict.fromkeys(n.text for n in wanted)),
    )


def _missing(case: Case, open_needs: _Open) -> tuple[Missing, ...]:
    """Invert the gaps: list each missing input once, with all that it would help to settle."""
    settles: dict[str, dict[str, Verdict]] = defaultdict(dict)
    among: dict[str, set[str]] = defaultdict(set)
    for part in case.not_assessed:
        settles[f"part: {part}"] = {}
    for verdict, wanted in open_needs:
        for need in wanted:
            settles[need.text][verdict.ready.iri] = verdict
            among[need.text].update({need.among} - {""})
    missing = [
        Missing(
            needs=text,
            severity=strongest(v.severity for v in verdicts.values()) or ORDER[-1],
            settles=tuple(sorted(verdicts)),
            among=tuple(sorted(among[text])),
        )
        for text, verdicts in settles.items()
    ]
    return tuple(sorted(missing, key=lambda m: (rank(m.severity), -len(m.settles), m.needs)))
