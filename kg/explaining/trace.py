"""The graph of an explanation, drawn from the tree that judged."""

from __future__ import annotations

import networkx as nx

from kg import terms
from kg.casing.case import Case, Item
from kg.checking.freshness import dated
from kg.contract.explanation import Edge, Node
from kg.explaining.words import asked_in_words, fact_in_words, given_at
from kg.interval import FALSE, TRUE, UNKNOWN
from kg.judging.item_questions import ItemNode
from kg.judging.patterns import truth_of
from kg.judging.questions import PatientNode, in_order
from kg.judging.view import View
from kg.judging.witnesses import in_words, witnesses
from kg.snapshot.criteria import AllOf, AtLeast, Has, Is, Named, Number, Of
from kg.snapshot.labels import label_of
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

HOLDS = {TRUE: "holds", UNKNOWN: "cannot be told", FALSE: "does not hold"}


class Graph:
    """Steps and how they lead to each other, each once; arrows go from inputs to advice."""

    def __init__(self, snapshot: Snapshot, case: Case | None = None) -> None:
        self.snapshot = snapshot
        self.case = case
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

    def criterion(self, iri: str) -> str:
        """Add a criterion, or a population, with the sentence that says what it asks."""
        known = self.snapshot.criteria[iri]
        return self.node(terms.kind(iri) or "criterion", known.label, iri, known.definition)

    def liability(self, iri: str) -> str:
        """Add a harm that a drug brings."""
        known = self.snapshot.liabilities.get(iri)
        said = known.definition if known else ""
        return self.node("liability", label_of(iri, self.snapshot), iri, said)

    def given(self, path: str, term: str = "") -> str:
        """Add an input as it was given, a value with the range and the day that belong to it."""
        said = given_at(path, self.case.request if self.case else None)
        if self.case is not None:
            said = dated(said, path, term, self.case, self.snapshot)
        return self.node("input", path or "the request", None, said or "not given", f"at {path}")

    def edge(self, source: str, target: str, label: str) -> None:
        """Say that one step leads to another; what would lead back to itself is left out."""
        if source == target or self._graph.has_edge(source, target):
            return
        if nx.has_path(self._graph, target, source):
            return
        self._graph.add_edge(source, target, entry=Edge(source=source, target=target, label=label))

    def whole(self, start: str = "") -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
        """Give all steps, what leads before what it leads to, and all edges.

        With a start there is only what it leads to.
        """
        graph = self._graph
        if start:
            graph = graph.subgraph({start, *nx.descendants(graph, start)})
        order = list(nx.lexicographical_topological_sort(graph))
        place = {name: n for n, name in enumerate(order)}
        nodes = tuple(graph.nodes[n]["entry"] for n in order)
        found = (data["entry"] for _, _, data in graph.edges(data=True))
        edges = sorted(found, key=lambda e: (place[e.source], place[e.target]))
        return nodes, tuple(edges)


def trace(node: PatientNode, view: View, graph: Graph, target: str) -> None:
    """Follow a question down to what decided it.

    Where all parts had to hold and one cannot be told, those that do hold are followed, too.
    """
    answer = truth_of(node, view)
    if isinstance(node.expression, Named):
        here = graph.criterion(node.expression.criterion)
        graph.edge(here, target, HOLDS[answer])
        target = here
    for part in _deciding(node, answer, view):
        trace(part, view, graph, target)
    if isinstance(node.expression, AtLeast):
        _along(node, view, graph, target, answer)
    elif isinstance(node.expression, Has | Number):
        _fact(node, view, graph, target, answer)


def _deciding(node: PatientNode, answer: int, view: View) -> list[PatientNode]:
    judged = [(part, truth_of(part, view)) for part in node.parts]
    both = answer == UNKNOWN and isinstance(node.expression, AllOf)
    return [part for part, found in judged if found == answer or both]


def _fact(node: PatientNode, view: View, graph: Graph, target: str, answer: int) -> None:
    """Add a flag, a phase or a number of the patient."""
    words = fact_in_words(node.expression, graph.snapshot)
    if answer != TRUE:
        kind = "not given" if answer == UNKNOWN else "not so"
        graph.edge(graph.node(kind, words), target, HOLDS[answer])
        return
    for seen in witnesses(node, view, graph.snapshot):
        given = graph.given(seen.input)
        label = seen.label
        if isinstance(node.expression, Number):
            label = f"{seen.label}: {seen.detail}" if seen.detail else words
        kind = terms.kind(seen.term) if seen.term else ""
        kind = kind if kind and kind != "schema" else "fact"
        fact = graph.node(kind, label, seen.term or None, words if words != label else "")
        graph.edge(given, fact, "is")
        graph.edge(fact, target, HOLDS[answer])


def _along(node: PatientNode, view: View, graph: Graph, target: str, answer: int) -> None:
    """Add the entries of a list that answer as the question does, or that none does."""
    if node.item is None or not isinstance(node.expression, AtLeast):
        return
    answering = []
    for item, sure, possible in view.items[node.family] or () if answer != FALSE else ():
        if (sure if answer == TRUE else possible) & node.of_item:
            answering.append(item)
    for item in in_order(answering, node, graph.snapshot):
        _item(node.item, item, graph, target)
    if answering:
        return
    role = label_of(node.expression.role, graph.snapshot)
    asked = asked_in_words(node.item, graph.snapshot)
    if answer == FALSE:
        graph.edge(graph.node("not so", f"{role}: none is {asked}"), target, HOLDS[answer])
    else:
        graph.edge(graph.node("not given", f"{role}: {asked}"), target, HOLDS[answer])


def _item(node: ItemNode, item: Item, graph: Graph, target: str) -> None:
    """Add one entry of a list: what was given, the term it is, and the classes that counted."""
    here = read_as(item, graph)
    # Of an entry that may be anything there is nothing to follow.
    if item.term is None:
        graph.edge(here, target, "may be anything")
    else:
        _of_item(node, item, graph, here, target)


def read_as(item: Item, graph: Graph) -> str:
    """Add an input and the term that it was read as."""
    given = graph.given(item.input, item.term or "")
    kind = terms.kind(item.term) if item.term else "not recognised"
    here = graph.node(kind, item.label, item.term, key=item.term or f"unread {item.input}")
    graph.edge(given, here, "is")
    return here


def _of_item(node: ItemNode, item: Item, graph: Graph, here: str, target: str) -> None:
    answer, expression = node.judge(item), node.expression
    if isinstance(expression, Named):
        inner = graph.criterion(expression.criterion)
        graph.edge(inner, target, HOLDS[answer])
        target = inner
    both = answer == UNKNOWN and isinstance(expression, AllOf)
    for part in node.parts:
        if part.judge(item) == answer or both:
            _of_item(part, item, graph, here, target)
    if isinstance(expression, Is):
        group = graph.node(terms.kind(expression.term), _label(expression, graph), expression.term)
        graph.edge(here, group, "is a kind of")
        graph.edge(group, target, "asked for")
    elif isinstance(expression, Of):
        _of(expression, item, graph, here, target)
    elif isinstance(expression, Has | Number):
        words = fact_in_words(expression, graph.snapshot)
        value = ""
        if isinstance(expression, Number):
            value = in_words(item.numbers.get(expression.property))
        label = f"{words} (here {value})" if value else words
        if answer == UNKNOWN:
            label = f"{words}, not known" if not value else label
        fact = graph.node("fact", label, expression.property, key=f"{expression.property} {label}")
        graph.edge(here, fact, "has")
        graph.edge(fact, target, HOLDS[answer])


def _label(expression: Is | Of, graph: Graph) -> str:
    return label_of(expression.term, graph.snapshot)


def _of(expression: Of, item: Item, graph: Graph, here: str, target: str) -> None:
    """Add the class that a drug belongs to, by way of the liability that makes it so."""
    kind = terms.kind(expression.term) or "class"
    group = graph.node(kind, _label(expression, graph), expression.term)
    graph.edge(group, target, "asked for")
    found = [drug for drug in sorted(item.drugs or ()) if belongs(drug, group, graph, here)]
    if not found:
        # What may be one of several drugs, or was never judged, may belong.
        sure = item.drugs is not None and _members(expression.term, graph) >= item.drugs
        graph.edge(here, group, "belongs to" if sure else "may belong to")


def _members(term: str, graph: Graph) -> frozenset[str]:
    known = graph.snapshot.classes.get(term)
    return frozenset(known.members) if known else frozenset({term})


def belongs(drug: str, group: str, graph: Graph, here: str) -> bool:
    """Add the liabilities by which a drug belongs to a class; say whether there are any."""
    liabilities = _liabilities_into(drug, group, graph.snapshot)
    for liability, sources in liabilities.items():
        harm = graph.liability(liability)
        for source in sources:
            if source == drug:
                graph.edge(here, harm, "has")
            else:
                via = graph.node("class", label_of(source, graph.snapshot), source)
                graph.edge(here, via, "belongs to")
                graph.edge(via, harm, "has, by class")
        graph.edge(harm, group, "makes it")
    return bool(liabilities)


def _liabilities_into(drug: str, group: str, snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """Give the liabilities that put a drug into a class, each with what carries it.

    A liability puts a drug into a class where every drug that has it belongs to the class. It is
    carried by the drug itself, or by a class of the drug of which a statement says so.
    """
    medicine, group_known = snapshot.drugs.get(drug), snapshot.classes.get(group)
    if medicine is None or group_known is None or not group_known.defined:
        return {}
    members = set(group_known.members)
    carried = {}
    for liability in medicine.liabilities:
        if _with_liability(snapshot)[liability] <= members:
            said = _said_of(snapshot)[liability]
            carriers = tuple(c for c in medicine.classes if c in said)
            carried[liability] = (drug,) if drug in said or not carriers else carriers
    return carried


@once_per_snapshot
def _with_liability(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """Map each liability to the drugs that have it."""
    found: dict[str, set[str]] = {}
    for iri, drug in snapshot.drugs.items():
        for liability in drug.liabilities:
            found.setdefault(liability, set()).add(iri)
    return {liability: frozenset(drugs) for liability, drugs in found.items()}


@once_per_snapshot
def _said_of(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """Map each liability to the drugs and classes that a statement gives it to."""
    found: dict[str, set[str]] = {liability: set() for liability in _with_liability(snapshot)}
    for statement in snapshot.statements.values():
        if statement.liability in found:
            found[statement.liability].update(statement.about)
    return {liability: frozenset(about) for liability, about in found.items()}
