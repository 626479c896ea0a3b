"""The service against the least that could answer, and a batch against single requests."""

from __future__ import annotations

import os
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.report import encode_report
from kg.contract.request import decode_request
from kg.snapshot.file import read_snapshot
from tests.bench.engine import PATIENT, typical
from tests.bench.load import rate
from tests.bench.measure import Row, at_least, percentile
from tests.serving import serving
from tests.workshop import ROOT

_ROUNDS, _STRETCH = 5, 1.5
_BATCH = 100_000


def rows(release: Path) -> Iterator[Row]:
    """Measure over HTTP, on this machine, with one worker."""
    snapshot, _ = read_snapshot(release)
    with serving(release.parent, "--quiet") as service:
        for name, body in (("the usual request", typical()), ("52 entries", PATIENT.read_bytes())):
            answer = encode_report(check(assemble(decode_request(body), snapshot), snapshot))
            with bare(answer) as other:
                pairs = [
                    (
                        rate(service.url, "/v1/check", body, _STRETCH),
                        rate(other, "/", body, _STRETCH),
                    )
                    for _ in range(_ROUNDS)
                ]
            value = statistics.median(len(a) / len(b) for a, b in pairs)
            ours = percentile([t for a, _ in pairs for t in a], 0.95) * 1000
            each = statistics.median(len(a) for a, _ in pairs) / _STRETCH
            note = f"{each:.0f} a second, p95 {ours:.1f} ms with 8 asking; {len(answer):,} bytes"
            yield at_least(f"HTTP check / bare ASGI, {name}", value, 0.4, note)
        yield from _batch(service.url, service.workers())


def _batch(url: str, workers: list[int]) -> Iterator[Row]:
    """Send a hundred thousand patients in one request, a line at a time."""
    line = typical().replace(b"\n", b"") + b"\n"
    # One caller after the other, as a program without batches would ask.
    single = len(rate(url, "/v1/check", typical(), 4.0, connections=1)) / 4.0
    before = _memory(workers)
    begun, answered, most = time.perf_counter(), 0, 0
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=600) as connection:
        head = (
            f"POST /v1/check/batch HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
            f"Content-Type: application/x-ndjson\r\nContent-Length: {len(line) * _BATCH}\r\n\r\n"
        )
        sender = subprocess.Popen(
            [sys.executable, "-c", _SEND, str(connection.fileno()), str(_BATCH)],
            stdin=subprocess.PIPE,
            pass_fds=[connection.fileno()],
        )
        assert sender.stdin is not None
        sender.stdin.write(head.encode() + b"\0" + line)
        sender.stdin.close()
        while piece := connection.recv(1 << 20):
            answered += piece.count(b"\n")
            most = max(most, _memory(workers)) if answered % 7 == 0 else most
        sender.wait()
    spent = time.perf_counter() - begun
    note = f"{_BATCH / spent:.0f} a second against {single:.0f}"
    yield at_least("batch of 100,000 / single requests", _BATCH / spent / single, 3.0, note)
    grown = (max(most, _memory(workers)) - before) / 1e6
    flat = Row("memory that a batch adds, in MB", round(grown, 1), "<= 50", grown <= 50)
    yield flat


_SEND = """
import os, sys
out, times = int(sys.argv[1]), int(sys.argv[2])
head, line = sys.stdin.buffer.read().split(b"\\0", 1)
os.set_blocking(out, True)
def send(data):
    view = memoryview(data)
    while view:
        view = view[os.write(out, view):]
send(head)
for _ in range(times // 100):
    send(line * 100)
"""


def _memory(workers: list[int]) -> int:
    """Add up the memory that the workers hold."""
    total = 0
    for pid in workers:
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        total += int(found.group(1)) * 1000 if found else 0
    return total


@contextmanager
def bare(answer: bytes) -> Iterator[str]:
    """Run the least that could answer."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    held = ROOT / "build" / "bench-answer.json"
    held.write_bytes(answer)
    command = [sys.executable, "-m", "uvicorn", "tests.bench.bare:app", "--port", str(port)]
    command += ["--no-access-log", "--log-level", "critical"]
    environment = {**os.environ, "BENCH_ANSWER": str(held)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(urllib.request.Request(url, b"{}"))
                break
            except OSError:
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait()
        held.unlink()
