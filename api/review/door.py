"""Who comes in: the cookie, the form's token, and the role; each refusal says what to do."""

from __future__ import annotations

import secrets
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response

from api.http.dependencies import bounded_body
from api.http.forms import read_form
from api.logs import say
from api.review.accounts import Role, refuse
from api.review.sessions import SignedIn, form_token, is_form_token
from api.review.state import bench_of

COOKIE, VISIT = "inokg_review", "inokg_visit"
TOKEN = "token"  # noqa: S105 - the name of a field


class Form:
    """What a form of the bench brought; it was made for this browser."""

    def __init__(self, given: dict[str, list[str]]) -> None:
        # PostgreSQL takes no sign of the number nought.
        self._given = {
            name.replace("\0", ""): [v.replace("\0", "") for v in values]
            for name, values in given.items()
        }

    def one(self, name: str) -> str:
        """Give one field, empty where it was left out."""
        return self._given.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        """Give every value of one field."""
        return self._given.get(name, [])

    def starting(self, *starts: str) -> dict[str, str]:
        """Give the fields whose names begin in one of some ways, by their whole names."""
        return {n: v[0] for n, v in self._given.items() if n.startswith(starts) and v[0]}

    def below(self, start: str) -> dict[str, str]:
        """Give the fields whose names begin alike, by the rest of their names."""
        return {
            name.removeprefix(start): values[0]
            for name, values in self._given.items()
            if name.startswith(start) and values[0]
        }


def who(request: Request) -> SignedIn | None:
    """Say who is signed in."""
    token = request.cookies.get(COOKIE, "")
    found = bench_of(request).sessions.of(token)
    if token and found is None:
        say("review refused", why="session")
    return found


def signed_in(request: Request, role: Role = "reader") -> SignedIn:
    """Give who is signed in, with at least this role."""
    found = who(request)
    if found is None:
        raise refuse("not-signed-in", "nobody is signed in", "sign in at /review/sign-in")
    if not found.account.may(role):
        bench_of(request).signing.refused(found.account.name, request.url.path, "role-too-low")
        raise refuse("role-too-low", f"this takes the role of a {role}", "ask a lead for it")
    return found


def secret_of(request: Request) -> str:
    """Give what this browser's forms are bound to: its session, or its visit before that."""
    return request.cookies.get(COOKIE) or request.cookies.get(VISIT, "")


def with_visit(request: Request, response: Response, secret: str) -> Response:
    """Give a browser that is not signed in a cookie to bind its forms to."""
    if not secret_of(request):
        _set(request, response, VISIT, secret)
    return response


def visit(request: Request) -> str:
    """Give the secret of this browser, or a new one for it."""
    return secret_of(request) or secrets.token_urlsafe(24)


def let_in(request: Request, response: Response, token: str) -> Response:
    """Hand out the cookie of a session."""
    _set(request, response, COOKIE, token)
    response.delete_cookie(VISIT, path="/")
    return response


def let_out(response: Response) -> Response:
    """Take the cookies back."""
    response.delete_cookie(COOKIE, path="/")
    return response


def _set(request: Request, response: Response, name: str, value: str) -> None:
    base = request.app.state.settings.hooks.base_url or str(request.base_url)
    secure = base.startswith("https:")
    response.set_cookie(name, value, path="/", httponly=True, samesite="strict", secure=secure)


def _own_form(request: Request, body: Annotated[bytes, Depends(bounded_body)]) -> Form:
    """Read a form; one that another site made, or made for another session, is refused."""
    form = Form(read_form(body))
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "same-origin")
    # Our pages send no referrer, and a browser then keeps the origin to itself.
    named = origin not in (None, "null")
    other = named and urlsplit(str(origin)).netloc != request.headers.get("host")
    other = other or site not in ("same-origin", "none")
    if other or not is_form_token(secret_of(request), form.one(TOKEN)):
        found = who(request)
        if found:
            bench_of(request).signing.refused(found.account.name, request.url.path, "foreign-form")
        say("review refused", why="form")
        raise refuse(
            "foreign-form",
            "this form was not made for your session",
            "open the page again and send its own form",
        )
    return form


OwnForm = Annotated[Form, Depends(_own_form)]


def token_for(secret: str) -> str:
    """Give the token that a form of this browser must bring."""
    return form_token(secret)
