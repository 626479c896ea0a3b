"""The service: its interfaces, each in its own package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles

from api.cds_hooks import routes as cds_hooks
from api.cds_hooks import state as cds_hooks_state
from api.http import callers, errors, long_reading
from api.http.counted import RequestCounters
from api.http.dependencies import Answering
from api.http.metrics import Metrics
from api.http.openapi import describe
from api.http.watch import Watch
from api.linked import routes as linked_data
from api.mcp import routes as assistants
from api.pages import routes as pages
from api.review import entering, office, queue_page, subject_page
from api.review import json as review_json
from api.review import state as review_state
from api.settings import Settings
from api.sparql import routes as sparql
from api.v1 import batch, catalogue, check, explain, operations, reach, resolve
from kg import terms
from kg.contract.detail import BriefReport, VerdictReport
from kg.contract.explanation import Explanation
from kg.contract.report import Report
from kg.contract.request import Request
from kg.explaining.reach import TermReach
from kg.resolving.resolution import Resolution
from kg.snapshot.catalogue import CataloguePage
from kg.snapshot.diff import ReleaseDiff
from kg.snapshot.proof import ReleaseInUse

_DOORS = (
    operations,
    check,
    batch,
    cds_hooks,
    explain,
    catalogue,
    reach,
    resolve,
    linked_data,
    sparql,
    assistants,
    pages,
    review_json,
    entering,
    office,
    queue_page,
    # The last, since its addresses are those of all subjects.
    subject_page,
)
# Behind a token, where the service has a list of callers; hooks and the bench of reviewers
# know whom they speak to by themselves.
_OF_CALLERS = (check, batch, explain, catalogue, reach, resolve, sparql, assistants, review_json)
_SPOKEN = [
    Request,
    Report,
    BriefReport,
    VerdictReport,
    CataloguePage,
    ReleaseInUse,
    ReleaseDiff,
    Explanation,
    TermReach,
    explain.ExplainRequest,
    Resolution,
    review_json.ReviewList,
    review_json.ReviewedSubject,
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
    app.state.counted = RequestCounters(
        metrics, answering.release()[0] if answering.sound else None
    )
    for door in _DOORS:
        asked = [Depends(callers.known_caller)] if door in _OF_CALLERS else []
        app.include_router(door.router, dependencies=asked)
    static = Path(__file__).parent / "http" / "static"
    app.mount("/static", StaticFiles(directory=static), name="static")
    errors.install(app)
    callers.install(app, settings.tokens)
    cds_hooks_state.install(app, settings.hooks)
    review_state.install(app, settings.review)
    app.state.batches = 0
    long_reading.install(app)
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
