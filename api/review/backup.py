"""A backup of everything the store holds, in one file that either kind of database takes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import func, select

from api.review.accounts import refuse
from api.review.audit import Verified, verify
from api.review.database import Database
from api.review.tables import links, metadata, sessions
from kg.snapshot.file import encode

# Who is signed in, and links that wait, are not kept: they are doors.
_LEFT_OUT = {links.name, sessions.name}
_TABLES = [t for t in metadata.sorted_tables if t.name not in _LEFT_OUT]


def back_up(database: Database, path: Path) -> Verified:
    """Write every row, as of one moment; a log that does not hold is told and still written."""
    with database.reading() as connection:
        found = verify(connection)
        rows: list[dict[str, Any]] = [
            {"table": str(table.name), "row": {str(k): v for k, v in row._mapping.items()}}
            for table in _TABLES
            for row in connection.execute(select(table).order_by(*table.primary_key))
        ]
    path.touch(mode=0o600)
    path.write_bytes(b"".join(encode(row) + b"\n" for row in rows))
    return found


def restore(database: Database, path: Path) -> Verified:
    """Take a backup back into an empty database; what does not verify is not taken."""
    by_name = {t.name: t for t in _TABLES}
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in by_name}
    try:
        for line in path.read_bytes().splitlines():
            entry = msgspec.json.decode(line)
            rows[entry["table"]].append(entry["row"])
    except (msgspec.DecodeError, KeyError, TypeError) as error:
        raise refuse("review-altered", "this is no backup of reviews", "name another") from error
    with database.writing() as connection:
        for table in _TABLES:
            if connection.execute(select(func.count()).select_from(table)).scalar():
                raise refuse(
                    "not-empty", "there are reviews in this database already", "name an empty one"
                )
        for name, listed in rows.items():
            if listed:
                connection.execute(by_name[name].insert(), listed)
        found = verify(connection)
        if found.faults:
            raise refuse("review-altered", found.faults[0], "take an older backup")
    return found
