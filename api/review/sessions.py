"""Sessions: a cookie that only a sign-in hands out, and the token that each form must bring."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from api.review.accounts import Account, digest, written
from api.review.database import Database
from api.review.tables import accounts, sessions

_LASTS = timedelta(hours=12)


class SignedIn(NamedTuple):
    """Who is signed in, and by which token."""

    account: Account
    token: str


class Sessions:
    """The sessions of one store; a token that was not handed out here opens nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, account: Account, before: str = "") -> str:
        """Hand out a new token; the one that the browser brought is worth nothing afterwards."""
        token = secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        with self._database.writing() as connection:
            old = sessions.delete()
            connection.execute(old.where(sessions.c.token == digest(before)))
            connection.execute(old.where(sessions.c.expires < written(now)))
            connection.execute(
                sessions.insert().values(
                    token=digest(token),
                    account=account.name,
                    created=written(now),
                    expires=written(now + _LASTS),
                )
            )
        return token

    def of(self, token: str) -> SignedIn | None:
        """Say who is signed in by a token."""
        if not token or len(token) > 100 or not self._database.is_there:
            return None
        now = written(datetime.now(UTC))
        asked = (
            select(accounts.c.name, accounts.c.shown, accounts.c.role)
            .join(sessions, sessions.c.account == accounts.c.name)
            .where(sessions.c.token == digest(token), sessions.c.expires > now)
        )
        with self._database.reading() as connection:
            row = connection.execute(asked).first()
        return SignedIn(Account(row.name, row.shown, row.role), token) if row else None

    def end(self, token: str) -> None:
        """End a session, for the server and not only for the browser."""
        with self._database.writing() as connection:
            connection.execute(sessions.delete().where(sessions.c.token == digest(token)))


def form_token(secret: str) -> str:
    """Give what a form must bring, by the secret of the cookie: another page cannot know it."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()


def is_form_token(secret: str, given: str) -> bool:
    """Say whether a form was made for the holder of a cookie."""
    return bool(secret) and hmac.compare_digest(form_token(secret).encode(), given.encode())
