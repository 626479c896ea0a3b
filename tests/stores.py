"""A SPARQL store outside the program, started and stopped by tests."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sysconfig import get_path

from kg.snapshot.file import DATASET


@contextmanager
def store_elsewhere(release: Path, folder: Path) -> Iterator[str]:
    """Run an Oxigraph server that holds the graphs of a release."""
    oxigraph = f"{get_path('scripts')}/oxigraph"
    load = [oxigraph, "load", "--location", str(folder), "--file", str(release / DATASET)]
    subprocess.run(load, check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # A store elsewhere goes on with a query that nobody waits for, unless it has its own limit.
    serve = [oxigraph, "serve-read-only", "--location", str(folder), "--timeout-s", "10"]
    server = subprocess.Popen([*serve, "--bind", f"127.0.0.1:{port}"], stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/")
        yield f"http://127.0.0.1:{port}/query"
    finally:
        server.kill()
        server.wait()


def _wait_for(url: str) -> None:
    for _ in range(500):
        try:
            with urllib.request.urlopen(url):  # noqa: S310 - our own server
                return
        except OSError:
            time.sleep(0.02)
    raise AssertionError("the store did not start")
