"""POST /v1/check: one patient in, one Report out."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Response

from api.dependencies import Body, CurrentSnapshot
from kg.assemble import assemble
from kg.check import check
from kg.report import Report, encode_report
from kg.request import Request, decode_request

router = APIRouter(prefix="/v1", tags=["check"])


def schemas() -> dict[str, Any]:
    """Give the parts of request and report, for the OpenAPI document."""
    _, parts = msgspec.json.schema_components(
        [Request, Report], ref_template="#/components/schemas/{name}"
    )
    return parts


def _content(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


@router.post(
    "/check",
    summary="Say what applies to a patient, and what could not be judged",
    description=(
        "A part that is left out was not assessed; an empty list says assessed, none. "
        "Nothing found may be shown only where `complete` is true. Decision support for "
        "professionals; it does not replace their judgement."
    ),
    response_class=Response,
    responses={
        200: {"description": "The report", "content": _content("Report")},
        413: {"description": "The body is too large"},
        422: {"description": "The request was refused; the problem names the field"},
        503: {"description": "There is no sound release to answer from"},
    },
    openapi_extra={"requestBody": {"required": True, "content": _content("Request")}},
)
def post_check(body: Body, snapshot: CurrentSnapshot) -> Response:
    """Check one patient; nothing of the request is kept or written down."""
    report = check(assemble(decode_request(body), snapshot), snapshot)
    return Response(encode_report(report), media_type="application/json")
