"""The catalogue is searched by name and code; inputs are resolved as a check resolves them."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.v1.catalogue import KINDS
from kg.snapshot.model import Snapshot


def items(client: TestClient, address: str) -> list[dict[str, Any]]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_all_pages_together_hold_every_entry_once(client: TestClient, kind: str) -> None:
    address, seen, total = f"/v1/{kind}?limit=500", [], 0
    while address:
        page = client.get(address).json()
        seen += [entry["iri"] for entry in page["items"]]
        address, total = page.get("next"), page["total"]
    assert len(seen) == len(set(seen)) == total > 0


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_is_given_whole_by_its_key(client: TestClient, kind: str) -> None:
    for entry in items(client, f"/v1/{kind}?limit=3"):
        answer = client.get(f"/v1/{kind}/{entry['key']}")
        assert answer.status_code == 200
        assert answer.json()["iri"] == entry["iri"]
    assert client.get(f"/v1/{kind}/no-such-key").status_code == 404


@pytest.mark.parametrize(
    ("address", "first"),
    [
        ("/v1/drugs?q=citalopram", "citalopram"),
        ("/v1/drugs?q=CITAL", "citalopram"),
        ("/v1/drugs?q=besponsa", "inotuzumab ozogamicin"),
        ("/v1/drugs?q=J02AC04", "posaconazole"),
        ("/v1/conditions?q=K74.6", "Cirrhosis"),
        ("/v1/observations?q=1975-2", "total bilirubin"),
        ("/v1/populations?q=planned_hsct", "Transplant candidate"),
        ("/v1/advisories?q=qt-firm-drug", "QT-prolonging medicine"),
    ],
)
def test_the_likeliest_stands_first(client: TestClient, address: str, first: str) -> None:
    assert items(client, address)[0]["label"] == first


def test_a_drug_comes_with_its_grades_and_sources(client: TestClient) -> None:
    drug = client.get("/v1/drugs/haloperidol").json()
    graded = [s for s in drug["statements"] if s.get("liability")]
    assert graded
    assert all(s["locator"] and s["title"] for s in graded)
    assert "http://www.whocc.no/atc" in drug["codes"]


def test_an_advisory_comes_with_everything_that_is_reviewed(
    client: TestClient, snapshot: Snapshot
) -> None:
    advisory = client.get("/v1/advisories/serious-hepatic-disease").json()
    assert advisory["severities"] == {
        "EU": "contraindicated",
        "UK": "contraindicated",
        "US": "avoid",
    }
    assert advisory["review"] == {"status": "unreviewed"}
    assert advisory["for_whom"]
    assert {s["jurisdiction"] for s in advisory["statements"]} >= {"EU", "US"}


@pytest.mark.parametrize(
    "address",
    ["/v1/drugs?limit=0", "/v1/drugs?limit=501", "/v1/drugs?start=-1", "/v1/drugs?limit=x"],
)
def test_a_parameter_out_of_bounds_is_a_problem(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["field"] in ("limit", "start")


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ({"kind": "drug", "text": "Haloperidol 5 mg tab"}, "haloperidol"),
        (
            {"kind": "condition", "system": "http://hl7.org/fhir/sid/icd-10", "code": "K74.6"},
            "Cirrhosis",
        ),
        ({"kind": "observation", "text": "bilirubin"}, "total bilirubin"),
        ({"kind": "allergy", "text": "polysorbate 80"}, "polysorbate 80"),
    ],
)
def test_an_input_is_resolved(client: TestClient, query: dict[str, str], label: str) -> None:
    found = client.get("/v1/resolve", params=query).json()
    assert [t["label"] for t in found["terms"]] == [label]
    assert found["matched"] in ("name", "code")


def test_what_is_not_certain_is_a_question(client: TestClient) -> None:
    found = client.get("/v1/resolve", params={"text": "haloperidl"}).json()
    assert found["terms"] == []
    assert found["reason"]
    assert "haloperidol" in [s["label"] for s in found["suggestions"]]
    for query in ({}, {"text": " "}, {"system": "x"}, {"code": "x"}):
        found = client.get("/v1/resolve", params=query).json()
        assert (found["terms"], bool(found["reason"])) == ([], True), query
    wrong = client.get("/v1/resolve", params={"kind": "food", "text": "x"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "kind")
