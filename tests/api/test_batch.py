"""Many patients, a line each: answered in order, streamed, and never stopped by one bad line."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.batch import Lines
from api.settings import Settings
from kg.release import build
from tests.api.serving import serving
from tests.workshop import lay_out

NDJSON = {"Content-Type": "application/x-ndjson"}
pytestmark = pytest.mark.xdist_group("serving")


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("batch")
    build(lay_out(folder), folder / "releases")
    return folder / "releases"


@pytest.fixture
def client(releases: Path) -> Iterator[TestClient]:
    settings = Settings(releases=releases, largest_body=2_000)
    with TestClient(create_app(settings), raise_server_exceptions=False) as found:
        yield found


def test_each_line_is_answered_as_it_is_alone(client: TestClient) -> None:
    bodies = [{"medications": [{"text": t}]} for t in ("hummol", "zaromycin", "nobody knows")]
    text = "\n".join(json.dumps(b) for b in bodies)
    answer = client.post("/v1/check/batch", content=text, headers=NDJSON)
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    alone = [client.post("/v1/check", json=b).content for b in bodies]
    assert answer.content.splitlines() == alone


def test_a_bad_line_is_one_line_and_the_rest_goes_on(client: TestClient) -> None:
    lines = ["{}", "nonsense", "", '{"medication": []}', '{"x": "' + "y" * 3000 + '"}', "{}"]
    answer = client.post("/v1/check/batch", content="\n".join(lines) + "\n", headers=NDJSON)
    found = [json.loads(line) for line in answer.content.splitlines()]
    assert len(found) == 5
    bad = {line["line"]: line["problem"] for line in found if "problem" in line}
    assert set(bad) == {2, 4, 5}
    assert bad[4]["field"] == "medication"
    assert bad[5]["title"] == "line too long"
    assert all(p["status"] == 422 and p["repair"] for p in bad.values())
    assert found[0] == found[-1]


def test_other_content_is_refused(client: TestClient) -> None:
    for kind in ("application/json", "text/csv"):
        answer = client.post("/v1/check/batch", content="{}", headers={"Content-Type": kind})
        assert answer.status_code == 415
    packed = NDJSON | {"Content-Encoding": "gzip"}
    assert client.post("/v1/check/batch", content=b"{}", headers=packed).status_code == 415


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_are_cut_wherever_pieces_end(size: int) -> None:
    text = b"one\n\ntwo two\r\nthree"
    lines = Lines(1000)
    pieces = [text[n : n + size] for n in range(0, len(text), size)]
    found = [line for piece in pieces for line in lines.cut(piece)] + list(lines.last())
    assert found == [(1, b"one"), (3, b"two two\r"), (4, b"three")]


def test_a_line_without_end_is_not_kept_whole() -> None:
    lines = Lines(10)
    for _ in range(1000):
        assert list(lines.cut(b"x" * 1000)) == []
    assert [(number, len(line)) for number, line in lines.last()] == [(1, 11)]


def test_after_a_line_that_is_too_long_the_next_is_read() -> None:
    lines = Lines(10)
    found = [*lines.cut(b"x" * 50), *lines.cut(b"x" * 50), *lines.cut(b"x\ny\n")]
    assert found == [(1, b"x" * 11 + b"x"), (2, b"y")]


def test_answers_come_before_the_last_question_is_asked(releases: Path) -> None:
    """Send some lines, read answers to them, send more: both ways stream at once."""
    line = b'{"medications": [{"text": "hummol"}]}\n'
    many = line * 200
    chunk = f"{len(many):x}\r\n".encode() + many + b"\r\n"
    with serving(releases, "--quiet") as service:
        host, port = service.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall(
                b"POST /v1/check/batch HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                b"Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            connection.sendall(chunk)
            early = connection.recv(65_536)
            assert early.startswith(b"HTTP/1.1 200")
            connection.sendall(chunk + b"0\r\n\r\n")
            rest = early
            while piece := connection.recv(65_536):
                rest += piece
        assert rest.count(b'"severity":"avoid","complete"') == 400
