"""GET /v1/resolve: the term that a name or a code means, or candidates if there is none."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from fastapi import APIRouter, Query, Response

from api.http.answers import json_answer, problem, schema_of
from api.http.dependencies import CurrentSnapshot
from kg.contract.parts import ItemKind
from kg.resolving.resolution import resolution

router = APIRouter(prefix="/v1", tags=["catalogue"])

# Callers say drug; in a patient's list the same thing is a medication.
ResolveQuery = Literal["drug", "condition", "observation", "allergy"]
_ITEMS: dict[str, ItemKind] = {k: k for k in get_args(ItemKind)} | {"drug": "medication"}


@router.get(
    "/resolve",
    summary="Say what a name or a code stands for",
    response_class=Response,
    responses={
        200: {"description": "The terms, or the candidates", "content": schema_of("Resolution")},
        422: problem("A parameter is out of bounds"),
        503: problem("There is no sound release to answer from"),
    },
)
async def get_resolve(
    snapshot: CurrentSnapshot,
    kind: Annotated[ResolveQuery, Query(description="the kind of term")] = "drug",
    text: Annotated[str | None, Query(max_length=500)] = None,
    system: Annotated[str | None, Query(max_length=500)] = None,
    code: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """Resolve as a check would; nothing is chosen where it is not certain."""
    entry = {"text": text, "system": system, "code": code}
    given = {name: value for name, value in entry.items() if value is not None}
    return json_answer(resolution(given, _ITEMS[kind], snapshot))
