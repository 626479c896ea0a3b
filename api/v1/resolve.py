"""GET /v1/resolve: the term that a name or a code means, or candidates if there is none."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import msgspec
from fastapi import APIRouter, Query, Response

from api.http.answers import json_answer, problem, schema_of
from api.http.dependencies import CurrentSnapshot
from kg.contract.parts import ItemKind
from kg.contract.report import Suggestion
from kg.resolving.names import label
from kg.resolving.resolve import Matched, Resolved, look_up
from kg.snapshot.model import Snapshot

router = APIRouter(prefix="/v1", tags=["catalogue"])

# Callers say drug; in a patient's list the same thing is a medication.
ResolveQuery = Literal["drug", "condition", "observation", "allergy"]
_ITEMS: dict[str, ItemKind] = {k: k for k in get_args(ItemKind)} | {"drug": "medication"}


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """What an input leads to: its terms, or why there are none and what may have been meant."""

    given: str
    terms: tuple[Suggestion, ...] = ()
    matched: Matched | None = None
    note: str | None = None
    reason: str | None = None
    suggestions: tuple[Suggestion, ...] = ()


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
    return json_answer(_resolved(given, _ITEMS[kind], snapshot))


def _resolved(given: dict[str, str], kind: ItemKind, snapshot: Snapshot) -> Resolution:
    resolved = look_up(given, kind, snapshot)
    said = given.get("text") or "|".join(given[p] for p in ("system", "code") if p in given)
    if isinstance(resolved, Resolved):
        meant = tuple(Suggestion(term=t, label=label(t, snapshot)) for t in resolved.terms)
        return Resolution(
            given=said, terms=meant, matched=resolved.matched, note=resolved.note or None
        )
    near = tuple(Suggestion(term=t, label=label(t, snapshot)) for t in resolved.suggestions)
    return Resolution(given=said, reason=resolved.reason, suggestions=near)
