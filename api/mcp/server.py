"""The server of the official SDK: it speaks the protocol, and the tools answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from mcp import MCPError, types
from mcp.server.lowlevel.server import Server

from api.mcp.desk import AssistantDesk
from api.mcp.resources import content, resources
from api.mcp.told import SCHEMA, ToldAnswer
from api.mcp.tools import TOOLS, AssistantTool, answered
from kg import terms
from kg.errors import KgError

_PAGE = 50
_INSTRUCTIONS = (
    "Each answer begins with its status: COMPLETE, NOT COMPLETE, NOT ANSWERED or NO PATIENT. Pass "
    "the status and the names that were not read on, whatever else is said. Where an answer is not "
    "complete, ask for what is missing. " + terms.DISCLAIMER
)


def server(desk: Callable[[], AssistantDesk]) -> Server[Any]:
    """Make a server whose every call is answered from the desk of that moment."""
    _keep_silent()

    async def list_tools(_: Any, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(tool) for tool in TOOLS.values()])

    async def call_tool(_: Any, called: types.CallToolRequestParams) -> types.CallToolResult:
        tool = TOOLS.get(called.name)
        if tool is None:
            said = f"There is no such tool; use one of {', '.join(TOOLS)}"
            return _result(ToldAnswer(status="not answered", verdict=said))
        return _result(await answered(tool, called.arguments or {}, desk()))

    async def list_resources(
        _: Any, asked: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        start = _start(asked.cursor if asked else None)
        listed = resources(desk().snapshot)
        return types.ListResourcesResult(
            resources=[
                types.Resource(uri=r.uri, name=r.name, title=r.title, mime_type=r.media)
                for r in listed[start : start + _PAGE]
            ],
            next_cursor=str(start + _PAGE) if start + _PAGE < len(listed) else None,
        )

    async def read_resource(
        _: Any, asked: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        try:
            media, text = content(asked.uri, desk().snapshot)
        except KgError as error:
            said = f"{error.message}; to fix it: {error.repair}"
            raise MCPError(types.INVALID_PARAMS, said) from None
        told = types.TextResourceContents(uri=asked.uri, mime_type=media, text=text)
        return types.ReadResourceResult(contents=[told])

    made: Server[Any] = Server(
        "inokg",
        version=desk().manifest.version,
        title="inokg",
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_read_resource=read_resource,
    )
    # A trace of a call could hold what a caller sent.
    made.middleware.clear()
    return made


def _keep_silent() -> None:
    """Keep the SDK from writing: its messages may hold what a caller sent."""
    logger = logging.getLogger("mcp")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _described(tool: AssistantTool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.schema(),
        output_schema=SCHEMA,
        annotations=types.ToolAnnotations(
            read_only_hint=True, idempotent_hint=True, open_world_hint=False
        ),
    )


def _result(told: ToldAnswer) -> types.CallToolResult:
    """Write both halves of an answer; the text is one block, so that none can be lost."""
    return types.CallToolResult(
        content=[types.TextContent(text=told.text)],
        structured_content=told.structured,
        is_error=told.status == "not answered",
    )


def _start(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if cursor.isascii() and cursor.isdigit() and len(cursor) < 6:
        return int(cursor)
    raise MCPError(types.INVALID_PARAMS, "there is no such page; begin without a cursor")
