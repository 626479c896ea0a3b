"""GET and POST /v1/explain: the reasoning behind a finding, or behind its absence."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Response
from fastapi import Request as HttpRequest

from api.http.answers import problem, schema_of
from api.http.dependencies import (
    CurrentSnapshot,
    bounded_body,
    current_snapshot,
    refuse_other_content,
)
from api.http.examples import CHECK
from api.http.long_reading import in_turn
from api.http.negotiate import JSON
from kg.contract.explanation import Explanation
from kg.contract.place import begins_as_place
from kg.contract.request import Request, ShortText, decoded, malformed
from kg.explaining.advisory import explain_advisory
from kg.explaining.draw import dot, svg
from kg.explaining.input import explain_input
from kg.explaining.parts import find
from kg.explaining.without_patient import explain_drug, explain_without_patient
from kg.snapshot.file import encode
from kg.snapshot.model import Snapshot

router = APIRouter(prefix="/v1", tags=["explain"])


class ExplainRequest(Request, frozen=True, kw_only=True):
    """A check request, and what of its answer is to be explained.

    `explain` is the key, name or label of an advisory, or the place of an input in the request.
    """

    explain: ShortText | None = None


_decoder = msgspec.json.Decoder(ExplainRequest)
_WRITERS = {"dot": (dot, "text/vnd.graphviz"), "svg": (svg, "image/svg+xml")}
# A picture runs nothing and loads nothing, wherever it is shown.
_SAFE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
ExplanationForm = Annotated[
    Literal["json", "dot", "svg"], Query(alias="format", description="json, dot or svg")
]
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The explanation, or its picture",
        "content": schema_of("Explanation")
        | {media: {"schema": {"type": "string"}} for _, media in _WRITERS.values()},
    },
    404: problem("There is nothing of this name to explain; the repair names what is near"),
    422: problem("What to explain was not said, or the request was refused"),
    503: problem("There is no sound release to answer from"),
}
_READING = (
    "The same is said in a line (`summary`), in sentences (`steps`), as a graph (`nodes`, `edges`) "
    "and as a `tree`; `positions` puts what each jurisdiction says side by side, every passage "
    "with its source and section, and `disagreements` gives the choice where sources differ."
)


def _answer(found: Explanation, form: str, headers: dict[str, str]) -> Response:
    if form in _WRITERS:
        write, media = _WRITERS[form]
        return Response(write(found), media_type=media, headers=headers | _SAFE)
    return Response(encode(found), media_type=JSON, headers=headers)


@router.get(
    "/explain",
    summary="Without a patient: what a drug can raise or why it raises nothing, or an advisory",
    description=(
        "Of a drug: the advisories it can raise, by which class and liability, or the statements "
        "for which it raises nothing; a drug that has not been assessed is reported as such. "
        f"Of an advisory: for whom it is, how severe, and on what evidence. {_READING}"
    ),
    response_class=Response,
    responses=_RESPONSES,
)
async def get_explain(
    snapshot: CurrentSnapshot,
    drug: Annotated[
        str | None, Query(max_length=300, description="key, name or label of a drug")
    ] = None,
    advisory: Annotated[
        str | None, Query(max_length=300, description="key, name or label of an advisory")
    ] = None,
    form: ExplanationForm = "json",
) -> Response:
    """Explain a drug or an advisory by itself."""
    if (drug is None) == (advisory is None):
        raise malformed("drug", "one thing is explained at a time", "send drug or advisory")
    if drug is not None:
        found = explain_drug(find("drug", drug, snapshot.drugs, snapshot), snapshot)
    else:
        key = find("advisory", advisory or "", snapshot.advisories, snapshot)
        found = explain_without_patient(key, snapshot)
    return _answer(found, form, {"Cache-Control": "no-cache"})


@router.post(
    "/explain",
    summary="With a patient: why an advisory applies or does not, or what an input led to",
    description=(
        'A check request with `"explain"`: the key or name of an advisory, or the place of an '
        'input, as in `"medications[3]"`, `"patient.flags[0]"` or `"context.phase"`. Of an '
        "advisory: whether it applies and why, with all inputs that count in `leaves` and the sets "
        "of them that are enough and could not be smaller in `supports`; or which parts do not "
        "hold, and what would settle it in `needs`. Of an input: what it raises, what it may raise "
        f"(`unsettled`), and why the rest is `silent` about it. {_READING}"
    ),
    response_class=Response,
    responses=_RESPONSES | {415: problem("The body is not JSON")},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                JSON: {
                    "schema": {"$ref": "#/components/schemas/ExplainRequest"},
                    "examples": {
                        "an input": {"value": {**CHECK, "explain": "conditions[0]"}},
                        "an advisory": {"value": {**CHECK, "explain": "serious-hepatic-disease"}},
                    },
                }
            },
        }
    },
)
async def post_explain(http: HttpRequest, form: ExplanationForm = "json") -> Response:
    """Explain what a check of the same patient says; nothing of the request is kept."""
    snapshot = await current_snapshot(http)
    refuse_other_content(http, JSON)
    body = await bounded_body(http)
    found = await in_turn(http, len(body), lambda: _explained(body, snapshot))
    return _answer(found, form, {"Cache-Control": "no-store"})


def _explained(data: bytes, snapshot: Snapshot) -> Explanation:
    asked = decoded(data, _decoder)
    subject = asked.explain
    if not subject:
        raise malformed(
            "explain", "what to explain was not said", "send an advisory's key or an input's path"
        )
    request = Request(**{name: getattr(asked, name) for name in Request.__struct_fields__})
    if begins_as_place(subject):
        return explain_input(request, subject, snapshot)
    advisory = find("advisory", subject, snapshot.advisories, snapshot)
    return explain_advisory(request, advisory, snapshot)
