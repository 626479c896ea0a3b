"""Where the service finds what lies outside it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from kg.sparql_worker import Limits

_HERE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """Every setting, each from one variable of the environment."""

    releases: Path = field(
        default_factory=lambda: Path(os.environ.get("INOKG_RELEASES", _HERE / "build" / "releases"))
    )
    largest_body: int = 1_000_000
    # How long a body may take to arrive, and a batch may stand still.
    body_seconds: float = 20.0
    log: bool = False
    most_connections: int = 1_000
    keep_alive_seconds: int = 5
    leave_seconds: float = 15.0
    largest_fhir_body: int = 5_000_000
    # A SPARQL store elsewhere that holds the release's graphs; without one they are read here.
    store: str | None = field(default_factory=lambda: os.environ.get("INOKG_STORE") or None)
    limits: Limits = field(default_factory=Limits)
    # What `make setup` brings for the pages; they also work without it.
    browser: Path = _HERE / "build" / "browser"
