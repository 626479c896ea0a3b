"""Cards shown and their feedback: append-only, hash-chained, with no patient data.

A card is recorded by its id, its advisories, the release, the hook and the day. Feedback adds the
outcome and the coded reason; a free-text comment is counted and not kept, since it may name a
patient. Feedback that was acknowledged survives the end of the process.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from api.logs import say

T = TypeVar("T")
# A card, the advisories that it says, parted by spaces, the release, the hook and the day.
Shown = tuple[str, str, str, str, str]

_TABLES = """
CREATE TABLE IF NOT EXISTS shown (
    card TEXT PRIMARY KEY, advisory TEXT NOT NULL, release TEXT NOT NULL,
    hook TEXT NOT NULL, day TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS feedback (
    number INTEGER PRIMARY KEY, card TEXT NOT NULL, outcome TEXT NOT NULL, at TEXT NOT NULL,
    reason_system TEXT NOT NULL, reason_code TEXT NOT NULL, commented INTEGER NOT NULL,
    suggestions TEXT NOT NULL, advisory TEXT NOT NULL, release TEXT NOT NULL,
    previous TEXT NOT NULL, hash TEXT NOT NULL,
    UNIQUE (card, outcome, at)
);
CREATE TABLE IF NOT EXISTS unmatched (
    card TEXT NOT NULL, outcome TEXT NOT NULL, at TEXT NOT NULL,
    reason_system TEXT NOT NULL, reason_code TEXT NOT NULL, commented INTEGER NOT NULL,
    suggestions TEXT NOT NULL, PRIMARY KEY (card, outcome, at)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tokens (token TEXT PRIMARY KEY, expires REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tokens_by_expiry ON tokens (expires);
"""
_APPEND_ONLY = "".join(
    f"CREATE TRIGGER IF NOT EXISTS {table}_{verb} BEFORE {verb.upper()} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;"
    for table in ("shown", "feedback")
    for verb in ("update", "delete")
)
_FIELDS = (
    *("card", "outcome", "at", "reason_system", "reason_code", "commented", "suggestions"),
    *("advisory", "release"),
)
_BUSY_SECONDS, _AGAIN = 10.0, 0.02
# Feedback on cards that nobody knows of is kept apart and counts for nothing; anybody can send it.
_MOST_UNMATCHED = 10_000


class NoRoom(OSError):
    """So much feedback fits no card that no more of it is kept."""


@dataclass(frozen=True)
class FeedbackEntry:
    """One piece of feedback on one card."""

    card: str
    outcome: str
    at: str
    reason_system: str = ""
    reason_code: str = ""
    commented: bool = False
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stored:
    """What came of storing feedback: what was new, what was known, what fits no card."""

    stored: int = 0
    repeated: int = 0
    unmatched: int = 0


@dataclass(frozen=True)
class Rate:
    """How often an advisory of a release was shown, and what people did."""

    advisory: str
    release: str
    shown: int
    accepted: int
    overridden: int
    reasons: tuple[tuple[str, int], ...]
    # How many of the cards said other advisories as well.
    shared: int = 0


class FeedbackStore:
    """One SQLite file, written by one thread of each process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._process = 0
        self._pool: ThreadPoolExecutor | None = None
        self._open: sqlite3.Connection | None = None

    async def show(self, cards: Sequence[Shown]) -> None:
        """Record cards before the answer that shows them leaves; feedback may follow at once."""
        try:
            await self.call(lambda c: show(c, cards))
        except (OSError, sqlite3.Error) as error:
            # A card is shown even if it cannot be counted.
            say("cards cannot be counted", kind=type(error).__name__)

    async def store(self, entries: Sequence[FeedbackEntry]) -> Stored:
        """Append feedback."""
        return await self.call(lambda c: store(c, entries))

    async def call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run one task on the file in its own thread, so that it does not delay an answer."""
        if self._pool is None or self._process != os.getpid():
            # A process that was forked has a thread and a connection of its own.
            self._process, self._open = os.getpid(), None
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="feedback")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: work(self._connection()))

    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            self._open = connect(self._path)
        return self._open

    def close(self) -> None:
        """Close the file, once what is being written is written."""
        if self._pool is not None and self._process == os.getpid():
            self._pool.submit(self._shut).result()
            self._pool.shutdown()
        self._pool = None

    def _shut(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


def connect(path: Path) -> sqlite3.Connection:
    """Open the file, and create it if it does not exist."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_TABLES + _APPEND_ONLY)
        except sqlite3.OperationalError:
            # Who makes the file is not waited for by SQLite itself.
            if time.monotonic() > until:
                raise
            time.sleep(_AGAIN)
        else:
            return connection


def show(connection: sqlite3.Connection, cards: Sequence[Shown]) -> None:
    """Record the cards of an answer; the same call again shows the same cards."""
    # Losing the last of these with the power would only make a rate a little too high.
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.executemany("INSERT OR IGNORE INTO shown VALUES (?, ?, ?, ?, ?)", cards)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def store(connection: sqlite3.Connection, entries: Iterable[FeedbackEntry]) -> Stored:
    """Append feedback, all of it or none; what is acknowledged is on the disk."""
    stored = repeated = unmatched = 0
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        previous = _last_hash(connection)
        for entry in entries:
            card = connection.execute(
                "SELECT advisory, release FROM shown WHERE card = ?", (entry.card,)
            ).fetchone()
            if card is None:
                _set_apart(connection, _row(entry, "", "")[:-2])
                unmatched += 1
                continue
            row = _row(entry, *card)
            known = connection.execute(
                "SELECT 1 FROM feedback WHERE card = ? AND outcome = ? AND at = ?", row[:3]
            ).fetchone()
            if known:
                repeated += 1
                continue
            mark = chained(previous, row)
            connection.execute(
                f"INSERT INTO feedback ({', '.join(_FIELDS)}, previous, hash) "  # noqa: S608
                f"VALUES ({', '.join('?' * (len(_FIELDS) + 2))})",
                (*row, previous, mark),
            )
            previous = mark
            stored += 1
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return Stored(stored, repeated, unmatched)


def _set_apart(connection: sqlite3.Connection, row: tuple[str | int, ...]) -> None:
    """Keep feedback that fits no card, as long as there is room for it."""
    (held,) = connection.execute("SELECT count(*) FROM unmatched").fetchone()
    if held >= _MOST_UNMATCHED:
        raise NoRoom
    connection.execute("INSERT OR IGNORE INTO unmatched VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def _row(entry: FeedbackEntry, advisory: str, release: str) -> tuple[str | int, ...]:
    suggestions = " ".join(entry.suggestions)
    return (
        *(entry.card, entry.outcome, entry.at, entry.reason_system, entry.reason_code),
        *(int(entry.commented), suggestions, advisory, release),
    )


def chained(previous: str, row: Sequence[str | int]) -> str:
    """Give the hash of an entry, which holds that of the entry before it."""
    text = "\x1f".join([previous, *(str(value) for value in row)])
    return hashlib.sha256(text.encode()).hexdigest()


def _last_hash(connection: sqlite3.Connection) -> str:
    found = connection.execute("SELECT hash FROM feedback ORDER BY number DESC LIMIT 1").fetchone()
    return str(found[0]) if found else ""


def broken_link(connection: sqlite3.Connection) -> int | None:
    """Give the number of the first entry that was altered, or None where the chain is whole."""
    previous = ""
    query = f"SELECT number, {', '.join(_FIELDS)}, previous, hash FROM feedback ORDER BY number"  # noqa: S608
    for number, *rest in connection.execute(query):
        *row, before, mark = rest
        if before != previous or mark != chained(previous, row):
            return int(number)
        previous = mark
    return None


def rates(connection: sqlite3.Connection) -> list[Rate]:
    """Count, for every advisory of every release, what was shown and what came of it.

    Of several answers to one card the last counts. What came of a card counts for each advisory
    that it says, and is counted as shared where it says several.
    """
    last = """SELECT card, outcome, reason_system || '|' || reason_code, max(at)
              FROM feedback WHERE advisory != '' GROUP BY card"""
    came = {card: (outcome, reason) for card, outcome, reason, _ in connection.execute(last)}
    counted: dict[tuple[str, str], _Count] = {}
    for card, said, release in connection.execute("SELECT card, advisory, release FROM shown"):
        advisories = said.split(" ")
        for advisory in advisories:
            count = counted.setdefault((advisory, release), _Count())
            count.shown += 1
            count.shared += len(advisories) > 1
            outcome, reason = came.get(card, ("", ""))
            count.outcomes[outcome] += 1
            if outcome == "overridden":
                count.reasons[reason] += 1
    return [
        Rate(
            advisory=advisory,
            release=release,
            shown=count.shown,
            accepted=count.outcomes["accepted"],
            overridden=count.outcomes["overridden"],
            reasons=tuple(sorted(count.reasons.items())),
            shared=count.shared,
        )
        for (advisory, release), count in sorted(counted.items())
    ]


@dataclass
class _Count:
    """What is counted of one advisory of one release."""

    shown: int = 0
    shared: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)


def first_use(connection: sqlite3.Connection, token: str, expires: float, now: float) -> bool:
    """Say whether a token is used for the first time, and remember it until it expires."""
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute("DELETE FROM tokens WHERE expires < ?", (now,))
        changed = connection.execute(
            "INSERT OR IGNORE INTO tokens VALUES (?, ?)", (token, expires)
        ).rowcount
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return changed == 1
