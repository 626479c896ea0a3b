"""Settings of the hooks: which clients and servers are known, and where feedback is kept."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

_HERE = Path(__file__).resolve().parent.parent


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
