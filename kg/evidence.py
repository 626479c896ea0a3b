"""What an advisory rests on, written once for every report that cites it."""

from __future__ import annotations

from collections.abc import Iterable

from kg.model import Advisory, Snapshot, Statement
from kg.once import once_per_snapshot
from kg.report import Evidence, Reading

_JURISDICTIONS = ("EU", "UK", "US", "local", "derived")


@once_per_snapshot
def all_evidence(snapshot: Snapshot) -> dict[str, Evidence]:
    """Give every statement of a Snapshot as a report cites it."""
    return {iri: _evidence(iri, s, snapshot) for iri, s in snapshot.statements.items()}


def _evidence(iri: str, statement: Statement, snapshot: Snapshot) -> Evidence:
    source = snapshot.sources.get(statement.source)
    return Evidence(
        statement=iri,
        source=statement.source,
        title=source.label if source else statement.source,
        section=statement.locator,
        jurisdiction=statement.jurisdiction,
        grade=statement.grade,
        says=statement.says,
        severity=statement.supports,
        verification=statement.verification,
        erratum=statement.erratum or None,
    )


def cited(statements: Iterable[str], snapshot: Snapshot) -> tuple[Evidence, ...]:
    """Give statements as evidence: labels first, by jurisdiction, what is derived last."""
    known = all_evidence(snapshot)
    return tuple(sorted((known[s] for s in statements if s in known), key=_order))


def _order(evidence: Evidence) -> tuple[int, str]:
    name = evidence.jurisdiction
    place = _JURISDICTIONS.index(name) if name in _JURISDICTIONS else len(_JURISDICTIONS)
    return place, evidence.statement


def readings(advisory: Advisory, snapshot: Snapshot) -> tuple[Reading, ...]:
    """Give the disagreements that bear on an advisory, with the reading taken and why."""
    return tuple(
        Reading(
            disagreement=iri,
            title=found.label,
            readings=cited(found.readings, snapshot),
            resolution=found.resolution,
            reason=found.reason,
            to_be_confirmed_by=found.to_be_confirmed_by,
        )
        for iri in sorted(advisory.disagreements)
        if (found := snapshot.disagreements.get(iri)) is not None
    )


@once_per_snapshot
def grounds_of_silence(snapshot: Snapshot) -> dict[str, tuple[Evidence, ...]]:
    """Give, of each class that must raise nothing, the statements that say so."""
    found: dict[str, list[str]] = {}
    for silence in snapshot.silences.values():
        for concern in silence.concerns:
            found.setdefault(concern, []).extend(silence.statements)
    return {concern: cited(dict.fromkeys(ids), snapshot) for concern, ids in found.items()}
