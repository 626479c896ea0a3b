"""For whoever runs the service: is it alive, can it answer, and from what."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.dependencies import CurrentManifest
from kg.snapshot import encode

router = APIRouter(tags=["operations"])


@router.get("/healthz", summary="Say that the process is alive")
async def health() -> dict[str, str]:
    """Answer as long as the process runs."""
    return {"status": "alive"}


@router.get(
    "/readyz",
    summary="Say whether there is a sound release to answer from",
    responses={503: {"description": "The release is missing or was altered"}},
)
async def ready(manifest: CurrentManifest) -> dict[str, str]:
    """Answer only where a check could be answered."""
    return {"status": "ready", "release": manifest.version}


@router.get(
    "/v1/release",
    summary="Say which release answers, with the hash of each of its files",
    response_class=Response,
    responses={503: {"description": "The release is missing or was altered"}},
)
async def release(manifest: CurrentManifest) -> Response:
    """Give the manifest of the release."""
    return Response(encode(manifest), media_type="application/json")
