"""Watches every request from outside: counts it, times it, logs it, and ends it soundly.

An error that nobody foresaw becomes a problem here. Its kind is logged, never its text, which
could hold what a caller sent.
"""

from __future__ import annotations

import os
import time
from itertools import count
from typing import TYPE_CHECKING, Any

from api.errors import PROBLEM, unforeseen
from api.logs import say
from api.metrics import Metrics, RouteMetrics

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_OTHER = "other"
_METHODS = ("GET", "HEAD", "POST", "OPTIONS")


class Watch:
    """Wraps the whole service."""

    def __init__(self, app: ASGIApp, metrics: Metrics, routes: list[str], *, log: bool) -> None:
        self._app = app
        self._log = log
        self._routes = {r: RouteMetrics(metrics, r, _METHODS) for r in (*routes, _OTHER)}
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 0
        name = f"{os.getpid():x}-{next(self._numbers):x}"

        # What may be had may be asked about: HEAD is GET whose body stays here.
        method = scope["method"]
        bare = method == "HEAD"
        if bare:
            scope = {**scope, "method": "GET"}

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", name.encode())]
            elif bare:
                message = {**message, "body": b""}
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            say("unforeseen error", request=name, kind=type(error).__name__)
            if status:
                # The answer had begun: it is cut short, so that nobody takes it for whole.
                raise _CutShort from None
            await _refuse(sending)
        finally:
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


class _CutShort(Exception):
    """An answer ended before its end; its cause is in the log."""


async def _refuse(send: Send) -> None:
    body = unforeseen()
    headers: list[Any] = [(b"content-type", PROBLEM.encode())]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})
