"""Trust: which clients may call the hooks, by signed tokens (CDS Hooks, JWT).

A file lists the clients: who signs (`iss`), with which keys (`keys`, a JWK set), or from which
address the keys are fetched (`jku`). No other address is ever fetched, no algorithm with a shared
secret is accepted, and a token is good for one call to one address.
"""

from __future__ import annotations

import hashlib
import math
import sqlite3
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

import jwt
import msgspec

from api.cds_hooks.store import FeedbackStore, first_use
from api.logs import say
from kg.errors import MalformedRequest

ALGORITHMS = ("ES384", "RS384", "ES256", "RS256", "ES512", "RS512")
# A clock may go this much wrong; a token older than this was not made for the call.
_LEEWAY, _OLDEST = 60.0, 300.0
# The end of the year 9999; no token is meant to live longer.
_LATEST = 253_402_300_800
_KEYS_FOR, _KEYS_AGAIN = 3600.0, 60.0
_REQUIRED = ["iss", "aud", "exp", "iat", "jti"]

TokenJson = dict[str, Any]
GetKeys = Callable[[str], Awaitable[TokenJson]]


class Untrusted(Exception):
    """A call that is not trusted; the reason is for the log, never for the caller."""


class Client(msgspec.Struct, forbid_unknown_fields=True):
    """A prescribing program that is known."""

    iss: str
    jku: str | None = None
    keys: list[TokenJson] | None = None
    tenant: str | None = None


class Clients(msgspec.Struct, forbid_unknown_fields=True):
    """The file of known clients."""

    clients: list[Client]


@dataclass
class _Keys:
    """The keys of one client, and when they were had."""

    known: dict[str, TokenJson] = field(default_factory=dict)
    had: float = float("-inf")


def read_clients(path: Path) -> list[Client]:
    """Read the file of known clients; one without keys or address is a mistake."""
    try:
        clients = msgspec.json.decode(path.read_bytes(), type=Clients).clients
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _no_clients(path, str(error)) from error
    for client in clients:
        if client.keys is None and client.jku is None:
            raise _no_clients(path, f"the client {client.iss} has neither keys nor jku")
    return clients


def _no_clients(path: Path, why: str) -> MalformedRequest:
    return MalformedRequest(
        code="no-clients",
        message=f"the file of trusted clients cannot be used: {why}",
        location=path.name,
        repair='write {"clients": [{"iss": "…", "keys": [JWK, …]}]}, or a jku for each',
    )


class Trust:
    """Check every call against the known clients."""

    def __init__(
        self,
        clients: list[Client],
        store: FeedbackStore,
        get_keys: GetKeys,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._clients = {c.iss: c for c in clients}
        self._store = store
        self._get_keys = get_keys
        self._clock = clock
        self._keys: dict[str, _Keys] = {iss: _Keys() for iss in self._clients}

    async def admit(self, authorization: str | None, address: str) -> Client:
        """Accept a call to an address, or log why it was refused."""
        try:
            return await self._admit(authorization, address)
        except Untrusted as error:
            say("call not trusted", why=str(error))
            raise

    async def _admit(self, authorization: str | None, address: str) -> Client:
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Untrusted("there is no bearer token")
        token = token.strip()
        header = self._header(token)
        client = self._client(token)
        if header.get("jku") not in (None, client.jku):
            raise Untrusted("the jku is not the one listed for this client")
        key = _for_algorithm(await self._key(client, str(header["kid"])), header["alg"])
        claims = self._claims(token, key, address)
        await self._once(client, claims)
        return client

    def _header(self, token: str) -> TokenJson:
        try:
            header: TokenJson = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            raise Untrusted("the token has no header") from None
        if header.get("alg") not in ALGORITHMS:
            raise Untrusted("the algorithm is not accepted")
        if str(header.get("typ", "")).upper() != "JWT" or not header.get("kid"):
            raise Untrusted("the header lacks typ or kid")
        return header

    def _client(self, token: str) -> Client:
        """Find the client that a token says it is from; nothing else of it is believed yet."""
        try:
            claims = jwt.decode(token, options={"verify_signature": False})
        except jwt.PyJWTError:
            raise Untrusted("the token has no claims") from None
        client = self._clients.get(str(claims.get("iss")))
        if client is None:
            raise Untrusted("the issuer is not listed")
        return client

    async def _key(self, client: Client, kid: str) -> TokenJson:
        """Find a key; one that is not known is looked for again, but not without pause."""
        keys = self._keys[client.iss]
        age = self._clock() - keys.had
        if (kid not in keys.known and age > _KEYS_AGAIN) or age > _KEYS_FOR:
            keys.had = self._clock()
            keys.known = _by_id(await self._key_set(client))
        if kid not in keys.known:
            raise Untrusted("the key is not known")
        return keys.known[kid]

    async def _key_set(self, client: Client) -> list[TokenJson]:
        if client.keys is not None:
            return client.keys
        try:
            found = await self._get_keys(client.jku or "")
        except Exception as error:
            raise Untrusted(f"the keys cannot be had ({type(error).__name__})") from None
        listed = found.get("keys")
        return [k for k in listed if isinstance(k, dict)] if isinstance(listed, list) else []

    def _claims(self, token: str, key: jwt.PyJWK, address: str) -> TokenJson:
        try:
            claims: TokenJson = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=address,
                leeway=_LEEWAY,
                options={"require": _REQUIRED, "verify_iat": False, "verify_exp": False},
            )
        except jwt.InvalidAudienceError:
            raise Untrusted("the audience is not the address that was called") from None
        except jwt.PyJWTError as error:
            raise Untrusted(f"the token is not good ({type(error).__name__})") from None
        self._fresh(claims)
        return claims

    def _fresh(self, claims: TokenJson) -> None:
        now = self._clock()
        issued, expires = claims.get("iat"), claims.get("exp")
        if not (_is_moment(issued) and _is_moment(expires)):
            raise Untrusted("the times of the token are no numbers")
        if expires < now - _LEEWAY:
            raise Untrusted("the token has expired")
        if issued > now + _LEEWAY:
            raise Untrusted("the token was issued in the future")
        if issued < now - _OLDEST - _LEEWAY:
            raise Untrusted("the token is too old")
        if not isinstance(claims.get("jti"), str) or not claims["jti"]:
            raise Untrusted("the token has no name of its own")

    async def _once(self, client: Client, claims: TokenJson) -> None:
        """Refuse a token that was used before, in whichever process."""
        name = hashlib.sha256(f"{client.iss}\x1f{claims['jti']}".encode()).hexdigest()
        expires, now = self._clock() + _OLDEST + 3 * _LEEWAY, self._clock()
        expires = max(expires, float(claims["exp"]) + _LEEWAY)

        def use(connection: sqlite3.Connection) -> bool:
            return first_use(connection, name, expires, now)

        try:
            first = await self._store.call(use)
        except (OSError, sqlite3.Error):
            raise Untrusted("which tokens were used cannot be kept") from None
        if not first:
            raise Untrusted("the token was used before")


def _is_moment(value: object) -> TypeGuard[float]:
    """Say whether a value is a moment in seconds, and one that can be counted with."""
    return isinstance(value, int | float) and abs(value) < _LATEST and math.isfinite(value)


def _by_id(keys: list[TokenJson]) -> dict[str, TokenJson]:
    """Keep the public keys; a shared secret is none of them."""
    return {str(k["kid"]): k for k in keys if k.get("kid") and k.get("kty") in ("EC", "RSA")}


def _for_algorithm(key: TokenJson, algorithm: str) -> jwt.PyJWK:
    """Read a key for the algorithm of a token, which must be the key's own where it has one."""
    if key.get("alg") not in (None, algorithm):
        raise Untrusted("the key is for another algorithm")
    try:
        return jwt.PyJWK(key, algorithm)
    except jwt.PyJWTError:
        raise Untrusted("the key does not fit the algorithm") from None
