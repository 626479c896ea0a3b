"""A worker that no longer runs is replaced, and the others answer meanwhile."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import httpx2 as httpx

from api.run.beats import Beats
from tests.serving import eventually, serving


def test_a_stopped_worker_is_replaced(release_folder: Path) -> None:
    with serving(release_folder.parent, "--workers", "2", hung_seconds=2) as service:
        eventually(lambda: len(service.workers()) == 2, "two workers")
        first, second = service.workers()
        os.kill(first, signal.SIGSTOP)
        service.until("worker hung")
        eventually(
            lambda: len(service.workers()) == 2 and first not in service.workers(), "a replacement"
        )
        assert second in service.workers()
        for _ in range(20):
            assert httpx.get(f"{service.url}/healthz", timeout=20).status_code == 200
        assert [line["pid"] for line in service.log if line["event"] == "worker hung"] == [first]


def test_a_busy_or_idle_worker_is_left_alone(release_folder: Path) -> None:
    with serving(release_folder.parent, hung_seconds=2) as service:
        before = service.workers()
        end = time.monotonic() + 5
        while time.monotonic() < end:
            time.sleep(0.5)
        assert service.workers() == before
        assert "worker hung" not in service.raw_log


def test_beats_are_kept_apart() -> None:
    beats = Beats(3)
    beats.beat(1)
    assert beats.silent_for(1) < 1
    assert beats.silent_for(2) > 0
