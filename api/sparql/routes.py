"""The SPARQL 1.1 Protocol over the release: queries only, each within its limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import FileResponse, StreamingResponse
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException

from api.http.dependencies import CurrentManifest, CurrentSnapshot
from api.http.errors import answer, problem_of
from api.http.query_pool import PoolAnswer, Workers, query_workers
from api.settings import Settings
from api.sparql.page import SparqlPages
from api.sparql.request import (
    FORM,
    HTML,
    QUERY,
    Parameters,
    SparqlRequest,
    body_of,
    read_asked,
    refused,
)
from api.sparql.service_description import description
from kg.errors import KgError
from kg.graph.sparql_forms import CAPPED, DOCUMENTS, TABLES
from kg.graph.sparql_query import refuse_long
from kg.snapshot.alike import hints
from kg.snapshot.file import Manifest
from kg.snapshot.model import Snapshot

# Anybody's page may ask: there is nothing here that is not public, and no cookie counts.
_OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Inokg-Row-Cap, Inokg-Release, Inokg-Hint, Retry-After",
    "Vary": "Accept",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Content-Type",
    "Access-Control-Max-Age": "86400",
    "Allow": "GET, HEAD, POST, OPTIONS",
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "What was found. Inokg-Row-Cap says that the cap on rows was reached; "
        "JSON and XML say it in their head, too, by a link. Inokg-Hint names what was meant where "
        "a name of the query differs from a term's only in case or hyphens",
        "content": {media: {} for media in (*TABLES, *DOCUMENTS, HTML)},
    },
    400: {"description": "Not SPARQL 1.1, nested too deeply, or no query"},
    403: {"description": "An update, SERVICE, or a graph outside the release: nothing was opened"},
    406: {"description": "No form of answer that was asked for fits this form of query"},
    413: {"description": "The query is too long"},
    415: {"description": "The body is neither a form nor a query"},
    503: {"description": "Stopped at the limit of time or memory, or too many are asking"},
}


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    workers: Workers | None = getattr(app.state, "sparql", None)
    if workers is not None:
        await asyncio.to_thread(workers.close)


_MOST_HINTS = 5
_EXAMPLE = "SELECT ?kind (COUNT(?term) AS ?terms) WHERE { ?term a ?kind } GROUP BY ?kind"
router = APIRouter(tags=["SPARQL"], lifespan=_lifespan)


@router.api_route(
    "/sparql",
    methods=["GET"],
    summary="Answer a query, describe the service, or show the page",
    description=(
        "SPARQL 1.1 Protocol, query only. The default graph is all that is stated and all that "
        "follows from it; `graph:asserted`, `graph:inferred` and `graph:reviews` are named. "
        "Another graph named by FROM, default-graph-uri or named-graph-uri is refused; nothing "
        "is fetched. A relative IRI is resolved against the base of the ontology; a function that "
        "SPARQL 1.1 does not have is refused. "
        "Without a query: a page for a browser, else the service description."
    ),
    response_class=Response,
    responses=_RESPONSES,
)
async def get_sparql(
    request: Request, snapshot: CurrentSnapshot, manifest: CurrentManifest
) -> Response:
    """Answer a query that stands in the address."""
    return await _openly(_answer(request, _address(request), snapshot, manifest))


@router.post(
    "/sparql",
    summary="Answer a query that is sent as a form or as it is",
    response_class=Response,
    responses=_RESPONSES,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                FORM: {"schema": {"type": "object"}, "example": {"query": _EXAMPLE}},
                QUERY: {"example": _EXAMPLE},
            },
        }
    },
)
async def post_sparql(
    request: Request, snapshot: CurrentSnapshot, manifest: CurrentManifest
) -> Response:
    """Answer a query that stands in the body."""
    return await _openly(_answer(request, body_of(request), snapshot, manifest))


@router.options("/sparql", include_in_schema=False)
async def options_sparql() -> Response:
    """Tell a browser that a page from anywhere may ask."""
    return Response(status_code=204, headers=_OPEN | _PREFLIGHT)


@router.get("/sparql/editor/{name}", include_in_schema=False)
async def editor(name: str, request: Request) -> Response:
    """Give a part of the editor, where set-up has brought it."""
    settings: Settings = request.app.state.settings
    path = settings.browser / "node_modules/@zazuko/yasgui/build" / name
    if name not in ("yasgui.min.js", "yasgui.min.css") or not path.is_file():
        raise HTTPException(404, "the editor is not here; make setup brings it")
    return FileResponse(path, headers={"Cache-Control": "max-age=86400"})


async def _address(request: Request) -> Parameters:
    return request.query_params.multi_items()


async def _openly(answering: Coroutine[Any, Any, Response]) -> Response:
    """Allow a page from any origin to read a refusal, too."""
    try:
        return await answering
    except KgError as error:
        refusal = answer(problem_of(error))
        refusal.headers.update(_OPEN)
        if error.code == "store-busy":
            refusal.headers["Retry-After"] = "5"
        return refusal
    except HTTPException as error:
        error.headers = _OPEN | dict(error.headers or {})
        raise


async def _answer(
    request: Request,
    given: Coroutine[Any, Any, Parameters],
    snapshot: Snapshot,
    manifest: Manifest,
) -> Response:
    said = await given
    asked = read_asked(said, request.headers.get("accept"))
    workers = query_workers(request.app.state, manifest)
    pages = SparqlPages(workers.release, snapshot, request.app.state.settings)
    if asked.query is None and request.method == "POST":
        raise refused("query-malformed", "there is no query")
    if asked.query is None:
        return _without_query(request, asked, pages, workers, dict(said).get("question"))
    try:
        refuse_long(asked.query)
        answered = await _unless_gone(request, workers.ask(asked.question(SparqlPages.ROWS)))
    except KgError as error:
        if asked.page:
            return _page(pages.refused(asked.query, error))
        raise
    reply = answered.reply
    if reply.error:
        fit = TABLES if reply.form in ("SELECT", "ASK") else DOCUMENTS
        raise HTTPException(406, f"{reply.form} is answered as " + ", ".join((*fit, HTML)))
    told = hints(reply.mentions, snapshot)
    if asked.read_by_a_person(reply.form):
        body = b"".join([piece async for piece in answered.body])
        return _page(pages.answered(asked.query, reply, body, told))
    headers = _OPEN | {"Content-Length": str(reply.length), "Inokg-Release": manifest.version}
    if told:
        headers["Inokg-Hint"] = " ".join(told[:_MOST_HINTS])
    if reply.capped:
        headers["Inokg-Row-Cap"] = str(workers.limits.rows)
        headers["Link"] = f'<{CAPPED}>; rel="describedby"'
    return StreamingResponse(answered.body, media_type=reply.media, headers=headers)


def _without_query(
    request: Request,
    asked: SparqlRequest,
    pages: SparqlPages,
    workers: Workers,
    question: str | None,
) -> Response:
    media = asked.document
    if media == HTML:
        # A person who opens the page is likely to send a query soon.
        shown = pages.empty(question)
        shown.background = BackgroundTask(workers.begin)
        return _page(shown)
    if media is None:
        offered = ", ".join((*DOCUMENTS, HTML))
        raise HTTPException(406, f"the service description is to be had as {offered}")
    where = str(request.url.replace(query=None, fragment=None))
    data = description(where, workers.release, workers.limits, DOCUMENTS[media])
    return Response(data, media_type=media, headers=_OPEN)


def _page(shown: Response) -> Response:
    """Mark a page, too, as one of several forms; it is never cached, as it answers a query."""
    shown.headers.update({n: v for n, v in _OPEN.items() if n != "Cache-Control"})
    return shown


async def _unless_gone(request: Request, asking: Coroutine[Any, Any, PoolAnswer]) -> PoolAnswer:
    """Wait for an answer as long as the caller does; the query ends with them."""
    work, gone = asyncio.ensure_future(asking), asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise HTTPException(400, "the caller has gone")
        return await work
    finally:
        work.cancel()
        gone.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
