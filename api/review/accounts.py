"""Accounts: who may read, sign and lead; passwords, one-time links and lock-out."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta
from threading import BoundedSemaphore
from typing import Literal, NamedTuple, get_args

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import Connection, func, select

from api.review.audit import append
from api.review.database import Database
from api.review.tables import accounts, links, sessions
from kg.errors import ReviewRefused
from kg.snapshot.file import content_hash

Role = Literal["reader", "reviewer", "lead"]
ROLES: tuple[Role, ...] = get_args(Role)
SHORTEST_PASSWORD, _LONGEST_PASSWORD = 12, 200
MOST_FAILURES = 5
_LOCKED = timedelta(minutes=15)
_LINK_LASTS = timedelta(days=7)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,38}[a-z0-9]")
_hasher = PasswordHasher()
# Each hash takes 64 MB for a moment; a crowd of guesses must not take all there is.
_AT_ONCE = BoundedSemaphore(2)
# Whoever has no account costs as much time as whoever has one.
_NOBODY = _hasher.hash(secrets.token_urlsafe())


class Account(NamedTuple):
    """One person who may see the bench."""

    name: str
    shown: str
    role: Role

    def may(self, role: Role) -> bool:
        """Say whether this person may do what a role may."""
        return ROLES.index(self.role) >= ROLES.index(role)


def digest(token: str) -> str:
    """Give what is kept of a token: nothing that would open a door."""
    return content_hash(token.encode())


def written(when: datetime) -> str:
    """Write a time so that text order is time order."""
    return when.isoformat(timespec="microseconds").replace("+00:00", "Z")


def refuse(code: str, message: str, repair: str, *, subject: str = "") -> ReviewRefused:
    """Word a refusal."""
    return ReviewRefused(code=code, message=message, subject=subject, repair=repair)


class Accounts:
    """The accounts of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def none_yet(self) -> bool:
        """Say whether nobody has an account yet."""
        if not self._database.is_there:
            return True
        with self._database.reading() as connection:
            return not connection.execute(select(func.count()).select_from(accounts)).scalar()

    def first(self, name: str, shown: str, password: str) -> Account:
        """Make the first account, of a lead; there is only one first."""
        _check_name(name)
        _check_password(password, name)
        kept = _hasher.hash(password)
        with self._database.writing() as connection:
            if connection.execute(select(func.count()).select_from(accounts)).scalar():
                raise refuse(
                    "link-used", "this link was used already", "ask a lead for a link of your own"
                )
            account = Account(name, shown.strip()[:100] or name, "lead")
            _insert(connection, account, kept)
            append(connection, name, "account-made", name, "lead, by the first link")
        return account

    def invite(self, by: Account, name: str, shown: str, role: Role) -> str:
        """Make an account without a password; give the link by which its owner sets one."""
        _check_name(name)
        with self._database.writing() as connection:
            if _row(connection, name):
                raise refuse(
                    "name-taken", "an account has this name already", "choose another name"
                )
            _insert(connection, Account(name, shown.strip()[:100] or name, role), "")
            append(connection, by.name, "account-made", name, role)
            return _link(connection, name)

    def way_back(self, by: str, name: str) -> str:
        """Unlock an account and give a link for a new password; every session of it ends."""
        with self._database.writing() as connection:
            if not _row(connection, name):
                raise refuse("no-account", "no account has this name", "see the list of accounts")
            connection.execute(sessions.delete().where(sessions.c.account == name))
            connection.execute(links.delete().where(links.c.account == name))
            change = accounts.update().where(accounts.c.name == name)
            connection.execute(change.values(failures=0, locked_until=""))
            append(connection, by, "link-given", name)
            return _link(connection, name)

    def set_role(self, by: Account, name: str, role: Role) -> None:
        """Give an account another role; its sessions end. One lead must remain."""
        with self._database.writing() as connection:
            row = _row(connection, name)
            if not row:
                raise refuse("no-account", "no account has this name", "see the list of accounts")
            others = select(accounts.c.name).where(
                accounts.c.role == "lead", accounts.c.name != name
            )
            if role != "lead" and not connection.execute(others).first():
                raise refuse("last-lead", "nobody else is a lead", "make somebody a lead first")
            connection.execute(accounts.update().where(accounts.c.name == name).values(role=role))
            connection.execute(sessions.delete().where(sessions.c.account == name))
            append(connection, by.name, "role-given", name, role)

    def set_password(self, token: str, password: str) -> Account:
        """Set the password of the account that a link was given for; the link is spent."""
        now = written(datetime.now(UTC))
        with self._database.writing() as connection:
            spent = select(links).where(links.c.token == digest(token), links.c.expires > now)
            found = connection.execute(spent).first()
            if not found:
                raise refuse(
                    "link-used",
                    "this link was used already, or is too old",
                    "ask a lead for a new one",
                )
            _check_password(password, found.account)
            connection.execute(links.delete().where(links.c.account == found.account))
            connection.execute(sessions.delete().where(sessions.c.account == found.account))
            change = accounts.update().where(accounts.c.name == found.account)
            kept = _hasher.hash(password)
            connection.execute(change.values(password=kept, failures=0, locked_until=""))
            append(connection, found.account, "password-set", found.account)
            row = _row(connection, found.account)
            assert row is not None  # noqa: S101 - a link is of an account
            return row[0]

    def link_is_good(self, token: str) -> bool:
        """Say whether a link can still be used."""
        now = written(datetime.now(UTC))
        if not self._database.is_there:
            return False
        with self._database.reading() as connection:
            asked = select(links).where(links.c.token == digest(token), links.c.expires > now)
            return connection.execute(asked).first() is not None

    def password_is(self, name: str, password: str) -> Account:
        """Give the account whose password this is; too many wrong ones lock it for a while."""
        account, kept = self._attempt(name[:40])
        good = _matches(kept or _NOBODY, password) and bool(kept)
        if account is None or not good:
            raise refuse(
                "wrong-password",
                "no account has this name and this password",
                "try again, or ask a lead for a link to set a new password",
            )
        self._succeeded(account)
        return account

    def _attempt(self, name: str) -> tuple[Account | None, str]:
        """Count an attempt before it is looked at, so that many at once gain nothing."""
        now = datetime.now(UTC)
        with self._database.writing() as connection:
            row = _row(connection, name)
            if row is None:
                return None, ""
            account, kept, locked = row
            mine = accounts.c.name == name
            count = connection.execute(select(accounts.c.failures).where(mine)).scalar_one() + 1
            if locked <= written(now):
                locks = count > MOST_FAILURES
                locked = written(now + _LOCKED) if locks else ""
                change = accounts.update().where(mine)
                left = 0 if locks else count
                connection.execute(change.values(failures=left, locked_until=locked))
                if count > 1:
                    append(connection, "", "locked" if locks else "wrong-password", name)
                if not locks:
                    return account, kept
        raise refuse(
            "account-locked",
            "too many wrong passwords: this account is locked for a quarter of an hour",
            "wait, or ask a lead for a link to set a new password",
        )

    def _succeeded(self, account: Account) -> None:
        with self._database.writing() as connection:
            change = accounts.update().where(accounts.c.name == account.name)
            connection.execute(change.values(failures=0, locked_until=""))
            append(connection, account.name, "signed-in", account.name)

    def all(self) -> list[Account]:
        """List the accounts by name."""
        if not self._database.is_there:
            return []
        with self._database.reading() as connection:
            rows = connection.execute(select(accounts).order_by(accounts.c.name))
            return [Account(r.name, r.shown, r.role) for r in rows]


def _insert(connection: Connection, account: Account, password: str) -> None:
    now = written(datetime.now(UTC))
    beside = {"password": password, "failures": 0, "locked_until": "", "created": now}
    connection.execute(accounts.insert().values(**account._asdict(), **beside))


def _row(connection: Connection, name: str) -> tuple[Account, str, str] | None:
    row = connection.execute(select(accounts).where(accounts.c.name == name)).first()
    if row is None:
        return None
    return Account(row.name, row.shown, row.role), row.password, row.locked_until


def _link(connection: Connection, name: str) -> str:
    token = secrets.token_urlsafe(32)
    expires = written(datetime.now(UTC) + _LINK_LASTS)
    connection.execute(links.insert().values(token=digest(token), account=name, expires=expires))
    return token


def _matches(kept: str, password: str) -> bool:
    try:
        with _AT_ONCE:
            return _hasher.verify(kept, password[:_LONGEST_PASSWORD])
    except (Argon2Error, InvalidHashError):
        return False


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise refuse(
            "wrong-name",
            "this cannot be the name of an account",
            "take 3 to 40 small letters, figures, dots and dashes",
            subject=name[:40],
        )


def _check_password(password: str, name: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD or name in password.lower():
        raise refuse(
            "weak-password",
            "this password is too easy to guess",
            f"take {SHORTEST_PASSWORD} to {_LONGEST_PASSWORD} signs, without your account's name",
        )
