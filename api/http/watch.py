"""Middleware around every request: counts, times and logs it, and makes sure it ends cleanly.

An unexpected error becomes a problem here. Its type is logged, never its text, which could
contain what a caller sent. More requests at once than a worker can hold are refused.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import ClientDisconnect

from api.http.errors import Problem, of_status, unforeseen
from api.http.metrics import Metrics, RouteMetrics
from api.http.negotiate import PROBLEM
from api.logs import say

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_OTHER = "other"
# No browser takes an answer for another type than it says.
_NO_SNIFFING = (b"x-content-type-options", b"nosniff")
_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
# What is noted where the caller went away before there was an answer.
_GONE = 499


class CutShort(Exception):
    """An answer was cut short, so that no client takes it for complete."""


class Watch:
    """Middleware around the whole service."""

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        routes: Mapping[str, Iterable[str]],
        *,
        most: int,
        log: bool,
    ) -> None:
        self._app = app
        self._log = log
        self._most = most
        self._under_way = 0
        known = {**routes, _OTHER: _METHODS}
        self._routes = {
            route: RouteMetrics(metrics, route, dict.fromkeys((*sorted(methods), "HEAD")))
            for route, methods in known.items()
        }
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 0
        name = f"{os.getpid():x}-{next(self._numbers):x}"

        # HEAD is answered as GET, without sending the body.
        method = scope["method"]
        bare = method == "HEAD"
        if bare:
            scope = {**scope, "method": "GET"}

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *(h for h in message["headers"] if h[0] != _NO_SNIFFING[0]),
                    _NO_SNIFFING,
                    (b"x-request-id", name.encode()),
                ]
            elif bare:
                message = {**message, "body": b""}
            await send(message)

        self._under_way += 1
        try:
            if self._under_way > self._most:
                await _refuse(sending, of_status(503, "too many requests are under way"))
            else:
                await self._app(scope, receive, sending)
        except ClientDisconnect:
            status = status or _GONE
        except Exception as error:
            if not isinstance(error, CutShort):
                say("unforeseen error", request=name, kind=type(error).__name__)
            if status:
                raise CutShort from None
            await _refuse(sending, unforeseen())
        finally:
            self._under_way -= 1
            self._note(scope, method, name, status, time.perf_counter() - begun)

    def _note(self, scope: Scope, method: str, name: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", _OTHER)
        known = self._routes.get(route) or self._routes[_OTHER]
        known.answered(method, status, seconds)
        if self._log:
            shown = route if route in self._routes else _OTHER
            verb = method if method in _METHODS else _OTHER
            milliseconds = round(seconds * 1000, 3)
            say("request", request=name, route=shown, method=verb, status=status, ms=milliseconds)


async def _refuse(send: Send, refusal: Problem) -> None:
    headers: list[Any] = [(b"content-type", PROBLEM.encode())]
    if refusal.status == 503:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": msgspec.json.encode(refusal)})
