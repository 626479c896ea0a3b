"""The OpenAPI document is whole, and every example in it is executed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

from tests.http.fuzz import fuzz
from tests.serving import serving


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
        "/v1/disagreements", "/v1/terms/reaches", "/v1/flags", "/v1/flags/{key}",
        "/v1/advisories/{key}", "/sparql", "/id/{kind}/{key}", "/healthz", "/readyz", "/metrics",
        "/cds-services", "/cds-services/{service}", "/cds-services/{service}/feedback",
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


def filled(path: str, operation: dict[str, Any]) -> str:
    """Put the examples of its parts into an address; what has none must not need one."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
    assert "{" not in path, path
    return path


def test_every_example_of_a_body_is_answered(document: dict[str, Any], client: TestClient) -> None:
    """Send each example of a body as it stands; each must be answered, and not refused."""
    sent = set()
    for method, path, operation in operations(document):
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            examples = [content["example"]] if "example" in content else []
            examples += [e["value"] for e in content.get("examples", {}).values()]
            for example in examples:
                if media == "application/x-www-form-urlencoded":
                    body = urlencode(example)
                else:
                    body = example if isinstance(example, str) else json.dumps(example)
                headers = {"Content-Type": media}
                address = filled(path, operation)
                answer = client.request(method, address, content=body, headers=headers)
                assert answer.status_code == 200, (path, media, answer.text[:300])
                sent.add(path)
    assert sent >= {p for _, p, o in operations(document) if o.get("requestBody")}


def test_every_address_is_answered_with_the_examples_of_its_parts(
    document: dict[str, Any], client: TestClient
) -> None:
    """Ask every address that needs no question, and each with the question it shows."""
    asked = {
        "/v1/explain": ["?advisory=serious-hepatic-disease", "?drug=haloperidol&format=svg"],
        "/v1/resolve": ["?text=haloperidol", "?kind=condition&text=cirrhosis"],
        "/sparql": ["", "?query=ASK%20%7B%7D"],
        "/v1/terms/reaches": ["?term=https://w3id.org/inokg/drug/haloperidol"],
    }
    for method, path, operation in operations(document):
        if method == "get":
            for question in asked.get(path, [""]):
                address = filled(path, operation) + question
                for verb in ("GET", "HEAD"):
                    answer = client.request(verb, address, follow_redirects=False)
                    assert answer.status_code in (200, 303), (verb, address, answer.text[:300])
                    assert str(answer.status_code) in operation["responses"], address
                    assert verb == "GET" or answer.content == b""
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


def test_a_sample_of_what_the_document_allows_and_forbids_is_answered_as_it_says(
    release_folder: Path,
) -> None:
    """Let a tool try every operation; `make fuzz` does the same with thousands of requests."""
    with serving(release_folder.parent, "--quiet") as service:
        done = fuzz(service.url, most=3, seed=1, phases="examples,fuzzing")
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    tried = re.search(r"(\d+) generated, \1 passed", done.stdout)
    assert tried, done.stdout[-1000:]
    assert int(tried.group(1)) >= 100
