"""The start page and the form: a check for a person, with or without JavaScript."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.http.dependencies import Body, CurrentSnapshot
from api.http.forms import read_form
from api.http.html import page
from api.http.long_reading import in_turn
from api.http.reviewed import current_reviews
from api.pages.form import choices, request_of, words_of
from api.pages.report_page import report_page
from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.errors import CaseError
from kg.review.reviews import Reviews
from kg.snapshot.model import Snapshot

router = APIRouter(include_in_schema=False)


@router.get("/")
async def start(snapshot: CurrentSnapshot) -> Response:
    """Show what this is and the empty form."""
    return page("check.html", snapshot, given={}, form=choices(snapshot))


@router.get("/check")
async def again() -> Response:
    """Lead back to the form: a report is never kept, so there is none to come back to."""
    return RedirectResponse("/", status_code=303)


@router.post("/check")
async def answer(request: Request, body: Body, snapshot: CurrentSnapshot) -> Response:
    """Check what the form holds, and show the report above the form."""
    reviews = current_reviews(request, snapshot)
    return await in_turn(request, len(body), lambda: _answer(body, snapshot, reviews))


def _answer(body: bytes, snapshot: Snapshot, reviews: Reviews) -> Response:
    given = read_form(body)
    words = words_of(given, snapshot)
    shown: dict[str, Any] = {"given": given, "form": choices(snapshot)}
    try:
        asked = request_of(given, snapshot)
        report = check(assemble(asked, snapshot), snapshot, reviews)
    except CaseError as error:
        place = words.place(error.location) if error.location else ""
        return page("check.html", snapshot, status=422, error=error, place=place, **shown)
    found = report_page(report, asked, words, snapshot)
    return page("report.html", snapshot, found=found, report=report, **shown)
