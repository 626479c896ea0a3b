"""The OpenAPI document is whole, and every example in it is executed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings


@pytest.fixture(scope="module")
def client(release_folder: Path) -> Iterator[TestClient]:
    settings = Settings(releases=release_folder.parent)
    with TestClient(create_app(settings), raise_server_exceptions=False) as found:
        yield found


@pytest.fixture(scope="module")
def document(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_address_of_the_contract_is_described(document: dict[str, Any]) -> None:
    wanted = {
        "/v1/check", "/v1/check/batch", "/v1/resolve", "/v1/explain", "/v1/release",
        "/v1/releases/{older}/diff/{newer}", "/v1/drugs", "/v1/drugs/{key}", "/v1/classes",
        "/v1/conditions", "/v1/observations", "/v1/populations", "/v1/advisories", "/v1/sources",
        "/v1/disagreements", "/sparql", "/id/{kind}/{key}", "/healthz", "/readyz", "/metrics",
        "/cds-services", "/cds-services/{id}", "/cds-services/{id}/feedback",
    }  # fmt: skip
    assert wanted <= set(document["paths"])


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        assert operation.get("summary"), (method, path)
        assert operation["responses"], (method, path)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    known = set(document["components"]["schemas"])
    text = json.dumps(document)
    referred = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred <= known


def test_every_example_is_answered(document: dict[str, Any], client: TestClient) -> None:
    """Send each example of a body as it stands; each must be answered, and not refused."""
    sent = 0
    for method, path, operation in operations(document):
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            examples = [content["example"]] if "example" in content else []
            examples += [e["value"] for e in content.get("examples", {}).values()]
            for example in examples:
                body = example if isinstance(example, str) else json.dumps(example)
                address = path.replace("{id}", "inotuzumab-safety")
                headers = {"Content-Type": media}
                answer = client.request(method, address, content=body, headers=headers)
                assert answer.status_code == 200, (path, media, answer.text[:300])
                sent += 1
    assert sent >= 3


def test_examples_of_parameters_are_answered(client: TestClient) -> None:
    for address in (
        "/v1/explain?advisory=serious-hepatic-disease",
        "/v1/explain?drug=haloperidol&format=svg",
        "/v1/explain?drug=haloperidol&format=dot",
        "/v1/release",
        "/v1/releases/current/diff/current",
    ):
        assert client.get(address).status_code == 200, address
    assert client.get("/v1/releases/current/diff/nothing").status_code == 404


def test_a_list_of_two_hundred_is_answered_and_nonsense_is_refused_at_once(
    client: TestClient,
) -> None:
    body = {"medications": [{"text": "haloperidol"}] * 200}
    answer = client.post("/v1/check", json=body)
    assert answer.status_code == 200
    assert len(answer.json()["recognised"]) == 200
    for nonsense in (b"x" * 10_000_000, b"[" * 900_000, b'{"a":' * 100_000):
        refused = client.post(
            "/v1/check", content=nonsense, headers={"Content-Type": "application/json"}
        )
        assert refused.status_code in (413, 422)
        assert refused.headers["content-type"] == "application/problem+json"
        assert len(refused.content) < 2_000


def test_a_field_said_twice_is_refused(client: TestClient) -> None:
    for body in (
        '{"medications": [], "medications": []}',
        '{"medications": [{"text": "a", "text": "b"}]}',
    ):
        answer = client.post("/v1/check", content=body)
        assert answer.status_code == 422
        assert answer.json()["title"] == "repeated field"
