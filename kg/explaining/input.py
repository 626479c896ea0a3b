"""Explain one input: what it led to, what it may lead to, and why the rest is silent about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kg.casing.assemble import assemble
from kg.casing.case import Case, Item
from kg.checking.evidence import cited, silence_statements
from kg.contract.explanation import Explanation, Silent, Unsettled, brief, listed
from kg.contract.parts import LIST_NAMES
from kg.contract.place import Place
from kg.contract.report import Recognised, Unrecognised
from kg.contract.request import Request
from kg.errors import UnknownSubject
from kg.explaining.parts import release_mark, silences
from kg.explaining.sentences import sentences, tree
from kg.explaining.trace import Graph, read_as, trace
from kg.explaining.words import asked_in_words, fact_in_words, given_at, paths_of
from kg.interval import FALSE, TRUE, UNKNOWN
from kg.judging.item_questions import ItemNode
from kg.judging.judge import Aside, Verdict, judge
from kg.judging.needs import needs
from kg.judging.patterns import truth_of
from kg.judging.questions import PatientNode
from kg.judging.tables import tables
from kg.judging.view import Answered
from kg.judging.witnesses import witnesses
from kg.snapshot.criteria import AtLeast, Has, Is, Named, Number, Of
from kg.snapshot.labels import label_of
from kg.snapshot.model import Snapshot


class _Input(NamedTuple):
    """One input: where it stands, what it was read as, and the items that came of it."""

    path: str
    title: str
    items: list[Item]
    read: list[Recognised]
    missed: Unrecognised | None


class _Led(NamedTuple):
    """What an input led to."""

    raises: list[Verdict]
    unsettled: list[Unsettled]
    silent: list[Silent]


def explain_input(request: Request, path: str, snapshot: Snapshot) -> Explanation:
    """Say what one input of a request led to, what set it aside, and what it did not raise."""
    case = assemble(request, snapshot)
    given = _input(path, case)
    graph = Graph(snapshot, case)
    start = graph.given(path)
    for item in given.items:
        read_as(item, graph)
    led = _led(given, case, graph)
    nodes, edges = graph.whole(start)
    return Explanation(
        about=path,
        title=given.title,
        verdict=None,
        summary=brief(_summary(given, led, snapshot)),
        steps=_steps(given, led, sentences(nodes, edges)),
        nodes=nodes,
        edges=edges,
        tree=tree(start, nodes, edges),
        positions={},
        needs=tuple(dict.fromkeys(n for u in led.unsettled for n in u.needs)),
        raises=tuple(v.ready.iri for v in led.raises),
        unsettled=tuple(led.unsettled),
        silent=tuple(led.silent),
        release=release_mark(snapshot),
    )


def _input(path: str, case: Case) -> _Input:
    assert case.request is not None  # noqa: S101 - the case was made of a request just now
    there = listed(list(paths_of(case.request)), 8)
    if path not in paths_of(case.request):
        raise UnknownSubject(
            code="unknown-subject",
            message="the request has no such input",
            subject=path[:100],
            repair=f"name one of: {there}" if there else "send the input with the request",
        )
    items = [i for name in LIST_NAMES for i in getattr(case, name) or () if i.input == path]
    read = [r for r in case.recognised if r.input == path]
    missed = next((u for u in case.unrecognised if u.input == path), None)
    said = given_at(path, case.request)
    place = Place.of(path)
    numbered = place is not None and place.n is not None
    named = listed([r.label for r in read]) or (said if numbered else f"{path} {said}".strip())
    return _Input(path, named, items, read, missed)


def _led(given: _Input, case: Case, graph: Graph) -> _Led:
    """Go through every advisory, and say what an input has to do with it."""
    snapshot = graph.snapshot
    led = _Led([], [], [])
    for verdict in judge(case, snapshot):
        asides = [a for a in verdict.aside if a.item.input == given.path]
        part = _part(verdict, given, snapshot)
        if part == TRUE == verdict.truth:
            led.raises.append(verdict)
        elif part != FALSE and verdict.truth == UNKNOWN:
            led.unsettled.append(_unsettled(verdict, snapshot))
        else:
            led.silent.extend(_aside(verdict, aside, graph) for aside in asides)
            reason = "" if asides else _why_not(verdict, given, part, snapshot)
            if reason:
                advisory = verdict.ready.advisory
                iri = verdict.ready.iri
                led.silent.append(Silent(advisory=iri, title=advisory.label, reason=reason))
            continue
        advisory = verdict.ready.advisory
        target = graph.node("advisory", advisory.label, verdict.ready.iri, advisory.management)
        trace(verdict.ready.applies, verdict.view, graph, target)
    known = (s for i in given.items if i.term for s in silences(i.term, snapshot, i))
    led.silent.extend({(s.advisory, s.reason): s for s in known}.values())
    return led


def _unsettled(verdict: Verdict, snapshot: Snapshot) -> Unsettled:
    wanted = needs(verdict.ready.applies, verdict.view, snapshot)
    return Unsettled(
        advisory=verdict.ready.iri,
        title=verdict.ready.advisory.label,
        severity=verdict.severity,
        needs=tuple(dict.fromkeys(n.text for n in wanted)),
    )


def _aside(verdict: Verdict, aside: Aside, graph: Graph) -> Silent:
    advisory, ground = verdict.ready.advisory, graph.snapshot.criteria[aside.criterion]
    here = read_as(aside.item, graph)
    by = graph.node("set aside", ground.label, aside.criterion, ground.definition)
    target = graph.node("advisory", advisory.label, verdict.ready.iri, advisory.management)
    graph.edge(here, by, "set aside by")
    graph.edge(by, target, "left out of")
    statements = silence_statements(graph.snapshot).get(aside.criterion, ())
    return Silent(
        advisory=verdict.ready.iri,
        title=advisory.label,
        reason=f"set aside: {ground.label}",
        evidence=cited(statements, graph.snapshot),
    )


# --- what an input has to do with an advisory -----------------------------------------------------


def _questions(node: PatientNode) -> Iterator[PatientNode]:
    if not node.parts:
        yield node
    for part in node.parts:
        yield from _questions(part)


def _hanging(node: PatientNode, verdict: Verdict, path: str) -> Iterator[Answered]:
    """Give the items of an input that a question looks at, with what each answers."""
    items = verdict.view.items[node.family] if node.item else None
    return (one for one in items or () if one.item.input == path)


def _part(verdict: Verdict, given: _Input, snapshot: Snapshot) -> int:
    """Say whether an input counts for an advisory, or may."""
    counts = FALSE
    for node in _questions(verdict.ready.applies):
        if isinstance(node.expression, Has | Number) and truth_of(node, verdict.view) == TRUE:
            seen = witnesses(node, verdict.view, snapshot, steps=False)
            counts = max(counts, TRUE if given.path in (w.input for w in seen) else FALSE)
        for one in _hanging(node, verdict, given.path):
            if one.possible & node.of_item:
                counts = max(counts, TRUE if one.sure & node.of_item else UNKNOWN)
    return counts


def _why_not(verdict: Verdict, given: _Input, part: int, snapshot: Snapshot) -> str:
    """Say why an advisory that asks about such an input does not count it; '' where it does not."""
    if part != FALSE:
        unless = verdict.ready.advisory.unless
        if verdict.exemption == TRUE and unless:
            return f"it would count, but an exemption is known: {snapshot.criteria[unless].label}"
        lacking = listed(list(_lacking(verdict.ready.applies, verdict, snapshot)))
        return f"it would count, but this does not hold: {lacking}"
    for node in _questions(verdict.ready.applies):
        for item, _, _ in _hanging(node, verdict, given.path):
            asked = node.item
            if asked is None or not isinstance(node.expression, AtLeast):
                continue
            reached = tables(snapshot).may_count(item.role) & node.of_item
            if asked.judge(item) == TRUE and not reached:
                return f"it would count only where the patient {_role(node.expression, snapshot)}"
            if _belongs(asked, item):
                failing = listed(list(_failing(asked, item, snapshot)))
                return f"it is of the kind asked for, but this does not hold: {failing}"
    return ""


def _role(expression: AtLeast, snapshot: Snapshot) -> str:
    return label_of(expression.role, snapshot)


def _lacking(node: PatientNode, verdict: Verdict, snapshot: Snapshot) -> Iterator[str]:
    """Name the parts of a question that do not hold."""
    if truth_of(node, verdict.view) != FALSE:
        return
    if isinstance(node.expression, Named) and not any(p.parts for p in node.parts):
        yield snapshot.criteria[node.expression.criterion].label
    elif node.parts:
        for part in node.parts:
            yield from _lacking(part, verdict, snapshot)
    elif node.item is not None:
        yield asked_in_words(node.item, snapshot)
    else:
        yield fact_in_words(node.expression, snapshot)


def _belongs(node: ItemNode, item: Item) -> bool:
    """Say whether an item is of a kind or drug that a question asks for."""
    if isinstance(node.expression, Is | Of):
        return node.judge(item) == TRUE
    return any(_belongs(part, item) for part in node.parts)


def _failing(node: ItemNode, item: Item, snapshot: Snapshot) -> Iterator[str]:
    """Name what a question asks of an item and the item does not fulfil."""
    if node.judge(item) != FALSE:
        return
    inner = [p for p in node.parts if p.judge(item) == FALSE]
    if isinstance(node.expression, Named) and not _belongs(node, item):
        yield snapshot.criteria[node.expression.criterion].label
    elif inner:
        for part in inner:
            yield from _failing(part, item, snapshot)
    else:
        yield fact_in_words(node.expression, snapshot)


# --- in words -------------------------------------------------------------------------------------


def _summary(given: _Input, led: _Led, snapshot: Snapshot) -> str:
    title = given.title
    if given.missed:
        return f"{given.path} ({title}) was not recognised, so its silence says nothing."
    if led.raises:
        return f"{title} counts for: {listed([v.ready.advisory.label for v in led.raises])}."
    if led.unsettled:
        return f"{title} cannot be judged yet for: {listed([u.title for u in led.unsettled])}."
    if any(not r.assessed for r in given.read):
        return f"{title} is known by name only: nobody has judged it, so its silence says nothing."
    if any(r.term == snapshot.index_drug for r in given.read):
        return f"{title} is what all advice here is about; it raises nothing against itself."
    if led.silent:
        return f"{title} raises nothing: {led.silent[0].reason.rstrip('.')}."
    if given.read and not given.items:
        return f"{title} raises nothing here: another entry of its kind is taken instead."
    return f"{title} raises nothing here: no advice that applies counts it."


def _steps(given: _Input, led: _Led, chain: tuple[str, ...]) -> tuple[str, ...]:
    """Say what was read, the chain to what it raises, and each silence with its reason."""
    steps = [*chain]
    if given.missed:
        steps.append(f"Not recognised: {given.missed.reason}.")
    steps += [f"Note: {r.note}." for r in given.read if r.note]
    steps += [f"It counts for: {v.ready.advisory.label} ({v.severity})." for v in led.raises]
    steps += [
        f"Not settled: {u.title} ({u.severity}); needed: {'; '.join(u.needs)}."
        for u in led.unsettled
    ]
    steps += [f"Silent: {s.title}: {s.reason.rstrip('.')}." for s in led.silent]
    return tuple(dict.fromkeys(steps))
