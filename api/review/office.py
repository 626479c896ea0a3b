"""Accounts and the log."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.http.dependencies import CurrentSnapshot
from api.http.errors import status_of
from api.review.accounts import ROLES, Account, Role, refuse
from api.review.audit import AuditLine, lines, verify
from api.review.door import (
    Form,
    OwnForm,
    signed_in,
)
from api.review.shown import bench_page, see_other
from api.review.state import Bench, bench_of
from kg.errors import ReviewRefused
from kg.snapshot.model import Snapshot

router = APIRouter(prefix="/review", include_in_schema=False)

_MOST_LINES = 500


@router.get("/accounts")
def show_accounts(request: Request, snapshot: CurrentSnapshot) -> Response:
    """List who may come in."""
    signed_in(request, "lead")
    return _accounts(request, snapshot)


def _accounts(request: Request, snapshot: Snapshot, **values: Any) -> Response:
    shown = {"error": None, "link": "", "whose": "", **values}
    known = bench_of(request).accounts.all()
    return bench_page(request, "accounts", snapshot, known=known, roles=ROLES, **shown)


@router.post("/accounts")
def change_accounts(request: Request, form: OwnForm, snapshot: CurrentSnapshot) -> Response:
    """Invite somebody, give a way back, or another role."""
    lead = signed_in(request, "lead").account
    name = form.one("name").strip()
    try:
        token = _changed(bench_of(request), lead, name, form)
    except ReviewRefused as error:
        return _accounts(request, snapshot, error=error, status=status_of(error))
    if not token:
        return see_other("/review/accounts")
    base = request.app.state.hooks.base(request)
    return _accounts(request, snapshot, link=f"{base}/review/link/{token}", whose=name)


def _changed(bench: Bench, lead: Account, name: str, form: Form) -> str:
    if form.one("do") == "way-back":
        return bench.accounts.way_back(lead.name, name)
    role: Role | None = next((r for r in ROLES if r == form.one("role")), None)
    if role is None:
        raise refuse("wrong-name", "there is no such role", f"take one of {', '.join(ROLES)}")
    if form.one("do") == "role":
        bench.accounts.set_role(lead, name, role)
        return ""
    return bench.accounts.invite(lead, name, form.one("shown"), role)


@router.get("/log")
def show_log(request: Request, snapshot: CurrentSnapshot) -> Response:
    """Show what happened, the latest first, and whether the chain holds."""
    signed_in(request)
    with bench_of(request).database.reading() as connection:
        verified = verify(connection)
        found: list[AuditLine] = list(lines(connection))[: -_MOST_LINES - 1 : -1]
    return bench_page(request, "log", snapshot, lines=found, verified=verified)
