"""Blind reading: a reviewer states the severity once, before ours is shown."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from sqlalchemy import Connection

from api.review.accounts import Account, refuse
from api.review.audit import append, lines
from api.review.database import Database
from kg.contract.severity import ORDER
from kg.review.agreement import StatedSeverity
from kg.review.content import contents
from kg.snapshot.file import encode
from kg.snapshot.jurisdictions import laws
from kg.snapshot.model import Snapshot

STATED = "severity-stated"
NONE = "none"


class _StatedLine(msgspec.Struct, frozen=True):
    """What a line of the log holds: what was read, and what was held right."""

    clinical: str
    severities: dict[str, str]


class BlindReading:
    """What readers of one store stated."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, account: Account, subject: str, snapshot: Snapshot) -> dict[str, str] | None:
        """Give what somebody stated of a subject as it is now; none where they did not yet."""
        with self._database.reading() as connection:
            return _of(connection, account.name, subject, snapshot)

    def state(
        self, account: Account, subject: str, said: Mapping[str, str], snapshot: Snapshot
    ) -> None:
        """State it, once: what was seen since cannot be forgotten."""
        wanted = laws(snapshot)
        if set(said) != set(wanted) or not set(said.values()) <= {*ORDER, NONE}:
            raise refuse(
                "severity-unstated",
                "a severity is stated for each jurisdiction",
                f"choose one for {', '.join(wanted)}",
            )
        with self._database.writing() as connection:
            if _of(connection, account.name, subject, snapshot) is not None:
                raise refuse(
                    "severity-stated",
                    "you stated this before, and have seen ours since",
                    "sign with another severity, and say why in the reason",
                )
            body = _StatedLine(contents(snapshot)[subject].clinical, dict(said))
            append(connection, account.name, STATED, subject, encode(body).decode())

    def all(self, snapshot: Snapshot) -> list[StatedSeverity]:
        """Give all that was stated of what the release holds now."""
        now = contents(snapshot)
        with self._database.reading() as connection:
            return [
                StatedSeverity(line.subject, line.actor, body.severities)
                for line in lines(connection, STATED)
                for body in (msgspec.json.decode(line.body, type=_StatedLine),)
                if line.subject in now and body.clinical == now[line.subject].clinical
            ]


def _of(
    connection: Connection, name: str, subject: str, snapshot: Snapshot
) -> dict[str, str] | None:
    content = contents(snapshot).get(subject)
    for line in lines(connection, STATED, subject):
        body = msgspec.json.decode(line.body, type=_StatedLine)
        if line.actor == name and content and body.clinical == content.clinical:
            return body.severities
    return None
