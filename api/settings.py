"""Where the service finds what lies outside it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from kg.errors import MalformedRequest
from kg.graph.sparql_worker import Limits

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


def _listed(name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in os.environ.get(name, "").split(",") if part.strip())


def _path(name: str) -> Path | None:
    text = os.environ.get(name, "")
    return Path(text) if text else None


def _database() -> Path:
    """Give the file of the feedback; a server of databases, named for reviews, holds none."""
    text = os.environ.get("INOKG_DATABASE", "").removeprefix("sqlite:///")
    return Path(text) if text and "://" not in text else _HERE / "build" / "feedback.sqlite"


@dataclass(frozen=True)
class HookSettings:
    """Every setting of the hooks, each from one variable of the environment."""

    # Where prescribing programs reach this service; links lead there, and tokens name it.
    base_url: str = field(default_factory=lambda: os.environ.get("INOKG_BASE_URL", "").rstrip("/"))
    # The clients that are trusted, as a file; without it every caller is.
    clients: Path | None = field(default_factory=lambda: _path("INOKG_CDS_CLIENTS"))
    # Pages of these origins may call from a browser.
    origins: tuple[str, ...] = field(default_factory=lambda: _listed("INOKG_CORS_ORIGINS"))
    # FHIR servers that may be asked for what a call lacks; '*' for every public one.
    servers: tuple[str, ...] = field(default_factory=lambda: _listed("INOKG_FHIR_SERVERS"))
    # Whether those servers may stand on a private network, and be asked without encryption.
    private: bool = field(default_factory=lambda: os.environ.get("INOKG_FHIR_PRIVATE") == "1")
    unencrypted: bool = field(default_factory=lambda: os.environ.get("INOKG_FHIR_HTTP") == "1")
    # Certificates by which servers are known, beside those of the system.
    certificates: Path | None = field(default_factory=lambda: _path("INOKG_FHIR_CERTIFICATES"))
    fetch_seconds: float = 2.0
    largest_page: int = 2_000_000
    most_pages: int = 5
    # Feedback and what was shown; never anything of a patient.
    database: Path = field(default_factory=_database)


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
