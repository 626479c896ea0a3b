"""The release's triples as a networkx graph: terms are nodes and statements about them are edges.

An anonymous restriction ("has some X", "has the value X") is no node: it becomes an edge of its
property from the class that carries it. Text and numbers become attributes of the node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import networkx as nx
import pyoxigraph as ox

from kg import terms

_TARGETS = {terms.OWL + n for n in ("someValuesFrom", "hasValue", "onClass", "allValuesFrom")}
_LISTS = {terms.OWL + n for n in ("intersectionOf", "unionOf", "oneOf")}
_ON = terms.OWL + "onProperty"


def graph_view(triples: Iterable[ox.Triple]) -> nx.MultiDiGraph[str]:
    """Make the graph of a set of triples."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    inner: dict[str, list[ox.Triple]] = {}
    outer: list[ox.Triple] = []
    for triple in triples:
        if isinstance(triple.subject, ox.BlankNode):
            inner.setdefault(triple.subject.value, []).append(triple)
        else:
            outer.append(triple)
    for triple in sorted(outer, key=str):
        _add(graph, triple, inner)
    for node, known in graph.nodes(data=True):
        known.setdefault("label", terms.local(node))
        known["kind"] = terms.kind(node)
    return graph


def _add(graph: nx.MultiDiGraph[str], triple: ox.Triple, inner: dict[str, list[ox.Triple]]) -> None:
    subject, predicate = triple.subject, triple.predicate.value
    if not isinstance(subject, ox.NamedNode):
        return
    graph.add_node(subject.value)
    if isinstance(triple.object, ox.NamedNode):
        graph.add_edge(subject.value, triple.object.value, key=predicate, label=predicate)
    elif isinstance(triple.object, ox.BlankNode):
        for relation, target in _within(triple.object.value, predicate, inner):
            graph.add_edge(subject.value, target, key=relation, label=relation)
    elif isinstance(triple.object, ox.Literal):
        name = "label" if predicate == terms.LABEL else terms.local(predicate)
        known = graph.nodes[subject.value]
        earlier = known.get(name)
        text = triple.object.value
        known[name] = text if earlier is None else f"{earlier} | {text}"


def _within(
    node: str, relation: str, inner: dict[str, list[ox.Triple]]
) -> Iterator[tuple[str, str]]:
    """Give the named terms inside an anonymous class, each with the property that leads to it."""
    stack, seen = [(node, relation)], {node}
    while stack:
        here, relation = stack.pop()
        known = inner.get(here, ())
        on = next((_iri(t.object) for t in known if t.predicate.value == _ON), relation)
        for triple in known:
            predicate = triple.predicate.value
            if predicate not in {*_TARGETS, *_LISTS, terms.REST, terms.FIRST}:
                continue
            below = on if predicate in _TARGETS else relation
            if isinstance(triple.object, ox.NamedNode):
                if triple.object.value != terms.NIL:
                    yield below, triple.object.value
            elif isinstance(triple.object, ox.BlankNode) and triple.object.value not in seen:
                seen.add(triple.object.value)
                stack.append((triple.object.value, below))


def _iri(node: object) -> str:
    return node.value if isinstance(node, ox.NamedNode) else ""
