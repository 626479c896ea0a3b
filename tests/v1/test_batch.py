"""Many patients, a line each: answered in order, streamed, and never stopped by one bad line."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.v1.batch import Lines
from tests.serving import Service, children, eventually, serving
from tests.workshop import point

NDJSON = {"Content-Type": "application/x-ndjson"}


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


def test_nobody_to_check_is_answered_by_nothing(client: TestClient) -> None:
    for nothing in (b"", b"\n\n"):
        answer = client.post("/v1/check/batch", content=nothing, headers=NDJSON)
        assert (answer.status_code, answer.content) == (200, b"")


def test_more_batches_than_a_worker_takes_on_are_refused(releases: Path) -> None:
    with TestClient(create_app(Settings(releases=releases, most_batches=0))) as client:
        answer = client.post("/v1/check/batch", content=b"{}", headers=NDJSON)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert answer.json()["repair"]


LINE = b'{"medications": [{"text": "hummol"}]}\n'


class Batch:
    """One batch on a connection of its own, sent and read a piece at a time."""

    def __init__(self, service: Service) -> None:
        self._way = socket.create_connection(service.address, timeout=30)
        self._way.sendall(
            b"POST /v1/check/batch HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            b"Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        self._answer = self._way.makefile("rb")

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, *_: object) -> None:
        self._answer.close()
        with suppress(OSError):
            self._way.shutdown(socket.SHUT_RDWR)
        self._way.close()

    def send(self, lines: bytes) -> None:
        # The other end may be gone, or the test over while a thread still sends.
        with suppress(OSError):
            self._way.sendall(f"{len(lines):x}\r\n".encode() + lines + b"\r\n")

    def end(self) -> None:
        self._way.sendall(b"0\r\n\r\n")

    def head(self) -> bytes:
        return b"".join(iter(self._answer.readline, b"\r\n"))

    def piece(self) -> bytes:
        """Read one piece of the answer; an empty one is the end."""
        size = int(self._answer.readline(), 16)
        return self._answer.read(size + 2)[:size]

    def rest(self) -> bytes:
        return b"".join(iter(self.piece, b""))


def test_each_answer_comes_before_the_next_question_is_asked(releases: Path) -> None:
    """Ask one line at a time, and wait for its answer: nothing is held back."""
    with serving(releases, "--quiet") as service, Batch(service) as batch:
        batch.send(LINE)
        assert batch.head().startswith(b"HTTP/1.1 200")
        for _ in range(3):
            assert json.loads(batch.piece())["severity"] == "avoid"
            batch.send(LINE)
        batch.end()
        assert batch.rest().count(b"\n") == 1


def test_single_checks_are_answered_while_a_batch_is(releases: Path) -> None:
    with serving(releases, "--quiet", batch_processes=2) as service, Batch(service) as batch:
        batch.send(LINE * 500)
        batch.head()
        batch.piece()
        for _ in range(20):
            answer = httpx.post(f"{service.url}/v1/check", content=LINE, timeout=10)
            assert answer.json()["severity"] == "avoid"
        batch.end()
        assert batch.rest().count(b"\n") > 400
        text = httpx.get(f"{service.url}/metrics").text
        assert 'inokg_checks_total{complete="false"} 520' in text
        assert 'inokg_findings_total{advisory="humming-drug"} 520' in text


def test_a_caller_who_does_not_read_is_waited_for_and_not_worked_for(releases: Path) -> None:
    """Send without reading: the service stops taking lines, and holds no more than a little."""
    with serving(releases, "--quiet", batch_processes=1) as service, Batch(service) as batch:
        sent = threading.Thread(target=batch.send, args=(LINE * 1_000_000,), daemon=True)
        sent.start()
        answered = [-1.0]

        def stands_still() -> bool:
            answered.append(service.metric('inokg_checks_total{complete="false"}'))
            time.sleep(0.5)
            return answered[-1] == answered[-2]

        eventually(stands_still, "lines are taken that nobody reads the answers to")
        assert 0 < answered[-1] < 500_000
        assert sent.is_alive()
    sent.join()


def test_a_batch_ends_with_its_caller(releases: Path) -> None:
    with serving(releases, "--quiet") as service:
        (worker,) = service.workers()
        with Batch(service) as batch:
            batch.send(LINE * 2000)
            batch.head()
            batch.piece()
            assert children(worker)
        eventually(lambda: not children(worker), "the helpers of the batch go on")
        assert httpx.get(f"{service.url}/healthz").status_code == 200
        assert "unforeseen" not in service.raw_log


def test_a_helper_that_is_killed_is_replaced_and_no_line_is_lost(releases: Path) -> None:
    with serving(releases, "--quiet") as service, Batch(service) as batch:
        (worker,) = service.workers()
        batch.send(LINE * 300)
        batch.head()
        first = batch.piece()
        for helper in children(worker)[:1]:
            os.kill(helper, signal.SIGKILL)
        batch.send(LINE * 300)
        batch.end()
        whole = first + batch.rest()
        assert whole.count(b'"severity":"avoid","complete"') == whole.count(b"\n") == 600


def test_a_batch_that_stands_still_is_told_and_ended(releases: Path) -> None:
    with serving(releases, "--quiet", stall_seconds=0.5) as service, Batch(service) as batch:
        batch.send(LINE + LINE)
        batch.head()
        *_, last = batch.rest().splitlines()
        refused = json.loads(last)
        assert (refused["line"], refused["problem"]["status"]) == (3, 408)


def test_a_batch_outlives_a_switch_of_release(
    releases: Path, two_built: tuple[Path, str, str]
) -> None:
    """Begin a batch, switch, go on: the batch is answered by the release it began with."""
    with serving(releases, "--quiet", leave_seconds=1) as service, Batch(service) as batch:
        batch.send(LINE * 20)
        batch.head()
        seen = batch.piece()
        point(releases, two_built[2])
        service.until("release", 2)
        time.sleep(1.5)
        version = httpx.get(f"{service.url}/readyz").json()["release"]
        batch.send(LINE * 20)
        batch.end()
        seen += batch.rest()
        assert version == "9.9.10"
        assert seen.count(b'"version":"9.9.9"') == 40
