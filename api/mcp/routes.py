"""POST /mcp: the same tools over streamable HTTP; each request stands by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, FastAPI, Request, Response
from starlette.exceptions import HTTPException

from api.http.answers import problem
from api.http.dependencies import bounded_body, current_snapshot, refuse_other_content
from api.http.negotiate import JSON
from api.http.query_pool import query_workers
from api.mcp.desk import AssistantDesk
from kg.contract.json import refuse_repeated_names
from kg.contract.request import ShortText, refusal

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from starlette.types import Message, Receive, Scope, Send


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.assistants = None
    app.state.assistants_begin = asyncio.Lock()
    yield
    if app.state.assistants is not None:
        await app.state.assistants.close()


router = APIRouter(tags=["assistants"], lifespan=_lifespan)
_EXAMPLE = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}


class AssistantMessage(msgspec.Struct):
    """One message in JSON-RPC, as far as it can be told before the SDK reads it."""

    jsonrpc: Literal["2.0"]
    method: Annotated[str, msgspec.Meta(max_length=100)]
    id: Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)] | ShortText | None = None
    params: dict[str, Any] | None = None


_decoder = msgspec.json.Decoder(AssistantMessage)
_SCHEMA = {
    "type": "object",
    "required": ["jsonrpc", "id", "method"],
    "properties": {
        "jsonrpc": {"const": "2.0"},
        "id": {"type": "integer", "minimum": 0, "maximum": 2**31},
        "method": {"enum": ["ping", "tools/list", "resources/list"]},
    },
    "description": "also `tools/call`, `resources/read`, `initialize` and the rest of the protocol",
}


class Assistants:
    """The SDK's manager of requests; it begins with the first and ends with the service."""

    def __init__(self, manager: StreamableHTTPSessionManager) -> None:
        self.manager = manager
        self._begun, self._end = asyncio.Event(), asyncio.Event()
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        async with self.manager.run():
            self._begun.set()
            await self._end.wait()

    async def begin(self) -> None:
        """Wait until requests can be taken."""
        await self._begun.wait()

    async def close(self) -> None:
        """Take no more requests."""
        self._end.set()
        await self._task


class AssistantAnswer(Response):
    """Hands a body that was read within its bounds to the SDK, which answers."""

    def __init__(self, assistants: Assistants, body: bytes) -> None:
        super().__init__()
        self._assistants = assistants
        self._body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer through the SDK."""
        given = False

        async def replay() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": self._body, "more_body": False}

        await self._assistants.manager.handle_request(scope, replay, send)


@router.post(
    "/mcp",
    summary="Answer an assistant, in the Model Context Protocol",
    description=(
        "Streamable HTTP, one JSON-RPC message a request, without sessions. The tools are `check`, "
        "`explain`, `alternatives`, `resolve`, `drug`, `advisory`, `disagreements`, `sparql` and "
        "`release`; questions and sources are resources. Text and structured content both begin "
        "with the status of the answer and the names that were not read. A page of another origin "
        "is refused, unless INOKG_CORS_ORIGINS lists it."
    ),
    response_class=Response,
    responses={
        200: {"description": "The answer, in JSON-RPC", "content": {JSON: {}}},
        202: {"description": "A notification was taken"},
        403: problem("A page of an origin that is not listed asks"),
        413: problem("The body is too large"),
        400: {"description": "The message was refused, in JSON-RPC", "content": {JSON: {}}},
        415: problem("The body is not JSON"),
        422: problem("The body is no message in JSON-RPC"),
        501: problem("The service was set up without the SDK of the protocol"),
        503: problem("There is no sound release to answer from"),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": _SCHEMA, "example": _EXAMPLE}},
        }
    },
)
async def post_mcp(request: Request) -> Response:
    """Answer one message; nothing of it is kept or written down."""
    await current_snapshot(request)
    if find_spec("mcp") is None:
        raise HTTPException(501, "this service was set up without assistants; install '.[mcp]'")
    origin = request.headers.get("origin")
    if origin and origin not in request.app.state.settings.hooks.origins:
        raise HTTPException(403, "pages of this origin may not ask; list it in INOKG_CORS_ORIGINS")
    refuse_other_content(request, JSON)
    body = await bounded_body(request)
    refuse_repeated_names(body)
    try:
        _decoder.decode(body)
    except msgspec.ValidationError as error:
        raise refusal(str(error)) from None
    return AssistantAnswer(await _assistants(request.app), body)


async def _assistants(app: FastAPI) -> Assistants:
    async with app.state.assistants_begin:
        if app.state.assistants is None:
            app.state.assistants = _made(app)
    found: Assistants = app.state.assistants
    await found.begin()
    return found


def _made(app: FastAPI) -> Assistants:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from api.mcp.server import server

    manager = StreamableHTTPSessionManager(
        app=server(lambda: _desk(app)),
        json_response=True,
        stateless=True,
        max_request_body_size=app.state.settings.largest_body,
    )
    return Assistants(manager)


def _desk(app: Any) -> AssistantDesk:
    state = app.state
    snapshot, manifest = state.answering.release()
    return AssistantDesk(
        snapshot=snapshot,
        manifest=manifest,
        reviews=state.reviews(snapshot),
        workers=lambda: query_workers(state, manifest),
        count=state.counted.report,
        turns=state.long_reading,
        largest=state.settings.largest_body,
    )
