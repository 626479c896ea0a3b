"""Dependencies shared by all routes: the release in use, and bodies limited in size and time."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from api.http.negotiate import FHIR, media_of
from kg.errors import SnapshotError, TooLarge
from kg.snapshot.file import CURRENT, Manifest, read_snapshot
from kg.snapshot.model import Snapshot


class Answering:
    """The release in use, or why there is none."""

    def __init__(self, releases: Path) -> None:
        self._found: tuple[Snapshot, Manifest] | None = None
        self._fault: SnapshotError | None = None
        try:
            self._found = read_snapshot(releases / CURRENT)
        except SnapshotError as error:
            self._fault = error

    @property
    def sound(self) -> bool:
        """Say whether there is a release to answer from."""
        return self._found is not None

    def release(self) -> tuple[Snapshot, Manifest]:
        """Give the release; without a valid one, nothing is answered."""
        if self._found is None:
            assert self._fault is not None  # noqa: S101 - one of the two is always there
            raise self._fault
        return self._found


async def current_snapshot(request: Request) -> Snapshot:
    """Give the Snapshot of the release in use."""
    answering: Answering = request.app.state.answering
    return answering.release()[0]


async def _manifest(request: Request) -> Manifest:
    answering: Answering = request.app.state.answering
    return answering.release()[1]


CurrentSnapshot = Annotated[Snapshot, Depends(current_snapshot)]
CurrentManifest = Annotated[Manifest, Depends(_manifest)]


async def bounded_body(request: Request) -> bytes:
    """Read a body; one that is too large or too slow is refused before it is read whole."""
    settings = request.app.state.settings
    bound: int = settings.largest_fhir_body if media_of(request) == FHIR else settings.largest_body
    return await read_body(request, bound)


async def read_body(request: Request, bound: int) -> bytes:
    """Read a body up to a size limit, within the time limit for bodies."""
    settings = request.app.state.settings
    parts, size = [], 0
    try:
        async with asyncio.timeout(settings.body_seconds):
            async for part in request.stream():
                size += len(part)
                if size > bound:
                    raise TooLarge(
                        code="body-too-large",
                        message=f"the body is larger than {bound:,} bytes",
                        repair="send one patient per request",
                    )
                parts.append(part)
    except TimeoutError:
        raise HTTPException(
            408, "the body took too long to arrive", {"Connection": "close"}
        ) from None
    return b"".join(parts)


Body = Annotated[bytes, Depends(bounded_body)]


def refuse_other_content(request: Request, *accepted: str) -> None:
    """Refuse a body with a media type or content encoding that this address does not read."""
    kind = media_of(request)
    if kind and kind not in accepted:
        raise HTTPException(415, f"send Content-Type: {' or '.join(accepted)}")
    packed = request.headers.get("content-encoding", "identity").strip().lower()
    if packed not in ("", "identity"):
        raise HTTPException(415, "send the body as it is, without Content-Encoding")
