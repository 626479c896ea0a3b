"""A query that costs too much is stopped in time, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from api.settings import Settings
from kg.graph.sparql_worker import Limits
from tests.sparql.conftest import HASTY, serving
from tests.workshop import ROOT

POST = {"Content-Type": "application/sparql-query"}
RUNAWAYS = {
    "product": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "path": "SELECT (COUNT(*) AS ?n) { ?a (rdf:type|ik:about|ik:statement|^ik:about)+ ?b }",
    "sorted": "SELECT ?a ?d { ?a rdfs:label ?c . ?d rdfs:label ?f } ORDER BY ?f ?c",
    "text": 'SELECT (GROUP_CONCAT(CONCAT(?c, ?f)) AS ?n) { ?a ik:says ?c . ?d ik:says ?f }',
}  # fmt: skip


def timed(ask: Callable[[], httpx2.Response]) -> tuple[httpx2.Response, float]:
    begun = time.monotonic()
    return ask(), time.monotonic() - begun


def settled(http: httpx2.Client, url: str) -> float:
    """Wait for the first answer, then give what a small one may take on a machine that is busy."""
    assert http.post(url, content="ASK {}", headers=POST).json()["boolean"] is True
    return 5 * max(
        timed(lambda: http.post(url, content="ASK { ?s ?p ?o }", headers=POST))[1] for _ in range(3)
    )


@pytest.mark.parametrize("name", RUNAWAYS)
def test_a_runaway_is_stopped_within_a_second_of_the_limit(
    http: httpx2.Client, hasty: str, name: str
) -> None:
    usual = settled(http, hasty)
    answer, spent = timed(lambda: http.post(hasty, content=RUNAWAYS[name], headers=POST))
    assert answer.status_code == 503, answer.text
    kind = answer.json()["type"].rsplit("/", 1)[1]
    assert kind in ("query-timeout", "query-too-heavy")
    assert spent <= HASTY + 1 + usual
    if kind == "query-timeout":
        assert spent >= HASTY * 0.95


def test_a_query_that_wants_all_memory_is_stopped(release_folder: Path) -> None:
    steps = " ".join(f"BIND(CONCAT(?a{i}, ?a{i}) AS ?a{i + 1})" for i in range(34))
    query = f'SELECT (STRLEN(?a34) AS ?n) {{ BIND("0123456789" AS ?a0) {steps} }}'
    limits = Limits(seconds=60, workers=1, memory=64 << 20)
    with serving(Settings(release_folder.parent, store=None, limits=limits)) as url:
        answer = httpx2.post(url + "/sparql", content=query, headers=POST, timeout=60)
        assert answer.status_code == 503
        assert answer.json()["type"].endswith("/query-too-heavy")
        again = httpx2.post(url + "/sparql", content="ASK { ?s ?p ?o }", headers=POST, timeout=60)
        assert again.json()["boolean"] is True


def test_others_are_answered_after_as_many_runaways_as_there_are_workers(
    http: httpx2.Client, hasty: str
) -> None:
    usual = settled(http, hasty)
    threads = [
        threading.Thread(
            target=lambda: httpx2.post(hasty, content=RUNAWAYS["product"], headers=POST, timeout=30)
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    answer, spent = timed(lambda: http.post(hasty, content="ASK { ?s ?p ?o }", headers=POST))
    for thread in threads:
        thread.join()
    assert answer.status_code == 200 or answer.headers["Retry-After"]
    assert spent <= HASTY + 1 + usual
    assert http.post(hasty, content="ASK { ?s ?p ?o }", headers=POST).json()["boolean"] is True


def test_a_query_ends_when_its_asker_goes_away(release_folder: Path) -> None:
    limits = Limits(seconds=60, workers=1)
    with serving(Settings(release_folder.parent, store=None, limits=limits)) as url:
        httpx2.post(url + "/sparql", content="ASK {}", headers=POST, timeout=30)
        with pytest.raises(httpx2.ReadTimeout):
            httpx2.post(url + "/sparql", content=RUNAWAYS["product"], headers=POST, timeout=0.5)
        # The only worker is free again, long before the limit.
        answer, spent = timed(
            lambda: httpx2.post(url + "/sparql", content="ASK {}", headers=POST, timeout=30)
        )
        assert answer.json()["boolean"] is True
        assert spent < 30


def test_a_slow_reader_holds_up_nobody(release_folder: Path) -> None:
    limits = Limits(seconds=60, workers=1)
    with serving(Settings(release_folder.parent, store=None, limits=limits)) as url:
        everything = {"query": "SELECT * { ?s ?p ?o } LIMIT 40000", "format": "json"}
        with httpx2.stream("GET", url + "/sparql", params=everything, timeout=60) as slow:
            assert int(slow.headers["content-length"]) > 5_000_000
            for _ in range(3):
                answer = httpx2.post(url + "/sparql", content="ASK {}", headers=POST, timeout=60)
                assert answer.json()["boolean"] is True
            assert len(slow.read()) == int(slow.headers["content-length"])


@pytest.fixture
def service_process(release_folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the service in a process of its own."""
    code = (
        "import socket, uvicorn; from api.app import create_app\n"
        "s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True)\n"
        "uvicorn.Server(uvicorn.Config(create_app(), log_level='critical')).run(sockets=[s])\n"
    )
    environment = {**os.environ, "INOKG_RELEASES": str(release_folder.parent)}
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    )
    assert process.stdout
    yield process, f"http://127.0.0.1:{process.stdout.readline().strip()}/sparql"
    process.kill()
    process.wait()
    process.stdout.close()


def family_of(parent: int) -> set[int]:
    """Find the processes of the group that a service began."""
    groups: dict[int, int] = {}
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                rest = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            groups[int(entry.name)] = int(rest[2])
            if int(rest[1]) == parent:
                found.add(int(rest[2]))
    return {pid for pid, group in groups.items() if group in found - {os.getpgrp()}}


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes where Linux lists them")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_the_service_ends_however_it_ends(
    service_process: tuple[subprocess.Popen[str], str], how: signal.Signals
) -> None:
    process, url = service_process
    ask = httpx2.get(url, params={"query": "ASK { ?s ?p ?o }"}, timeout=30)
    assert ask.json()["boolean"] is True
    family = family_of(process.pid)
    assert len(family) == 4, "one that reads the store, one that watches, two that answer"
    process.send_signal(how)
    process.wait()
    deadline = time.monotonic() + 5
    while family and time.monotonic() < deadline:
        family = {pid for pid in family if _alive(pid)}
        time.sleep(0.02)
    assert not family


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
