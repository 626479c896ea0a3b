"""GET /v1/terms/reaches: which advice a term can raise."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.http.answers import json_answer, problem, schema_of
from api.http.dependencies import CurrentSnapshot
from kg.explaining.reach import reach

router = APIRouter(prefix="/v1", tags=["catalogue"])


@router.get(
    "/terms/reaches",
    summary="Name the advisories that a term can raise",
    description=(
        "Of a drug, a class, a condition, a kind of measurement, a flag or a population: every "
        "advisory that asks for it or for something above it, strongest first, and as what. "
        "Whether one applies depends on the patient. Where there is none, advice asks for nothing "
        "of the kind; that a drug is fit to be given is not said by it."
    ),
    response_class=Response,
    responses={
        200: {"description": "What it can raise", "content": schema_of("TermReach")},
        404: problem("The release has no such term; the repair names one that is written alike"),
        422: problem("A parameter is out of bounds"),
        503: problem("There is no sound release to answer from"),
    },
)
async def get_reach(
    snapshot: CurrentSnapshot,
    term: Annotated[str, Query(max_length=300, description="the whole name (IRI) of the term")],
) -> Response:
    """Answer for one term, without a patient."""
    return json_answer(reach(term, snapshot))
