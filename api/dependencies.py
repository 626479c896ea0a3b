"""What the doors stand on: the release that answers, and bounded bodies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from kg.errors import SnapshotError, TooLarge
from kg.model import Snapshot
from kg.snapshot import CURRENT, Manifest, read_snapshot


class Answering:
    """The release that answers now, or why there is none."""

    def __init__(self, releases: Path) -> None:
        self._found: tuple[Snapshot, Manifest] | None = None
        self._fault: SnapshotError | None = None
        try:
            self._found = read_snapshot(releases / CURRENT)
        except SnapshotError as error:
            self._fault = error

    def release(self) -> tuple[Snapshot, Manifest]:
        """Give the release; without a sound one nothing is answered."""
        if self._found is None:
            assert self._fault is not None  # noqa: S101 - one of the two is always there
            raise self._fault
        return self._found


def _snapshot(request: Request) -> Snapshot:
    answering: Answering = request.app.state.answering
    return answering.release()[0]


def _manifest(request: Request) -> Manifest:
    answering: Answering = request.app.state.answering
    return answering.release()[1]


CurrentSnapshot = Annotated[Snapshot, Depends(_snapshot)]
CurrentManifest = Annotated[Manifest, Depends(_manifest)]


async def bounded_body(request: Request) -> bytes:
    """Read a body; one that is larger than the bound is refused before it is read whole."""
    bound: int = request.app.state.settings.largest_body
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > bound:
            raise TooLarge(
                code="body-too-large",
                message=f"the body is larger than {bound:,} bytes",
                repair="send one patient a request",
            )
        parts.append(part)
    return b"".join(parts)


Body = Annotated[bytes, Depends(bounded_body)]
