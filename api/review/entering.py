"""Coming in: the first account, passwords by a link, signing in and out."""

from __future__ import annotations

import hmac

from fastapi import APIRouter, Request, Response

from api.http.dependencies import CurrentSnapshot
from api.http.errors import status_of
from api.review.accounts import SHORTEST_PASSWORD, Account, refuse
from api.review.door import (
    OwnForm,
    let_in,
    let_out,
    secret_of,
    who,
)
from api.review.shown import bench_page, see_other
from api.review.state import Bench, bench_of
from kg.errors import ReviewRefused

router = APIRouter(prefix="/review", include_in_schema=False)


@router.get("/sign-in")
def ask_to_sign_in(request: Request, snapshot: CurrentSnapshot) -> Response:
    """Ask for name and password."""
    nobody = bench_of(request).accounts.none_yet()
    return bench_page(request, "sign_in", snapshot, nobody=nobody, error=None, typed="")


@router.post("/sign-in")
def sign_in(request: Request, form: OwnForm, snapshot: CurrentSnapshot) -> Response:
    """Sign in; the session is a new one, whatever cookie came."""
    bench = bench_of(request)
    try:
        account = bench.accounts.password_is(form.one("name").strip(), form.one("password"))
    except ReviewRefused as error:
        shown = {"nobody": False, "error": error, "typed": form.one("name")[:40]}
        return bench_page(request, "sign_in", snapshot, status=status_of(error), **shown)
    return _let_in(request, bench, account)


def _let_in(request: Request, bench: Bench, account: Account) -> Response:
    token = bench.sessions.begin(account, before=secret_of(request))
    return let_in(request, see_other("/review"), token)


@router.post("/sign-out")
def sign_out(request: Request, form: OwnForm) -> Response:
    """End the session."""
    found = who(request)
    if found:
        bench_of(request).sessions.end(found.token)
    return let_out(see_other("/review/sign-in"))


@router.get("/first/{link}")
def ask_for_first(link: str, request: Request, snapshot: CurrentSnapshot) -> Response:
    """Ask for the first account, once, by the link that the service printed."""
    _check_first(request, link)
    return bench_page(
        request, "password", snapshot, first=True, error=None, least=SHORTEST_PASSWORD
    )


@router.post("/first/{link}")
def make_first(link: str, request: Request, form: OwnForm, snapshot: CurrentSnapshot) -> Response:
    """Make the first account, and let its owner in."""
    _check_first(request, link)
    bench = bench_of(request)
    try:
        account = bench.accounts.first(
            form.one("name").strip(), form.one("shown"), form.one("password")
        )
    except ReviewRefused as error:
        shown = {"first": True, "error": error, "least": SHORTEST_PASSWORD}
        return bench_page(request, "password", snapshot, status=status_of(error), **shown)
    return _let_in(request, bench, account)


def _check_first(request: Request, link: str) -> None:
    bench = bench_of(request)
    known = hmac.compare_digest(link.encode(), bench.first_link.encode())
    if not known or not bench.accounts.none_yet():
        raise refuse("link-used", "this link was used already", "sign in, or ask a lead for a link")


@router.get("/link/{link}")
def ask_for_password(link: str, request: Request, snapshot: CurrentSnapshot) -> Response:
    """Ask for a password, by the link that a lead handed over."""
    if not bench_of(request).accounts.link_is_good(link):
        raise refuse("link-used", "this link was used already, or is too old", "ask for a new one")
    return bench_page(
        request, "password", snapshot, first=False, error=None, least=SHORTEST_PASSWORD
    )


@router.post("/link/{link}")
def set_password(link: str, request: Request, form: OwnForm, snapshot: CurrentSnapshot) -> Response:
    """Set the password, and let the owner in."""
    bench = bench_of(request)
    try:
        account = bench.accounts.set_password(link, form.one("password"))
    except ReviewRefused as error:
        shown = {"first": False, "error": error, "least": SHORTEST_PASSWORD}
        return bench_page(request, "password", snapshot, status=status_of(error), **shown)
    return _let_in(request, bench, account)
