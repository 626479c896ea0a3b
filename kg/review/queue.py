"""The order in which subjects are read: what does most harm, reaches most, and rests on least."""

from __future__ import annotations

from collections.abc import Mapping
from math import log2
from typing import Literal, NamedTuple

from kg.contract.severity import ORDER, SeverityName, rank, strongest
from kg.review.content import criteria_below
from kg.review.status import ReviewStanding
from kg.snapshot.criteria import Is, Of
from kg.snapshot.criteria_walk import nodes_of
from kg.snapshot.model import Advisory, Snapshot
from kg.snapshot.once import once_per_snapshot

# From the firmest ground to none; the words are the contract's.
GROUNDS = ("label", "protocol", "expert", "literature", "derived", "unsupported")
_OPEN = ("unreviewed", "withdrawn", "disputed", "changed_since_review", "in_review")

SubjectKind = Literal["advisory", "disagreement"]


class QueueRow(NamedTuple):
    """One subject that waits, or was signed."""

    subject: str
    kind: SubjectKind
    title: str
    severity: SeverityName | None
    hazard: str
    reaches: int
    evidence: tuple[str, ...]
    weight: float
    standing: ReviewStanding


def queue(standings: Mapping[str, ReviewStanding], snapshot: Snapshot) -> list[QueueRow]:
    """List every subject: what was never reviewed first, the weightiest first among them."""
    rows = [row._replace(standing=standings[row.subject]) for row in _rows(snapshot)]
    return sorted(rows, key=lambda r: (_turn(r.standing), -r.weight, r.subject))


def _turn(standing: ReviewStanding) -> int:
    if standing.holds or standing.status not in _OPEN:
        return len(_OPEN)
    return _OPEN.index(standing.status)


@once_per_snapshot
def _rows(snapshot: Snapshot) -> list[QueueRow]:
    unread = ReviewStanding(status="unreviewed")
    rows = []
    for iri, advisory in snapshot.advisories.items():
        severity = strongest(advisory.severities.values())
        hazard = snapshot.reporting.hazards.get(advisory.topic)
        reach = len(reached(advisory, snapshot))
        evidence = grounds(advisory.statements, snapshot)
        weight = _harm(severity) * log2(2 + reach) * _weakness(evidence)
        rows.append(
            QueueRow(
                iri,
                "advisory",
                advisory.label,
                severity,
                hazard.label if hazard else "",
                reach,
                evidence,
                weight,
                unread,
            )
        )
    for iri, one in snapshot.disagreements.items():
        about = [a for a in snapshot.advisories.values() if iri in a.disagreements]
        severity = strongest(s for a in about for s in a.severities.values())
        evidence = grounds(one.readings, snapshot)
        weight = _harm(severity) * log2(2 + len(about)) * _weakness(evidence)
        rows.append(
            QueueRow(
                iri,
                "disagreement",
                one.label,
                severity,
                "",
                len(about),
                evidence,
                weight,
                unread,
            )
        )
    return rows


def _harm(severity: SeverityName | None) -> int:
    return len(ORDER) - rank(severity) if severity else 1


def _weakness(evidence: tuple[str, ...]) -> int:
    """Count how far the firmest ground stands from a label; no ground at all is the weakest."""
    return 1 + min((GROUNDS.index(g) for g in evidence), default=len(GROUNDS))


def grounds(statements: tuple[str, ...], snapshot: Snapshot) -> tuple[str, ...]:
    """Give the grades of evidence among some statements, the firmest first."""
    found = {snapshot.statements[s].grade for s in statements if s in snapshot.statements}
    return tuple(sorted(found & set(GROUNDS), key=GROUNDS.index))


def reached(advisory: Advisory, snapshot: Snapshot) -> list[str]:
    """Name the drugs and conditions that can raise an advisory, by name."""
    named = [n for n in (advisory.applies_to,) if n]
    found: set[str] = set()
    for name in criteria_below(named, snapshot):
        for node in nodes_of(snapshot.criteria[name].expression, snapshot, into_named=False):
            if isinstance(node, Of):
                known = snapshot.classes.get(node.term)
                found |= set(known.members if known else (node.term,))
            elif isinstance(node, Is) and node.term in snapshot.conditions:
                found.add(node.term)
    return sorted(found)
