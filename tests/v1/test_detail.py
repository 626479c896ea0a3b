"""How much of an answer is asked for, at every address that checks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings

NDJSON = {"Content-Type": "application/x-ndjson"}
BODY: dict[str, Any] = {"medications": [{"text": "hummol"}, {"text": "nobody knows"}]}


@pytest.fixture(scope="module")
def client(two_built: tuple[Path, str, str]) -> Iterator[TestClient]:
    app = create_app(Settings(releases=two_built[0]))
    with TestClient(app, raise_server_exceptions=False) as found:
        yield found


def test_each_detail_has_its_own_form(client: TestClient) -> None:
    plain = client.post("/v1/check", json=BODY)
    full = client.post("/v1/check?detail=full", json=BODY)
    assert plain.content == full.content
    brief = client.post("/v1/check?detail=brief", json=BODY).json()
    judged = client.post("/v1/check?detail=verdicts", json=BODY).json()
    assert brief["summary"] == full.json()["summary"]
    assert "plan" not in brief
    assert {v["truth"] for v in judged["verdicts"]} <= {"applies", "does_not_apply", "cannot_tell"}
    assert judged["unrecognised"] == full.json()["unrecognised"]


@pytest.mark.parametrize(
    ("query", "field"),
    [("detail=all", "detail"), ("detail=full&detail=brief", "detail"), ("phase=x", "phase")],
)
def test_what_is_no_detail_is_refused(client: TestClient, query: str, field: str) -> None:
    for path, body in (("/v1/check", json.dumps(BODY)), ("/v1/check/batch", "{}")):
        kind = NDJSON if "batch" in path else {"Content-Type": "application/json"}
        answer = client.post(f"{path}?{query}", content=body, headers=kind)
        assert answer.status_code == 422
        assert answer.json()["field"] == field


def test_a_batch_answers_in_the_detail_that_is_asked_for(client: TestClient) -> None:
    for detail in ("full", "brief", "verdicts"):
        alone = client.post(f"/v1/check?detail={detail}", json=BODY).content
        batch = client.post(
            f"/v1/check/batch?detail={detail}", content=json.dumps(BODY), headers=NDJSON
        )
        assert batch.content == alone + b"\n"


@pytest.mark.parametrize("name", ["bed 7", 12, 0, "é"])
def test_the_id_of_a_line_comes_back(client: TestClient, name: str | int) -> None:
    lines = [{"id": name, **BODY}, {"id": name, "medication": []}]
    text = "\n".join(json.dumps(line) for line in lines)
    good, bad = client.post("/v1/check/batch", content=text, headers=NDJSON).iter_lines()
    assert json.loads(good) == {"id": name, **client.post("/v1/check", json=BODY).json()}
    assert json.loads(bad)["id"] == name
    assert json.loads(bad)["problem"]["field"] == "medication"


@pytest.mark.parametrize("name", [{"a": 1}, ["x"], 1.5, "x" * 501])
def test_an_id_of_another_form_is_refused(client: TestClient, name: Any) -> None:
    text = json.dumps({"id": name, **BODY})
    (line,) = client.post("/v1/check/batch", content=text, headers=NDJSON).iter_lines()
    assert json.loads(line)["problem"]["field"] == "id"


def test_an_id_is_no_part_of_a_single_check(client: TestClient) -> None:
    assert client.post("/v1/check", json={"id": 1, **BODY}).status_code == 422


def test_fhir_is_answered_in_each_detail_and_in_fhir_only_in_full(client: TestClient) -> None:
    bundle = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": []})
    headers = {"Content-Type": "application/fhir+json"}
    for detail in ("brief", "verdicts"):
        answer = client.post(f"/v1/check?detail={detail}", content=bundle, headers=headers)
        assert answer.status_code == 200
        assert answer.json()["complete"] is False
    headers |= {"Accept": "application/fhir+json"}
    for detail, status in (("full", 200), ("brief", 422)):
        answer = client.post(f"/v1/check?detail={detail}", content=bundle, headers=headers)
        assert answer.status_code == status
