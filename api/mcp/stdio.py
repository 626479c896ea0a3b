"""`inokg mcp`: the door for assistants over standard input and output."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator
from importlib.util import find_spec
from typing import IO, Any, cast

import anyio
import msgspec

from api.http.long_reading import turns
from api.http.query_pool import Workers
from api.mcp.desk import AssistantDesk
from api.settings import Settings
from kg.contract.json import refuse_repeated_names
from kg.errors import CaseError, KgError
from kg.review.reviews import NO_REVIEWS
from kg.snapshot.file import CURRENT, read_snapshot
from kg.snapshot.releases import folder_of

# What a caller sends in place of a message that was refused before it was read.
REFUSED = "inokg/refused"
_NOT_JSON = "not-json"
_ID = re.compile(rb'"id"\s*:\s*("(?:[^"\\]|\\.){0,100}"|-?\d{1,18})')
_LOOKED_AT = 4096


def refuse_without_sdk() -> None:
    """Say what to install where the SDK is not here."""
    if find_spec("mcp") is None:
        raise KgError(
            code="no-mcp",
            message="the SDK of the Model Context Protocol is not installed",
            repair="install it with: pip install --editable '.[mcp]'",
        )


def run(settings: Settings) -> int:
    """Answer one assistant until it closes its end."""
    refuse_without_sdk()
    snapshot, manifest = read_snapshot(settings.releases / CURRENT)
    workers = Workers(folder_of(settings.releases, manifest), settings.limits, settings.store)
    desk = AssistantDesk(
        snapshot=snapshot,
        manifest=manifest,
        reviews=NO_REVIEWS,
        workers=lambda: workers,
        count=lambda _: None,
        turns=turns(),
        largest=settings.largest_body,
    )
    try:
        anyio.run(_serve, desk)
    finally:
        workers.close()
    return 0


async def _serve(desk: AssistantDesk) -> None:
    from mcp.server.stdio import stdio_server

    from api.mcp.server import server

    made = server(lambda: desk)
    _answer_refusals(made)
    lines = cast("anyio.AsyncFile[str]", BoundedLines(sys.stdin.buffer, desk.largest))
    async with stdio_server(stdin=lines) as (reading, writing):
        await made.run(reading, writing, made.create_initialization_options())


def _answer_refusals(made: Any) -> None:
    from mcp import MCPError, types

    class Refusal(types.RequestParams):
        message: str = ""

    async def refuse(_: Any, refused: Refusal) -> types.EmptyResult:
        raise MCPError(types.INVALID_REQUEST, refused.message)

    made.add_request_handler(REFUSED, Refusal, refuse)


class BoundedLines:
    """The lines of an input, none longer than a bound, and none that says a name twice."""

    def __init__(self, source: IO[bytes], longest: int) -> None:
        self._source = source
        self._longest = longest

    async def __aiter__(self) -> AsyncIterator[str]:
        while line := await anyio.to_thread.run_sync(self._read, abandon_on_cancel=True):
            yield line

    def _read(self) -> str:
        line = self._source.readline(self._longest + 1)
        if not line:
            return ""
        if len(line) > self._longest:
            more, end = line, b""
            while more and not more.endswith(b"\n"):
                more = self._source.readline(self._longest)
                end = (end + more)[-_LOOKED_AT:]
            return _refusal(
                line[:_LOOKED_AT] + end, f"this message is longer than {self._longest:,} bytes"
            )
        try:
            refuse_repeated_names(line)
        except CaseError as error:
            # What is no JSON at all has no id to answer under, and the SDK passes it over.
            if error.code != _NOT_JSON:
                return _refusal(line, error.message)
        return line.decode("utf-8", "replace")


def _refusal(line: bytes, message: str) -> str:
    """Put a message that is refused in the place of what was sent, under the same id."""
    found = _ID.search(line)
    name = msgspec.json.decode(found[1]) if found else "unknown"
    whole = {"jsonrpc": "2.0", "id": name, "method": REFUSED, "params": {"message": message}}
    return msgspec.json.encode(whole).decode() + "\n"
