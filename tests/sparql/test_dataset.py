"""Which graphs a query sees, and how much it is given."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import httpx2
import pyoxigraph as ox
import pytest

from kg.graph.sparql_forms import CAPPED
from kg.terms import GRAPH

JSON = "application/sparql-results+json"
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
NAMED = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g"


def counted(http: httpx2.Client, endpoint: str, query: str = COUNT, **graphs: str) -> int:
    parameters = {k.replace("_", "-"): v for k, v in graphs.items()}
    answer = http.get(endpoint, params={"query": query, **parameters}, headers={"Accept": JSON})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["results"]["bindings"][0]["n"]["value"])


def named(http: httpx2.Client, endpoint: str, query: str = NAMED, **graphs: str) -> list[str]:
    parameters = {k.replace("_", "-"): v for k, v in graphs.items()}
    answer = http.get(endpoint, params={"query": query, **parameters}, headers={"Accept": JSON})
    return [b["g"]["value"].removeprefix(GRAPH) for b in answer.json()["results"]["bindings"]]


def test_the_default_graph_is_all_that_is_stated_and_all_that_follows(
    http: httpx2.Client, endpoint: str
) -> None:
    asserted = counted(http, endpoint, default_graph_uri=GRAPH + "asserted")
    inferred = counted(http, endpoint, default_graph_uri=GRAPH + "inferred")
    assert asserted > inferred > 1000
    assert counted(http, endpoint) == asserted + inferred
    assert named(http, endpoint) == ["asserted", "inferred"]


def test_chosen_graphs_are_the_whole_dataset(http: httpx2.Client, endpoint: str) -> None:
    inferred = GRAPH + "inferred"
    one = counted(http, endpoint, default_graph_uri=inferred)
    for name in (f"<{inferred}>", "graph:inferred"):
        query = COUNT.replace("WHERE", f"FROM {name} WHERE")
        assert counted(http, endpoint, query) == one
    assert named(http, endpoint, named_graph_uri=inferred) == ["inferred"]
    query = NAMED.replace("WHERE", "FROM NAMED graph:inferred WHERE")
    assert named(http, endpoint, query) == ["inferred"]
    # With graphs named, and no default graph, the default graph is empty; and the other way round.
    assert counted(http, endpoint, named_graph_uri=inferred) == 0
    assert named(http, endpoint, default_graph_uri=inferred) == []


def test_the_protocol_goes_before_the_query(http: httpx2.Client, endpoint: str) -> None:
    query = "SELECT (COUNT(*) AS ?n) FROM graph:inferred WHERE { ?s ?p ?o }"
    asserted = counted(http, endpoint, default_graph_uri=GRAPH + "asserted")
    assert counted(http, endpoint, query, default_graph_uri=GRAPH + "asserted") == asserted


def test_the_graph_of_reviews_is_there_and_empty(http: httpx2.Client, endpoint: str) -> None:
    assert counted(http, endpoint, default_graph_uri=GRAPH + "reviews") == 0
    assert named(http, endpoint, named_graph_uri=GRAPH + "reviews") == []


@pytest.mark.parametrize("graph", [GRAPH + "nowhere", "http://example.org/else", "urn:x:y"])
def test_a_graph_that_is_not_there_is_refused_however_it_is_named(
    http: httpx2.Client, endpoint: str, graph: str
) -> None:
    """Else a misspelt name would be answered by silence, which reads as nothing found."""
    for query, given in (
        (COUNT.replace("WHERE", f"FROM <{graph}> WHERE"), {}),
        (COUNT.replace("WHERE", f"FROM NAMED <{graph}> WHERE"), {}),
        (COUNT, {"default-graph-uri": graph}),
        (COUNT, {"named-graph-uri": graph}),
        (COUNT, {"default-graph-uri": [GRAPH + "asserted", graph]}),
    ):
        asked = {"query": query, **given}
        for answer in (http.get(endpoint, params=asked), http.post(endpoint, data=asked)):
            assert answer.status_code == 403, answer.text
            assert answer.json()["type"].endswith("/from-outside")
            assert answer.json()["subject"] == graph


MANY = "SELECT ?s ?p ?o WHERE { ?s ?p ?o }"


XML, TSV = "application/sparql-results+xml", "text/tab-separated-values"


@pytest.mark.parametrize("media", [JSON, XML, "text/csv", TSV])
def test_the_cap_on_rows_is_said(http: httpx2.Client, endpoint: str, media: str) -> None:
    answer = http.get(endpoint, params={"query": MANY}, headers={"Accept": media})
    assert answer.headers["Inokg-Row-Cap"] == "5000"
    if media == JSON:
        assert len(answer.json()["results"]["bindings"]) == 5000
        assert answer.json()["head"]["link"] == [CAPPED]
    if media.endswith("xml"):
        assert answer.text.count("<result>") == 5000
        assert f'<link href="{CAPPED}"/>' in answer.text
    if media == "text/csv":
        assert len(list(csv.reader(io.StringIO(answer.text, newline="")))) == 5001


@pytest.mark.parametrize(
    ("query", "rows", "capped"),
    [
        (MANY + " LIMIT 4999", 4999, False),
        (MANY + " LIMIT 5000", 5000, False),
        (MANY + " LIMIT 5001", 5000, True),
        (MANY + " LIMIT 900000 OFFSET 3 # LIMIT 2", 5000, True),
        (MANY + " VALUES ?p { rdfs:label }", 5000, True),
        ("SELECT * { { SELECT ?s { ?s ?p ?o } LIMIT 7 } }", 7, False),
        ('SELECT ?s { ?s ?p ?o FILTER(STR(?o) != "} LIMIT 9") } ORDER BY ?s #', 5000, True),
    ],
)
def test_the_cap_holds_however_a_query_limits_itself(
    http: httpx2.Client, embedded: str, query: str, rows: int, capped: bool
) -> None:
    answer = http.get(embedded + "/sparql", params={"query": query}, headers={"Accept": JSON})
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["results"]["bindings"]) == rows
    assert ("Inokg-Row-Cap" in answer.headers) is capped


def test_the_cap_on_triples_is_said(http: httpx2.Client, endpoint: str) -> None:
    query = "CONSTRUCT WHERE { ?s a ?o }"
    headers = {"Accept": "application/n-triples"}
    answer = http.get(endpoint, params={"query": query}, headers=headers)
    assert answer.headers["Inokg-Row-Cap"] == "5000"
    assert answer.text.count("\n") == 5000
    answer = http.get(endpoint, params={"query": query + " LIMIT 20"}, headers=headers)
    assert "Inokg-Row-Cap" not in answer.headers


def test_the_service_describes_itself(http: httpx2.Client, endpoint: str) -> None:
    sd = "http://www.w3.org/ns/sparql-service-description#"
    answer = http.get(endpoint, headers={"Accept": "text/turtle"})
    store = ox.Store()
    store.load(answer.content, format=ox.RdfFormat.TURTLE)
    known = {"sd": sd, "void": "http://rdfs.org/ns/void#"}
    asked = "ASK { ?s a sd:Service ; sd:endpoint <AT> ; sd:supportedLanguage sd:SPARQL11Query }"
    assert store.query(asked.replace("AT", endpoint), prefixes=known)
    for said in (
        "sd:feature sd:UnionDefaultGraph",
        "sd:feature sd:EmptyGraphs",
        "sd:defaultEntailmentRegime ?regime",
        "<http://purl.org/dc/terms/license> ?licence",
        "<http://www.w3.org/2000/01/rdf-schema#seeAlso> <https://w3id.org/inokg/void>",
    ):
        assert store.query(f"ASK {{ ?s a sd:Service ; {said} }}", prefixes=known), said
    sizes = "SELECT * { ?d sd:namedGraph [ sd:name ?name ; sd:graph/void:triples ?n ] }"
    found: Any = store.query(sizes, prefixes=known)
    graphs = {r["name"].value.removeprefix(GRAPH): int(r["n"].value) for r in found}
    assert graphs == {
        name: counted(http, endpoint, default_graph_uri=GRAPH + name)
        for name in ("asserted", "inferred", "reviews")
    }
    assert http.get(endpoint, headers={"Accept": "*/*"}).content == answer.content
    json_ld = http.get(endpoint, headers={"Accept": "application/ld+json"})
    assert json.loads(json_ld.text)
