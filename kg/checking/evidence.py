"""What an advisory rests on, as reports cite it; and which sources are overdue for review.

There is no clock: a source is overdue where its own review date lies before the day of the
question. Where no day was given nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypeAlias

from msgspec import UNSET

from kg.contract.report import Evidence, Reading, ReadingOf
from kg.contract.severity import SeverityName
from kg.snapshot.jurisdictions import ordered, speaking_in
from kg.snapshot.model import Advisory, Snapshot
from kg.snapshot.once import once_per_snapshot

_OWN_INFERENCE, _VERIFIED = "derived", "verified"

# The sources that are overdue on the day of the question; None where no day was given.
Overdue: TypeAlias = frozenset[str] | None


def overdue_on(day: date | None, snapshot: Snapshot) -> Overdue:
    """List the sources that were to be reviewed before a day."""
    if day is None:
        return None
    shown = day.isoformat()
    return frozenset(iri for due, iri in _review_dates(snapshot) if due < shown)


@once_per_snapshot
def _review_dates(snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((s.review_due, i) for i, s in snapshot.sources.items() if s.review_due))


def cited(
    statements: Iterable[str], snapshot: Snapshot, overdue: Overdue = None
) -> tuple[Evidence, ...]:
    """Give statements as evidence: labels first, by jurisdiction, what is derived last."""
    found = (_evidence(s, snapshot, overdue) for s in statements if s in snapshot.statements)
    places = {name: n for n, name in enumerate(ordered(snapshot))}
    return tuple(
        sorted(found, key=lambda e: (places.get(e.jurisdiction, len(places)), e.statement))
    )


def _evidence(iri: str, snapshot: Snapshot, overdue: Overdue) -> Evidence:
    statement = snapshot.statements[iri]
    source = snapshot.sources.get(statement.source)
    due = source.review_due if source else ""
    return Evidence(
        statement=iri,
        source=statement.source,
        title=source.label if source else statement.source,
        section=statement.locator,
        jurisdiction=statement.jurisdiction,
        grade=statement.grade,
        says=statement.says,
        severity=statement.supports,
        verification=UNSET if statement.verification == _VERIFIED else statement.verification,
        erratum=statement.erratum or UNSET,
        review_due=due or UNSET,
        overdue=statement.source in overdue if due and overdue is not None else UNSET,
    )


def rests_on_overdue(
    evidence: Iterable[Evidence], severity: SeverityName, jurisdiction: str, snapshot: Snapshot
) -> bool:
    """Say whether a severity has no ground but overdue sources; our own inference is no source."""
    speaking = speaking_in(snapshot)[jurisdiction]
    grounds = [
        e.overdue is True
        for e in evidence
        if e.severity == severity and e.jurisdiction in speaking and e.grade != _OWN_INFERENCE
    ]
    return bool(grounds) and all(grounds)


def readings(advisory: Advisory, snapshot: Snapshot) -> tuple[Reading, ...]:
    """Give the disagreements that bear on an advisory, with the reading taken and why."""
    return tuple(
        Reading(
            disagreement=iri,
            title=found.label,
            readings=tuple(_reading(e) for e in cited(found.readings, snapshot)),
            resolution=found.resolution,
            reason=found.reason,
            to_be_confirmed_by=found.to_be_confirmed_by,
        )
        for iri in sorted(advisory.disagreements)
        if (found := snapshot.disagreements.get(iri)) is not None
    )


def _reading(evidence: Evidence) -> ReadingOf:
    return ReadingOf(
        statement=evidence.statement,
        title=evidence.title,
        jurisdiction=evidence.jurisdiction,
        says=evidence.says,
        erratum=evidence.erratum,
    )


@once_per_snapshot
def silence_statements(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """Map each class that must raise nothing to the statements that say so."""
    found: dict[str, dict[str, None]] = {}
    for silence in snapshot.silences.values():
        for concern in silence.concerns:
            found.setdefault(concern, {}).update(dict.fromkeys(silence.statements))
    return {concern: tuple(statements) for concern, statements in found.items()}
