"""State kept while the service runs: feedback, cards shown, and trusted clients."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from starlette.middleware.cors import CORSMiddleware

from api.cds_hooks.outside import Outside
from api.cds_hooks.repeat import Repeats
from api.cds_hooks.store import FeedbackStore
from api.cds_hooks.trust import Trust, read_clients
from api.settings import HookSettings
from kg.errors import MalformedRequest

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

PATH = "/cds-services"


class Hooks:
    """State of the hooks: settings, cards shown, feedback and trusted clients."""

    def __init__(self, settings: HookSettings) -> None:
        self.settings = settings
        self.feedback = FeedbackStore(settings.database)
        self.repeats = Repeats()
        self.trust: Trust | None = None
        # A call is judged as of the time it is made; tests set another day.
        self.today: Callable[[], str] = lambda: datetime.now(UTC).date().isoformat()
        if settings.clients is not None:
            if not settings.base_url:
                raise MalformedRequest(
                    code="no-base-url",
                    message="tokens name the address of the service, and it has not been set",
                    location="INOKG_BASE_URL",
                    repair="set INOKG_BASE_URL to the address at which programs call the service",
                )
            known = read_clients(settings.clients)
            listed = tuple(c.jku for c in known if c.jku)
            self.trust = Trust(known, self.feedback, Outside(settings, listed).get)

    def base(self, request: Request) -> str:
        """Give the address at which the service is reached."""
        return self.settings.base_url or str(request.base_url).rstrip("/")

    async def admit(self, request: Request) -> None:
        """Accept only trusted clients, where trust is configured."""
        if self.trust is not None:
            address = self.settings.base_url + request.url.path
            await self.trust.admit(request.headers.get("authorization"), address)


def install(app: FastAPI, settings: HookSettings) -> None:
    """Give an application what the hooks need."""
    app.state.hooks = Hooks(settings)
    if settings.origins:
        app.add_middleware(_Browsers, origins=settings.origins)


class _Browsers:
    """Allow pages of listed origins to call the hooks, and nothing else, from a browser (CORS)."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        self._app = app
        self._open = CORSMiddleware(
            app,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type"],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hooks = scope["type"] == "http" and scope["path"].startswith(PATH)
        await (self._open if hooks else self._app)(scope, receive, send)
