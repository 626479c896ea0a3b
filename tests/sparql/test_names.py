"""Names in a query: relative ones, ones of functions, and ones in other letters than a term's."""

from __future__ import annotations

import httpx2
import pytest

JSON = {"Accept": "application/sparql-results+json"}


def ask(http: httpx2.Client, endpoint: str, query: str, **headers: str) -> httpx2.Response:
    return http.get(endpoint, params={"query": query}, headers={**JSON, **headers})


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?l { <drug/fluconazole> rdfs:label ?l }",
        "BASE <drug/> SELECT ?l { <fluconazole> rdfs:label ?l }",
        "SELECT ?l FROM <graph/asserted> { <drug/fluconazole> rdfs:label ?l }",
    ],
)
def test_a_relative_name_is_one_of_the_ontology(
    http: httpx2.Client, endpoint: str, query: str
) -> None:
    answer = ask(http, endpoint, query)
    assert answer.status_code == 200, answer.text
    assert [b["l"]["value"] for b in answer.json()["results"]["bindings"]] == ["fluconazole"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (<http://example.org/f>(1) AS ?x) {}",
        "PREFIX f: <http://example.org/> SELECT ?s { ?s a ik:Severity FILTER(f:near(?s)) }",
        "ASK { ?s a ik:Severity FILTER(<http://example.org/f>(?s)) }",
        "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o FILTER(<http://example.org/f>(?s)) }",
        "SELECT ?s { ?s a ik:Severity } ORDER BY <http://example.org/f>(?s)",
    ],
)
def test_an_unknown_function_is_the_fault_of_the_query(
    http: httpx2.Client, endpoint: str, query: str
) -> None:
    answer = ask(http, endpoint, query, Accept="*/*")
    assert answer.status_code == 400, answer.text
    assert answer.json()["type"].endswith("/unknown-function")
    assert answer.json()["subject"].startswith("http://example.org/")


def test_a_cast_is_no_unknown_function(http: httpx2.Client, endpoint: str) -> None:
    answer = ask(http, endpoint, 'SELECT (xsd:integer("7") AS ?x) {}')
    assert answer.json()["results"]["bindings"][0]["x"]["value"] == "7"


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("SELECT ?p { condition:cirrhosis ?p ?o }", "condition/Cirrhosis"),
        ("ASK { drug:Fluconazole ?p ?o }", "drug/fluconazole"),
        ("SELECT ?p { <condition/CIRRHOSIS> ?p ?o }", "condition/Cirrhosis"),
    ],
)
def test_a_name_in_other_letters_is_no_silent_nothing(
    http: httpx2.Client, endpoint: str, query: str, meant: str
) -> None:
    answer = ask(http, endpoint, query)
    assert answer.status_code == 200
    assert f"did you mean {meant}?" in answer.headers["Inokg-Hint"]
    page = ask(http, endpoint, query, Accept="text/html")
    assert f"did you mean {meant}?" in page.text


def test_a_right_name_gets_no_hint(http: httpx2.Client, endpoint: str) -> None:
    for query in ("SELECT ?p { condition:Cirrhosis ?p ?o }", "ASK { drug:no-such-drug ?p ?o }"):
        assert "Inokg-Hint" not in ask(http, endpoint, query).headers


def test_addresses_lead_from_other_letters_to_the_term(http: httpx2.Client, service: str) -> None:
    for path, meant in (
        ("/v1/conditions/cirrhosis", "Cirrhosis"),
        ("/v1/drugs/Fluconazole", "fluconazole"),
        ("/v1/flags/Planned-HSCT", "planned_hsct"),
        ("/id/condition/cirrhosis", "condition/Cirrhosis"),
        ("/id/drug/FLUCONAZOLE", "drug/fluconazole"),
    ):
        answer = http.get(service + path, headers={"Accept": "application/ld+json"})
        assert answer.status_code == 404, path
        assert f"did you mean {meant}?" in answer.json()["detail"], path
