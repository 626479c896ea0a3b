"""The service: its doors, each in a room of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.staticfiles import StaticFiles

from api import (
    batch,
    catalogue,
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
from api.metrics import Metrics
from api.settings import Settings
from api.watch import Watch
from kg.catalogue import Page
from kg.diff import ReleaseDiff
from kg.explanation import Explanation
from kg.report import Report
from kg.request import Request
from kg.snapshot import Manifest

_DOORS = (operations, check, batch, explain, catalogue, resolve, linked_data, sparql, pages)
_SPOKEN = [
    Request,
    Report,
    Page,
    Manifest,
    ReleaseDiff,
    Explanation,
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
        description="Decision support for professionals; it does not replace their judgement.",
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
    routes = [str(getattr(r, "path", "")) for door in _DOORS for r in door.router.routes]
    app.add_middleware(Watch, metrics=metrics, routes=routes, log=settings.log)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        _, parts = msgspec.json.schema_components(
            _SPOKEN, ref_template="#/components/schemas/{name}"
        )
        document.setdefault("components", {}).setdefault("schemas", {}).update(parts)
        app.openapi_schema = document
    return app.openapi_schema
