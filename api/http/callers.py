"""The programs that may ask, each by a token of its own, and how often.

A file lists them; of a token it holds a hash alone. Without the file everybody may ask, and the
service listens on its own machine only.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException

from kg.errors import MalformedRequest

VARIABLE = "INOKG_TOKENS"
_SCHEME = "Bearer"
_MINUTE = 60.0
_REPAIR = 'write {"callers": [{"name": "…", "sha256": "…", "requests_a_minute": 600}]}, or let '
_REPAIR += "`inokg token add` write it"


class Caller(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A program that may ask."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    # Of the token, in hexadecimal; the token itself is known to the program alone.
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    # 0 is without a limit. Each process of the service counts by itself.
    requests_a_minute: Annotated[int, msgspec.Meta(ge=0)] = 0


class CallerFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file of the programs that may ask."""

    callers: tuple[Caller, ...]


def hashed(token: str) -> str:
    """Hash a token; it is random and long, so that a plain hash cannot be turned back."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def read_callers(path: Path) -> tuple[Caller, ...]:
    """Read the file; one that says anything twice is a mistake."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=CallerFile).callers
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unusable(path, str(error)) from error
    for what in ("name", "sha256"):
        said = [getattr(caller, what) for caller in found]
        if len(said) != len(set(said)):
            raise _unusable(path, f"two callers have the same {what}")
    return found


def _unusable(path: Path, why: str) -> MalformedRequest:
    return MalformedRequest(
        code="no-callers",
        message=f"the file of the callers cannot be used: {why}",
        location=VARIABLE,
        subject=path.name,
        repair=_REPAIR,
    )


class Callers:
    """Admits programs by their tokens; what each has left of its minute is counted here."""

    def __init__(
        self, callers: tuple[Caller, ...], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._known = {caller.sha256: caller for caller in callers}
        self._clock = clock
        self._left = {c.name: (float(c.requests_a_minute), clock()) for c in callers}

    def admit(self, authorization: str | None) -> None:
        """Let a call pass, or refuse it without saying what was wrong with its token."""
        scheme, _, token = (authorization or "").partition(" ")
        caller = self._known.get(hashed(token.strip()))
        if caller is None or scheme.lower() != _SCHEME.lower():
            raise HTTPException(
                401, "this address needs the token of a known caller", {"WWW-Authenticate": _SCHEME}
            )
        if caller.requests_a_minute:
            self._take(caller)

    def _take(self, caller: Caller) -> None:
        most, now = float(caller.requests_a_minute), self._clock()
        left, since = self._left[caller.name]
        left = min(most, left + (now - since) * most / _MINUTE)
        if left < 1:
            wait = math.ceil((1 - left) * _MINUTE / most)
            self._left[caller.name] = left, now
            raise HTTPException(
                429,
                f"this caller may send {caller.requests_a_minute:,} requests a minute",
                {"Retry-After": str(wait)},
            )
        self._left[caller.name] = left - 1, now


def install(app: FastAPI, tokens: Path | None) -> None:
    """Read the file once; without one, nobody is asked who they are."""
    app.state.callers = None if tokens is None else Callers(read_callers(tokens))


async def known_caller(request: Request) -> None:
    """Refuse a call without the token of a known caller, before anything of it is read."""
    callers: Callers | None = request.app.state.callers
    if callers is not None:
        callers.admit(request.headers.get("authorization"))
