"""SPARQL 1.1 Protocol: the ways to ask, the forms of answer, the refusals; over either store."""

from __future__ import annotations

import csv
import http.client as http_client
import io
import json
import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import quote

import httpx2
import pyoxigraph as ox
import pytest

from kg.sparql_store import CAPPED, DOCUMENTS, TABLES
from kg.sparql_text import DEEPEST, GRAPHS, LONGEST

JSON = "application/sparql-results+json"
SELECT = "SELECT ?severity ?rank WHERE { ?severity a ik:Severity ; ik:rank ?rank } ORDER BY ?rank"
# From the contract: strongest first these are contraindicated, avoid, hold, caution, inform.
NAMES = ["inform", "caution", "hold", "avoid", "contraindicated"]
FULL = [f"https://w3id.org/inokg/severity/{name}" for name in NAMES]
CONSTRUCT = "CONSTRUCT { ?s ik:rank ?r } WHERE { ?s a ik:Severity ; ik:rank ?r }"


def severities(answer: httpx2.Response) -> list[str]:
    """Read the first column of an answer in any form of table."""
    media = answer.headers["content-type"].split(";")[0]
    if media.endswith("json"):
        return [b["severity"]["value"] for b in answer.json()["results"]["bindings"]]
    if media.endswith("xml"):
        found = ET.fromstring(answer.content).iter("{http://www.w3.org/2005/sparql-results#}uri")  # noqa: S314
        return [uri.text or "" for uri in found]
    if media == "text/csv":
        return [row[0] for row in csv.reader(io.StringIO(answer.text, newline=""))][1:]
    return [line.split("\t")[0].strip("<>") for line in answer.text.splitlines()][1:]


@pytest.mark.parametrize("media", TABLES)
def test_a_table_is_had_in_every_form(http: httpx2.Client, endpoint: str, media: str) -> None:
    answer = http.get(endpoint, params={"query": SELECT}, headers={"Accept": media})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(media)
    assert severities(answer) == FULL
    assert "Inokg-Row-Cap" not in answer.headers


@pytest.mark.parametrize("media", DOCUMENTS)
def test_a_graph_is_had_in_every_form(http: httpx2.Client, endpoint: str, media: str) -> None:
    answer = http.get(endpoint, params={"query": CONSTRUCT}, headers={"Accept": media})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(media)
    found = {(q.subject.value, q.object.value) for q in ox.parse(answer.content, DOCUMENTS[media])}  # type: ignore[union-attr]
    assert found == {(name, str(n)) for n, name in enumerate(FULL, 1)}


@pytest.mark.parametrize(
    ("form", "content_type"),
    [
        ("query", "application/sparql-query"),
        ("query", "application/sparql-query; charset=UTF-8"),
        ("form", "application/x-www-form-urlencoded"),
        ("form", "application/x-www-form-urlencoded; charset=utf-8"),
    ],
)
def test_a_query_is_posted_as_it_is_or_as_a_form(
    http: httpx2.Client, endpoint: str, form: str, content_type: str
) -> None:
    body = SELECT if form == "query" else str(httpx2.QueryParams({"query": SELECT}))
    headers = {"Content-Type": content_type, "Accept": JSON}
    answer = http.post(endpoint, content=body, headers=headers)
    assert severities(answer) == FULL


def test_all_four_forms_of_query_are_answered(http: httpx2.Client, endpoint: str) -> None:
    for query, yes in (
        ("ASK { severity:avoid ik:rank 4 }", True),
        ("ASK { severity:avoid ik:rank 5 }", False),
    ):
        assert http.get(endpoint, params={"query": query}).json()["boolean"] is yes
    answer = http.get(endpoint, params={"query": "DESCRIBE severity:avoid"})
    assert answer.headers["content-type"].startswith("text/turtle")
    assert {q.subject.value for q in ox.parse(answer.content, ox.RdfFormat.TURTLE)} == {FULL[3]}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("query", "accept", "media"),
    [
        (SELECT, "*/*", JSON),
        (SELECT, None, JSON),
        (SELECT, "text/csv;q=0.5, application/sparql-results+xml;q=0.9", "application/sparql-results+xml"),
        (SELECT, "text/turtle, text/csv;q=0.1", "text/csv"),
        (SELECT, "application/sparql-results+json;q=0, text/*", "text/xml"),
        (SELECT, "text/html;q=0.1, application/json", "application/json"),
        (CONSTRUCT, "*/*", "text/turtle"),
        (CONSTRUCT, "application/rdf+xml;q=0.9, text/turtle;q=0.8", "application/rdf+xml"),
        (CONSTRUCT, "application/sparql-results+json, application/n-triples;q=0.2", "application/n-triples"),
    ],
)  # fmt: skip
def test_the_form_liked_best_is_given(
    http: httpx2.Client, embedded: str, query: str, accept: str | None, media: str
) -> None:
    request = http.build_request("GET", embedded + "/sparql", params={"query": query})
    request.headers.pop("accept")
    if accept is not None:
        request.headers["accept"] = accept
    answer = http.send(request)
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == media
    assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize(
    ("short", "media"), [("csv", "text/csv"), ("tsv", "text/tab-separated-values"), ("json", JSON)]
)
def test_a_link_can_name_the_form(
    http: httpx2.Client, embedded: str, short: str, media: str
) -> None:
    answer = http.get(embedded + "/sparql", params={"query": SELECT, "format": short})
    assert answer.headers["content-type"].startswith(media)


def refusal(answer: httpx2.Response, status: int) -> dict[str, Any]:
    """Read a refusal, which must say what was wrong."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["detail"]
    return problem


@pytest.mark.parametrize(
    ("query", "accept", "said"),
    [
        (SELECT, "text/turtle", "sparql-results+json"),
        (SELECT, "image/png", "SELECT is answered as"),
        (CONSTRUCT, JSON, "text/turtle"),
        ("DESCRIBE severity:avoid", "text/csv", "DESCRIBE is answered as"),
    ],
)
def test_a_form_that_does_not_fit_is_refused(
    http: httpx2.Client, embedded: str, query: str, accept: str, said: str
) -> None:
    answer = http.get(embedded + "/sparql", params={"query": query}, headers={"Accept": accept})
    assert said in refusal(answer, 406)["detail"]


@pytest.mark.parametrize(
    ("query", "where", "said"),
    [
        ("SELECT * WHERE {", "line", "not SPARQL 1.1"),
        ("SELECT *\nWHERE { ?s ?p }", "line 2", "not SPARQL 1.1"),
        ("SELECT * WHERE { ?s a clas:Macrolide }", "line 1", "no prefix is called clas:"),
        ("find the drugs", "", "none of SELECT"),
        ("", "", "none of SELECT"),
    ],
)
def test_a_malformed_query_is_refused_with_its_place(
    http: httpx2.Client, endpoint: str, query: str, where: str, said: str
) -> None:
    problem = refusal(http.get(endpoint, params={"query": query}), 400)
    assert said in problem["detail"]
    assert problem.get("field", "").startswith(where)
    assert problem["repair"]


def test_a_misspelt_prefix_is_answered_with_a_suggestion(
    http: httpx2.Client, embedded: str
) -> None:
    answer = http.get(embedded + "/sparql", params={"query": "ASK { ?s a clas:Macrolide }"})
    assert "class:" in refusal(answer, 400)["repair"]


def test_other_ways_to_ask_are_refused(http: httpx2.Client, embedded: str) -> None:
    url = embedded + "/sparql"
    for kind in ("text/plain", "application/json", "", "application/sparql-query; charset=latin-1"):
        refusal(http.post(url, content=SELECT, headers={"Content-Type": kind}), 415)
    refusal(http.post(url, content=b"\xff\xfe", headers={"Content-Type": "application/sparql-query"}), 400)
    refusal(http.get(url, params=[("query", SELECT), ("query", SELECT)]), 400)
    refusal(http.get(url, params={"query": SELECT, "default-graph-uri": "no iri"}), 400)
    for method in ("PUT", "DELETE", "PATCH"):
        assert "GET" in http.request(method, url).headers["allow"]
        refusal(http.request(method, url), 405)


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <x:a> <x:b> <x:c> }",
        "PREFIX x: <y:> delete where { ?s ?p ?o }",
        "CLEAR ALL",
        "# a comment first\nDROP GRAPH <https://w3id.org/inokg/graph/asserted>",
        "WITH <x:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    ],
)
def test_an_update_is_refused_whichever_way_it_comes(
    http: httpx2.Client, endpoint: str, update: str
) -> None:
    for answer in (
        http.get(endpoint, params={"query": update}),
        http.get(endpoint, params={"update": update}),
        http.post(endpoint, data={"update": update}),
        http.post(endpoint, content=update, headers={"Content-Type": "application/sparql-update"}),
        http.post(endpoint, content=update, headers={"Content-Type": "application/sparql-query"}),
    ):
        assert refusal(answer, 403)["type"].endswith("/update-refused")


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
    return [b["g"]["value"].removeprefix(GRAPHS) for b in answer.json()["results"]["bindings"]]


def test_the_default_graph_is_all_that_is_stated_and_all_that_follows(
    http: httpx2.Client, endpoint: str
) -> None:
    asserted = counted(http, endpoint, default_graph_uri=GRAPHS + "asserted")
    inferred = counted(http, endpoint, default_graph_uri=GRAPHS + "inferred")
    assert asserted > inferred > 1000
    assert counted(http, endpoint) == asserted + inferred
    assert named(http, endpoint) == ["asserted", "inferred"]


def test_chosen_graphs_are_the_whole_dataset(http: httpx2.Client, endpoint: str) -> None:
    inferred = GRAPHS + "inferred"
    one = counted(http, endpoint, default_graph_uri=inferred)
    assert counted(http, endpoint, f"SELECT (COUNT(*) AS ?n) FROM <{inferred}> WHERE {{ ?s ?p ?o }}") == one
    assert counted(http, endpoint, "SELECT (COUNT(*) AS ?n) FROM graph:inferred WHERE { ?s ?p ?o }") == one
    assert named(http, endpoint, named_graph_uri=inferred) == ["inferred"]
    assert named(http, endpoint, "SELECT DISTINCT ?g FROM NAMED graph:inferred WHERE { GRAPH ?g { ?s ?p ?o } }") == ["inferred"]
    # With graphs named, and no default graph, the default graph is empty; and the other way round.
    assert counted(http, endpoint, named_graph_uri=inferred) == 0
    assert named(http, endpoint, default_graph_uri=inferred) == []


def test_the_protocol_goes_before_the_query(http: httpx2.Client, endpoint: str) -> None:
    query = "SELECT (COUNT(*) AS ?n) FROM graph:inferred WHERE { ?s ?p ?o }"
    asserted = counted(http, endpoint, default_graph_uri=GRAPHS + "asserted")
    assert counted(http, endpoint, query, default_graph_uri=GRAPHS + "asserted") == asserted


@pytest.mark.parametrize(
    "graph", [GRAPHS + "reviews", GRAPHS + "nowhere", "http://example.org/else", "urn:x:y"]
)
def test_a_graph_that_is_not_there_is_empty(
    http: httpx2.Client, endpoint: str, graph: str
) -> None:
    assert counted(http, endpoint, default_graph_uri=graph) == 0
    assert named(http, endpoint, named_graph_uri=graph) == []


MANY = "SELECT ?s ?p ?o WHERE { ?s ?p ?o }"


@pytest.mark.parametrize("media", [JSON, "application/sparql-results+xml", "text/csv", "text/tab-separated-values"])  # fmt: skip
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
    assert store.query(
        f"ASK {{ ?s a <{sd}Service> ; <{sd}endpoint> <{endpoint}> ; <{sd}supportedLanguage> <{sd}SPARQL11Query> }}"
    )
    graphs = {
        row["name"].value.removeprefix(GRAPHS): int(row["n"].value)
        for row in store.query(
            f"SELECT * {{ ?d <{sd}namedGraph> [ <{sd}name> ?name ; "
            f"<{sd}graph>/<http://rdfs.org/ns/void#triples> ?n ] }}"
        )
    }
    assert graphs == {
        name: counted(http, endpoint, default_graph_uri=GRAPHS + name)
        for name in ("asserted", "inferred", "reviews")
    }
    assert http.get(endpoint, headers={"Accept": "*/*"}).content == answer.content
    json_ld = http.get(endpoint, headers={"Accept": "application/ld+json"})
    assert json.loads(json_ld.text)


def test_a_page_from_anywhere_may_ask(http: httpx2.Client, embedded: str) -> None:
    url = embedded + "/sparql"
    asked = http.options(url, headers={"Origin": "https://notebook.example", "Access-Control-Request-Method": "POST"})
    assert asked.status_code == 204
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    answer = http.get(url, params={"query": SELECT}, headers={"Origin": "https://notebook.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Inokg-Row-Cap" in answer.headers["Access-Control-Expose-Headers"]
    refused = http.get(url, params={"query": "SELEC"}, headers={"Origin": "https://notebook.example"})
    assert refused.headers["Access-Control-Allow-Origin"] == "*"


def test_the_head_alone_is_had(http: httpx2.Client, embedded: str) -> None:
    answer = http.head(embedded + "/sparql", params={"query": SELECT}, headers={"Accept": JSON})
    assert answer.status_code == 200
    assert answer.content == b""
    assert int(answer.headers["content-length"]) > 100


@pytest.mark.parametrize("size", [LONGEST, 1_000_000, 1 << 20])
def test_a_long_query_is_refused(http: httpx2.Client, endpoint: str, size: int) -> None:
    query = SELECT + " # " + "x" * size
    posted = http.post(endpoint, content=query, headers={"Content-Type": "application/sparql-query"})
    refusal(posted, 413)
    assert http.post(endpoint, data={"query": query}).status_code == 413
    # The library of the test does not write so long an address; a socket does.
    link = http_client.HTTPConnection(endpoint.split("/")[2], timeout=30)
    link.request("GET", "/sparql?query=" + quote(query))
    assert link.getresponse().status in (400, 413, 414, 431)
    link.close()


@pytest.mark.parametrize("pair", ["{}", "()"])
def test_a_nest_is_refused_and_a_fair_one_is_not(
    http: httpx2.Client, endpoint: str, pair: str
) -> None:
    inner = "?s ?p ?o" if pair == "{}" else "true"

    def nested(depth: int) -> str:
        nest = pair[0] * depth + inner + pair[1] * depth
        return f"ASK {nest}" if pair == "{}" else f"ASK {{ FILTER {nest} }}"

    post = {"Content-Type": "application/sparql-query"}
    assert http.post(endpoint, content=nested(DEEPEST // 2), headers=post).status_code == 200
    for depth in (DEEPEST + 1, 10_000):
        problem = refusal(http.post(endpoint, content=nested(depth), headers=post), 400)
        assert problem["type"].endswith("/query-too-deep")
