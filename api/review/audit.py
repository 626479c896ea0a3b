"""The log of all that happened: append-only, each line bound to the one before by its hash."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from api.review.tables import audit, parts
from kg.snapshot.file import content_hash, encode

LONGEST_SUBJECT = 400
FIRST = "sha256:" + "0" * 64


class AuditLine(NamedTuple):
    """One thing that happened, or was refused."""

    number: int
    at: str
    actor: str
    action: str
    subject: str
    body: str
    previous: str
    hash: str

    @property
    def own_hash(self) -> str:
        """Give the hash that the line should bear."""
        return content_hash(encode(self[:-1]))


class Verified(NamedTuple):
    """What came of verifying: how many lines, the hash of the last, and what is wrong."""

    lines: int
    head: str
    faults: tuple[str, ...]


def moment() -> str:
    """Give the time as the log writes it."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def append(
    connection: Connection, actor: str, action: str, subject: str = "", body: str = "", at: str = ""
) -> AuditLine:
    """Add a line to the log, within the transaction of what it tells of."""
    number, previous = last(connection)
    # PostgreSQL keeps no sign of the number nought, and neither does anybody who writes.
    subject, body = (text.replace("\0", "") for text in (subject[:LONGEST_SUBJECT], body))
    line = AuditLine(number + 1, at or moment(), actor, action, subject, body, previous, "")
    line = line._replace(hash=line.own_hash)
    connection.execute(audit.insert().values(line._asdict()))
    return line


def last(connection: Connection) -> tuple[int, str]:
    """Give number and hash of the last line."""
    asked = select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)
    found = connection.execute(asked).first()
    return (found.number, found.hash) if found else (0, FIRST)


def lines(connection: Connection, action: str = "", subject: str = "") -> Iterator[AuditLine]:
    """Give the lines of the log, or those of one kind, in their order."""
    asked = select(audit).order_by(audit.c.number)
    if action:
        asked = asked.where(audit.c.action == action)
    if subject:
        asked = asked.where(audit.c.subject == subject)
    return (AuditLine(*row) for row in connection.execute(asked))


def verify(connection: Connection, head: str = "") -> Verified:
    """Work every hash out again; a line that was changed, taken out or put in is named.

    Lines cut off at the end show only against a hash that was noted before: `head`.
    """
    faults = []
    number, previous = 0, FIRST
    seen = {FIRST}
    for line in lines(connection):
        if line.number != number + 1 or line.previous != previous:
            faults.append(f"line {line.number}: it does not follow line {number}")
        if line.hash != line.own_hash:
            faults.append(f"line {line.number}: it was altered")
        number, previous = line.number, line.hash
        seen.add(line.hash)
    for row in connection.execute(select(parts.c.hash, parts.c.name, parts.c.body)):
        if content_hash(encode([row.name, row.body])) != row.hash:
            faults.append(f"what was signed of {row.name} was altered")
    if head and head not in seen:
        faults.append(f"no line has the hash {head[:23]}…: lines were cut off or replaced")
    return Verified(number, previous, tuple(faults))
