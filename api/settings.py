"""Settings of the service: the locations it uses and its limits, each from one variable.

A setting is read when the service starts; an invalid value is refused, and the message
names the variable. Every field names its variable, so no setting exists only in the code.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from kg.errors import MalformedRequest
from kg.graph.sparql_worker import Limits

_HERE = Path(__file__).resolve().parent.parent
# Metadata keys of a field.
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
    """Read a number from its variable; give the default where it is not set."""
    text = _said(variable)
    try:
        number = type(usual)(text) if text else usual
    except ValueError:
        number = type(usual)(-1)
    if not (0 < number < float("inf") or (nought and number == 0)):
        raise _refused(
            variable,
            "this is not a number that the setting accepts",
            f"set a number such as {usual:g}",
        )
    return number


def _switch(variable: str) -> bool:
    """Read a switch; a value other than 1 or 0 is refused, not guessed."""
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
    """Declare a setting: its variable, how it is read, and its default value as shown to people."""
    variable = f"INOKG_{variable}"
    declared: Any = field(
        default_factory=lambda: read(variable), metadata={VARIABLE: variable, SHOWN: shown}
    )
    return declared  # type: ignore[no-any-return]


def _limit(variable: str, usual: N, *, nought: bool = True) -> N:
    """Declare a limit, which is a number above zero, or zero where that makes sense."""
    return _from(variable, lambda v: _number(v, usual, nought), f"{usual:,}")


def sparql_variables() -> dict[str, str]:
    """Give the variable of each limit of a query."""
    return {name: f"INOKG_SPARQL_{name.upper()}" for name in Limits.__struct_fields__}


def _sparql_limits() -> Limits:
    """Read the limits of queries; each must be above zero, since zero would mean no limit."""
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

    # Where prescribing software reaches this service; links and tokens use this address.
    base_url: str = _from("BASE_URL", lambda v: os.environ.get(v, "").rstrip("/"))
    # File of the trusted clients; without it, every caller on this machine is accepted.
    clients: Path | None = _from("CDS_CLIENTS", _path)
    # Whether every caller from anywhere is accepted where no client is listed.
    open_to_all: bool = _from("CDS_OPEN", _switch, "0")
    # Pages from these origins may call from a browser (CORS).
    origins: tuple[str, ...] = _from("CORS_ORIGINS", _listed)
    # FHIR servers that may be asked for data missing from a call; '*' allows any public one.
    servers: tuple[str, ...] = _from("FHIR_SERVERS", _listed)
    # Whether those servers may be on a private network, and may be called without encryption.
    private: bool = _from("FHIR_PRIVATE", _switch, "0")
    unencrypted: bool = _from("FHIR_HTTP", _switch, "0")
    # Certificates used to verify servers, in addition to those of the system.
    certificates: Path | None = _from("FHIR_CERTIFICATES", _path)
    # Total time to call them for one hook call; bytes per page, and pages per search.
    fetch_seconds: float = _limit("FETCH_SECONDS", 2.0, nought=False)
    largest_page: int = _limit("LARGEST_PAGE", 2_000_000, nought=False)
    most_pages: int = _limit("MOST_PAGES", 5, nought=False)
    # Feedback and the cards shown; never any patient data.
    database: Path = _from("DATABASE", _database, "build/feedback.sqlite")


@dataclass(frozen=True)
class ReviewSettings:
    """Every setting of the bench where reviewers sign."""

    # Where reviews are kept: the database of the feedback where that is named, which may be a
    # PostgreSQL; another address is refused at the start.
    database: str = field(
        default_factory=lambda: _said("INOKG_DATABASE") or str(_HERE / "data" / "reviews.sqlite")
    )
    # Whether advice that nobody approved is held back, and named as not evaluable instead.
    only_approved: bool = _from("ONLY_APPROVED", _switch, "0")
    # Whether reviewers state a severity before they see ours.
    blind: bool = _from("BLIND_READING", _switch, "0")
    # The one-time link of the first account; made at each start, and set by no variable.
    first_link: str = field(default_factory=lambda: secrets.token_urlsafe(24))


@dataclass(frozen=True)
class Settings:
    """Every setting of the service."""

    releases: Path = _from(
        "RELEASES", lambda v: _path(v) or _HERE / "build" / "releases", "build/releases"
    )
    # Set for one run at the command line (--quiet), not by a variable.
    log: bool = False
    # Bodies, and lines of a batch, in bytes.
    largest_body: int = _limit("LARGEST_BODY", 1_000_000)
    largest_fhir_body: int = _limit("LARGEST_FHIR_BODY", 5_000_000)
    # How long the headers of a request, and its body, may take to arrive.
    head_seconds: float = _limit("HEAD_SECONDS", 20.0)
    # Bytes and number of the header fields of one request.
    largest_head: int = _limit("LARGEST_HEAD", 65_536, nought=False)
    most_header_fields: int = _limit("MOST_HEADER_FIELDS", 200, nought=False)
    body_seconds: float = _limit("BODY_SECONDS", 20.0)
    # How long a batch may make no progress, and how many batches one worker runs at once.
    stall_seconds: float = _limit("STALL_SECONDS", 60.0)
    most_batches: int = _limit("MOST_BATCHES", 4)
    batch_processes: int = _limit("BATCH_PROCESSES", os.cpu_count() or 1)
    # Connections and requests open at once in one worker.
    most_connections: int = _limit("MOST_CONNECTIONS", 2_000)
    most_requests: int = _limit("MOST_REQUESTS", 500)
    keep_alive_seconds: int = _limit("KEEP_ALIVE_SECONDS", 5)
    # How long a shutdown waits for answers; a switch of releases waits longer, e.g. for a batch.
    leave_seconds: float = _limit("LEAVE_SECONDS", 15.0)
    finish_seconds: float = _limit("FINISH_SECONDS", 3_600.0)
    # How long a worker may not be seen at work before another takes its place.
    hung_seconds: float = _limit("HUNG_SECONDS", 7.0, nought=False)
    # File of the programs that may ask in JSON, FHIR, SPARQL and at /mcp, by their tokens.
    tokens: Path | None = _from("TOKENS", _path)
    # An external SPARQL store with the release's graphs; without one they are read locally.
    store: str | None = _from("STORE", lambda v: os.environ.get(v) or None)
    # What a query may cost; its variables are named in `sparql_variables`.
    limits: Limits = field(default_factory=_sparql_limits)
    hooks: HookSettings = field(default_factory=HookSettings)
    review: ReviewSettings = field(default_factory=ReviewSettings)
    # Page assets that `make setup` installs; the pages also work without them.
    browser: Path = _from(
        "BROWSER", lambda v: _path(v) or _HERE / "build" / "browser", "build/browser"
    )
