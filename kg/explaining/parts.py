"""What every explanation says alike: evidence, positions side by side, and silences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kg import terms
from kg.casing.case import Item
from kg.checking.evidence import cited
from kg.contract.explanation import Position, Silent, Split, listed
from kg.contract.report import Evidence, ReleaseMark
from kg.errors import UnknownSubject
from kg.explaining.trace import Graph
from kg.interval import TRUE
from kg.judging.questions import logic
from kg.snapshot.criteria import AtLeast
from kg.snapshot.criteria_walk import nodes_of
from kg.snapshot.jurisdictions import laws
from kg.snapshot.labels import label_of
from kg.snapshot.model import Advisory, Snapshot
from kg.snapshot.names import fold

_LONGEST_KEY, _MOST_NEAR, _NEAR = 100, 5, 60.0


def find(kind: str, key: str, known: Iterable[str], snapshot: Snapshot) -> str:
    """Give the term of a kind that a key, a name or a label means, or say which are near."""
    iris = list(known)
    wanted = key if key.startswith(terms.BASE) else f"{terms.BASE}{kind}/{key}"
    if wanted in iris:
        return wanted
    asked = fold(key[:_LONGEST_KEY])
    called = {iri: fold(label_of(iri, snapshot)) for iri in iris}
    alike = [iri for iri, label in called.items() if label == asked]
    if len(alike) == 1:
        return alike[0]
    near = _near(asked, called)
    raise UnknownSubject(
        code="unknown-subject",
        message=f"there is no {kind} of this name",
        subject=key[:_LONGEST_KEY],
        repair=f"name one of: {', '.join(near)}" if near else f"see the list of each {kind}",
    )


def _near(asked: str, called: Mapping[str, str]) -> list[str]:
    """Give the keys that are spelt like what was asked for, or whose labels are."""
    from rapidfuzz import process  # loaded where a name was not found, and only there
    from rapidfuzz.fuzz import WRatio

    if not asked:
        return []
    written = {iri: f"{fold(terms.local(iri))} {label}" for iri, label in called.items()}
    found = process.extract(asked, written, scorer=WRatio, limit=_MOST_NEAR, score_cutoff=_NEAR)
    return [terms.local(iri) for _, _, iri in found]


def add_evidence(known: Advisory, graph: Graph, target: str) -> None:
    """Add what an advisory rests on, and where its sources disagree."""
    for evidence in cited(known.statements, graph.snapshot):
        strength = f": {evidence.severity}" if evidence.severity else ""
        said = f"{evidence.jurisdiction}{strength}"
        statement = graph.node("statement", said, evidence.statement, evidence.says)
        where = graph.node("source", evidence.title, evidence.source)
        graph.edge(target, statement, "rests on")
        graph.edge(statement, where, evidence.section)
    for found in splits(known, graph.snapshot):
        split = graph.node("disagreement", found.title, found.disagreement, found.resolution)
        graph.edge(target, split, "sources disagree")


def splits(known: Advisory, snapshot: Snapshot) -> tuple[Split, ...]:
    """Give the disagreements that bear on an advisory, with every passage and the choice."""
    return tuple(
        Split(
            disagreement=iri,
            title=found.label,
            readings=cited(dict.fromkeys((*found.readings, *found.taken)), snapshot),
            taken=found.taken,
            resolution=found.resolution,
            reason=found.reason,
            to_be_confirmed_by=found.to_be_confirmed_by,
        )
        for iri in sorted(known.disagreements)
        if (found := snapshot.disagreements.get(iri)) is not None
    )


def about_another(known: Advisory, snapshot: Snapshot) -> str:
    """Say whom an advisory is about, where that is not the index drug."""
    if snapshot.index_drug in known.about:
        return ""
    drugs = listed([label_of(drug, snapshot) for drug in known.about])
    index = label_of(snapshot.index_drug, snapshot)
    return f"{known.label} is about {drugs}; it says nothing of {index}."


def positions(known: Advisory, snapshot: Snapshot) -> dict[str, Position]:
    """Put what each jurisdiction says side by side, and what is local or derived beside them."""
    by_place: dict[str, list[Evidence]] = {j: [] for j in laws(snapshot)}
    for evidence in cited(known.statements, snapshot):
        by_place.setdefault(evidence.jurisdiction, []).append(evidence)
    return {
        place: Position(severity=known.severities.get(place), evidence=tuple(found))
        for place, found in by_place.items()
    }


def silences(term: str, snapshot: Snapshot, item: Item | None = None) -> list[Silent]:
    """List what is known to raise nothing about a term, with the statements that say so.

    Of an item of a patient its use and route are looked at, too.
    """
    silent = [
        Silent(
            advisory=iri,
            title=silence.label,
            reason=silence.definition or silence.label,
            evidence=cited(silence.statements, snapshot),
        )
        for iri, silence in sorted(snapshot.silences.items())
        if _concerned(term, silence.concerns, snapshot, item)
    ]
    return [*silent, *_cleared(term, snapshot)]


def _concerned(term: str, concerns: Iterable[str], snapshot: Snapshot, item: Item | None) -> bool:
    """Say whether a term is one that raises nothing; of a medicine its use decides, if any does."""
    uses = [c for c in concerns if c in snapshot.criteria and _about_items(c, snapshot)]
    if item is not None and uses:
        questions = logic(snapshot).items
        return item.drugs is not None and any(
            questions.criterion(use).judge(item) == TRUE for use in uses
        )
    return not _belongs(term, snapshot).isdisjoint(concerns)


def _about_items(criterion: str, snapshot: Snapshot) -> bool:
    """Say whether a criterion is about one item, and looks along no role of the patient."""
    nodes = nodes_of(snapshot.criteria[criterion].expression, snapshot)
    return not any(isinstance(node, AtLeast) for node in nodes)


def _belongs(term: str, snapshot: Snapshot) -> set[str]:
    drug = snapshot.drugs.get(term)
    if drug is not None:
        return {term, *drug.classes}
    known = snapshot.conditions.get(term) or snapshot.observations.get(term)
    return {term, *(known.ancestors if known else ())}


def _cleared(term: str, snapshot: Snapshot) -> list[Silent]:
    """List the harms that a source clears a drug of, with all sources that do."""
    by_harm: dict[tuple[str, ...], list[str]] = {}
    for iri, statement in sorted(snapshot.statements.items()):
        if statement.clears and term in statement.about:
            by_harm.setdefault(statement.clears, []).append(iri)
    return [
        Silent(
            advisory=found[0],
            title=snapshot.statements[found[0]].label,
            reason=f"cleared of {', '.join(label_of(c, snapshot) for c in harms)} by a source",
            evidence=cited(found, snapshot),
        )
        for harms, found in by_harm.items()
    ]


def release_mark(snapshot: Snapshot) -> ReleaseMark:
    """Name the release that answered."""
    return ReleaseMark(version=snapshot.version, hash=snapshot.knowledge_hash)
