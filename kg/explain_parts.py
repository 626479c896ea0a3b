"""What every explanation says alike: evidence, positions side by side, and silences."""

from __future__ import annotations

from collections.abc import Iterable

from kg import terms
from kg.errors import UnknownSubject
from kg.evidence import cited, readings
from kg.explanation import Position, Silent
from kg.model import Advisory, Snapshot
from kg.names import fold
from kg.report import Evidence, ReleaseMark
from kg.trace import Graph

_JURISDICTIONS = ("EU", "UK", "US")


def find(kind: str, key: str, known: Iterable[str]) -> str:
    """Give the term of a kind that a key or a whole name means, or say which are near."""
    iris = list(known)
    wanted = key if key.startswith(terms.BASE) else f"{terms.BASE}{kind}/{key}"
    if wanted in iris:
        return wanted
    near = [terms.local(i) for i in iris if fold(key)[:4] in fold(terms.local(i))][:5]
    raise UnknownSubject(
        code="unknown-subject",
        message=f"there is no {kind} of this name",
        subject=key[:100],
        repair=f"name one of: {', '.join(near)}" if near else f"see the list of each {kind}",
    )


def add_evidence(known: Advisory, graph: Graph, target: str) -> None:
    """Add what an advisory rests on, and where its sources disagree."""
    for evidence in cited(known.statements, graph.snapshot):
        strength = f": {evidence.severity}" if evidence.severity else ""
        said = f"{evidence.jurisdiction}{strength}"
        statement = graph.node("statement", said, evidence.statement, evidence.says)
        where = graph.node("source", evidence.title, evidence.source)
        graph.edge(target, statement, "rests on")
        graph.edge(statement, where, evidence.section)
    for reading in readings(known, graph.snapshot):
        split = graph.node("disagreement", reading.title, reading.disagreement, reading.resolution)
        graph.edge(target, split, "sources disagree")


def positions(known: Advisory, snapshot: Snapshot) -> dict[str, Position]:
    """Put what each jurisdiction says side by side, and what is local or derived beside them."""
    by_place: dict[str, list[Evidence]] = {j: [] for j in _JURISDICTIONS}
    for evidence in cited(known.statements, snapshot):
        by_place.setdefault(evidence.jurisdiction, []).append(evidence)
    return {
        place: Position(severity=known.severities.get(place), evidence=tuple(found))  # type: ignore[call-overload]
        for place, found in by_place.items()
    }


def silences(drug: str, snapshot: Snapshot) -> list[Silent]:
    """List what is known to raise nothing about a drug, with the statements that say so."""
    known = snapshot.drugs.get(drug)
    if known is None:
        return []
    found = []
    own = {drug, *known.classes}
    for iri, silence in sorted(snapshot.silences.items()):
        if own & set(silence.concerns):
            found.append(
                Silent(
                    advisory=iri,
                    title=silence.label,
                    reason=silence.definition or silence.label,
                    evidence=cited(silence.statements, snapshot),
                )
            )
    for iri, statement in sorted(snapshot.statements.items()):
        if statement.clears and drug in statement.about:
            harms = ", ".join(terms.local(c) for c in statement.clears)
            reason = f"cleared by a source: {harms}"
            found.append(
                Silent(
                    advisory=iri,
                    title=statement.label,
                    reason=reason,
                    evidence=cited([iri], snapshot),
                )
            )
    return found


def release_mark(snapshot: Snapshot) -> ReleaseMark:
    """Name the release that answered."""
    return ReleaseMark(version=snapshot.version, hash=snapshot.knowledge_hash)
