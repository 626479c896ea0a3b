"""Say which advisories apply to a case, and what could not be judged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from kg import terms
from kg.case import Case
from kg.findings import finding, order, refinements, suppressed, topic
from kg.interval import TRUE, UNKNOWN
from kg.judge import Verdict, judge
from kg.model import Snapshot
from kg.needs import needs
from kg.once import once_per_snapshot
from kg.ranks import ORDER, asks_for_care, rank, strongest
from kg.report import (
    Burden,
    Contributor,
    Missing,
    NotEvaluable,
    Planned,
    ReleaseMark,
    Report,
)
from kg.view import Need
from kg.witnesses import place

_TAKEN = (terms.TAKES, terms.PLANS)


def check(case: Case, snapshot: Snapshot) -> Report:
    """Say which advisories apply to a case, and what could not be judged."""
    verdicts = sorted(judge(case, snapshot), key=lambda v: order(v.severity, v.ready, snapshot))
    applying = [v for v in verdicts if v.truth == TRUE]
    open_needs = [
        (v, needs(v.ready.applies, v.view, snapshot)) for v in verdicts if v.truth == UNKNOWN
    ]
    refined = refinements(applying)
    return Report(
        severity=strongest(v.severity for v in applying),
        complete=_complete(case, open_needs),
        findings=tuple(finding(v, refined.get(v.ready.iri), snapshot) for v in applying),
        suppressed=suppressed(verdicts, snapshot),
        not_evaluable=tuple(_not_evaluable(v, n, snapshot) for v, n in open_needs),
        missing=_missing(case, open_needs),
        plan=_plan(case, snapshot),
        unrecognised=tuple(sorted(case.unrecognised, key=lambda u: place(u.input))),
        recognised=tuple(sorted(case.recognised, key=lambda r: (place(r.input), r.term))),
        burden=_burden(case, snapshot),
        release=ReleaseMark(version=snapshot.version, hash=snapshot.knowledge_hash),
    )


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
    """Turn it round: each thing to supply once, with all it would help to settle."""
    settles: dict[str, dict[str, Verdict]] = defaultdict(dict)
    among: dict[str, set[str]] = defaultdict(set)
    for part in case.not_assessed:
        settles[f"part: {part}"] = {}
    for verdict, wanted in open_needs:
        for need in wanted:
            settles[need.text][verdict.ready.iri] = verdict
            among[need.text].update({need.among} - {""})
    found = [
        Missing(
            needs=text,
            severity=strongest(v.severity for v in verdicts.values()) or ORDER[-1],
            settles=tuple(sorted(verdicts)),
            among=tuple(sorted(among[text])),
        )
        for text, verdicts in settles.items()
    ]
    return tuple(sorted(found, key=lambda m: (rank(m.severity), -len(m.settles), m.needs)))


def _plan(case: Case, snapshot: Snapshot) -> tuple[Planned, ...]:
    """Give what holds for every patient in the phase; where none was given, in every phase."""
    phase = case.attributes.get(terms.PHASE)
    phases = {phase} if phase else set(snapshot.phases)
    found = [
        Planned(
            advisory=iri,
            topic=snapshot.topics.get(entry.topic, entry.topic),
            title=entry.label,
            management=entry.management,
            monitoring=entry.monitoring,
        )
        for iri, entry in snapshot.plan.items()
        if phases <= set(entry.phases)
    ]
    return tuple(sorted(found, key=lambda p: (p.topic, p.advisory)))


def _burden(case: Case, snapshot: Snapshot) -> dict[str, Burden]:
    """Name on each axis the drugs that add up, the heaviest step first."""
    return {axis: _axis(case, steps) for axis, steps in _ladders(snapshot).items()}


_Step = tuple[str, frozenset[str]]


@once_per_snapshot
def _ladders(snapshot: Snapshot) -> dict[str, tuple[_Step, ...]]:
    """Give the steps of each axis by name, with the drugs that stand on each."""
    return {
        axis: tuple(
            (snapshot.classes[s].label, frozenset(snapshot.classes[s].members)) for s in steps
        )
        for axis, steps in sorted(snapshot.burdens.items())
    }


def _axis(case: Case, steps: Sequence[_Step]) -> Burden:
    found = []
    for item in case.medications or ():
        if item.role not in _TAKEN or item.drugs is None or item.term is None:
            continue
        for n, (name, drugs) in enumerate(steps):
            if item.drugs <= drugs:
                entry = Contributor(input=item.input, term=item.term, label=item.label, step=name)
                found.append(((n, item.label, place(item.input)), entry))
                break
    return Burden(drugs=tuple(entry for _, entry in sorted(found, key=lambda f: f[0])))
