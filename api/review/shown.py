"""What every page of the bench has: who is signed in, and forms bound to this browser."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from api.http.html import page
from api.review.door import (
    token_for,
    visit,
    who,
    with_visit,
)
from kg.snapshot.model import Snapshot


def bench_page(request: Request, name: str, snapshot: Snapshot, **values: Any) -> Response:
    """Show a page of the bench, its forms bound to this browser."""
    secret = visit(request)
    found = who(request)
    account = found.account if found else None
    values = {"token": token_for(secret), "account": account, **values}
    return with_visit(request, page(f"review_{name}.html", snapshot, **values), secret)


def see_other(address: str) -> Response:
    """Lead on to another page, once something was done."""
    return RedirectResponse(address, status_code=303)
