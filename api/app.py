"""The service: its doors, each in a room of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles

from api import (
    batch,
    catalogue,
    cds_hooks,
    cds_hooks_state,
    check,
    errors,
    explain,
    linked_data,
    operations,
    pages,
    resolve,
    sparql,
)
from api.counted import Counted
from api.dependencies import Answering
from api.description import describe
from api.metrics import Metrics
from api.settings import Settings
from api.watch import Watch
from kg import terms
from kg.catalogue import Page
from kg.diff import ReleaseDiff
from kg.explanation import Explanation
from kg.report import Report
from kg.request import Request
from kg.snapshot import Manifest

_DOORS = (
    operations,
    check,
    batch,
    cds_hooks,
    explain,
    catalogue,
    resolve,
    linked_data,
    sparql,
    pages,
)
_SPOKEN = [
    Request,
    Report,
    Page,
    Manifest,
    ReleaseDiff,
    Explanation,
    explain.ExplainRequest,
    resolve.Resolution,
    errors.Problem,
]


def create_app(
    settings: Settings | None = None,
    *,
    answering: Answering | None = None,
    metrics: Metrics | None = None,
) -> FastAPI:
    """Put the service together over one release."""
    settings = settings or Settings()
    app = FastAPI(
        title="inokg",
        version="1",
        description=terms.DISCLAIMER,
        docs_url=None,
        redoc_url=None,
    )
    answering = answering or Answering(settings.releases)
    metrics = metrics or Metrics()
    app.state.settings = settings
    app.state.answering = answering
    app.state.metrics = metrics
    app.state.counted = Counted(metrics, answering.release()[0] if answering.sound else None)
    for door in _DOORS:
        app.include_router(door.router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    errors.install(app)
    cds_hooks_state.install(app, settings.hooks)
    app.state.batches = 0
    routes = [r for door in _DOORS for r in door.router.routes if isinstance(r, APIRoute)]
    methods: dict[str, set[str]] = {}
    for route in routes:
        methods.setdefault(route.path, set()).update(route.methods or ())

    def methods_at(path: str) -> list[str]:
        found = {m for r in routes if r.path_regex.match(path) for m in methods[r.path]}
        return sorted(found | {"HEAD"} if "GET" in found else found)

    app.state.methods_at = methods_at
    app.add_middleware(
        Watch, metrics=metrics, routes=methods, most=settings.most_requests, log=settings.log
    )
    app.openapi = lambda: _description(app)  # type: ignore[method-assign]
    return app


def _description(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        app.openapi_schema = describe(app, _SPOKEN)
    return app.openapi_schema
