"""The database of reviews: SQLite in a file, or PostgreSQL; any other address is refused."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from kg.errors import MalformedRequest, StoreError

VARIABLE = "INOKG_DATABASE"
_SQLITE, _POSTGRES = "sqlite", "postgresql"
_SCHEME = re.compile(r"[A-Za-z][\w+.-]+:|.*://")
_BUSY_SECONDS = 20
# One writer at a time, as the chain of the log asks: the number of a lock that is ours alone.
_LOCK = 0x1A0C6


def address_of(said: str) -> URL:
    """Read the address of a database; one that is not known is refused, never replaced."""
    if not _SCHEME.match(said):
        return URL.create(_SQLITE, database=said)
    try:
        url = make_url(said)
    except ArgumentError:
        raise _unknown(said.partition(":")[0]) from None
    if url.drivername == _SQLITE and url.database and not url.host:
        return url
    if url.drivername in (_POSTGRES, "postgres", f"{_POSTGRES}+psycopg"):
        return url.set(drivername=f"{_POSTGRES}+psycopg")
    raise _unknown(url.drivername)


def _unknown(kind: str) -> MalformedRequest:
    # The address itself may hold a password.
    return MalformedRequest(
        code="wrong-setting",
        message="this is no database that reviews can be kept in",
        subject=kind[:40],
        location=VARIABLE,
        repair="set a file, sqlite:///FILE or postgresql://USER@HOST/NAME, or leave it unset",
    )


class Database:
    """One database, with connections of its own in each process."""

    def __init__(self, address: str | Path) -> None:
        self.url = address_of(str(address))
        self._process = 0
        self._engine: Engine | None = None
        self._first = Lock()

    @property
    def is_there(self) -> bool:
        """Say whether there can be anything in it: a file that nobody wrote to holds nothing."""
        return self.url.drivername != _SQLITE or Path(str(self.url.database)).is_file()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read; what is read is of one moment."""
        with _told_apart(), self._opened().connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Write all or nothing, with nobody else writing meanwhile."""
        with _told_apart(), self._opened().connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                if connection.dialect.name == _POSTGRES:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
                yield connection

    def close(self) -> None:
        """Let go of every connection of this process."""
        if self._engine is not None and self._process == os.getpid():
            self._engine.dispose()
        self._engine = None

    def _opened(self) -> Engine:
        with self._first:
            if self._engine is None or self._process != os.getpid():
                # A process that was forked must not speak on the connections of its parent.
                engine = _engine(self.url)
                _migrate(engine)
                self._process, self._engine = os.getpid(), engine
            return self._engine


@contextmanager
def _told_apart() -> Iterator[None]:
    """Say that the database did not answer, without its address or its words."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError(
            code="reviews-unreachable",
            message="the database of reviews did not answer as it should",
            subject=type(error).__name__,
            repair=f"see that the database of {VARIABLE} runs, and try again",
        ) from error


def _engine(url: URL) -> Engine:
    if url.drivername != _SQLITE:
        return create_engine(url, pool_pre_ping=True, pool_size=4, max_overflow=8)
    path = Path(str(url.database))
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        # SQLAlchemy says when a transaction begins, and of which kind.
        connection.isolation_level = None
        for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {setting}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _migrate(engine: Engine) -> None:
    """Bring the tables to this version; several processes may start at once."""
    steps = Config(attributes={})
    steps.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    steps.set_main_option("path_separator", "os")
    with engine.connect() as connection:
        connection = connection.execution_options(writes=True)
        with connection.begin():
            if connection.dialect.name == _POSTGRES:
                connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
            steps.attributes["connection"] = connection
            command.upgrade(steps, "head")
