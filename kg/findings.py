"""Verdicts as findings: with the inputs, the steps from them to the advice, and the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kg.evidence import cited, grounds_of_silence, readings
from kg.interval import UNKNOWN
from kg.judge import Verdict
from kg.logic import Ready
from kg.model import Advisory, ListedValue, SeverityName, Snapshot
from kg.once import once_per_snapshot
from kg.ranks import rank
from kg.report import Because, Evidence, Finding, Reading, ReviewState, Suppressed
from kg.witnesses import Witness, place, witnesses

_UNREVIEWED = ReviewState(status="unreviewed")


def finding(verdict: Verdict, refined_by: str | None, snapshot: Snapshot) -> Finding:
    """Write one advisory that applies as a finding."""
    advisory = verdict.ready.advisory
    seen = witnesses(verdict.ready.applies, verdict.view, snapshot)
    disagreements = _readings(snapshot)[verdict.ready.iri]
    return Finding(
        advisory=verdict.ready.iri,
        topic=topic(advisory, snapshot),
        severity=verdict.severity,
        title=advisory.label,
        because=tuple(
            Because(input=w.input, term=w.term, label=w.label, detail=w.detail or None)
            for w in seen
        ),
        explanation=_explanation(verdict, seen, snapshot),
        management=advisory.management,
        monitoring=advisory.monitoring,
        clears_if=(*advisory.clears_if, *_open_exemption(verdict, snapshot)),
        clears_by=(),
        refined_by=refined_by,
        evidence=_evidence(snapshot)[verdict.ready.iri],
        disagreement=disagreements[0] if disagreements else None,
        further_disagreements=disagreements[1:],
        patient_text=advisory.patient_text or None,
        review=_UNREVIEWED,
    )


@once_per_snapshot
def _evidence(snapshot: Snapshot) -> dict[str, tuple[Evidence, ...]]:
    return {i: cited(a.statements, snapshot) for i, a in snapshot.advisories.items()}


@once_per_snapshot
def _readings(snapshot: Snapshot) -> dict[str, tuple[Reading, ...]]:
    return {i: readings(a, snapshot) for i, a in snapshot.advisories.items()}


def topic(advisory: Advisory, snapshot: Snapshot) -> str:
    """Give the topic of an advisory as the contract writes it."""
    return snapshot.topics.get(advisory.topic, advisory.topic)


def _explanation(verdict: Verdict, seen: Sequence[Witness], snapshot: Snapshot) -> tuple[str, ...]:
    """Say it step by step: what was given, what that is, whom the advice is for, the advice."""
    lines: list[str] = []
    for witness in seen:
        detail = f" ({witness.detail})" if witness.detail else ""
        lines.append(f"{witness.input}: {witness.label}{detail}.")
        lines += [f"{step}." for step in witness.steps]
    return (*dict.fromkeys(lines), *_conclusions(snapshot)[verdict.ready.iri])


@once_per_snapshot
def _conclusions(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """Give the last steps of every advisory, which no case changes."""
    return {iri: _conclusion(iri, a, snapshot) for iri, a in snapshot.advisories.items()}


def _conclusion(iri: str, advisory: Advisory, snapshot: Snapshot) -> tuple[str, ...]:
    criterion = snapshot.criteria[advisory.applies_to]
    strength = "; ".join(f"{j}: {s}" for j, s in sorted(advisory.severities.items()))
    lines = [criterion.definition or criterion.label, f"{advisory.label} ({strength})."]
    grounds = [f"{e.title}, {e.section}" for e in _evidence(snapshot)[iri] if e.severity]
    if grounds:
        lines.append(f"On the ground of: {'; '.join(dict.fromkeys(grounds))}.")
    for reading in _readings(snapshot)[iri]:
        lines.append(f"Sources disagree ({reading.title}): {reading.resolution}")
    return (*lines, advisory.management)


def _open_exemption(verdict: Verdict, snapshot: Snapshot) -> tuple[str, ...]:
    """Name an exemption that was neither shown nor ruled out."""
    unless = verdict.ready.advisory.unless
    if unless is None or verdict.exemption != UNKNOWN:
        return ()
    return (f"It would not apply if this were known: {snapshot.criteria[unless].label}.",)


def refinements(verdicts: Sequence[Verdict]) -> dict[str, str]:
    """Give, of each weaker step among advisories that apply, the stronger one that applies too."""
    found: dict[str, tuple[int, str]] = {}
    for verdict in verdicts:
        step = (rank(verdict.severity), verdict.ready.iri)
        for weaker in verdict.ready.advisory.refines:
            found[weaker] = min(step, found.get(weaker, step))
    return {weaker: iri for weaker, (_, iri) in found.items()}


def order(severity: SeverityName, ready: Ready, snapshot: Snapshot) -> tuple[int, str, str]:
    """Order advisories: strongest first, then by topic, then by name."""
    return rank(severity), topic(ready.advisory, snapshot), ready.iri


def suppressed(verdicts: Sequence[Verdict], snapshot: Snapshot) -> tuple[Suppressed, ...]:
    """List every medication that an advisory left out, with its role."""
    grounds = grounds_of_silence(snapshot)
    found = {
        (v.ready.iri, place(a.item.input), a.item.term): Suppressed(
            advisory=v.ready.iri,
            input=a.item.input,
            label=a.item.label,
            because=_role_key(snapshot.set_aside_roles.get(a.criterion), snapshot),
            evidence=grounds.get(a.criterion, ()),
        )
        for v in verdicts
        for a in v.aside
    }
    return tuple(found[key] for key in sorted(found, key=lambda k: (k[0], k[1], k[2] or "")))


def _role_key(iri: str | None, snapshot: Snapshot) -> str:
    tables: tuple[Mapping[str, ListedValue], ...] = (snapshot.roles, snapshot.values)
    known = next((t[iri] for t in tables if iri is not None and iri in t), None)
    return (known.key or known.label) if known else ""
