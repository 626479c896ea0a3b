"""Asks a client's FHIR server for what a call lacks, within rules that nobody can turn round.

The address comes from a caller, so it is not trusted: only listed servers, encrypted, are
asked; the address behind the name is looked up once, held against private and local networks,
and then called itself, so that a second look-up cannot lead elsewhere. No redirect is followed;
size and time are bounded. The token goes to that server and is forgotten.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import ssl
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import SplitResult, urljoin, urlsplit

import httptools
import msgspec

from api.cds_hooks_settings import HookSettings

Json = dict[str, Any]
ANY_PUBLIC = "*"
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+\Z")
_TARGET = re.compile(r"/[!-~]*\Z")
_HOST = re.compile(r"[A-Za-z0-9.:-]+\Z")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PORTS = {"https": 443, "http": 80}
_READ = 65_536


class NotFetched(Exception):
    """Something could not be had, with the reason; never with a word of a patient."""


@dataclass
class Answer:
    """What a server answered."""

    status: int = 0
    kind: str = ""
    body: bytearray = field(default_factory=bytearray)
    whole: bool = False


class Fetcher:
    """Asks one server on behalf of one call."""

    def __init__(self, settings: HookSettings, server: str, token: str) -> None:
        if not _TOKEN.match(token):
            raise NotFetched("the token is of no form that can be sent")
        self.settings = settings
        self.base = server.rstrip("/") + "/"
        self._token = token
        self._pinned: tuple[str, ...] = ()
        self._allow(self.base)

    async def read(self, query: str) -> Json:
        """Read a resource or a search, with the pages that follow it on the same server."""
        whole = await self._get(urljoin(self.base, query))
        entries, page = whole.get("entry"), whole
        for _ in range(self.settings.most_pages - 1):
            following = _next(page)
            if following is None or not isinstance(entries, list):
                return whole
            address = urljoin(self.base, following)
            if not address.startswith(self.base):
                return whole
            page = await self._get(address)
            more = page.get("entry")
            entries += more if isinstance(more, list) else []
            whole["link"] = [x for x in whole["link"] if x.get("relation") != "next"]
            whole["link"] += [x for x in page.get("link", ()) if x.get("relation") == "next"]
        return whole

    async def _get(self, address: str) -> Json:
        parts = self._allow(address)
        answer = await self._ask(parts)
        if answer.status != 200:
            raise NotFetched(f"the server answered with the status {answer.status}")
        if "json" not in answer.kind:
            raise NotFetched("the server answered with something else than JSON")
        try:
            found = msgspec.json.decode(bytes(answer.body))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise NotFetched("the server answered with no JSON") from None
        if not isinstance(found, dict) or "resourceType" not in found:
            raise NotFetched("the server answered with no resource")
        return found

    def _allow(self, address: str) -> SplitResult:
        """Hold an address against the rules, before anything is looked up."""
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
        if not any(_listed(address, s) for s in self.settings.servers):
            raise NotFetched("the server is not on the list of servers that are asked")
        return parts

    async def _ask(self, parts: SplitResult) -> Answer:
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        if not self._pinned:
            self._pinned = await addresses(host, port, private=self.settings.private)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if not _TARGET.match(target):
            raise NotFetched("the search cannot be written as an address")
        context = _trusting(self.settings) if parts.scheme == "https" else None
        named = host if context else None
        try:
            reader, writer = await asyncio.open_connection(
                self._pinned[0], port, ssl=context, server_hostname=named
            )
        except (OSError, ssl.SSLError):
            raise NotFetched("the server cannot be reached") from None
        try:
            writer.write(self._request(parts.netloc, target))
            await writer.drain()
            return await self._receive(reader)
        except (OSError, ssl.SSLError):
            raise NotFetched("the connection to the server broke off") from None
        finally:
            writer.close()

    def _request(self, host: str, target: str) -> bytes:
        lines = (
            f"GET {target} HTTP/1.1",
            f"Host: {host}",
            f"Authorization: Bearer {self._token}",
            "Accept: application/fhir+json",
            "Accept-Encoding: identity",
            "User-Agent: inokg",
            "Connection: close",
        )
        return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")

    async def _receive(self, reader: asyncio.StreamReader) -> Answer:
        answer, size = Answer(), 0
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


class _Listener:
    """Takes down what the parser of an answer finds."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"content-type":
            self._answer.kind = value.decode("latin-1").lower()

    def on_body(self, body: bytes) -> None:
        self._answer.body += body

    def on_message_complete(self) -> None:
        self._answer.whole = True


def _next(page: Json) -> str | None:
    links = page.get("link")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == "next":
            return link.get("url") if isinstance(link.get("url"), str) else None
    return None


def _listed(address: str, server: str) -> bool:
    """Say whether an address lies under a listed one: same scheme, host and port, same path."""
    if server == ANY_PUBLIC:
        return True
    asked, listed = urlsplit(address), urlsplit(server.rstrip("/") + "/")
    if (asked.scheme, asked.hostname) != (listed.scheme, listed.hostname):
        return False
    if (asked.port or _PORTS.get(asked.scheme)) != (listed.port or _PORTS.get(listed.scheme)):
        return False
    return f"{asked.path}/".startswith(listed.path) and ".." not in asked.path.split("/")


async def addresses(host: str, port: int, *, private: bool) -> tuple[str, ...]:
    """Look a name up once; one address that is not public makes all of them suspect."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise NotFetched("the name of the server cannot be looked up") from None
    named = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not named:
        raise NotFetched("the name of the server cannot be looked up")
    if not private and not all(is_public(a) for a in named):
        _refuse_private()
    return named


def _refuse_private() -> NoReturn:
    raise NotFetched("the server stands on a network that is not public")


def is_public(address: str) -> bool:
    """Say whether an address is one of the open network, whatever it is wrapped in."""
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
    return ip.is_global and not ip.is_multicast


def _trusting(settings: HookSettings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.certificates is not None:
        context.load_verify_locations(settings.certificates)
    return context
