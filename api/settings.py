"""Where the service finds what lies outside it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from api.cds_hooks_settings import HookSettings
from kg.sparql_worker import Limits

_HERE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """Every setting, each from one variable of the environment."""

    releases: Path = field(
        default_factory=lambda: Path(os.environ.get("INOKG_RELEASES", _HERE / "build" / "releases"))
    )
    largest_body: int = 1_000_000
    # How long the head of a request and its body may take to arrive.
    head_seconds: float = 20.0
    body_seconds: float = 20.0
    # How long a batch may stand still, and how many batches one worker takes on.
    stall_seconds: float = 60.0
    most_batches: int = 4
    batch_processes: int = field(default_factory=lambda: os.cpu_count() or 1)
    log: bool = False
    most_connections: int = 2_000
    most_requests: int = 500
    keep_alive_seconds: int = 5
    # How long a stop waits for answers; a switch of releases waits longer, say for a batch.
    leave_seconds: float = 15.0
    finish_seconds: float = 3_600.0
    largest_fhir_body: int = 5_000_000
    # A SPARQL store elsewhere that holds the release's graphs; without one they are read here.
    store: str | None = field(default_factory=lambda: os.environ.get("INOKG_STORE") or None)
    limits: Limits = field(default_factory=Limits)
    hooks: HookSettings = field(default_factory=HookSettings)
    # What `make setup` brings for the pages; they also work without it.
    browser: Path = _HERE / "build" / "browser"
