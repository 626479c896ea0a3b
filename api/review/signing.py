"""Signing: what is refused, what is kept, and what was signed so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, select

from api.review.accounts import Account, Role, refuse
from api.review.audit import append, lines, moment
from api.review.database import Database
from api.review.tables import audit, parts
from kg.errors import ReviewRefused
from kg.review.content import SignedContent, SignedPart, contents
from kg.review.reviews import standings
from kg.review.status import ReviewStanding, Signature, needed_for, standing
from kg.snapshot.file import content_hash, encode
from kg.snapshot.model import Snapshot

SIGNED, REFUSED = "signed", "refused"
MOST_REASON = 4000


class SignedLine(Signature, frozen=True, kw_only=True):
    """A signature as it is kept: with the release it was given on and the hash of each part."""

    release: str
    parts: dict[str, str]
    # Of each statement, whether the signer found it in its source; and what was read there.
    matches: dict[str, str] = msgspec.field(default_factory=dict)
    # Where many were signed at once: the hash of the set, and whether this one was read.
    batch: str = ""
    sampled: bool = False

    @property
    def id(self) -> str:
        """Give the hash that names this signature, wherever it is kept."""
        return content_hash(encode(self))


class Wish(NamedTuple):
    """What somebody wants to sign, and what the form showed when it was opened."""

    subject: str
    verdict: str
    reason: str
    clinical: str
    wording: str
    # The number of signatures that the form knew of.
    seen: int
    severities: dict[str, str]
    matches: dict[str, str]


class Signing:
    """The signatures of one store."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def within(self, connection: Connection) -> list[SignedLine]:
        """Give every signature, as a transaction sees them."""
        return _signatures(connection)

    def all(self) -> list[SignedLine]:
        """Give every signature in the order in which they were given."""
        if not self.database.is_there:
            return []
        with self.database.reading() as connection:
            return _signatures(connection)

    def of(self, subject: str) -> list[SignedLine]:
        """Give the signatures on one subject."""
        if not self.database.is_there:
            return []
        with self.database.reading() as connection:
            return _signatures(connection, subject)

    def standings(self, snapshot: Snapshot) -> dict[str, ReviewStanding]:
        """Say where every subject of a release stands."""
        return standings(self.all(), snapshot)

    def part(self, named: str) -> SignedPart | None:
        """Give one part as it was when it was signed."""
        with self.database.reading() as connection:
            row = connection.execute(select(parts).where(parts.c.hash == named)).first()
        return msgspec.json.decode(row.body, type=SignedPart) if row else None

    def sign(self, by: Account, wish: Wish, snapshot: Snapshot) -> SignedLine:
        """Sign, or refuse and say why; either way the log has a line of it."""
        try:
            with self.database.writing() as connection:
                line = _checked(by, wish, _signatures(connection, wish.subject), snapshot)
                keep_parts(connection, contents(snapshot)[wish.subject].parts)
                append(connection, by.name, SIGNED, wish.subject, encode(line).decode(), line.at)
                return line
        except ReviewRefused as error:
            self.refused(by.name, wish.subject, error.code)
            raise

    def refused(self, actor: str, subject: str, code: str) -> None:
        """Note in the log that something was refused, and why."""
        with self.database.writing() as connection:
            append(connection, actor, REFUSED, subject[:400], code)

    def take_in(
        self, by: str, signed: Iterable[SignedLine], kept: Iterable[SignedPart]
    ) -> tuple[int, int]:
        """Add signatures that were exported elsewhere; give how many are new and how many known."""
        new = known = 0
        with self.database.writing() as connection:
            keep_parts(connection, kept)
            have = {line.id for line in _signatures(connection)}
            for line in sorted(signed, key=lambda s: (s.at, s.id)):
                if line.id in have:
                    known += 1
                    continue
                new += 1
                have.add(line.id)
                append(connection, line.by, SIGNED, line.subject, encode(line).decode(), line.at)
            append(connection, by, "imported", "", f"{new} new, {known} known")
        return new, known

    def all_parts(self) -> list[SignedPart]:
        """Give every part that was signed."""
        if not self.database.is_there:
            return []
        with self.database.reading() as connection:
            rows = connection.execute(select(parts.c.body).order_by(parts.c.name, parts.c.hash))
            return [msgspec.json.decode(row.body, type=SignedPart) for row in rows]


def _signatures(connection: Connection, subject: str = "") -> list[SignedLine]:
    found = lines(connection, SIGNED, subject)
    return [msgspec.json.decode(line.body, type=SignedLine) for line in found]


def _checked(
    by: Account, wish: Wish, before: Sequence[SignedLine], snapshot: Snapshot
) -> SignedLine:
    """Refuse what may not be signed, as it stands now and not as the form saw it."""
    content = contents(snapshot).get(wish.subject)
    if content is None:
        raise refuse("no-subject", "the release has nothing of this name to sign", "see the queue")
    role: Role = "lead" if wish.verdict == "withdraw" else "reviewer"
    if not by.may(role):
        raise refuse("role-too-low", f"this takes the role of a {role}", "ask a lead for it")
    if not wish.reason.strip() or len(wish.reason) > MOST_REASON:
        raise refuse(
            "no-reason",
            "a signature has a reason",
            f"say in 1 to {MOST_REASON:,} signs what you read and why you sign",
        )
    if (wish.clinical, wish.wording) != (content.clinical, content.wording):
        raise refuse(
            "stale-form",
            "what you read is not what the release says now",
            "read it again as it stands now, and sign that",
        )
    if wish.seen != len(before):
        raise refuse(
            "stale-form",
            "somebody signed this while you had it open",
            "read what they signed, and sign again if it still holds",
        )
    _not_by_the_author(by, wish, content, before, snapshot)
    try:
        return msgspec.convert(
            {
                "subject": wish.subject,
                "verdict": wish.verdict,
                "by": by.name,
                "at": moment(),
                "reason": wish.reason.strip(),
                "clinical": content.clinical,
                "wording": content.wording,
                "severities": wish.severities,
                "release": snapshot.knowledge_hash,
                "parts": {p.name: part_hash(p) for p in content.parts},
                "matches": wish.matches,
            },
            SignedLine,
        )
    except msgspec.ValidationError as error:
        raise refuse(
            "wrong-verdict", "there is no such verdict", "choose one that the page offers"
        ) from error


def _not_by_the_author(
    by: Account,
    wish: Wish,
    content: SignedContent,
    before: Sequence[SignedLine],
    snapshot: Snapshot,
) -> None:
    now = standing(before, content, needed_for(wish.subject, snapshot))
    if wish.verdict != "approve":
        return
    if by.name in now.authors:
        raise refuse(
            "self-approval",
            "you asked for this text, so another reviewer approves it",
            "ask a colleague to read and sign it",
        )
    if by.name in now.approved_by and now.changed != "wording":
        raise refuse(
            "second-signature-own",
            "you signed this already, and the second signature is another person's",
            "ask a colleague to read and sign it",
        )


def part_hash(part: SignedPart) -> str:
    """Give the hash under which a part is kept."""
    return content_hash(encode([part.name, encode(part).decode()]))


def keep_parts(connection: Connection, listed: Iterable[SignedPart]) -> None:
    """Keep what was signed, each part once."""
    wanted = {part_hash(p): p for p in listed}
    have = set(connection.execute(select(parts.c.hash)).scalars())
    rows = [
        {"hash": named, "name": part.name, "body": encode(part).decode()}
        for named, part in wanted.items()
        if named not in have
    ]
    if rows:
        connection.execute(parts.insert(), rows)


def numbers(connection: Connection) -> int:
    """Count the signatures, to see whether there are new ones."""
    asked = select(audit.c.number).where(audit.c.action == SIGNED)
    return connection.execute(asked.order_by(audit.c.number.desc()).limit(1)).scalar() or 0
