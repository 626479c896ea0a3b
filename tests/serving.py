"""The service as it runs, in a process or a thread of its own, started and stopped by tests."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import uvicorn
from fastapi import FastAPI

from tests.workshop import ROOT

_PATIENCE = 30.0


class Service:
    """One running service: where it answers, and what it writes to its log."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.url = url
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._lines.append(line)

    @property
    def log(self) -> list[dict[str, Any]]:
        """Give the lines of the log so far."""
        return [json.loads(line) for line in list(self._lines)]

    @property
    def raw_log(self) -> str:
        """Give the log as it was written."""
        return "".join(self._lines)

    def workers(self) -> list[int]:
        """Give the processes that the parent has forked and that are alive."""
        return children(self.process.pid)

    def metric(self, name: str) -> float:
        """Give what is counted under a name so far."""
        lines = httpx.get(f"{self.url}/metrics").text.splitlines()
        return float(next((x.split()[-1] for x in lines if x.startswith(name + " ")), 0))

    @property
    def address(self) -> tuple[str, int]:
        """Give host and port."""
        host, port = self.url.removeprefix("http://").split(":")
        return host, int(port)

    def close(self) -> None:
        """Let go of the pipes of a process that has ended."""
        self._reader.join(5)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()

    def until(self, event: str, count: int = 1) -> None:
        """Wait for an event in the log."""
        end = time.monotonic() + _PATIENCE
        while sum(1 for line in self.log if line["event"] == event) < count:
            assert time.monotonic() < end, f"no '{event}' in the log:\n{self.raw_log}"
            time.sleep(0.02)


@contextmanager
def serving(
    releases: Path, *arguments: str, cwd: Path = ROOT, seed: str = "0", **settings: object
) -> Iterator[Service]:
    """Run the service on a free port until the test is done with it; settings by their names."""
    given = {f"INOKG_{name.upper()}": str(value) for name, value in settings.items()}
    run = "from api.command import main; raise SystemExit(main())"
    command = [sys.executable, "-c", run, "serve", "--port", "0", *arguments]
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, "INOKG_RELEASES": str(releases), "PYTHONPATH": str(ROOT), **given}
        | {"PYTHONHASHSEED": seed},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    service = None
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.search(r"http://\S+:\d+", said)
        assert found, f"the service did not say where it is: {said!r}"
        service = Service(process, found.group())
        _wait(service)
        yield service
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if service is not None:
            service.close()


@contextmanager
def in_a_thread(app: FastAPI) -> Iterator[str]:
    """Run an application on a free port of this process as long as it is wanted."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()


def children(pid: int) -> list[int]:
    """Give the processes that another has forked."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for listed in tasks for child in listed.read_text().split()]


def eventually(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds."""
    end = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def _wait(service: Service) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            httpx.get(f"{service.url}/healthz", timeout=5)
        except httpx.TransportError:
            assert time.monotonic() < end, "the service does not answer"
            time.sleep(0.05)
        else:
            return
