"""Explain with a patient: why an advisory applies or does not, and what an input led to."""

from __future__ import annotations

from collections.abc import Sequence

from kg.assemble import assemble
from kg.case import Case
from kg.errors import UnknownSubject
from kg.evidence import cited, readings, silence_statements
from kg.explain_parts import add_evidence, positions, release_mark, silences
from kg.explanation import Explanation, Node, Silent, brief
from kg.interval import FALSE, TRUE, UNKNOWN
from kg.judge import Verdict, judge
from kg.model import Advisory, Snapshot
from kg.needs import needs
from kg.request import Request
from kg.support import supports
from kg.trace import Graph, trace
from kg.witnesses import witnesses

_VERDICTS = {TRUE: "applies", UNKNOWN: "cannot be evaluated", FALSE: "does not apply"}


def explain_advisory(
    request: Request, advisory: str, snapshot: Snapshot, *, least: bool = True
) -> Explanation:
    """Say why an advisory applies to a patient, why it does not, or what would settle it.

    The least sets of inputs that are enough cost many judgements; `least` says whether to look.
    """
    case = assemble(request, snapshot)
    verdict = next((v for v in judge(case, snapshot) if v.ready.iri == advisory), None)
    known = snapshot.advisories[advisory]
    if verdict is None:
        return _elsewhere(advisory, known, case, snapshot)
    graph = Graph(snapshot)
    target = graph.node("advisory", known.label, advisory, known.management)
    trace(verdict.ready.applies, verdict.view, graph, target)
    if verdict.exemption == TRUE and verdict.ready.unless is not None:
        _exempted(verdict, graph, target)
    for aside in verdict.aside:
        given = graph.node("input", aside.item.input, key=f"at {aside.item.input}")
        ground = snapshot.criteria[aside.criterion]
        by = graph.node("set aside", ground.label, aside.criterion, ground.definition)
        graph.edge(given, by, "set aside by")
        graph.edge(by, target, "left out of")
    add_evidence(known, graph, target)
    nodes, edges = graph.whole()
    seen = [w.input for w in witnesses(verdict.ready.applies, verdict.view, snapshot)]
    applies = verdict.truth == TRUE
    wanted = needs(verdict.ready.applies, verdict.view, snapshot) if not applies else ()
    return Explanation(
        about=advisory,
        title=known.label,
        verdict=_VERDICTS[verdict.truth],
        summary=brief(_summary(verdict, known, seen if applies else [], snapshot)),
        steps=_steps(nodes, verdict, known, snapshot),
        nodes=nodes,
        edges=edges,
        supports=supports(request, advisory, seen, snapshot) if applies and least else (),
        positions=positions(known, snapshot),
        disagreements=readings(known, snapshot),
        needs=tuple(dict.fromkeys(n.text for n in wanted)),
        release=release_mark(snapshot),
    )


def _elsewhere(iri: str, known: Advisory, case: Case, snapshot: Snapshot) -> Explanation:
    """Say that an advisory raises nothing in the jurisdiction that was asked for."""
    graph = Graph(snapshot)
    target = graph.node("advisory", known.label, iri, known.management)
    add_evidence(known, graph, target)
    nodes, edges = graph.whole()
    held = ", ".join(sorted(known.severities))
    said = f"{known.label} raises nothing in {case.jurisdiction}; it holds in {held}."
    return Explanation(
        about=iri,
        title=known.label,
        verdict=_VERDICTS[FALSE],
        summary=brief(said),
        steps=(said,),
        nodes=nodes,
        edges=edges,
        positions=positions(known, snapshot),
        disagreements=readings(known, snapshot),
        release=release_mark(snapshot),
    )


def _exempted(verdict: Verdict, graph: Graph, target: str) -> None:
    unless = verdict.ready.unless
    assert unless is not None  # noqa: S101 - asked by the caller
    by = graph.node("exemption", "an exemption that is known", key="exemption")
    graph.edge(by, target, "keeps from applying")
    trace(unless, verdict.view, graph, by)


def _summary(verdict: Verdict, known: Advisory, seen: Sequence[str], snapshot: Snapshot) -> str:
    if verdict.truth == TRUE:
        return f"{verdict.severity}: {known.label}, because of {', '.join(dict.fromkeys(seen))}."
    if verdict.exemption == TRUE:
        ground = snapshot.criteria[known.unless].label if known.unless else "an exemption"
        return f"{known.label} does not apply: {ground}."
    if verdict.truth == UNKNOWN:
        return f"{known.label} cannot be evaluated; {verdict.severity} if it applies."
    return f"{known.label} does not apply to what was given."


def _steps(
    nodes: Sequence[Node], verdict: Verdict, known: Advisory, snapshot: Snapshot
) -> tuple[str, ...]:
    """Say the chain in sentences, from what was given to what to do."""
    steps = []
    for node in nodes:
        if node.kind == "input":
            steps.append(f"Given: {node.label}{f', {node.detail}' if node.detail else ''}.")
        elif node.kind in ("statement", "source", "advisory", "disagreement"):
            continue
        else:
            iri = f" ({node.detail})" if node.kind == "criterion" and node.detail else ""
            steps.append(f"{node.kind[:1].upper()}{node.kind[1:]}: {node.label}{iri}.")
    strength = "; ".join(f"{j}: {s}" for j, s in sorted(known.severities.items()))
    steps.append(f"{known.label} {_VERDICTS[verdict.truth]} ({strength}).")
    if verdict.truth == TRUE:
        steps.append(known.management)
    return tuple(dict.fromkeys(steps))


def explain_input(request: Request, path: str, snapshot: Snapshot) -> Explanation:
    """Say what one input of a request led to, what set it aside, and what it did not raise."""
    case = assemble(request, snapshot)
    items = [
        i
        for found in (case.medications, case.conditions, case.allergies, case.observations)
        for i in found or ()
        if i.input == path
    ]
    known = [r for r in case.recognised if r.input == path]
    missed = [u for u in case.unrecognised if u.input == path]
    if not (items or known or missed):
        raise UnknownSubject(
            code="unknown-subject",
            message="the request has no such input",
            subject=path[:100],
            repair="name an input of the request, as in medications[0]",
        )
    title = ", ".join(dict.fromkeys(r.label for r in known)) or (
        missed[0].given if missed else path
    )
    graph = Graph(snapshot)
    here = graph.node("input", path, None, missed[0].reason if missed else "", key=f"at {path}")
    raises, silent = [], []
    for verdict in judge(case, snapshot):
        iri, advisory = verdict.ready.iri, verdict.ready.advisory
        if verdict.truth == TRUE:
            seen = witnesses(verdict.ready.applies, verdict.view, snapshot)
            if any(w.input == path for w in seen):
                raises.append(iri)
                target = graph.node("advisory", advisory.label, iri, advisory.management)
                trace(verdict.ready.applies, verdict.view, graph, target)
        for aside in verdict.aside:
            if aside.item.input == path:
                silent.append(_aside(verdict, aside.criterion, graph, here))
    drugs = {d for i in items for d in i.drugs or ()}
    for drug in sorted(drugs):
        silent += silences(drug, snapshot)
    silent = list({(s.advisory, s.reason): s for s in silent}.values())
    nodes, edges = graph.whole()
    return Explanation(
        about=path,
        title=title,
        verdict=None,
        summary=brief(_said_of_input(path, title, raises, silent, missed, snapshot)),
        steps=_steps_of_input(path, title, raises, silent, snapshot),
        nodes=nodes,
        edges=edges,
        positions={},
        raises=tuple(raises),
        silent=tuple(silent),
        release=release_mark(snapshot),
    )


def _aside(verdict: Verdict, criterion: str, graph: Graph, here: str) -> Silent:
    advisory, ground = verdict.ready.advisory, graph.snapshot.criteria[criterion]
    by = graph.node("set aside", ground.label, criterion, ground.definition)
    target = graph.node("advisory", advisory.label, verdict.ready.iri, advisory.management)
    graph.edge(here, by, "set aside by")
    graph.edge(by, target, "left out of")
    found = silence_statements(graph.snapshot).get(criterion, ())
    reason = f"set aside as {ground.label}"
    return Silent(
        advisory=verdict.ready.iri,
        title=advisory.label,
        reason=reason,
        evidence=cited(found, graph.snapshot),
    )


def _said_of_input(
    path: str,
    title: str,
    raises: Sequence[str],
    silent: Sequence[Silent],
    missed: Sequence[object],
    snapshot: Snapshot,
) -> str:
    if missed:
        return f"{path} ({title}) was not recognised, so nothing follows from it: no all-clear."
    if raises:
        return f"{title} counts for: " + "; ".join(snapshot.advisories[i].label for i in raises)
    if silent:
        return f"{title} raises nothing: {silent[0].reason}."
    return f"{title} raises nothing here: no advisory that applies counts it."


def _steps_of_input(
    path: str, title: str, raises: Sequence[str], silent: Sequence[Silent], snapshot: Snapshot
) -> tuple[str, ...]:
    steps = [f"Given: {path}, read as {title}."]
    steps += [f"It counts for: {snapshot.advisories[i].label}." for i in raises]
    steps += [f"{s.title}: {s.reason}." for s in silent]
    return tuple(steps)
