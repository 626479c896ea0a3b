"""The terms of the release, by kind: searchable lists and single terms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, get_args
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as InPath
from starlette.exceptions import HTTPException

from api.http.answers import json_answer, problem, schema_of
from api.http.dependencies import CurrentSnapshot
from api.http.negotiate import JSON
from api.http.reviewed import current_reviews
from kg.snapshot.catalogue import CatalogueKind, CataloguePage, detail, keys_alike, search
from kg.snapshot.model import Snapshot

router = APIRouter(prefix="/v1", tags=["catalogue"])

KINDS: tuple[CatalogueKind, ...] = get_args(CatalogueKind)
_WHAT: dict[CatalogueKind, str] = {
    "drugs": "drugs, combinations and other substances that charts name",
    "classes": "classes of drugs",
    "conditions": "conditions",
    "observations": "kinds of measurements",
    "populations": "populations, with the flag by which a request states each",
    "flags": "flags, the words by which a request states facts about the patient",
    "advisories": "advisories",
    "sources": "sources",
    "disagreements": "disagreements between sources",
}
_MOST = 500

SearchText = Annotated[
    str, Query(max_length=200, description="searches names, brands, keys and codes")
]
Start = Annotated[int, Query(ge=0, le=1_000_000, description="how many to skip")]
Limit = Annotated[int, Query(ge=1, le=_MOST, description="maximum number to return")]
Key = Annotated[str, InPath(max_length=300, description="the last part of the term's name")]
_UNSOUND = problem("There is no sound release to answer from")


def _lists(kind: CatalogueKind) -> Callable[..., Awaitable[Response]]:
    async def find(
        snapshot: CurrentSnapshot, q: SearchText = "", start: Start = 0, limit: Limit = 50
    ) -> Response:
        found = search(kind, q, snapshot)
        page = CataloguePage(
            total=len(found), start=start, items=tuple(found[start : start + limit])
        )
        if start + limit < len(found):
            query = {"q": q, "start": start + limit, "limit": limit}
            following = urlencode({k: v for k, v in query.items() if v != ""})
            page = msgspec.structs.replace(page, next=f"/v1/{kind}?{following}")
        return json_answer(page)

    return find


def _single(kind: CatalogueKind) -> Callable[..., Awaitable[Response]]:
    async def give(key: Key, request: Request, snapshot: CurrentSnapshot) -> Response:
        found = detail(kind, key, snapshot)
        if found is None:
            raise HTTPException(404, _no_such(kind, key, snapshot))
        if "review" in found:
            found["review"] = current_reviews(request, snapshot).of(found["iri"])
        return json_answer(found)

    return give


def _no_such(kind: CatalogueKind, key: str, snapshot: Snapshot) -> str:
    said = f"the release has no such entry among its {kind}"
    near = keys_alike(kind, key, snapshot)
    return f"{said}; did you mean {' or '.join(near)}?" if near else said


for _kind in KINDS:
    _ok: dict[int | str, dict[str, Any]] = {
        200: {"description": "A page of entries", "content": schema_of("CataloguePage")},
        422: problem("A parameter is out of bounds"),
        503: _UNSOUND,
    }
    router.add_api_route(
        f"/{_kind}",
        _lists(_kind),
        methods=["GET"],
        summary=f"Search the {_WHAT[_kind]}",
        responses=_ok,
        response_class=Response,
        operation_id=f"list_{_kind}",
    )
    router.add_api_route(
        f"/{_kind}/{{key}}",
        _single(_kind),
        methods=["GET"],
        summary=f"Give one of the {_WHAT[_kind]}, whole",
        responses={
            200: {
                "description": "The entry, with the labels of what it points to",
                "content": {JSON: {"schema": {"type": "object"}}},
            },
            404: problem("There is no such entry"),
            422: problem("A parameter is out of bounds"),
            503: _UNSOUND,
        },
        response_class=Response,
        operation_id=f"get_{_kind}",
    )
