"""GET and POST /v1/explain: the chain behind what is said, and behind silence."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi import Request as HttpRequest
from starlette.exceptions import HTTPException

from api.answers import problem, schema_of
from api.dependencies import (
    CurrentSnapshot,
    bounded_body,
    current_snapshot,
    refuse_other_content,
)
from api.examples import CHECK
from kg.draw import dot, svg
from kg.errors import UnknownSubject
from kg.explain import explain_advisory
from kg.explain_input import explain_input
from kg.explain_parts import find
from kg.explain_terms import explain_drug, explain_without_patient
from kg.explanation import Explanation
from kg.json_names import refuse_repeated_names
from kg.model import Snapshot
from kg.request import malformed, request_from
from kg.snapshot import encode

router = APIRouter(prefix="/v1", tags=["explain"])

_WRITERS = {"dot": (dot, "text/vnd.graphviz"), "svg": (svg, "image/svg+xml")}
Form = Annotated[
    str, Query(alias="format", pattern="^(json|dot|svg)$", description="json, dot or svg")
]
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The explanation, or its picture",
        "content": schema_of("Explanation") | {media: {} for _, media in _WRITERS.values()},
    },
    404: problem("There is nothing of this name to explain"),
    422: problem("What to explain was not said, or the request was refused"),
    503: problem("There is no sound release to answer from"),
}


def _answer(found: Explanation, form: str, headers: dict[str, str]) -> Response:
    if form in _WRITERS:
        write, media = _WRITERS[form]
        safe = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
        return Response(write(found), media_type=media, headers=headers | safe)
    return Response(encode(found), media_type="application/json", headers=headers)


@router.get(
    "/explain",
    summary="Without a patient: what a drug can raise or why it raises nothing, or an advisory",
    response_class=Response,
    responses=_RESPONSES,
)
async def get_explain(
    snapshot: CurrentSnapshot,
    drug: Annotated[str | None, Query(max_length=300, description="key of a drug")] = None,
    advisory: Annotated[str | None, Query(max_length=300, description="key of an advisory")] = None,
    form: Form = "json",
) -> Response:
    """Explain a drug or an advisory by itself."""
    if (drug is None) == (advisory is None):
        raise malformed("drug", "one thing is explained at a time", "send drug or advisory")
    try:
        if drug is not None:
            found = explain_drug(find("drug", drug, snapshot.drugs, snapshot), snapshot)
        else:
            key = find("advisory", advisory or "", snapshot.advisories, snapshot)
            found = explain_without_patient(key, snapshot)
    except UnknownSubject as error:
        raise _unknown(error) from error
    return _answer(found, form, {"Cache-Control": "no-cache"})


def _unknown(error: UnknownSubject) -> HTTPException:
    return HTTPException(404, f"{error.message}; to mend it: {error.repair}")


@router.post(
    "/explain",
    summary="With a patient: why an advisory applies or does not, or what an input led to",
    description=(
        'A check request with `"explain"`: the key or name of an advisory, or the path of an '
        'input, as in `"medications[3]"`. Sets of inputs that are enough for a finding stand in '
        "`supports`; none of them could be smaller."
    ),
    response_class=Response,
    responses=_RESPONSES | {415: problem("The body is not JSON")},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"type": "object", "required": ["explain"]},
                    "example": {**CHECK, "explain": "conditions[0]"},
                }
            },
        }
    },
)
async def post_explain(http: HttpRequest, form: Form = "json") -> Response:
    """Explain what a check of the same patient says; nothing of the request is kept."""
    snapshot = await current_snapshot(http)
    refuse_other_content(http, "application/json")
    try:
        found = _explained(await bounded_body(http), snapshot)
    except UnknownSubject as error:
        raise _unknown(error) from error
    return _answer(found, form, {"Cache-Control": "no-store"})


def _explained(data: bytes, snapshot: Snapshot) -> Explanation:
    refuse_repeated_names(data)
    body = json.loads(data)
    subject = body.pop("explain", None) if isinstance(body, dict) else None
    if not isinstance(subject, str) or not subject:
        raise malformed(
            "explain", "what to explain was not said", "send an advisory's key or an input's path"
        )
    request = request_from(body)
    if "[" in subject or subject in ("patient", "context"):
        return explain_input(request, subject, snapshot)
    advisory = find("advisory", subject, snapshot.advisories, snapshot)
    return explain_advisory(request, advisory, snapshot)
