"""Ask the release in SPARQL, with our prefixes."""

from __future__ import annotations

import pyoxigraph as ox

from kg.graph.turtle import Prefixes
from tests.workshop import ONTOLOGY

_PREFIXES = Prefixes.read(ONTOLOGY / "prefixes.ttl")
_HEAD = "".join(f"PREFIX {p}: <{n}>\n" for p, n in _PREFIXES.namespaces.items())


def ask(store: ox.Store, query: str) -> list[tuple[str, ...]]:
    """Give the rows of a query over stated and inferred triples together, sorted."""
    result = store.query(_HEAD + query, use_default_graph_as_union=True)
    assert isinstance(result, ox.QuerySolutions)
    names = [v.value for v in result.variables]
    return sorted(tuple(_word(row[n]) for n in names) for row in result)


def column(store: ox.Store, query: str) -> set[str]:
    """Give the first column of a query."""
    return {row[0] for row in ask(store, query)}


def _word(node: object) -> str:
    if isinstance(node, ox.NamedNode):
        return _PREFIXES.shorten(node.value)
    return node.value if isinstance(node, ox.Literal) else ""
