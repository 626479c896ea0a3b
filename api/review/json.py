"""What was reviewed, for programs: under /v1/reviews, without the names of people."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response

from api.http.answers import json_answer, problem, schema_of
from api.http.dependencies import CurrentSnapshot
from api.http.reviewed import current_reviews
from api.review.accounts import refuse
from api.review.state import bench_of
from kg import terms
from kg.contract.report import ReviewStatus
from kg.review.content import contents
from kg.review.queue import QueueRow, queue
from kg.review.status import ReviewStanding
from kg.snapshot.model import Snapshot

router = APIRouter(prefix="/v1/reviews", tags=["reviews"])


class ReviewedSubject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One subject: where it stands, and the hashes that a signature on it binds."""

    subject: str
    kind: str
    title: str
    status: ReviewStatus
    changed: str = ""
    approvals: int
    needed: int
    clinical: str
    wording: str


class ReviewList(msgspec.Struct, frozen=True, kw_only=True):
    """Every subject of the release in the order of the queue; and the hash that answers carry."""

    reviews: str
    total: int
    approved: int
    items: tuple[ReviewedSubject, ...]


def _told(row: QueueRow, stands: ReviewStanding, snapshot: Snapshot) -> ReviewedSubject:
    content = contents(snapshot)[row.subject]
    return ReviewedSubject(
        subject=row.subject,
        kind=row.kind,
        title=row.title,
        status=stands.status,
        changed=stands.changed,
        approvals=len(stands.approved_by),
        needed=stands.needed,
        clinical=content.clinical,
        wording=content.wording,
    )


def _all(request: Request, snapshot: Snapshot) -> list[ReviewedSubject]:
    stands = bench_of(request).signing.standings(snapshot)
    return [_told(r, r.standing, snapshot) for r in queue(stands, snapshot)]


@router.get(
    "",
    summary="Say of every advisory and disagreement how far it is reviewed",
    description=(
        "In the order in which they wait: never reviewed first, the weightiest first among them. "
        "`reviews` is the hash that every answer bears in `release.reviews`."
    ),
    response_class=Response,
    responses={
        200: {"description": "The subjects", "content": schema_of("ReviewList")},
        422: problem("A parameter is out of bounds"),
        503: problem("The database of reviews did not answer, or there is no sound release"),
    },
)
def list_reviews(
    request: Request,
    snapshot: CurrentSnapshot,
    status: Annotated[str, Query(max_length=30, description="only those of this status")] = "",
) -> Response:
    """List the subjects."""
    found = _all(request, snapshot)
    shown = [r for r in found if not status or r.status == status]
    return json_answer(
        ReviewList(
            reviews=current_reviews(request, snapshot).hash,
            total=len(shown),
            approved=sum(r.status == "approved" for r in shown),
            items=tuple(shown),
        )
    )


@router.get(
    "/{subject_kind}/{subject_key}",
    summary="Say how far one advisory or disagreement is reviewed",
    response_class=Response,
    responses={
        200: {"description": "The subject", "content": schema_of("ReviewedSubject")},
        404: problem("The release has no such subject"),
        422: problem("A parameter is out of bounds"),
        503: problem("The database of reviews did not answer, or there is no sound release"),
    },
)
def give_review(
    subject_kind: Annotated[str, Path(max_length=30, description="advisory or disagreement")],
    subject_key: Annotated[str, Path(max_length=300, description="the last part of its name")],
    request: Request,
    snapshot: CurrentSnapshot,
) -> Response:
    """Give one subject."""
    wanted = f"{terms.BASE}{subject_kind}/{subject_key}"
    for found in _all(request, snapshot):
        if found.subject == wanted:
            return json_answer(found)
    raise refuse("no-subject", "the release has nothing of this name to sign", "see /v1/reviews")
