"""Explain with a patient: why an advisory applies, why it does not, or what would settle it."""

from __future__ import annotations

from collections.abc import Sequence

from kg.casing.assemble import assemble
from kg.casing.case import Case
from kg.contract.explanation import Explanation, Told, brief, listed
from kg.contract.request import Request
from kg.explaining.least_inputs import Support, support
from kg.explaining.parts import about_another, add_evidence, positions, release_mark, splits
from kg.explaining.sentences import sentences, tree
from kg.explaining.trace import Graph, read_as, trace
from kg.interval import FALSE, TRUE, UNKNOWN
from kg.judging.judge import Verdict, judge
from kg.judging.needs import needs
from kg.judging.view import Witness
from kg.judging.witnesses import witnesses
from kg.snapshot.model import Advisory, Snapshot

TOLD: dict[int, Told] = {
    TRUE: "applies",
    UNKNOWN: "cannot be evaluated",
    FALSE: "does not apply",
}


def explain_advisory(
    request: Request, advisory: str, snapshot: Snapshot, *, least: bool = True
) -> Explanation:
    """Say why an advisory applies to a patient, why it does not, or what would settle it.

    The least sets of inputs that are enough cost many judgements; `least` says whether to look.
    """
    case = assemble(request, snapshot)
    advice = snapshot.advisories[advisory]
    verdict = next((v for v in judge(case, snapshot) if v.ready.iri == advisory), None)
    graph = Graph(snapshot, case)
    target = graph.node("advisory", advice.label, advisory, advice.management)
    if verdict is None:
        return _elsewhere(advisory, advice, case, graph)
    applies = verdict.truth == TRUE
    exempt = verdict.exemption == TRUE
    if exempt:
        _exempted(verdict, graph, target)
    else:
        trace(verdict.ready.applies, verdict.view, graph, target)
    for aside in verdict.aside:
        given = read_as(aside.item, graph)
        ground = snapshot.criteria[aside.criterion]
        by = graph.node("set aside", ground.label, aside.criterion, ground.definition)
        graph.edge(given, by, "set aside by")
        graph.edge(by, target, "left out of")
    nodes, edges = graph.whole()
    steps = sentences(nodes, edges)
    add_evidence(advice, graph, target)
    nodes, edges = graph.whole()
    seen = witnesses(verdict.ready.applies, verdict.view, snapshot) if applies else []
    enough = Support()
    if applies and least:
        enough = support(request, advisory, [w.input for w in seen], snapshot)
    wanted = needs(verdict.ready.applies, verdict.view, snapshot)
    return Explanation(
        about=advisory,
        title=advice.label,
        verdict=TOLD[verdict.truth],
        summary=brief(_summary(verdict, advice, seen, snapshot)),
        steps=(*steps, *_verdict(advice, verdict)),
        nodes=nodes,
        edges=edges,
        tree=tree(advisory, nodes, edges),
        leaves=enough.leaves,
        supports=enough.sets,
        positions=positions(advice, snapshot),
        disagreements=splits(advice, snapshot),
        needs=tuple(dict.fromkeys(n.text for n in wanted)) if not (applies or exempt) else (),
        release=release_mark(snapshot),
    )


def _elsewhere(iri: str, known: Advisory, case: Case, graph: Graph) -> Explanation:
    """Say why an advisory raises nothing here: it is about another drug, or not for this law."""
    snapshot = graph.snapshot
    add_evidence(known, graph, iri)
    nodes, edges = graph.whole()
    held = ", ".join(sorted(known.severities))
    said = about_another(known, snapshot) or (
        f"{known.label} raises nothing in {case.jurisdiction}; it holds in {held}."
    )
    return Explanation(
        about=iri,
        title=known.label,
        verdict=TOLD[FALSE],
        summary=brief(said),
        steps=(said,),
        nodes=nodes,
        edges=edges,
        tree=tree(iri, nodes, edges),
        positions=positions(known, snapshot),
        disagreements=splits(known, snapshot),
        release=release_mark(snapshot),
    )


def _exempted(verdict: Verdict, graph: Graph, target: str) -> None:
    unless = verdict.ready.unless
    assert unless is not None  # noqa: S101 - an exemption that is known has a criterion
    by = graph.node("exemption", "an exemption that is known", key="exemption")
    graph.edge(by, target, "keeps from applying")
    trace(unless, verdict.view, graph, by)


def _summary(verdict: Verdict, known: Advisory, seen: Sequence[Witness], snapshot: Snapshot) -> str:
    if verdict.truth == TRUE:
        return f"{verdict.severity}: {known.label}, because of {listed([w.label for w in seen])}."
    if verdict.exemption == TRUE:
        ground = snapshot.criteria[known.unless].label if known.unless else "an exemption"
        return f"{known.label} does not apply: {ground}."
    if verdict.truth == UNKNOWN:
        return f"{known.label} cannot be evaluated; {verdict.severity} if it applies."
    if verdict.aside:
        aside = listed([a.item.label for a in verdict.aside])
        return f"{known.label} does not apply: {aside} set aside by the use made of it."
    return f"{known.label} does not apply to what was given."


def _verdict(known: Advisory, verdict: Verdict) -> list[str]:
    """Say what comes of it in each jurisdiction, and what to do where it applies."""
    strength = "; ".join(f"{j}: {s}" for j, s in sorted(known.severities.items()))
    said = f"{known.label} {TOLD[verdict.truth]} ({strength})."
    return [said, known.management] if verdict.truth == TRUE else [said]
