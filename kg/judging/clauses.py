"""The advisories of each jurisdiction, each as the sets of questions that decide it."""

from __future__ import annotations

from typing import NamedTuple

from kg.contract.severity import rank, strongest
from kg.contract.words import SeverityName
from kg.interval import FALSE, TRUE, UNKNOWN
from kg.judging.questions import ClauseMasks, ReadyAdvisory, ready
from kg.snapshot.jurisdictions import ANY, choices
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot


class Candidate(NamedTuple):
    """One advisory before a case: how severe it would be, and what decides it."""

    ready: ReadyAdvisory
    severity: SeverityName
    applies: ClauseMasks
    unless: ClauseMasks | None


@once_per_snapshot
def dockets(snapshot: Snapshot) -> dict[str, tuple[Candidate, ...]]:
    """List the advisories that have a severity in each jurisdiction, in the order of reports."""
    by_jurisdiction: dict[str, tuple[Candidate, ...]] = {}
    for name in choices(snapshot):
        entries = (
            Candidate(r, severity, r.applies.clauses, r.unless.clauses if r.unless else None)
            for r in ready(snapshot)
            if (severity := severity_in(r, name)) is not None
        )
        by_jurisdiction[name] = tuple(sorted(entries, key=lambda e: _order(e, snapshot)))
    return by_jurisdiction


def _order(entry: Candidate, snapshot: Snapshot) -> tuple[int, str, str]:
    """Order advisories: strongest first, then by topic as the contract writes it, then by name."""
    topic = entry.ready.advisory.topic
    return rank(entry.severity), snapshot.topics.get(topic, topic), entry.ready.iri


def severity_in(advisory: ReadyAdvisory, jurisdiction: str) -> SeverityName | None:
    """Give the severity in a jurisdiction; in any, the strongest."""
    severities = advisory.advisory.severities
    if jurisdiction == ANY:
        return strongest(severities.values())
    return severities.get(jurisdiction)


def truth(clauses: ClauseMasks, sure: int, possible: int) -> int:
    """Judge a criterion by its clauses."""
    lowest = TRUE
    for clause in clauses:
        if not clause & possible:
            return FALSE
        if not clause & sure:
            lowest = UNKNOWN
    return lowest
