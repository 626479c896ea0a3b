"""Requests to external servers, restricted so that a caller cannot redirect them.

The address may come from a caller, so it is not trusted: only listed servers are
called, over HTTPS; the host name is resolved once, the address is checked against private and local
networks, and that address is then called, so that a second lookup cannot lead elsewhere. No
redirect is followed; size is limited here and time by the caller. A token goes only to that
server and is then discarded.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import ssl
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import httptools

from api.settings import HookSettings
from kg.contract.json import read_once
from kg.errors import MalformedRequest

OutsideJson = dict[str, Any]
ANY_PUBLIC = "*"
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+\Z")
_TARGET = re.compile(r"/[!-~]*\Z")
_HOST = re.compile(r"[A-Za-z0-9.:-]+\Z")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# All of IPv6 that is given out to the open network, and what of IPv4 only looks as if it were.
_OPEN = ipaddress.ip_network("2000::/3")
_PROTOCOLS = ipaddress.ip_network("192.0.0.0/24")
_PORTS = {"https": 443, "http": 80}
_READ = 65_536


class NotFetched(Exception):
    """Something could not be had, with the reason; never with a word of a patient."""


@dataclass
class HttpAnswer:
    """What a server answered."""

    status: int = 0
    kind: str = ""
    body: bytearray = field(default_factory=bytearray)
    whole: bool = False


class Outside:
    """Asks listed servers; each name is looked up once and its address kept."""

    def __init__(self, settings: HookSettings, listed: tuple[str, ...]) -> None:
        self.settings = settings
        self._listed = listed
        self._pinned: dict[tuple[str, int], str] = {}

    async def get(self, address: str, token: str | None = None) -> OutsideJson:
        """Get one JSON object."""
        if token is not None and not _TOKEN.match(token):
            raise NotFetched("the token is of no form that can be sent")
        parts = self.allow(address)
        answer = await self._ask(parts, token)
        if answer.status != 200:
            raise NotFetched(f"the server answered with the status {answer.status}")
        if "json" not in answer.kind:
            raise NotFetched("the server answered with something else than JSON")
        try:
            document = read_once(bytes(answer.body))
        except MalformedRequest as error:
            raise NotFetched(
                f"the server answered with no JSON that can be read: {error.message}"
            ) from None
        if not isinstance(document, dict):
            raise NotFetched("the server answered with no object")
        return document

    def allow(self, address: str) -> SplitResult:
        """Check an address against the rules, before any DNS lookup."""
        try:
            parts = urlsplit(address)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise NotFetched("the address of the server cannot be read") from None
        if parts.scheme not in _PORTS or (parts.scheme == "http" and not self.settings.unencrypted):
            raise NotFetched("the server is not asked without encryption")
        if parts.username is not None or parts.password is not None or parts.fragment:
            raise NotFetched("the address of the server holds more than an address")
        if not _HOST.match(host) or port == 0:
            raise NotFetched("the address of the server names no host")
        if not any(_listed(address, s) for s in self._listed):
            raise NotFetched("the server is not on the list of servers that are asked")
        return parts

    async def _ask(self, parts: SplitResult, token: str | None) -> HttpAnswer:
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        if (host, port) not in self._pinned:
            found = await addresses(host, port, private=self.settings.private)
            self._pinned[host, port] = found[0]
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if not _TARGET.match(target):
            raise NotFetched("the search cannot be written as an address")
        context = _trusting(self.settings) if parts.scheme == "https" else None
        named = host if context else None
        try:
            reader, writer = await asyncio.open_connection(
                self._pinned[host, port], port, ssl=context, server_hostname=named
            )
        except (OSError, ssl.SSLError):
            raise NotFetched("the server cannot be reached") from None
        try:
            writer.write(_request(parts.netloc, target, token))
            await writer.drain()
            return await self._receive(reader)
        except (OSError, ssl.SSLError):
            raise NotFetched("the connection to the server broke off") from None
        finally:
            writer.close()

    async def _receive(self, reader: asyncio.StreamReader) -> HttpAnswer:
        answer, size = HttpAnswer(), 0
        parser = httptools.HttpResponseParser(_Listener(answer))
        while not answer.whole:
            data = await reader.read(_READ)
            if not data:
                break
            size += len(data)
            if size > self.settings.largest_page:
                raise NotFetched("the server answered with more than is read")
            try:
                parser.feed_data(data)
            except httptools.HttpParserError:
                raise NotFetched("the server answered with no HTTP") from None
            answer.status = answer.status or parser.get_status_code()
        return answer


def _request(host: str, target: str, token: str | None) -> bytes:
    lines = [
        f"GET {target} HTTP/1.1",
        f"Host: {host}",
        "Accept: application/fhir+json, application/json",
        "Accept-Encoding: identity",
        "User-Agent: inokg",
        "Connection: close",
    ]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


class _Listener:
    """Takes down what the parser of an answer finds."""

    def __init__(self, answer: HttpAnswer) -> None:
        self._answer = answer

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"content-type":
            self._answer.kind = value.decode("latin-1").lower()

    def on_body(self, body: bytes) -> None:
        self._answer.body += body

    def on_message_complete(self) -> None:
        self._answer.whole = True


def _listed(address: str, server: str) -> bool:
    """Say whether an address lies under a listed one: same scheme, host and port, same path."""
    if server == ANY_PUBLIC:
        return True
    asked, listed = urlsplit(address), urlsplit(server.rstrip("/") + "/")
    if (asked.scheme, asked.hostname) != (listed.scheme, listed.hostname):
        return False
    if (asked.port or _PORTS.get(asked.scheme)) != (listed.port or _PORTS.get(listed.scheme)):
        return False
    # What a server may read as a way up is none to us, however it is written.
    path = unquote(asked.path).replace("\\", "/")
    return f"{path}/".startswith(listed.path) and not {".", ".."} & set(path.split("/"))


async def addresses(host: str, port: int, *, private: bool) -> tuple[str, ...]:
    """Resolve a name once; a single non-public address makes all of its addresses suspect."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise NotFetched("the name of the server cannot be looked up") from None
    named = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not named:
        raise NotFetched("the name of the server cannot be looked up")
    if not private and not all(is_public(a) for a in named):
        raise NotFetched("the server stands on a network that is not public")
    return named


def is_public(address: str) -> bool:
    """Say whether an address is public, even when embedded in another address format."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(str(inner))
        return ip in _OPEN and ip.is_global and not ip.is_multicast
    return ip.is_global and not (ip.is_multicast or ip in _PROTOCOLS)


def _trusting(settings: HookSettings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.certificates is not None:
        context.load_verify_locations(settings.certificates)
    return context
