"""What is not signed yet: drafts that keep themselves, who else reads, and comments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, select

from api.review.accounts import Account, refuse, written
from api.review.audit import append, lines
from api.review.database import Database
from api.review.tables import accounts, drafts

_STILL_READING = timedelta(minutes=10)
_LONGEST_DRAFT, _LONGEST_COMMENT = 20_000, 2_000
COMMENT, DONE, ASSIGNED = "comment", "comment-done", "assigned"

Draft = dict[str, str]


class Opened(NamedTuple):
    """What a reviewer left when they last were here, and who else reads it now."""

    draft: Draft
    also_reading: tuple[str, ...]


class ReviewComment(NamedTuple):
    """One remark on a subject, and whether it is dealt with."""

    number: int
    by: str
    at: str
    text: str
    done: bool


class Drafts:
    """Drafts and comments of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, account: Account, subject: str) -> Opened:
        """Note that somebody reads a subject; give their draft, and who else reads it."""
        now = datetime.now(UTC)
        here = drafts.c.subject == subject
        with self._database.writing() as connection:
            draft = _kept(connection, account, subject)
            _put(connection, account, subject, draft or {})
            others = (
                select(accounts.c.shown)
                .join(drafts, drafts.c.account == accounts.c.name)
                .where(here, drafts.c.account != account.name)
                .where(drafts.c.at > written(now - _STILL_READING))
            )
            reading = tuple(sorted(connection.execute(others).scalars()))
        return Opened(draft or {}, reading)

    def keep(self, account: Account, subject: str, draft: Mapping[str, str]) -> None:
        """Keep a draft; the one before is replaced."""
        if sum(len(k) + len(v) for k, v in draft.items()) > _LONGEST_DRAFT:
            raise refuse("draft-too-long", "this draft is too long", "shorten the reason")
        with self._database.writing() as connection:
            _put(connection, account, subject, dict(draft))

    def drop(self, account: Account, subject: str) -> None:
        """Forget a draft, which was signed."""
        mine = (drafts.c.account == account.name) & (drafts.c.subject == subject)
        with self._database.writing() as connection:
            connection.execute(drafts.delete().where(mine))

    def comments(self, subject: str) -> list[ReviewComment]:
        """Give the comments on a subject, in their order."""
        with self._database.reading() as connection:
            done = {line.body for line in lines(connection, DONE, subject)}
            return [
                ReviewComment(c.number, c.actor, c.at[:10], c.body, str(c.number) in done)
                for c in lines(connection, COMMENT, subject)
            ]

    def comment(self, account: Account, subject: str, text: str) -> None:
        """Add a comment; anybody with an account may."""
        if not text.strip() or len(text) > _LONGEST_COMMENT:
            raise refuse(
                "no-comment", "a comment has some words, and not too many", "write it anew"
            )
        with self._database.writing() as connection:
            append(connection, account.name, COMMENT, subject, text.strip())

    def assign(self, lead: Account, subject: str, name: str) -> None:
        """Ask one account to read a subject; no name takes it back."""
        with self._database.writing() as connection:
            known = select(accounts.c.name).where(accounts.c.name == name)
            if name and not connection.execute(known).first():
                raise refuse("no-account", "no account has this name", "see the list of accounts")
            append(connection, lead.name, ASSIGNED, subject, name)

    def assigned(self) -> dict[str, str]:
        """Give who was asked to read what."""
        with self._database.reading() as connection:
            last = {line.subject: line.body for line in lines(connection, ASSIGNED)}
        return {subject: name for subject, name in last.items() if name}

    def done(self, account: Account, subject: str, number: str) -> None:
        """Mark a comment as dealt with; one that is marked already stays so."""
        with self._database.writing() as connection:
            known = {str(line.number) for line in lines(connection, COMMENT, subject)}
            marked = {line.body for line in lines(connection, DONE, subject)}
            if number in known - marked:
                append(connection, account.name, DONE, subject, number)


def _kept(connection: Connection, account: Account, subject: str) -> Draft | None:
    mine = (drafts.c.account == account.name) & (drafts.c.subject == subject)
    body = connection.execute(select(drafts.c.body).where(mine)).scalar()
    return msgspec.json.decode(body, type=Draft) if body is not None else None


def _put(connection: Connection, account: Account, subject: str, draft: Draft) -> None:
    mine = (drafts.c.account == account.name) & (drafts.c.subject == subject)
    connection.execute(drafts.delete().where(mine))
    body = msgspec.json.encode(draft).decode()
    row = {"account": account.name, "subject": subject, "at": written(datetime.now(UTC))}
    connection.execute(drafts.insert().values(**row, body=body))
