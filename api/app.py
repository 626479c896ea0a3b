"""The service: its doors, each in a room of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.staticfiles import StaticFiles

from api import check, errors, linked_data, operations, pages
from api.dependencies import Answering
from api.settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """Put the service together over one release."""
    settings = settings or Settings()
    app = FastAPI(
        title="inokg",
        version="1",
        description="Decision support for professionals; it does not replace their judgement.",
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.answering = Answering(settings.releases)
    for door in (operations, check, linked_data, pages):
        app.include_router(door.router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    errors.install(app)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        document.setdefault("components", {}).setdefault("schemas", {}).update(check.schemas())
        app.openapi_schema = document
    return app.openapi_schema
