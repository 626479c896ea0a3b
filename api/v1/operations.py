"""Endpoints for operators: liveness, readiness, the release in use, and metrics."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.http.answers import json_answer, problem, schema_of
from api.http.dependencies import CurrentManifest
from api.http.metrics import REFUSED
from kg.errors import UnknownRelease
from kg.snapshot.diff import ReleaseDiff, diff
from kg.snapshot.file import read_snapshot
from kg.snapshot.proof import in_use
from kg.snapshot.releases import find_release

router = APIRouter(tags=["operations"])
_UNSOUND = problem("The release is missing or was altered")
Name = Annotated[
    str, Path(max_length=100, description="current, a version, or the start of a hash")
]


@router.get("/healthz", summary="Say that the process is alive")
async def health() -> dict[str, str]:
    """Answer as long as the process runs."""
    return {"status": "alive"}


@router.get(
    "/readyz",
    summary="Say whether there is a sound release to answer from",
    responses={503: _UNSOUND},
)
async def ready(request: Request, manifest: CurrentManifest) -> dict[str, str]:
    """Answer only where a check could be answered."""
    said = {"status": "ready", "release": manifest.version, "hash": manifest.hash}
    if request.app.state.metrics.total(REFUSED):
        said["note"] = "the release that is now current is unsound; the one before it answers"
    return said


@router.get(
    "/metrics",
    summary="Give the counters of all workers, in the text format of Prometheus",
    response_class=Response,
    responses={200: {"description": "The counters", "content": {"text/plain": {}}}},
)
async def metrics(request: Request) -> Response:
    """Count what was asked and found; no name comes from a caller."""
    kind = "text/plain; version=0.0.4; charset=utf-8"
    return Response(request.app.state.metrics.text(), headers={"Content-Type": kind})


@router.get(
    "/v1/release",
    summary="Say which release answers, with the hash of each file, and whether it was proved",
    response_class=Response,
    responses={
        200: {"description": "The manifest", "content": schema_of("ReleaseInUse")},
        503: _UNSOUND,
    },
)
async def release(manifest: CurrentManifest) -> Response:
    """Give the manifest of the release, and say whether it was proved."""
    return json_answer(in_use(manifest))


@router.get(
    "/v1/releases/{older}/diff/{newer}",
    summary="Say what changed between two releases, in a reviewer's words",
    response_class=Response,
    responses={
        200: {"description": "What changed", "content": schema_of("ReleaseDiff")},
        404: problem("No release, or more than one, has one of the names"),
        503: problem("One of the releases is missing a part or was altered"),
    },
)
async def changes(request: Request, older: Name, newer: Name) -> Response:
    """Compare two releases that lie where this service has its own."""
    releases = request.app.state.settings.releases

    def compared() -> ReleaseDiff:
        before, after = (read_snapshot(find_release(releases, n))[0] for n in (older, newer))
        return diff(before, after)

    try:
        return json_answer(await run_in_threadpool(compared))
    except UnknownRelease as error:
        raise HTTPException(404, f"{error.message}; to fix it: {error.repair}") from error
