"""SPARQL 1.1 Protocol: the ways to ask, the forms of answer, the refusals; over either store."""

from __future__ import annotations

import csv
import http.client as http_client
import io
import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import quote

import httpx2
import pyoxigraph as ox
import pytest

from kg.graph.sparql_forms import DOCUMENTS, TABLES
from kg.graph.sparql_query import DEEPEST, LONGEST

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
    found = {(q.subject.value, q.object.value) for q in ox.parse(answer.content, DOCUMENTS[media])}
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
    assert {q.subject.value for q in ox.parse(answer.content, ox.RdfFormat.TURTLE)} == {FULL[3]}


@pytest.mark.parametrize(
    ("query", "accept", "media"),
    [
        (SELECT, "*/*", JSON),
        (SELECT, None, JSON),
        (SELECT, "text/csv;q=0.5, application/xml;q=0.9", "application/xml"),
        (SELECT, "text/turtle, text/csv;q=0.1", "text/csv"),
        (SELECT, "application/sparql-results+json;q=0, text/*", "text/xml"),
        (SELECT, "text/html;q=0.1, application/json", "application/json"),
        (CONSTRUCT, "*/*", "text/turtle"),
        (CONSTRUCT, "application/rdf+xml;q=0.9, text/turtle;q=0.8", "application/rdf+xml"),
        (CONSTRUCT, "text/csv, application/n-triples;q=0.2", "application/n-triples"),
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


@pytest.mark.parametrize(
    ("short", "media"),
    [("xml", "application/rdf+xml"), ("json", "application/ld+json"), ("turtle", "text/turtle")],
)
def test_a_short_name_means_what_fits_the_query(
    http: httpx2.Client, embedded: str, short: str, media: str
) -> None:
    parameters = {"query": CONSTRUCT, "format": short}
    answer = http.get(embedded + "/sparql", params=parameters)
    assert answer.headers["content-type"].startswith(media)
    parameters = {"query": CONSTRUCT, "format": "nonsense"}
    answer = http.get(embedded + "/sparql", params=parameters, headers={"Accept": media})
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
        ("SELECT * WHERE { ?s a clas:Macrolide }", "line 1", "the prefix clas: is not declared"),
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
    refusal(
        http.post(url, content=b"\xff\xfe", headers={"Content-Type": "application/sparql-query"}),
        400,
    )
    unread = http.post(url, content=SELECT, headers={"Content-Type": "text/plain"})
    assert set(unread.headers["accept-post"].split(", ")) == {
        "application/sparql-query",
        "application/x-www-form-urlencoded",
    }
    refusal(http.post(url, data={"no": "query"}), 400)
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


@pytest.mark.parametrize("query", [None, SELECT, CONSTRUCT, "SELEC"])
def test_a_page_is_one_of_several_forms_and_says_so(
    http: httpx2.Client, embedded: str, query: str | None
) -> None:
    parameters = {"query": query} if query else {}
    answer = http.get(embedded + "/sparql", params=parameters, headers={"Accept": "text/html"})
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["vary"] == "Accept"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "no-store"


def test_a_body_beyond_the_bounds_is_refused_with_a_repair_for_queries(
    http: httpx2.Client, embedded: str
) -> None:
    headers = {"Content-Type": "application/sparql-query"}
    answer = http.post(embedded + "/sparql", content="#" * (9 << 20), headers=headers)
    assert "queries" in refusal(answer, 413)["repair"]


def test_a_page_from_anywhere_may_ask(http: httpx2.Client, embedded: str) -> None:
    url = embedded + "/sparql"
    asked = http.options(
        url, headers={"Origin": "https://notebook.example", "Access-Control-Request-Method": "POST"}
    )
    assert asked.status_code == 204
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    answer = http.get(url, params={"query": SELECT}, headers={"Origin": "https://notebook.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Inokg-Row-Cap" in answer.headers["Access-Control-Expose-Headers"]
    refused = http.get(
        url, params={"query": "SELEC"}, headers={"Origin": "https://notebook.example"}
    )
    assert refused.headers["Access-Control-Allow-Origin"] == "*"


def test_the_head_alone_is_had(http: httpx2.Client, embedded: str) -> None:
    answer = http.head(embedded + "/sparql", params={"query": SELECT}, headers={"Accept": JSON})
    assert answer.status_code == 200
    assert answer.content == b""
    assert int(answer.headers["content-length"]) > 100


@pytest.mark.parametrize("size", [LONGEST, 1_000_000, 1 << 20])
def test_a_long_query_is_refused(http: httpx2.Client, endpoint: str, size: int) -> None:
    query = SELECT + " # " + "x" * size
    posted = http.post(
        endpoint, content=query, headers={"Content-Type": "application/sparql-query"}
    )
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
