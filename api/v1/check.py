"""POST /v1/check: one patient in, one Report out."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from fastapi import Request as HttpRequest

from api.http.answers import problem, schema_of
from api.http.dependencies import bounded_body, current_snapshot, refuse_other_content
from api.http.examples import BUNDLE, CHECK
from api.http.long_reading import in_turn
from api.http.negotiate import FHIR, JSON
from api.http.reviewed import current_reviews
from api.v1.detail import ANSWERS, PARAMETER, detail_of
from api.v1.fhir import PARAMETERS, check_in_fhir, comes_in_fhir, speaks_fhir
from kg.casing.assemble import assemble
from kg.checking.brief import checked
from kg.contract.detail import AnyReport, Detail, encode_answer
from kg.contract.request import decode_request
from kg.review.reviews import Reviews
from kg.snapshot.model import Snapshot

router = APIRouter(prefix="/v1", tags=["check"])

_FHIR_BUNDLE: dict[str, Any] = {FHIR: {"schema": {"type": "object"}}}
# An answer about a patient must not be stored by any cache.
_HEADERS = {"Cache-Control": "no-store"}


@router.post(
    "/check",
    summary="Say what applies to a patient, and what could not be judged",
    description=(
        "A part that is left out was not assessed; an empty list says assessed, none. "
        "Nothing found may be shown only where `complete` is true. Decision support for "
        "professionals; it does not replace their judgement. The same check takes a FHIR R4 "
        "Bundle (`application/fhir+json`), with the fields of `context`, and `flags` parted by "
        "commas, as query parameters; asked for FHIR it answers with a Bundle of DetectedIssue, "
        "OperationOutcome and GuidanceResponse."
    ),
    response_class=Response,
    responses={
        200: {"description": "The report", "content": {JSON: {"schema": ANSWERS}} | _FHIR_BUNDLE},
        408: problem("The body took too long to arrive"),
        413: problem("The body is too large"),
        415: problem("The body is neither JSON nor FHIR, or it is packed"),
        422: problem("The request was refused; the problem names the field"),
        503: problem("There is no sound release to answer from"),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": schema_of("Request", CHECK)
            | {FHIR: {"schema": {"type": "object"}, "example": BUNDLE}},
        },
        "parameters": [PARAMETER, *PARAMETERS],
    },
)
async def post_check(http: HttpRequest) -> Response:
    """Check one patient; nothing of the request is kept or written down."""
    snapshot = await current_snapshot(http)
    refuse_other_content(http, JSON, FHIR)
    body = await bounded_body(http)
    detail = detail_of(http, others=comes_in_fhir(http))
    reviews = current_reviews(http, snapshot)
    if speaks_fhir(http):
        response, report = await in_turn(
            http, len(body), lambda: check_in_fhir(http, body, snapshot, detail, reviews)
        )
    else:
        response, report = await in_turn(
            http, len(body), lambda: _checked(body, snapshot, detail, reviews)
        )
    if report is not None:
        http.app.state.counted.report(report)
    return response


def _checked(
    body: bytes, snapshot: Snapshot, detail: Detail, reviews: Reviews
) -> tuple[Response, AnyReport]:
    report = checked(assemble(decode_request(body), snapshot), snapshot, detail, reviews)
    return Response(encode_answer(report), media_type=JSON, headers=_HEADERS), report
