"""The start page and the form: a check for a person, with or without JavaScript."""

from __future__ import annotations

from argparse import Namespace
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from api.dependencies import Body, CurrentSnapshot
from api.html import page
from kg.assemble import assemble
from kg.check import check
from kg.draw import svg
from kg.errors import CaseError, TooLarge
from kg.explain import explain_advisory
from kg.model import Snapshot
from kg.render import also_said, folded
from kg.request import Request as CheckRequest
from kg.request import request_from
from kg.typed import body_of

router = APIRouter(include_in_schema=False)
# One entry a line; each box has a tick that says "assessed, none".
_LISTS = {"med": "medications", "condition": "conditions", "allergy": "allergies"}
_LISTS |= {"obs": "observations"}
# Where a browser that runs scripts looks for names to complete.
_COMPLETES = {
    "med": "/v1/drugs",
    "condition": "/v1/conditions",
    "allergy": "/v1/drugs",
    "obs": "/v1/observations",
}
_NUMBERS = {"age": float, "cycle": int, "day": int, "salvage_line": int}
_WORDS = ("sex", "phase", "as_of", "last_dose", "jurisdiction")


def _choices(snapshot: Snapshot) -> dict[str, Any]:
    flags = sorted(snapshot.flags.values(), key=lambda f: f.label)
    return {
        "flags": [(f.key, f.label) for f in flags],
        "phases": [(p.key, p.label) for p in snapshot.phases.values()],
        "lists": _LISTS,
        "completes": _COMPLETES,
    }


@router.get("/")
async def start(snapshot: CurrentSnapshot) -> Response:
    """Show what this is and the empty form."""
    return page("check.html", snapshot, given={}, report=None, **_choices(snapshot))


@router.post("/check")
async def answer(request: Request, body: Body, snapshot: CurrentSnapshot) -> Response:
    """Check what the form holds, and show the report above the form."""
    try:
        given = parse_qs(body.decode("utf-8", "replace"), max_num_fields=200)
    except ValueError as error:
        raise TooLarge(
            code="too-large",
            message="the form has more fields than it can have",
            repair="send the form as the page gives it",
        ) from error
    choices = _choices(snapshot)
    try:
        typed = request_from(body_of(_options(given), snapshot))
        report = check(assemble(typed, snapshot), snapshot)
    except CaseError as error:
        return page(
            "check.html", snapshot, status=422, given=given, report=None, error=error, **choices
        )
    return page(
        "check.html",
        snapshot,
        given=given,
        report=report,
        findings=[
            (f, [also_said(g, f) for g in under], _picture(typed, f.advisory, snapshot))
            for f, under in folded(report.findings)
        ],
        unassessed=[r for r in report.recognised if not r.assessed],
        **choices,
    )


def _picture(request: CheckRequest, advisory: str, snapshot: Snapshot) -> Markup:
    """Draw the way from what was typed to the advice; our own SVG needs no escaping."""
    return Markup(svg(explain_advisory(request, advisory, snapshot, least=False)))  # noqa: S704


def _options(given: dict[str, list[str]]) -> Namespace:
    """Read the form as the arguments that the command line takes."""
    options = Namespace(none=given.get("none", []), flag=given.get("flag", []), file=None)
    for name in _LISTS:
        lines = "\n".join(given.get(name, [])).splitlines()
        setattr(options, name, [line.strip() for line in lines if line.strip()])
    for name in _WORDS:
        setattr(options, name, next(iter(given.get(name, [])), "") or None)
    for name, kind in _NUMBERS.items():
        setattr(options, name, _number(name, next(iter(given.get(name, [])), ""), kind))
    return options


def _number(name: str, text: str, kind: type[float] | type[int]) -> float | int | None:
    try:
        return kind(text) if text.strip() else None
    except ValueError as error:
        raise CaseError(
            code="wrong-number",
            message=f"'{text[:40]}' is no number",
            location=name,
            repair="write a number, or leave the box empty",
        ) from error
