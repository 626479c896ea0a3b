"""An assistant's host: the SDK's real client, over standard streams or HTTP."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

import anyio
from mcp import Client, StdioServerParameters, stdio_client
from mcp.types import CallToolResult, TextContent

from tests.workshop import ROOT

Way = Literal["stdio", "http"]
Done = TypeVar("Done")
_RUN = "from api.command import main; raise SystemExit(main())"


class Call(NamedTuple):
    """One call of a tool."""

    tool: str
    arguments: dict[str, Any]


class HostAnswer(NamedTuple):
    """What a host gets of an answer: text blocks, structured content, and whether an error."""

    blocks: list[str]
    structured: Any
    is_error: bool


def heard(result: CallToolResult) -> HostAnswer:
    """Take an answer apart as a host does."""
    blocks = [block.text for block in result.content if isinstance(block, TextContent)]
    return HostAnswer(blocks, result.structured_content, result.is_error)


@asynccontextmanager
async def connected(way: Way, where: str, mode: str = "auto") -> AsyncIterator[Client]:
    """Connect to the service at an address, or start one over the release in a folder."""
    if way == "http":
        async with Client(f"{where}/mcp", mode=mode) as client:
            yield client
        return
    environment = {"PYTHONPATH": str(ROOT), "INOKG_RELEASES": where}
    server = StdioServerParameters(
        command=sys.executable, args=["-c", _RUN, "mcp"], env=environment, cwd=ROOT
    )
    with Path("/dev/null").open("w") as nowhere:
        async with Client(stdio_client(server, errlog=nowhere), mode=mode) as client:
            yield client


def ask(way: Way, where: str, calls: Sequence[Call], mode: str = "auto") -> list[HostAnswer]:
    """Call tools one after another over one connection."""

    async def called(client: Client) -> list[HostAnswer]:
        return [heard(await client.call_tool(c.tool, c.arguments)) for c in calls]

    return session(way, where, called, mode)


def session(
    way: Way, where: str, work: Callable[[Client], Coroutine[Any, Any, Done]], mode: str = "auto"
) -> Done:
    """Do some work with a connected client."""

    async def whole() -> Done:
        async with connected(way, where, mode) as client:
            return await work(client)

    return anyio.run(whole)
