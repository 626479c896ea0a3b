"""The service as it runs: it loses no request, comes back by itself, and leaves gently."""

from __future__ import annotations

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

from kg.release import build
from tests.api.serving import Service, serving
from tests.workshop import edit, lay_out

BODY = {"medications": [{"text": "hummol"}], "context": {"phase": "before_dose"}}
pytestmark = pytest.mark.xdist_group("serving")


@pytest.fixture(scope="module")
def two_releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """Build two releases of the invented ontology; the first is current."""
    folder = tmp_path_factory.mktemp("serving")
    releases = folder / "releases"
    root = lay_out(folder)
    build(root, releases)
    first = os.readlink(releases / "current")
    edit(root / "release.ttl", 'owl:versionInfo "9.9.9"', 'owl:versionInfo "9.9.10"')
    build(root, releases)
    second = os.readlink(releases / "current")
    point(releases, first)
    return releases, first, second


def point(releases: Path, name: str) -> None:
    """Make another release the current one, in one step."""
    pointer = releases / ".next"
    pointer.symlink_to(name)
    os.replace(pointer, releases / "current")


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


def test_a_switch_of_release_loses_no_request(two_releases: tuple[Path, str, str]) -> None:
    releases, first, second = two_releases
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
    point(releases, first)


def test_an_unsound_release_is_not_switched_to(two_releases: tuple[Path, str, str]) -> None:
    releases, first, second = two_releases
    broken = releases / "9.9.11-broken"
    broken.mkdir(exist_ok=True)
    for path in (releases / second).iterdir():
        (broken / path.name).write_bytes(path.read_bytes().replace(b"hummol", b"hommul"))
    with serving(releases) as service:
        point(releases, broken.name)
        service.until("release refused")
        answer = httpx.post(f"{service.url}/v1/check", json=BODY)
        assert (answer.status_code, answer.json()["release"]["version"]) == (200, "9.9.9")
        assert httpx.get(f"{service.url}/readyz").status_code == 200
    point(releases, first)


def test_a_killed_worker_is_replaced_while_others_answer(
    two_releases: tuple[Path, str, str],
) -> None:
    with serving(two_releases[0], "--workers", "2", "--quiet") as service:
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


def test_a_stop_waits_for_the_answer_in_hand(two_releases: tuple[Path, str, str]) -> None:
    """Send half a request, tell the service to stop, send the rest: it is answered."""
    with serving(two_releases[0]) as service:
        host, port = service.url.removeprefix("http://").split(":")
        body = b'{"medications": [{"text": "hummol"}]}'
        head = (
            f"POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall(head.encode() + body[:10])
            time.sleep(0.3)
            service.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            connection.sendall(body[10:])
            assert connection.recv(64).startswith(b"HTTP/1.1 200")
        assert service.process.wait(20) == 0
    assert [line["event"] for line in service.log][-1] == "stopped"


def test_workers_share_one_snapshot_and_one_answer(two_releases: tuple[Path, str, str]) -> None:
    with serving(two_releases[0], "--workers", "2") as service:
        answers, workers = set(), set()
        for _ in range(40):
            answer = httpx.post(f"{service.url}/v1/check", json=BODY)
            answers.add(answer.content)
            workers.add(answer.headers["x-request-id"].split("-")[0])
        assert len(workers) == 2
        assert len(answers) == 1


def test_without_a_release_nothing_is_answered_and_one_that_comes_is_taken(
    tmp_path: Path, two_releases: tuple[Path, str, str]
) -> None:
    releases, first, _ = two_releases
    with serving(tmp_path) as service:
        for address in ("/readyz", "/v1/release"):
            answer = httpx.get(f"{service.url}{address}")
            assert answer.status_code == 503
            assert answer.headers["content-type"] == "application/problem+json"
        assert httpx.post(f"{service.url}/v1/check", json=BODY).status_code == 503
        assert httpx.get(f"{service.url}/healthz").status_code == 200
        (tmp_path / first).symlink_to(releases / first)
        (tmp_path / "current").symlink_to(first)
        service.until("release", 2)
        time.sleep(0.5)
        assert httpx.post(f"{service.url}/v1/check", json=BODY).status_code == 200


def test_a_port_that_is_taken_is_one_line(two_releases: tuple[Path, str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        run = "from api.command import main; raise SystemExit(main())"
        port = str(taken.getsockname()[1])
        call = [sys.executable, "-c", run, "serve", "--port", port]
        done = subprocess.run(call, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
