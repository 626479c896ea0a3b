"""The service: what it answers, how it refuses, and what it never writes down."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from kg.snapshot.file import CURRENT

MARK = "Zebra-Quagga-1867"


@pytest.fixture
def client(releases: Path) -> Iterator[TestClient]:
    """Open the service over the small release."""
    with TestClient(create_app(Settings(releases)), raise_server_exceptions=False) as client:
        yield client


def test_a_check_is_answered_with_a_report(client: TestClient) -> None:
    answer = client.post("/v1/check", json={"medications": [{"text": "hummol"}]})
    assert answer.status_code == 200
    report = answer.json()
    assert [f["advisory"].rsplit("/", 1)[1] for f in report["findings"]] == ["humming-drug"]
    assert report["severity"] == "avoid"
    assert report["complete"] is False
    assert report["release"]["version"] == "9.9.9"


def test_the_same_request_gives_the_same_bytes(client: TestClient) -> None:
    body = {"medications": [{"text": "hummol"}, {"text": "zaromycin"}], "conditions": []}
    assert len({client.post("/v1/check", json=body).content for _ in range(3)}) == 1


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"nonsense", 422, ""),
        (b"[]", 422, ""),
        (b'{"medication": []}', 422, "medication"),
        (b'{"medications": "hummol"}', 422, "medications"),
        (b'{"medications": [{"text": 7}]}', 422, "medications[0].text"),
        (b'{"context": {"phase": "tomorrow"}}', 422, "context.phase"),
        (b'{"context": {"as_of": "0001-01-01T00:00+14:00"}}', 422, "context.as_of"),
        (b'{"context": {"as_of": "9999-12-31"}}', 422, "context.as_of"),
        (b'{"medications": [{"text": "' + b"x" * 2_000_000 + b'"}]}', 413, ""),
    ],
)
def test_a_refusal_is_a_problem_that_names_the_field(
    client: TestClient, body: bytes, status: int, field: str
) -> None:
    answer = client.post("/v1/check", content=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["repair"]
    assert problem.get("field", "") == field
    assert "Traceback" not in answer.text


def test_an_unknown_address_is_a_problem_too(client: TestClient) -> None:
    answer = client.get("/v1/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_wrong_method_says_which_are_right(client: TestClient) -> None:
    answer = client.get("/v1/check")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


def test_the_page_shows_the_finding_without_javascript(client: TestClient) -> None:
    start = client.get("/")
    assert start.status_code == 200
    # Scripts of our own, for comfort: they are no part of checking, and nothing stands inline.
    assert re.findall("<script[^>]*>[^<]*", start.text) == [
        '<script src="/static/complete.js" defer>',
        '<script src="/static/given.js" defer>',
    ]
    assert "does not replace it" in start.text
    answer = client.post("/check", data={"med": "hummol\nnonsensol", "phase": "before_first_dose"})
    assert answer.status_code == 200
    assert "A drug that makes hum" in answer.text
    assert "nonsensol" in answer.text
    assert "incomplete" in answer.text
    assert "Nothing found" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_page_escapes_what_was_typed(client: TestClient) -> None:
    answer = client.post("/check", data={"med": "<script>alert(1)</script>"})
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_a_form_that_cannot_be_read_says_why(client: TestClient) -> None:
    answer = client.post("/check", data={"age": "old"})
    assert answer.status_code == 422
    assert "is not a number" in answer.text


def test_a_form_with_an_unknown_part_or_too_many_fields_is_refused(client: TestClient) -> None:
    assert client.post("/check", data={"none": "nothing"}).status_code == 422
    many = "&".join(f"x{n}=1" for n in range(500))
    assert client.post("/check", content=many).status_code == 422


def test_without_a_release_nothing_is_answered(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(tmp_path)), raise_server_exceptions=False) as client:
        assert client.get("/healthz").status_code == 200
        for answer in (
            client.get("/readyz"),
            client.get("/v1/release"),
            client.get("/"),
            client.post("/v1/check", json={}),
        ):
            assert answer.status_code == 503
            assert answer.headers["content-type"] == "application/problem+json"
            assert str(tmp_path) not in answer.text


def test_an_altered_release_answers_nothing(releases: Path, tmp_path: Path) -> None:
    folder = tmp_path / CURRENT
    folder.mkdir()
    for path in (releases / CURRENT).iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    snapshot = folder / "snapshot.json"
    snapshot.write_bytes(snapshot.read_bytes().replace(b"60.5", b"99.5"))
    with TestClient(create_app(Settings(tmp_path)), raise_server_exceptions=False) as client:
        assert client.get("/readyz").status_code == 503
        assert client.post("/v1/check", json={}).status_code == 503


def test_nothing_of_a_patient_is_logged(
    client: TestClient, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        client.post("/v1/check", json={"medications": [{"text": MARK}]})
        client.post("/v1/check", json={MARK: 1})
        client.post("/check", data={"med": MARK, "age": MARK})
    written = caplog.text + "".join(capfd.readouterr())
    assert MARK not in written


def test_an_error_that_nobody_foresaw_says_nothing_of_what_was_sent(
    releases: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    app = create_app(Settings(releases))

    async def broken() -> None:
        raise ValueError(MARK)

    async def broken_midway() -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"a beginning"
            raise ValueError(MARK)

        return StreamingResponse(pieces())

    app.add_api_route("/broken", broken)
    app.add_api_route("/midway", broken_midway)
    with TestClient(app) as client:
        answer = client.get("/broken")
        assert answer.status_code == 500
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["repair"]
        # What had begun is cut short, so that nobody takes it for whole.
        with pytest.raises(Exception, match=r"^$"):
            client.get("/midway")
    written = "".join(capfd.readouterr())
    assert MARK not in answer.text + written
    assert written.count('"event":"unforeseen error"') == 2
    assert "ValueError" in written


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/xml; charset=utf-8"},
        {"Content-Type": "multipart/form-data"},
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "br, gzip"},
    ],
)
def test_a_body_of_another_kind_or_packed_is_refused(
    client: TestClient, headers: dict[str, str]
) -> None:
    answer = client.post("/v1/check", content=b"{}", headers=headers)
    assert answer.status_code == 415
    assert answer.headers["content-type"] == "application/problem+json"
    for good in ("application/json", "Application/JSON; charset=utf-8"):
        assert client.post("/v1/check", content=b"{}", headers={"Content-Type": good}).is_success


def test_no_cache_keeps_what_was_asked_of_a_patient(client: TestClient) -> None:
    lines = {"Content-Type": "application/x-ndjson"}
    for answer in (
        client.post("/v1/check", json={}),
        client.post("/v1/check/batch", content=b"{}", headers=lines),
        client.post("/check", data={"med": "hummol"}),
    ):
        assert answer.headers["cache-control"] == "no-store"


def test_what_stands_beside_a_request_in_json_is_not_passed_over(client: TestClient) -> None:
    answer = client.post("/v1/check?phase=before_dose", json={})
    assert (answer.status_code, answer.json()["field"]) == (422, "phase")


@pytest.mark.parametrize("path", ["/", "/healthz", "/v1/release", "/v1/drugs", "/metrics"])
def test_what_may_be_had_may_be_asked_about(client: TestClient, path: str) -> None:
    had, asked = client.get(path), client.head(path)
    assert (asked.status_code, asked.content) == (had.status_code, b"")
    assert asked.headers["content-type"] == had.headers["content-type"]


def test_a_wrong_method_names_all_that_are_right(client: TestClient) -> None:
    for path, right in (("/v1/explain", "GET, HEAD, POST"), ("/v1/check/batch", "POST")):
        answer = client.delete(path)
        assert (answer.status_code, answer.headers["allow"]) == (405, right)
        assert answer.json()["repair"]


def test_two_releases_are_compared_by_any_of_their_names(
    client: TestClient, two_built: tuple[Path, str, str]
) -> None:
    _, first, second = two_built
    start = second.split("-")[1][:6]
    for older, newer in ((first, second), ("9.9.9", "9.9.10"), ("current", start)):
        answer = client.get(f"/v1/releases/{older}/diff/{newer}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/json"
    for name in ("0.0.0", "..", "%2e%2e", "ffffffff"):
        answer = client.get(f"/v1/releases/{name}/diff/current")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


def test_the_openapi_document_describes_request_and_report(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    operation = document["paths"]["/v1/check"]["post"]
    names = json.dumps(operation)
    assert "#/components/schemas/Request" in names
    assert "#/components/schemas/Report" in names
    assert {"Request", "Report", "Finding"} <= set(document["components"]["schemas"])
