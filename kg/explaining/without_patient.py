"""Explain without a patient: what a drug can raise and why, and for whom an advisory is."""

from __future__ import annotations

from collections.abc import Sequence

from kg import terms
from kg.checking.evidence import cited
from kg.contract.explanation import Explanation, Silent, brief, listed
from kg.explaining.parts import (
    about_another,
    add_evidence,
    positions,
    release_mark,
    silences,
    splits,
)
from kg.explaining.sentences import tree
from kg.explaining.trace import Graph, belongs
from kg.explaining.words import fact_in_words, unjudged
from kg.judging.questions import ready
from kg.snapshot.criteria import Has, Number, Of
from kg.snapshot.criteria_walk import leaves_of
from kg.snapshot.labels import label_of
from kg.snapshot.model import Advisory, Snapshot


def explain_drug(drug: str, snapshot: Snapshot) -> Explanation:
    """Say what a drug can raise and by what, or why it raises nothing."""
    medicine = snapshot.drugs[drug]
    graph = Graph(snapshot)
    here = graph.node("drug", medicine.label, drug, medicine.definition)
    raises = []
    for one in ready(snapshot):
        asked = {
            e.term
            for e in leaves_of(snapshot.criteria[one.advisory.applies_to].expression, snapshot)
            if isinstance(e, Of) and e.property == terms.OF_DRUG
        }
        within = [c for c in sorted(asked) if _is_of(drug, c, snapshot)]
        if not within or drug == snapshot.index_drug:
            continue
        raises.append(one.iri)
        strength = "; ".join(f"{j}: {s}" for j, s in sorted(one.advisory.severities.items()))
        target = graph.node("advisory", one.advisory.label, one.iri, strength)
        for group in within:
            _why_of(drug, group, graph, here, target)
    for statement in _statements_about(drug, snapshot):
        said = snapshot.statements[statement]
        point = graph.node("statement", said.label, statement, said.says)
        source = snapshot.sources.get(said.source)
        graph.edge(here, point, "said of it")
        where = graph.node("source", source.label if source else said.source, said.source)
        graph.edge(point, where, said.locator)
    silent = silences(drug, snapshot)
    nodes, edges = graph.whole()
    return Explanation(
        about=drug,
        title=medicine.label,
        verdict=None,
        summary=brief(_said_of_drug(drug, raises, silent, snapshot)),
        steps=_steps_of_drug(drug, raises, silent, snapshot),
        nodes=nodes,
        edges=edges,
        tree=tree(drug, nodes, edges),
        positions={},
        raises=tuple(raises),
        silent=tuple(silent),
        release=release_mark(snapshot),
    )


def _is_of(drug: str, group: str, snapshot: Snapshot) -> bool:
    known = snapshot.classes.get(group)
    return drug == group or (known is not None and drug in known.members)


def _why_of(drug: str, group: str, graph: Graph, here: str, target: str) -> None:
    if group not in graph.snapshot.classes:
        graph.edge(here, target, "named by")
        return
    class_node = graph.node("class", label_of(group, graph.snapshot), group)
    graph.edge(class_node, target, "asked for by")
    if not belongs(drug, class_node, graph, here):
        graph.edge(here, class_node, "belongs to")


def _statements_about(drug: str, snapshot: Snapshot) -> list[str]:
    return [i for i, s in sorted(snapshot.statements.items()) if drug in s.about]


def _said_of_drug(
    drug: str, raises: Sequence[str], silent: Sequence[Silent], snapshot: Snapshot
) -> str:
    medicine = snapshot.drugs[drug]
    if drug == snapshot.index_drug:
        return (
            f"{medicine.label} is what all advice here is about; it raises nothing against itself."
        )
    if raises:
        return (
            f"{medicine.label} can raise: {listed([snapshot.advisories[i].label for i in raises])}."
        )
    if not medicine.assessed:
        return f"{medicine.label} was {unjudged(medicine, snapshot)}."
    if silent:
        return f"{medicine.label} raises nothing: {silent[0].title}."
    return f"{medicine.label} was assessed and carries no liability that any advisory asks about."


def _steps_of_drug(
    drug: str, raises: Sequence[str], silent: Sequence[Silent], snapshot: Snapshot
) -> tuple[str, ...]:
    medicine = snapshot.drugs[drug]
    steps = [_said_of_drug(drug, (), silent, snapshot)] if not raises else []
    for iri in raises:
        advisory = snapshot.advisories[iri]
        strength = "; ".join(f"{j}: {s}" for j, s in sorted(advisory.severities.items()))
        ground = snapshot.criteria[advisory.applies_to].definition
        steps.append(f"{medicine.label} can raise {advisory.label} ({strength}). {ground}")
        steps += [f"Set aside: {said}" for said in _set_aside(drug, advisory, snapshot)]
    for iri in _statements_about(drug, snapshot):
        said = snapshot.statements[iri]
        source = snapshot.sources.get(said.source)
        steps.append(f"{source.label if source else said.source}, {said.locator}: {said.says}")
    steps += [f"Silent: {s.title}: {s.reason.rstrip('.')}." for s in silent]
    return tuple(dict.fromkeys(steps))


def _set_aside(drug: str, advisory: Advisory, snapshot: Snapshot) -> list[str]:
    """Say in which uses an advisory leaves a drug out."""
    uses = []
    for name in advisory.sets_aside:
        criterion = snapshot.criteria[name]
        asked = (e for e in leaves_of(criterion.expression, snapshot) if isinstance(e, Of))
        if any(_is_of(drug, e.term, snapshot) for e in asked):
            uses.append(criterion.definition or criterion.label)
    return uses


def explain_without_patient(advisory: str, snapshot: Snapshot) -> Explanation:
    """Say for whom an advisory is, how severe, and on what evidence."""
    advice = snapshot.advisories[advisory]
    graph = Graph(snapshot)
    target = graph.node("advisory", advice.label, advisory, advice.management)
    _criterion(advice.applies_to, graph, target, "for whom", set())
    if advice.unless:
        _criterion(advice.unless, graph, target, "unless", set())
    for aside in advice.sets_aside:
        _criterion(aside, graph, target, "sets aside", set())
    add_evidence(advice, graph, target)
    nodes, edges = graph.whole()
    strength = "; ".join(f"{j}: {s}" for j, s in sorted(advice.severities.items()))
    criterion = snapshot.criteria[advice.applies_to]
    another = about_another(advice, snapshot)
    steps = [another] if another else []
    steps += [f"{advice.label} ({strength}).", criterion.definition or criterion.label]
    if advice.unless:
        steps.append(f"Unless: {snapshot.criteria[advice.unless].definition}")
    steps += [f"Set aside: {snapshot.criteria[c].definition}" for c in advice.sets_aside]
    steps += [
        f"{e.jurisdiction}, {e.title}, {e.section}: {e.says}"
        for e in cited(advice.statements, snapshot)
    ]
    return Explanation(
        about=advisory,
        title=advice.label,
        verdict=None,
        summary=brief(another or f"{advice.label} ({strength})."),
        steps=(*steps, advice.management),
        nodes=nodes,
        edges=edges,
        tree=tree(advisory, nodes, edges),
        positions=positions(advice, snapshot),
        disagreements=splits(advice, snapshot),
        release=release_mark(snapshot),
    )


def _criterion(name: str, graph: Graph, target: str, how: str, seen: set[str]) -> None:
    """Add a criterion, the criteria it is made of, and what they ask in the end."""
    criterion = graph.snapshot.criteria[name]
    here = graph.criterion(name)
    graph.edge(here, target, how)
    if name in seen:
        return
    seen.add(name)
    for leaf in leaves_of(criterion.expression, graph.snapshot, named=True):
        if isinstance(leaf, str):
            _criterion(leaf, graph, here, "part of", seen)
        else:
            words = fact_in_words(leaf, graph.snapshot)
            iri = leaf.property if isinstance(leaf, Has | Number) else leaf.term
            asked = graph.node("asked", words, iri, key=f"{iri} {words}")
            graph.edge(asked, here, "asked for")
