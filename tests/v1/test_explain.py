"""GET and POST /v1/explain: JSON, DOT and SVG, and refusals that say what is near."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient

from kg import terms

PATIENT: dict[str, Any] = {
    "patient": {"flags": ["planned_hsct"]},
    "medications": [
        {"text": "haloperidol 5 mg tablets"},
        {"text": "paracetamol", "role": "premedication"},
        {"text": "azithromycin", "status": "stopped"},
    ],
    "conditions": [{"text": "cirrhosis"}],
    "context": {"phase": "before_first_dose"},
}


def asked(client: TestClient, subject: str, form: str = "json") -> Any:
    answer = client.post(f"/v1/explain?format={form}", json={**PATIENT, "explain": subject})
    assert answer.status_code == 200, answer.text
    return answer.json() if form == "json" else answer


def test_the_answer_has_the_documented_shape(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    described = document["components"]["schemas"]["Explanation"]["properties"]
    found = asked(client, "qt-firm-drug")
    assert set(found) == set(described)
    assert found["verdict"] == "applies"
    assert found["leaves"] == ["medications[0]"]
    assert found["supports"] == [["medications[0]"]]
    assert list(found["positions"])[:3] == ["EU", "UK", "US"]
    assert found["tree"]["id"] == found["about"]
    assert {n["id"] for n in found["nodes"]} >= {e["source"] for e in found["edges"]}
    # What a caller wrote comes back in their own words.
    given = next(n for n in found["nodes"] if n["label"] == "medications[0]")
    assert given["detail"] == "haloperidol 5 mg tablets"


@pytest.mark.parametrize(
    "subject", ["serious-hepatic-disease", f"{terms.BASE}advisory/serious-hepatic-disease"]
)
def test_an_advisory_is_named_by_key_or_by_its_whole_name(subject: str, client: TestClient) -> None:
    assert asked(client, subject)["verdict"] == "applies"


def test_an_input_is_named_by_its_place(client: TestClient) -> None:
    assert asked(client, "medications[0]")["raises"]
    assert asked(client, "medications[1]")["silent"]
    stopped = {"medications": [{"text": "warfarin", "status": "stopped"}]}
    answer = client.post("/v1/explain", json={**stopped, "explain": "medications[0]"}).json()
    assert answer["unsettled"], "when it was last taken is not known"
    assert asked(client, "patient.flags[0]")["raises"]
    assert asked(client, "context.phase")["verdict"] is None


def test_every_term_of_an_explanation_dereferences(client: TestClient) -> None:
    """Follow every name in the graph of a patient, a drug and an advisory."""
    names = set()
    for answer in (
        client.post("/v1/explain", json={**PATIENT, "explain": "qt-firm-drug"}),
        client.post("/v1/explain", json={**PATIENT, "explain": "medications[1]"}),
        client.get("/v1/explain?drug=azithromycin"),
        client.get("/v1/explain?advisory=bilirubin-above-limit"),
    ):
        names |= {n["iri"] for n in answer.json()["nodes"] if n["iri"]}
    assert len(names) > 40
    assert {terms.kind(n) for n in names} >= {"drug", "class", "liability", "statement", "source"}
    for name in sorted(names):
        there = client.get(
            "/id/" + name.removeprefix(terms.BASE), headers={"Accept": "text/turtle"}
        )
        assert there.status_code == 200, name


def test_a_finding_leads_to_its_passages_in_one_call(client: TestClient) -> None:
    report = client.post("/v1/check", json=PATIENT).json()
    assert report["findings"]
    for finding in report["findings"]:
        found = asked(client, finding["advisory"])
        passages = [e for p in found["positions"].values() for e in p["evidence"]]
        assert {e["statement"] for e in passages} == {e["statement"] for e in finding["evidence"]}
        assert all(e["section"] and e["source"] and e["says"] for e in passages)


@pytest.mark.parametrize(
    ("form", "media"), [("svg", "image/svg+xml"), ("dot", "text/vnd.graphviz")]
)
def test_pictures_have_their_content_type_and_run_nothing(
    form: str, media: str, client: TestClient
) -> None:
    hostile = {"medications": [{"text": "</svg><script>x</script>"}], "explain": "medications[0]"}
    for answer in (
        asked(client, "qt-firm-drug", form),
        client.get(f"/v1/explain?drug=azithromycin&format={form}"),
        client.get(f"/v1/explain?advisory=qt-firm-drug&format={form}"),
        client.post(f"/v1/explain?format={form}", json=hostile),
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].partition(";")[0] == media
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "<script" not in answer.text or form == "dot"
        if form == "svg":
            assert ElementTree.fromstring(answer.text) is not None  # noqa: S314 - our own picture


def test_answers_about_a_patient_are_nobody_elses(client: TestClient) -> None:
    body = {**PATIENT, "explain": "qt-firm-drug"}
    assert client.post("/v1/explain", json=body).headers["cache-control"] == "no-store"
    first, second = (client.post("/v1/explain", json=body).content for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("/v1/explain?drug=haloperidl", "haloperidol"),
        ("/v1/explain?advisory=qt-frim-drug", "qt-firm-drug"),
    ],
)
def test_an_unknown_name_is_not_found_with_what_is_near(
    address: str, near: str, client: TestClient
) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert near in answer.json()["repair"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"", 422, ""),
        (b"{", 422, ""),
        (b"[]", 422, ""),
        (b"[" * 90_000, 422, ""),
        (b'{"explain": 3}', 422, "explain"),
        (b'{"medications": []}', 422, "explain"),
        (b'{"explain": ""}', 422, "explain"),
        (b'{"explain": "a", "explain": "b"}', 422, "explain"),
        (b'{"explain": "qt-firm-drug", "medicines": []}', 422, "medicines"),
        (b'{"explain": "qt-firm-drug", "context": {"phase": "soon"}}', 422, "context.phase"),
        (b'{"explain": "medications[9]", "medications": [{"text": "x"}]}', 404, ""),
        (b'{"explain": "nothing of the kind"}', 404, ""),
        (b'{"explain": "\\u0000\\u0001"}', 404, ""),
    ],
)
def test_what_cannot_be_explained_is_refused_with_field_and_repair(
    body: bytes, status: int, field: str, client: TestClient
) -> None:
    for form in ("json", "svg"):
        answer = client.post(f"/v1/explain?format={form}", content=body)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["repair"]
        assert answer.json().get("field", "") == field


@pytest.mark.parametrize(
    "question", ["", "?drug=haloperidol&advisory=qt-firm-drug", "?drug=haloperidol&format=png"]
)
def test_a_question_that_is_none_is_refused(question: str, client: TestClient) -> None:
    answer = client.get(f"/v1/explain{question}")
    assert answer.status_code == 422
    assert answer.json()["repair"]


def test_a_list_of_five_hundred_is_explained(client: TestClient) -> None:
    body = {"medications": [{"text": "haloperidol"}] * 500, "explain": "qt-firm-drug"}
    for form in ("json", "svg"):
        answer = client.post(f"/v1/explain?format={form}", content=json.dumps(body))
        assert answer.status_code == 200
    assert len(answer.content) < 60_000
