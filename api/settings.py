"""Where the service finds what lies outside it, and its limits: each from one variable.

A setting is read when the service starts; one that cannot be meant is refused by its name. Every
field names its variable, so that no setting can be had by changing the program only.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from kg.errors import MalformedRequest
from kg.graph.sparql_worker import Limits

_HERE = Path(__file__).resolve().parent.parent
# What a field says of itself beside its type.
VARIABLE, SHOWN = "variable", "shown"
T = TypeVar("T")
N = TypeVar("N", int, float)


def _said(variable: str) -> str:
    return os.environ.get(variable, "").strip()


def _refused(variable: str, message: str, repair: str) -> MalformedRequest:
    return MalformedRequest(
        code="wrong-setting",
        message=message,
        subject=_said(variable)[:40],
        location=variable,
        repair=f"{repair}, or leave it unset",
    )


def _number(variable: str, usual: N, nought: bool) -> N:
    """Read a number from its variable; give the usual one where it is not set."""
    text = _said(variable)
    try:
        number = type(usual)(text) if text else usual
    except ValueError:
        number = type(usual)(-1)
    if not (0 < number < float("inf") or (nought and number == 0)):
        raise _refused(
            variable,
            "this is no number of the kind that the setting takes",
            f"set a number such as {usual:g}",
        )
    return number


def _switch(variable: str) -> bool:
    """Read whether something is on; what is neither 1 nor 0 is not guessed at."""
    text = _said(variable)
    if text not in ("", "0", "1"):
        raise _refused(variable, "this setting is on or off", "set 1 or 0")
    return text == "1"


def _listed(variable: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in _said(variable).split(",") if part.strip())


def _path(variable: str) -> Path | None:
    text = os.environ.get(variable, "")
    return Path(text) if text else None


def _database(variable: str) -> Path:
    """Give the file of the feedback; a server of databases, named for reviews, holds none."""
    text = os.environ.get(variable, "").removeprefix("sqlite:///")
    return Path(text) if text and "://" not in text else _HERE / "build" / "feedback.sqlite"


def _from(variable: str, read: Callable[[str], T], shown: str = "") -> T:
    """Declare a setting: its variable, how it is read, and its usual value as people see it."""
    variable = f"INOKG_{variable}"
    declared: Any = field(
        default_factory=lambda: read(variable), metadata={VARIABLE: variable, SHOWN: shown}
    )
    return declared  # type: ignore[no-any-return]


def _limit(variable: str, usual: N, *, nought: bool = True) -> N:
    """Declare a limit, which is a number above nought, or where it makes sense nought itself."""
    return _from(variable, lambda v: _number(v, usual, nought), f"{usual:,}")


def sparql_variables() -> dict[str, str]:
    """Give the variable of each limit of a query."""
    return {name: f"INOKG_SPARQL_{name.upper()}" for name in Limits.__struct_fields__}


def _sparql_limits() -> Limits:
    """Read the limits of queries; each must be above nought, which would be no limit at all."""
    usual, variables = Limits(), sparql_variables()
    return Limits(
        **{
            name: _number(variables[name], value, nought=False)
            for name, value in msgspec.structs.asdict(usual).items()
        }
    )


@dataclass(frozen=True)
class HookSettings:
    """Every setting of the hooks."""

    # Where prescribing programs reach this service; links lead there, and tokens name it.
    base_url: str = _from("BASE_URL", lambda v: os.environ.get(v, "").rstrip("/"))
    # The clients that are trusted, as a file; without it every caller is.
    clients: Path | None = _from("CDS_CLIENTS", _path)
    # Pages of these origins may call from a browser.
    origins: tuple[str, ...] = _from("CORS_ORIGINS", _listed)
    # FHIR servers that may be asked for what a call lacks; '*' for every public one.
    servers: tuple[str, ...] = _from("FHIR_SERVERS", _listed)
    # Whether those servers may stand on a private network, and be asked without encryption.
    private: bool = _from("FHIR_PRIVATE", _switch, "0")
    unencrypted: bool = _from("FHIR_HTTP", _switch, "0")
    # Certificates by which servers are known, beside those of the system.
    certificates: Path | None = _from("FHIR_CERTIFICATES", _path)
    # What may be spent on asking them for one call, in all; bytes of a page, and pages of a search.
    fetch_seconds: float = _limit("FETCH_SECONDS", 2.0, nought=False)
    largest_page: int = _limit("LARGEST_PAGE", 2_000_000, nought=False)
    most_pages: int = _limit("MOST_PAGES", 5, nought=False)
    # Feedback and what was shown; never anything of a patient.
    database: Path = _from("DATABASE", _database, "build/feedback.sqlite")


@dataclass(frozen=True)
class Settings:
    """Every setting of the service."""

    releases: Path = _from(
        "RELEASES", lambda v: _path(v) or _HERE / "build" / "releases", "build/releases"
    )
    # A matter of one start, said at the command line (--quiet), and of no place.
    log: bool = False
    # Bodies, and lines of a batch, in bytes.
    largest_body: int = _limit("LARGEST_BODY", 1_000_000)
    largest_fhir_body: int = _limit("LARGEST_FHIR_BODY", 5_000_000)
    # How long the head of a request and its body may take to arrive.
    head_seconds: float = _limit("HEAD_SECONDS", 20.0)
    body_seconds: float = _limit("BODY_SECONDS", 20.0)
    # How long a batch may stand still, and how many batches one worker takes on at once.
    stall_seconds: float = _limit("STALL_SECONDS", 60.0)
    most_batches: int = _limit("MOST_BATCHES", 4)
    batch_processes: int = _limit("BATCH_PROCESSES", os.cpu_count() or 1)
    # What one worker holds at once.
    most_connections: int = _limit("MOST_CONNECTIONS", 2_000)
    most_requests: int = _limit("MOST_REQUESTS", 500)
    keep_alive_seconds: int = _limit("KEEP_ALIVE_SECONDS", 5)
    # How long a stop waits for answers; a switch of releases waits longer, say for a batch.
    leave_seconds: float = _limit("LEAVE_SECONDS", 15.0)
    finish_seconds: float = _limit("FINISH_SECONDS", 3_600.0)
    # A SPARQL store elsewhere that holds the release's graphs; without one they are read here.
    store: str | None = _from("STORE", lambda v: os.environ.get(v) or None)
    # What a query may cost; its variables are named in `sparql_variables`.
    limits: Limits = field(default_factory=_sparql_limits)
    hooks: HookSettings = field(default_factory=HookSettings)
    # What `make setup` brings for the pages; they also work without it.
    browser: Path = _from(
        "BROWSER", lambda v: _path(v) or _HERE / "build" / "browser", "build/browser"
    )
