"""The graph of networkx and the triples that SPARQL sees are one graph."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pyoxigraph as ox
import pytest
from fastapi.testclient import TestClient

from kg import terms
from kg.graph.export import export
from kg.graph.networkx_view import graph_view
from kg.snapshot.model import Snapshot

STATEMENT, SOURCE = terms.ik("statement"), terms.ik("source")
SUBCLASS = "http://www.w3.org/2000/01/rdf-schema#subClassOf"
NAMED = "FILTER(isIRI(?a) && isIRI(?b))"


@pytest.fixture(scope="module")
def store(release_folder: Path) -> ox.Store:
    """Give what the release states, as a store."""
    found = ox.Store()
    found.bulk_load(export(release_folder, "rdfxml"), format=ox.RdfFormat.RDF_XML)
    return found


@pytest.fixture(scope="module")
def whole(store: ox.Store) -> nx.MultiDiGraph[str]:
    """Give the same triples as a graph."""
    return graph_view(q.triple for q in store)


def rows(store: ox.Store, query: str) -> list[tuple[str, ...]]:
    found = store.query(query)
    assert isinstance(found, ox.QuerySolutions)
    names = [v.value for v in found.variables]
    return [tuple(r[n].value for n in names) for r in found]


def along(whole: nx.MultiDiGraph[str], *properties: str) -> nx.DiGraph[str]:
    """Give the part of the graph whose edges are of some properties."""
    return nx.DiGraph((s, o) for s, o, k in whole.edges(keys=True) if k in properties)


def test_sp_07_every_triple_between_two_terms_is_an_edge(
    store: ox.Store, whole: nx.MultiDiGraph[str]
) -> None:
    stated = set(rows(store, f"SELECT ?a ?b ?p {{ ?a ?p ?b {NAMED} }}"))
    edges = set(whole.edges(keys=True))
    assert stated <= edges
    # What is there beside is read out of anonymous classes.
    with_parts = rows(store, "SELECT DISTINCT ?a { ?a ?p ?b FILTER(isBlank(?b)) }")
    assert {a for a, _, _ in edges - stated} <= {a for (a,) in with_parts}


def test_sp_07_paths_up_the_classes_are_those_of_a_property_path(
    store: ox.Store, whole: nx.MultiDiGraph[str]
) -> None:
    tree = along(whole, SUBCLASS)
    paths: dict[str, set[str]] = {}
    for below, above in rows(store, f"SELECT * {{ ?a <{SUBCLASS}>+ ?b {NAMED} }}"):
        paths.setdefault(below, set()).add(above)
    assert len(paths) > 1000
    assert paths == {c: nx.descendants(tree, c) for c in tree if tree.out_degree(c)}


def test_sp_07_the_shortest_path_from_advice_to_document_has_two_steps(
    store: ox.Store, whole: nx.MultiDiGraph[str], snapshot: Snapshot
) -> None:
    graph = along(whole, STATEMENT, SOURCE)
    counted = dict.fromkeys(snapshot.advisories, 0)
    query = f"SELECT ?a (COUNT(DISTINCT ?b) AS ?n) {{ ?a <{STATEMENT}>/<{SOURCE}> ?b }} GROUP BY ?a"
    counted |= {a: int(n) for a, n in rows(store, query) if a in counted}
    for advisory, number in counted.items():
        lengths = nx.single_source_shortest_path_length(graph, advisory)
        documents = {d for d, length in lengths.items() if length == 2}
        assert len(documents) == number > 0, advisory
        assert {terms.kind(d) for d in documents} == {"source"}


def test_sp_07_the_most_central_documents_are_those_that_sparql_counts_most(
    store: ox.Store, whole: nx.MultiDiGraph[str]
) -> None:
    graph = along(whole, SOURCE)
    central = nx.in_degree_centrality(graph)
    query = f"SELECT ?b (COUNT(DISTINCT ?a) AS ?n) {{ ?a <{SOURCE}> ?b {NAMED} }} GROUP BY ?b"
    counted = {b: int(n) for b, n in rows(store, query)}
    assert len(counted) > 10
    for document, number in counted.items():
        assert round(central[document] * (len(graph) - 1)) == number, document
    ranked = sorted(counted, key=lambda d: (-counted[d], d))
    assert sorted(counted, key=lambda d: (-round(central[d], 12), d)) == ranked


def test_sp_07_a_triple_more_is_seen_in_both(store: ox.Store, snapshot: Snapshot) -> None:
    """The agreement can fail: what is in one of them alone makes them differ."""
    (drug, *_) = sorted(snapshot.drugs)
    extra = ox.Triple(ox.NamedNode(drug), ox.NamedNode(SOURCE), ox.NamedNode(drug))
    more = along(graph_view([*(q.triple for q in store), extra]), SOURCE)
    counted = rows(store, f"SELECT ?a {{ ?a <{SOURCE}> ?b FILTER(?b = <{drug}>) }}")
    assert more.in_degree(drug) == len(counted) + 1


# --- SP-05 --------------------------------------------------------------------------------------


def test_sp_05_a_query_proves_what_is_stated_and_what_follows(client: TestClient) -> None:
    """Macrolides prolong QT by their class (F-075): of the member it follows, of the class not."""

    def holds(graph: str, triple: str) -> bool:
        query = f"ASK {{ GRAPH graph:{graph} {{ {triple} }} }}"
        answer = client.get("/sparql", params={"query": query})
        assert answer.status_code == 200, answer.text
        told: bool = answer.json()["boolean"]
        return told

    member = "drug:roxithromycin a class:Macrolide"
    assert holds("asserted", member)
    assert not holds("inferred", member)
    wider = "drug:roxithromycin a class:QtProlongingDrug"
    assert holds("inferred", wider)
    assert not holds("asserted", wider)
