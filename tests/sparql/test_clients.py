"""Clients that people use: the same query gives the same rows to each of them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
import SPARQLWrapper
from rdflib import Graph, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from kg.graph.questions import declared, read_questions, short
from tests.sparql.asking import asked
from tests.workshop import ONTOLOGY, ROOT

BROWSER = ROOT / "tests" / "browser"
# A question with names, texts and empty cells in its answer.
NAME = "where-eu-and-us-differ"
COLUMNS = ("topic", "eu", "us")


@pytest.fixture(scope="module")
def query(known: Mapping[str, str]) -> str:
    return declared(read_questions(ONTOLOGY)[NAME].query, known)


@pytest.fixture(scope="module")
def rows(known: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Give the rows that the question's file expects."""
    expected = read_questions(ONTOLOGY)[NAME].expect.rows
    assert expected
    return list(expected)


def said(script: str, *words: str, node: Path) -> dict[str, Any]:
    done = subprocess.run(
        [node, BROWSER / script, *words], capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_plain_http(
    http: httpx2.Client, endpoint: str, query: str, rows: list[Any], known: Mapping[str, str]
) -> None:
    assert asked(http, endpoint, query, known) == rows


@pytest.mark.parametrize("way", [SPARQLWrapper.GET, SPARQLWrapper.POST])
@pytest.mark.parametrize("request_as", [SPARQLWrapper.URLENCODED, SPARQLWrapper.POSTDIRECTLY])
def test_sparqlwrapper(
    endpoint: str, query: str, rows: list[Any], known: Mapping[str, str], way: str, request_as: str
) -> None:
    if (way, request_as) == (SPARQLWrapper.GET, SPARQLWrapper.POSTDIRECTLY):
        request_as = SPARQLWrapper.URLENCODED
    client = SPARQLWrapper.SPARQLWrapper(endpoint, returnFormat=SPARQLWrapper.JSON)
    client.setMethod(way)
    client.setRequestMethod(request_as)
    client.setQuery(query)
    answer = client.query()
    table: Any = answer.convert()
    found = [
        tuple(short(row[c]["value"], known) if c in row else "" for c in COLUMNS)
        for row in table["results"]["bindings"]
    ]
    answer.response.close()
    assert found == rows


def test_sparqlwrapper_reads_every_form(endpoint: str, query: str) -> None:
    for form in (SPARQLWrapper.XML, SPARQLWrapper.CSV, SPARQLWrapper.TSV):
        client = SPARQLWrapper.SPARQLWrapper(endpoint, returnFormat=form)
        client.setQuery(query)
        answer = client.query()
        assert answer.convert()
        answer.response.close()
    client = SPARQLWrapper.SPARQLWrapper(endpoint, returnFormat=SPARQLWrapper.TURTLE)
    client.setQuery("DESCRIBE <https://w3id.org/inokg/severity/avoid>")
    answer = client.query()
    turtle: Any = answer.convert()
    assert b"severity:avoid" in turtle
    answer.response.close()


def test_rdflib(endpoint: str, query: str, rows: list[Any], known: Mapping[str, str]) -> None:
    store = SPARQLStore(endpoint, returnFormat="json")
    table: Any = Graph(store).query(query)
    found = [
        tuple("" if value is None else short(str(value), known) for value in row) for row in table
    ]
    assert found == rows
    # As a graph that is asked triple by triple.
    graph = Graph(SPARQLStore(endpoint))
    ranks = graph.subject_objects(URIRef(known["ik"] + "rank"))
    assert {short(str(s), known): int(str(o)) for s, o in ranks}["severity:avoid"] == 4


def test_javascript_clients(
    endpoint: str, query: str, rows: list[Any], known: Mapping[str, str], node: Path
) -> None:
    found = said("ask.mjs", endpoint, query, node=node)
    assert set(found) == {"parsing", "simple", "fetched"}
    for client, given in found.items():
        read = [tuple(short(row.get(c, ""), known) for c in COLUMNS) for row in given]
        assert read == rows, client


def test_the_page_in_a_browser(endpoint: str, query: str, rows: list[Any], node: Path) -> None:
    page = said("sparql_page.mjs", endpoint, NAME, node=node)
    # Nobody is caught in the editor, and nothing is too pale to read.
    assert page["left"] == [True, True]
    assert page["kept"]
    assert len(page["contrast"]) >= 2
    assert min(r for ratios in page["contrast"].values() for r in ratios) >= 4.5
    assert page["shown"].strip() == query.strip()
    assert page["faults"] == 0, "the editor finds no fault in a question"
    assert [tuple(row) for row in page["rows"]] == rows
    assert [tuple(row) for row in page["plain"]] == rows
    assert page["link"].startswith("/id/severity/")
    assert "the prefix clas: is not declared" in page["refused"]
    assert "class:" in page["refused"]
    assert any(t.startswith("class:Macrolide") for t in page["completed"]["class:Macro"])
    assert any(t.startswith("ik:severityEU") for t in page["completed"]["ik:severityE"])
    # A part of the label is enough.
    assert any("SystemicAzoleAntifungal" in t for t in page["completed"]["class:azole"])
    assert page["complaints"] == [] or _only_refusals(page["complaints"])
    assert page["away"] == [], "nothing is fetched from anywhere else"


def _only_refusals(complaints: list[str]) -> bool:
    """Say whether a browser only noted that a query was refused, as the test meant it to be."""
    return all("status of 400" in said for said in complaints)
