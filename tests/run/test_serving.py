"""The service as it runs: it loses no request, comes back by itself, and leaves gently."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import httpx2 as httpx
import pytest

from api.http.examples import CHECK
from tests.serving import Service, eventually, serving
from tests.workshop import point

BODY = {"medications": [{"text": "hummol"}], "context": {"phase": "before_dose"}}


class Load:
    """Asks without pause from several connections, and keeps what came of it."""

    def __init__(self, service: Service, threads: int = 4) -> None:
        self.answers: Counter[object] = Counter()
        self.versions: list[str] = []
        self._stop = threading.Event()
        self._url = f"{service.url}/v1/check"
        self._threads = [threading.Thread(target=self._ask) for _ in range(threads)]

    def _ask(self) -> None:
        with httpx.Client(timeout=20) as client:
            while not self._stop.is_set():
                try:
                    answer = client.post(self._url, json=BODY)
                except httpx.TransportError as error:
                    self.answers[type(error).__name__] += 1
                    continue
                self.answers[answer.status_code] += 1
                self.versions.append(answer.json()["release"]["version"])

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def test_a_switch_of_release_loses_no_request(
    releases: Path, two_built: tuple[Path, str, str]
) -> None:
    _, first, second = two_built
    with serving(releases, "--workers", "2", "--quiet") as service:
        with Load(service) as load:
            time.sleep(0.5)
            for n, name in enumerate((second, first, second), 2):
                point(releases, name)
                service.until("release", n)
                time.sleep(0.7)
        assert set(load.answers) == {200}, load.answers
        assert set(load.versions) == {"9.9.9", "9.9.10"}
        assert load.versions[-1] == "9.9.10"


def test_an_unsound_release_is_not_switched_to_until_it_is_mended(
    releases: Path, two_built: tuple[Path, str, str]
) -> None:
    second = two_built[2]
    broken = releases / "9.9.11-broken"
    broken.mkdir()
    for path in (releases / second).iterdir():
        (broken / path.name).write_bytes(path.read_bytes().replace(b"hummol", b"hommul"))
    with serving(releases) as service:
        point(releases, broken.name)
        service.until("release refused")
        answer = httpx.post(f"{service.url}/v1/check", json=BODY)
        assert (answer.status_code, answer.json()["release"]["version"]) == (200, "9.9.9")
        ready = httpx.get(f"{service.url}/readyz")
        assert (ready.status_code, ready.json()["release"]) == (200, "9.9.9")
        assert "unsound" in ready.json()["note"]
        assert "inokg_release_refused 1" in httpx.get(f"{service.url}/metrics").text
        # Several looks later nothing more was said. A look while it is mended may refuse it again.
        time.sleep(1.0)
        assert [line["event"] for line in service.log].count("release refused") == 1
        for path in (releases / second).iterdir():
            (broken / path.name).write_bytes(path.read_bytes())
        service.until("release", 2)
        eventually(lambda: _version(service) == "9.9.10", "the mended release does not answer")
        assert "note" not in httpx.get(f"{service.url}/readyz").json()


def _version(service: Service) -> str:
    found: str = httpx.get(f"{service.url}/readyz").json()["release"]
    return found


def test_a_killed_worker_is_replaced_while_others_answer(releases: Path) -> None:
    with serving(releases, "--workers", "2", "--quiet") as service:
        before = service.workers()
        assert len(before) == 2
        with Load(service) as load:
            time.sleep(0.4)
            os.kill(before[0], signal.SIGKILL)
            service.until("worker died")
            time.sleep(1.0)
        now = service.workers()
        assert len(now) == 2
        assert set(now) != set(before)
        assert load.answers[200] > 50
        # Only what the killed worker had in its hands is lost: at most one a connection.
        assert sum(n for answer, n in load.answers.items() if answer != 200) <= 4, load.answers
        text = httpx.get(f"{service.url}/metrics").text
        counted = next(x for x in text.splitlines() if x.startswith("inokg_checks_total"))
        assert int(counted.split()[-1]) >= load.answers[200]


def test_a_stop_waits_for_the_answer_in_hand(releases: Path) -> None:
    """Send half a request, tell the service to stop, send the rest: it is answered."""
    with serving(releases) as service:
        body = b'{"medications": [{"text": "hummol"}]}'
        head = (
            f"POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection(service.address, timeout=20) as connection:
            connection.sendall(head.encode() + body[:10])
            time.sleep(0.3)
            service.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            connection.sendall(body[10:])
            assert connection.recv(64).startswith(b"HTTP/1.1 200")
        assert service.process.wait(20) == 0
    assert [line["event"] for line in service.log][-1] == "stopped"


def test_workers_share_one_snapshot_and_one_answer(releases: Path) -> None:
    with serving(releases, "--workers", "2") as service:
        answers, workers = set(), set()
        for _ in range(40):
            answer = httpx.post(f"{service.url}/v1/check", json=BODY)
            answers.add(answer.content)
            workers.add(answer.headers["x-request-id"].split("-")[0])
        assert len(workers) == 2
        assert len(answers) == 1


def test_without_a_release_nothing_is_answered_and_one_that_comes_is_taken(
    tmp_path: Path, two_built: tuple[Path, str, str]
) -> None:
    releases, first, _ = two_built
    empty = tmp_path / "empty"
    empty.mkdir()
    with serving(empty) as service:
        for address in ("/readyz", "/v1/release"):
            answer = httpx.get(f"{service.url}{address}")
            assert answer.status_code == 503
            assert answer.headers["content-type"] == "application/problem+json"
        assert httpx.post(f"{service.url}/v1/check", json=BODY).status_code == 503
        assert httpx.get(f"{service.url}/healthz").status_code == 200
        (empty / first).symlink_to(releases / first)
        (empty / "current").symlink_to(first)
        service.until("release", 2)
        time.sleep(0.5)
        assert httpx.post(f"{service.url}/v1/check", json=BODY).status_code == 200


def test_a_port_that_is_taken_is_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        run = "from api.command import main; raise SystemExit(main())"
        port = str(taken.getsockname()[1])
        call = [sys.executable, "-c", run, "serve", "--port", port]
        done = subprocess.run(call, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("wrong", [["--port", "65536"], ["--port", "x"], ["--workers", "0"]])
def test_a_call_that_is_wrong_is_refused_at_once(wrong: list[str]) -> None:
    run = "from api.command import main; raise SystemExit(main())"
    call = [sys.executable, "-c", run, "serve", *wrong]
    done = subprocess.run(call, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert wrong[1] in done.stderr.splitlines()[-1]


def test_a_setting_that_is_wrong_is_one_line() -> None:
    run = "from api.command import main; raise SystemExit(main())"
    call = [sys.executable, "-c", run, "serve", "--port", "0"]
    wrong = {**os.environ, "INOKG_BODY_SECONDS": "soon"}
    done = subprocess.run(call, capture_output=True, text=True, timeout=60, env=wrong)
    assert done.returncode == 2
    assert done.stderr.startswith("inokg: INOKG_BODY_SECONDS")
    assert done.stderr.count("\n") == 1


def test_a_body_that_comes_too_slowly_is_refused(releases: Path) -> None:
    with serving(releases, body_seconds=0.3) as service:
        with socket.create_connection(service.address, timeout=20) as connection:
            connection.sendall(b"POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
            answer = connection.recv(4096)
            assert answer.startswith(b"HTTP/1.1 408")
            assert b"problem+json" in answer
        assert httpx.get(f"{service.url}/healthz").status_code == 200


def test_a_connection_that_never_asks_is_closed(releases: Path) -> None:
    with (
        serving(releases, head_seconds=0.3) as service,
        socket.create_connection(service.address, timeout=20) as connection,
    ):
        connection.sendall(b"GET / HT")
        assert connection.recv(64) == b""


def test_a_second_head_that_never_ends_closes_the_connection(releases: Path) -> None:
    with (
        serving(releases, head_seconds=0.5, keep_alive_seconds=60) as service,
        socket.create_connection(service.address, timeout=20) as connection,
    ):
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET /healthz HTT")
        assert connection.recv(64) == b""


_HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
_IN_PIECES = (
    b"POST /v1/check HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
)


@pytest.mark.parametrize(
    ("begins", "goes_on"),
    [
        (_HEAD, b"x-%d: y\r\n"),
        (_HEAD + b"x-long: ", b"%d" + b"y" * 60_000),
        (_IN_PIECES, b"x-%d: y\r\n"),
    ],
    ids=["fields", "one long field", "fields after the body"],
)
def test_headers_without_end_are_refused(releases: Path, begins: bytes, goes_on: bytes) -> None:
    with serving(releases, "--quiet") as service:
        with socket.create_connection(service.address, timeout=20) as connection:
            connection.sendall(begins)
            answer = b""
            with contextlib.suppress(OSError):
                for n in range(400):
                    connection.sendall(goes_on % n)
            with contextlib.suppress(OSError):
                answer = connection.recv(4096)
            assert answer.startswith(b"HTTP/1.1 431") or not answer
            with contextlib.suppress(OSError):
                assert connection.recv(64) == b""
        assert httpx.get(f"{service.url}/healthz").status_code == 200


def test_no_answer_is_taken_for_another_type(releases: Path) -> None:
    with serving(releases, "--quiet") as service:
        for path in ("/healthz", "/v1/release", "/metrics", "/nowhere", "/"):
            found = httpx.get(f"{service.url}{path}").headers.get_list("x-content-type-options")
            assert found == ["nosniff"], path


def test_nobody_serves_every_caller_unasked(releases: Path) -> None:
    run = "from api.command import main; raise SystemExit(main())"
    call = [sys.executable, "-c", run, "serve", "--port", "0", "--host", "0.0.0.0"]  # noqa: S104
    call += ["--releases", str(releases)]
    refused = subprocess.run(call, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 2
    assert "INOKG_CDS_OPEN=1" in refused.stderr
    assert refused.stderr.count("\n") == 1
    with subprocess.Popen(
        call,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "INOKG_CDS_OPEN": "1"},
    ) as service:
        assert service.stdout is not None
        assert "EVERY CALLER" in service.stdout.readline()
        service.terminate()


def test_nonsense_instead_of_http_is_refused(releases: Path) -> None:
    with serving(releases, "--quiet") as service:
        for said in (
            b"\x16\x03\x01\x02\x00\x01",
            b"GET\r\n\r\n",
            b"nonsense " * 1000 + b"\r\n\r\n",
        ):
            with socket.create_connection(service.address, timeout=20) as connection:
                connection.sendall(said)
                assert connection.recv(4096).startswith(b"HTTP/1.1 400")
        assert httpx.get(f"{service.url}/healthz").status_code == 200


def test_too_many_requests_at_once_are_refused_and_not_kept_waiting(releases: Path) -> None:
    with serving(releases, most_requests=1) as service:
        head = b"POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"
        with socket.create_connection(service.address, timeout=20) as slow:
            slow.sendall(head)
            time.sleep(0.3)
            refused = httpx.post(f"{service.url}/v1/check", json={})
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
            assert refused.json()["repair"]
            slow.sendall(b"{}")
            assert slow.recv(64).startswith(b"HTTP/1.1 200")
        assert httpx.post(f"{service.url}/v1/check", json={}).status_code == 200


def test_two_services_answer_with_the_same_bytes(release_folder: Path) -> None:
    """Run the real release twice, with other seeds for whatever has no order of its own."""
    bodies: list[dict[str, object]] = [{}, CHECK, {"medications": CHECK["medications"] * 20}]
    found = []
    for seed in ("1", "2"):
        with serving(release_folder.parent, "--quiet", seed=seed) as service:
            url = f"{service.url}/v1/check"
            found.append([httpx.post(url, json=body, timeout=30).content for body in bodies])
    assert found[0] == found[1]
    assert all(len(content) > 1000 for content in found[0])
