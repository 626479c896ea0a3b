"""The graph of an explanation, drawn from the tree that judged."""

from __future__ import annotations

from collections.abc import Mapping

import networkx as nx

from kg import terms
from kg.case import Item
from kg.explanation import Edge, Node
from kg.interval import FALSE, TRUE, UNKNOWN
from kg.item_logic import ItemNode
from kg.logic import PatientNode
from kg.model import AtLeast, Expression, Has, Is, Named, Number, Of, Property, Snapshot, Term
from kg.once import once_per_snapshot
from kg.view import View
from kg.witnesses import Witness, in_words, witnesses

_WORDS = {TRUE: "holds", UNKNOWN: "cannot be told", FALSE: "does not hold"}


class Graph:
    """Steps and how they lead to each other, each once; arrows go from inputs to advice."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._graph: nx.DiGraph[str] = nx.DiGraph()

    def node(
        self, kind: str, label: str, iri: str | None = None, detail: str = "", key: str = ""
    ) -> str:
        """Add a step, and give its name within the graph."""
        name = key or iri or f"{kind}: {label}"
        if name not in self._graph:
            entry = Node(id=name, kind=kind, label=label, iri=iri, detail=detail or None)
            self._graph.add_node(name, entry=entry)
        return name

    def edge(self, source: str, target: str, label: str) -> None:
        """Say that one step leads to another."""
        if source != target and not self._graph.has_edge(source, target):
            self._graph.add_edge(
                source, target, entry=Edge(source=source, target=target, label=label)
            )

    def leading_to(self, target: str) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
        """Give the steps from which one can be reached, inputs first, and their edges."""
        within = self._graph.subgraph({target, *nx.ancestors(self._graph, target)})
        return self._parts(within)

    def whole(self) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
        """Give all steps and edges."""
        return self._parts(self._graph)

    @staticmethod
    def _parts(graph: nx.DiGraph[str]) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
        order = list(nx.lexicographical_topological_sort(graph))
        place = {name: n for n, name in enumerate(order)}
        nodes = tuple(graph.nodes[n]["entry"] for n in order)
        found = (data["entry"] for _, _, data in graph.edges(data=True))
        edges = sorted(found, key=lambda e: (place[e.source], place[e.target]))
        return nodes, tuple(edges)


def trace(node: PatientNode, view: View, graph: Graph, target: str) -> None:
    """Follow a question down to what decided it: the parts that answer as it does."""
    answer = node.judge(view)
    expression = node.expression
    if isinstance(expression, Named):
        known = graph.snapshot.criteria[expression.criterion]
        detail = known.definition
        here = graph.node("criterion", known.label, expression.criterion, detail)
        graph.edge(here, target, _WORDS[answer])
        target = here
    for part in node.parts:
        if part.judge(view) == answer:
            trace(part, view, graph, target)
    if isinstance(expression, AtLeast):
        _along(node, view, graph, target, answer)
    elif isinstance(expression, Has | Number):
        _fact(node, view, graph, target, answer)


def _fact(node: PatientNode, view: View, graph: Graph, target: str, answer: int) -> None:
    """Add a flag, a phase or a number of the patient."""
    if answer == TRUE:
        for seen in witnesses(node, view, graph.snapshot):
            graph.edge(_input(seen, graph), target, "shows")
        return
    words = fact_in_words(node.expression, graph.snapshot)
    graph.edge(graph.node("not given" if answer == UNKNOWN else "not so", words), target, "asked")


def _input(seen: Witness, graph: Graph) -> str:
    known = terms.kind(seen.term) if seen.term else ""
    given = graph.node(
        "input", seen.input or "the request", None, seen.detail, key=f"at {seen.input}"
    )
    here = graph.node(known or "fact", seen.label, seen.term or None)
    graph.edge(given, here, "is")
    return here


def fact_in_words(expression: Expression, snapshot: Snapshot) -> str:
    """Name what a question asks of the patient or of an item."""
    if isinstance(expression, Has):
        table = (
            snapshot.flags,
            snapshot.absences,
            snapshot.phases,
            snapshot.roles,
            snapshot.values,
        )
        found = next((t[expression.value].label for t in table if expression.value in t), None)
        known = snapshot.properties.get(expression.property)
        name = (known.label if known else "") or terms.local(expression.property)
        return f"{name}: {found or terms.local(expression.value)}"
    if isinstance(expression, Number):
        name = _label(expression.property, snapshot)
        low = f"{'>' if expression.low_open else '≥'} {expression.low}" if expression.low else ""
        high = (
            f"{'<' if expression.high_open else '≤'} {expression.high}" if expression.high else ""
        )
        return f"{name} {' and '.join(filter(None, (low, high)))}"
    if isinstance(expression, Is | Of):
        return _label(expression.term, snapshot)
    return ""


def _label(iri: str, snapshot: Snapshot) -> str:
    tables: tuple[Mapping[str, Term | Property], ...] = (
        snapshot.classes,
        snapshot.conditions,
        snapshot.observations,
        snapshot.flags,
        snapshot.absences,
        snapshot.phases,
        snapshot.roles,
        snapshot.values,
        snapshot.properties,
    )
    return next((t[iri].label for t in tables if iri in t), "") or terms.local(iri)


def _along(node: PatientNode, view: View, graph: Graph, target: str, answer: int) -> None:
    if node.role is None or node.item is None:
        return
    shelf = view.shelves[node.role.family]
    list_name = terms.local(node.role.family)
    if answer == FALSE or shelf is None:
        kind = "not so" if shelf is not None else "not given"
        asked = _asked_of(node.item, graph.snapshot)
        label = f"{list_name}: none is {asked}" if shelf is not None else f"{list_name}: {asked}?"
        graph.edge(graph.node(kind, label), target, "asked")
        return
    for item, limit in shelf.at(node.item.anchors):
        own = min(node.role.truths.get(item.role, FALSE), limit)
        if min(own, node.item.judge(item)) == answer:
            _item(node.item, item, graph, target)


def _asked_of(node: ItemNode, snapshot: Snapshot) -> str:
    if isinstance(node.expression, Named):
        return snapshot.criteria[node.expression.criterion].label
    words = fact_in_words(node.expression, snapshot)
    return words or ", ".join(filter(None, (_asked_of(p, snapshot) for p in node.parts)))


def _item(node: ItemNode, item: Item, graph: Graph, target: str) -> None:
    """Add one entry of a list: what was given, the term it is, and the classes that counted."""
    given = graph.node("input", item.input, None, item.detail, key=f"at {item.input}")
    kind = terms.kind(item.term) if item.term else "unread"
    here = graph.node(kind, item.label, item.term, key=item.term or f"unread {item.input}")
    graph.edge(given, here, "is")
    _of_item(node, item, graph, here, target)


def _of_item(node: ItemNode, item: Item, graph: Graph, here: str, target: str) -> None:
    answer, expression = node.judge(item), node.expression
    if isinstance(expression, Named):
        known = graph.snapshot.criteria[expression.criterion]
        inner = graph.node("criterion", known.label, expression.criterion, known.definition)
        graph.edge(inner, target, _WORDS[answer])
        target = inner
    for part in node.parts:
        if part.judge(item) == answer:
            _of_item(part, item, graph, here, target)
    if isinstance(expression, Is):
        _is(expression.term, graph, here, target)
    elif isinstance(expression, Of):
        _of(expression.term, item, graph, here, target)
    elif isinstance(expression, Has | Number):
        words = fact_in_words(expression, graph.snapshot)
        value = ""
        if isinstance(expression, Number):
            value = in_words(item.numbers.get(expression.property))
        label = f"{words} ({value})" if value else words
        fact = graph.node("fact", label, expression.property, key=f"{expression.property} {label}")
        graph.edge(here, fact, "has")
        graph.edge(fact, target, _WORDS[answer])


def _is(term: str, graph: Graph, here: str, target: str) -> None:
    snapshot = graph.snapshot
    known = snapshot.conditions.get(term) or snapshot.observations.get(term)
    group = graph.node(terms.kind(term), known.label if known else terms.local(term), term)
    graph.edge(here, group, "is a kind of")
    graph.edge(group, target, "asked for")


def _of(term: str, item: Item, graph: Graph, here: str, target: str) -> None:
    """Add the class that a drug belongs to, by way of the liability that makes it so."""
    snapshot = graph.snapshot
    known = snapshot.classes.get(term)
    group = graph.node("class", known.label if known else terms.local(term), term)
    graph.edge(group, target, "asked for")
    by_liability = False
    for drug in sorted(item.drugs or ()):
        for liability, sources in liabilities_into(drug, term, snapshot).items():
            by_liability = True
            label = terms.local(liability).replace("-", " ")
            harm = graph.node("liability", label, liability)
            for source in sources:
                if source == drug:
                    graph.edge(here, harm, "has")
                else:
                    via = graph.node("class", snapshot.classes[source].label, source)
                    graph.edge(here, via, "belongs to")
                    graph.edge(via, harm, "has, by class")
            graph.edge(harm, group, "makes it")
    if not by_liability:
        graph.edge(here, group, "belongs to")


def liabilities_into(drug: str, group: str, snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """Give the liabilities that put a drug into a class, each with what carries it.

    A liability puts a drug into a class where every drug that has it belongs to the class. It is
    carried by the drug itself, or by a class of the drug of which a statement says so.
    """
    known, group_known = snapshot.drugs.get(drug), snapshot.classes.get(group)
    if known is None or group_known is None or not group_known.defined:
        return {}
    members = set(group_known.members)
    found = {}
    for liability in known.liabilities:
        if with_liability(snapshot)[liability] <= members:
            said = _said_of(snapshot)[liability]
            carriers = tuple(c for c in known.classes if c in said)
            found[liability] = (drug,) if drug in said or not carriers else carriers
    return found


@once_per_snapshot
def with_liability(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """Give, of each liability, the drugs that have it."""
    found: dict[str, set[str]] = {}
    for iri, drug in snapshot.drugs.items():
        for liability in drug.liabilities:
            found.setdefault(liability, set()).add(iri)
    return {liability: frozenset(drugs) for liability, drugs in found.items()}


@once_per_snapshot
def _said_of(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """Give, of each liability, the drugs and classes of which a statement says it."""
    found: dict[str, set[str]] = {liability: set() for liability in with_liability(snapshot)}
    for statement in snapshot.statements.values():
        if statement.liability in found:
            found[statement.liability].update(statement.about)
    return {liability: frozenset(about) for liability, about in found.items()}
