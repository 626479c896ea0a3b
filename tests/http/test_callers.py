"""Programs are known by their tokens, and may ask only so often; only hashes are kept."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

from api.app import create_app
from api.command import main
from api.http.callers import Caller, Callers, hashed, read_callers
from api.settings import Settings
from kg.errors import MalformedRequest

TOKEN = "a-token-of-the-tests"  # noqa: S105
# Every address that answers about patients or the graph to a program.
BEHIND: list[tuple[str, str, object]] = [
    ("POST", "/v1/check", {}),
    ("POST", "/v1/check/batch", {}),
    ("POST", "/v1/explain", {}),
    ("GET", "/v1/drugs", None),
    ("GET", "/v1/terms/reaches?term=drug/haloperidol", None),
    ("GET", "/v1/resolve?text=haloperidol", None),
    ("GET", "/sparql?query=ASK%7B%7D", None),
    ("POST", "/mcp", {}),
]
OPEN = ["/healthz", "/readyz", "/metrics", "/openapi.json", "/cds-services", "/"]


def _client(release_folder: Path, tmp_path: Path, **more: int) -> TestClient:
    path = tmp_path / "tokens.json"
    callers = [{"name": "ward", "sha256": hashed(TOKEN), **more}]
    path.write_text(json.dumps({"callers": callers}))
    return TestClient(create_app(Settings(releases=release_folder.parent, tokens=path)))


def _ask(client: TestClient, method: str, path: str, body: object, token: str) -> int:
    headers = {"Authorization": token} if token else {}
    return client.request(method, path, json=body, headers=headers).status_code


@pytest.mark.parametrize(("method", "path", "body"), BEHIND)
def test_a_program_needs_its_token(
    release_folder: Path, tmp_path: Path, method: str, path: str, body: object
) -> None:
    client = _client(release_folder, tmp_path)
    for wrong in ("", TOKEN, f"Basic {TOKEN}", "Bearer ", f"Bearer {TOKEN}x", "Bearer \x7f"):
        assert _ask(client, method, path, body, wrong) == 401, wrong
    assert _ask(client, method, path, body, f"bearer {TOKEN}") not in (401, 403, 429, 500)


def test_a_refusal_says_what_to_send_and_nothing_of_the_patient(
    release_folder: Path, tmp_path: Path
) -> None:
    client = _client(release_folder, tmp_path)
    patient = {"medications": [{"text": "haloperidol"}]}
    refused = client.post("/v1/check", json=patient)
    assert refused.headers["www-authenticate"] == "Bearer"
    problem = refused.json()
    assert problem["type"].endswith("/unauthorized")
    assert "Authorization: Bearer" in problem["repair"]
    fhir = client.post("/v1/check", json=patient, headers={"Accept": "application/fhir+json"})
    assert fhir.status_code == 401
    assert fhir.json()["resourceType"] == "OperationOutcome"
    assert "haloperidol" not in refused.text + fhir.text


@pytest.mark.parametrize("path", OPEN)
def test_what_tells_nothing_of_patients_stays_open(
    release_folder: Path, tmp_path: Path, path: str
) -> None:
    assert _client(release_folder, tmp_path).get(path).status_code == 200


def test_more_than_the_limit_is_refused_with_a_time_to_wait(
    release_folder: Path, tmp_path: Path
) -> None:
    client = _client(release_folder, tmp_path, requests_a_minute=3)
    token = {"Authorization": f"Bearer {TOKEN}"}
    answers = [client.get("/v1/release", headers=token).status_code for _ in range(4)]
    assert answers == [200] * 4, "the release in use is asked by watchmen, and is not counted"
    answers = [client.get("/v1/drugs", headers=token).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    refused = client.get("/v1/drugs", headers=token)
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    assert refused.json()["type"].endswith("/too-many-requests")


def test_the_allowance_comes_back_with_time() -> None:
    now = 1_000.0
    caller = Caller("ward", hashed(TOKEN), requests_a_minute=6)
    callers = Callers((caller,), clock=lambda: now)
    for _ in range(6):
        callers.admit(f"Bearer {TOKEN}")
    with pytest.raises(HTTPException) as refused:
        callers.admit(f"Bearer {TOKEN}")
    assert refused.value.headers == {"Retry-After": "10"}
    now += 10
    callers.admit(f"Bearer {TOKEN}")
    with pytest.raises(HTTPException):
        callers.admit(f"Bearer {TOKEN}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"callers": [{"name": "a", "token": "b"}]}',
        '{"callers": [{"name": "a", "sha256": "b"}]}',
        json.dumps({"callers": [{"name": n, "sha256": hashed("a")} for n in "ab"]}),
        json.dumps({"callers": [{"name": "a", "sha256": hashed(n)} for n in "ab"]}),
    ],
)
def test_a_file_that_cannot_be_honoured_stops_the_start(
    release_folder: Path, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "tokens.json"
    path.write_text(text)
    with pytest.raises(MalformedRequest) as refused:
        create_app(Settings(releases=release_folder.parent, tokens=path))
    assert refused.value.location == "INOKG_TOKENS"


def test_the_command_makes_a_token_once_and_takes_it_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tokens.json"

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["inokg", "token", "--file", str(path), *arguments])
        status = main()
        said = capsys.readouterr()
        return status, said.out.strip(), said.err.strip()

    _, token, _ = run("add", "ward", "--per-minute", "90")
    assert len(token) >= 40
    assert token not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (caller,) = read_callers(path)
    assert (caller.sha256, caller.requests_a_minute) == (hashed(token), 90)
    assert run("list")[1].split() == ["ward", "90", "a", "minute"]
    status, _, told = run("add", "ward")
    assert status != 0
    assert "has a token already" in told
    assert run("remove", "ward")[0] == 0
    assert read_callers(path) == ()
    assert run("remove", "ward")[0] != 0
    assert [p.name for p in tmp_path.iterdir()] == ["tokens.json"]
