"""Where the service finds what lies outside it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from api.cds_hooks_settings import HookSettings
from kg.errors import MalformedRequest
from kg.sparql_worker import Limits

_HERE = Path(__file__).resolve().parent.parent
N = TypeVar("N", int, float)


def _number(name: str, usual: N) -> N:
    """Read a number from its variable; give the usual one where it is not set."""
    text = os.environ.get(f"INOKG_{name}", "").strip()
    try:
        found = type(usual)(text) if text else usual
    except ValueError:
        found = type(usual)(-1)
    if not 0 <= found < float("inf"):
        raise MalformedRequest(
            code="wrong-setting",
            message="this is no number of the kind that the setting takes",
            subject=text[:40],
            location=f"INOKG_{name}",
            repair=f"set a number such as {usual:g}, or leave it unset",
        )
    return found


def _set(name: str, usual: N) -> N:
    return field(default_factory=lambda: _number(name, usual))


@dataclass(frozen=True)
class Settings:
    """Every setting, each from one variable of the environment."""

    releases: Path = field(
        default_factory=lambda: Path(os.environ.get("INOKG_RELEASES", _HERE / "build" / "releases"))
    )
    log: bool = False
    # Bodies, and lines of a batch, in bytes.
    largest_body: int = _set("LARGEST_BODY", 1_000_000)
    largest_fhir_body: int = _set("LARGEST_FHIR_BODY", 5_000_000)
    # How long the head of a request and its body may take to arrive.
    head_seconds: float = _set("HEAD_SECONDS", 20.0)
    body_seconds: float = _set("BODY_SECONDS", 20.0)
    # How long a batch may stand still, and how many batches one worker takes on at once.
    stall_seconds: float = _set("STALL_SECONDS", 60.0)
    most_batches: int = _set("MOST_BATCHES", 4)
    batch_processes: int = _set("BATCH_PROCESSES", os.cpu_count() or 1)
    # What one worker holds at once.
    most_connections: int = _set("MOST_CONNECTIONS", 2_000)
    most_requests: int = _set("MOST_REQUESTS", 500)
    keep_alive_seconds: int = _set("KEEP_ALIVE_SECONDS", 5)
    # How long a stop waits for answers; a switch of releases waits longer, say for a batch.
    leave_seconds: float = _set("LEAVE_SECONDS", 15.0)
    finish_seconds: float = _set("FINISH_SECONDS", 3_600.0)
    # A SPARQL store elsewhere that holds the release's graphs; without one they are read here.
    store: str | None = field(default_factory=lambda: os.environ.get("INOKG_STORE") or None)
    limits: Limits = field(default_factory=Limits)
    hooks: HookSettings = field(default_factory=HookSettings)
    # What `make setup` brings for the pages; they also work without it.
    browser: Path = _HERE / "build" / "browser"
