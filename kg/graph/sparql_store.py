"""Answer a query from a store: the release in this process, or a SPARQL store elsewhere."""

from __future__ import annotations

import base64
import http.client
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import urlencode, urlsplit

import pyoxigraph as ox

from kg import terms
from kg.errors import QueryRefused, SnapshotAltered, SnapshotMissing, StoreError
from kg.graph.sparql_forms import DOCUMENTS, TABLES, WITH_PREFIXES, count, flagged, tidied
from kg.graph.sparql_query import DEFAULT, NAMED, Query
from kg.snapshot.file import DATASET, TURTLE, content_hash, read_manifest

_VERSION = terms.OWL + "versionInfo"
_PLACE = re.compile(r"(?:error )?at (\d+):(\d+):?")
_NO_FUNCTION = re.compile(r"function <([^<>]*)> is not supported")
_SHORT = 120

ResultTable = ox.QuerySolutions | ox.QueryBoolean
QueryResult = ResultTable | Iterator[ox.Triple]


class Graphs(NamedTuple):
    """The graphs that a caller chose beside the query; None where nothing was chosen."""

    default: tuple[str, ...]
    named: tuple[str, ...]


class QueryAnswer(NamedTuple):
    """A whole answer in the form that was asked for."""

    media: str
    body: bytes
    capped: bool


class Store(Protocol):
    """Where triples are found."""

    prefixes: dict[str, str]

    def find(self, text: str, query: Query, graphs: Graphs | None) -> QueryResult:
        """Evaluate a query."""


class Embedded:
    """The release itself, in memory."""

    def __init__(self, folder: Path) -> None:
        """Read the graphs of a release; altered ones are refused."""
        self._store = ox.Store()
        self.prefixes = prefixes(folder)
        self._store.bulk_load(_sound(folder, DATASET), format=ox.RdfFormat.N_QUADS)

    def find(self, text: str, query: Query, graphs: Graphs | None) -> QueryResult:
        """Evaluate a query over the graphs of the release."""
        if graphs is None and query.graphs:
            return self._store.query(text, base_iri=terms.BASE, prefixes=self.prefixes)
        chosen = graphs or Graphs(DEFAULT, NAMED)
        return self._store.query(
            text,
            base_iri=terms.BASE,
            prefixes=self.prefixes,
            default_graph=[ox.NamedNode(g) for g in chosen.default],
            named_graphs=[ox.NamedNode(g) for g in chosen.named],
        )


class Remote:
    """A SPARQL store elsewhere that holds the same named graphs."""

    def __init__(self, url: str, folder: Path, seconds: float) -> None:
        """Remember where it is; nothing is asked of it yet."""
        self.prefixes = prefixes(folder)
        self._at = urlsplit(url)
        self._seconds = seconds
        self._version = read_manifest(folder).version
        self._agrees = False
        if self._at.scheme not in ("http", "https") or not self._at.hostname:
            raise StoreError(
                code="store-unusable",
                message="the address of the SPARQL store is not valid",
                repair="set INOKG_STORE as http://HOST:PORT/query",
            )

    def find(self, text: str, query: Query, graphs: Graphs | None) -> QueryResult:
        """Send a query; what the store knows as its default graph does not matter."""
        self._agree()
        chosen = graphs or (Graphs(DEFAULT, NAMED) if not query.graphs else Graphs((), ()))
        asked = [("query", self._declared(text, query))]
        asked += [("default-graph-uri", g) for g in chosen.default]
        asked += [("named-graph-uri", g) for g in chosen.named]
        if query.selects:
            data = self._send(asked, "application/sparql-results+json")
            return ox.parse_query_results(data, ox.QueryResultsFormat.JSON)
        data = self._send(asked, "application/n-triples")
        return (q.triple for q in ox.parse(data, format=ox.RdfFormat.N_TRIPLES))

    def _agree(self) -> None:
        """Refuse a store that holds another release than the one whose name goes on the answer."""
        if self._agrees:
            return
        asked = (
            f'ASK {{ GRAPH <{DEFAULT[0]}> {{ <{terms.BASE}> <{_VERSION}> "{self._version}" }} }}'
        )
        data = self._send([("query", asked)], "application/sparql-results+json")
        self._agrees = bool(ox.parse_query_results(data, ox.QueryResultsFormat.JSON))
        if not self._agrees:
            raise StoreError(
                code="store-of-another-release",
                message=f"the SPARQL store does not hold release {self._version}",
                repair=f"load {DATASET} of the release into it",
            )

    def _declared(self, text: str, query: Query) -> str:
        """Declare the base, and those of our prefixes that a query uses without saying so."""
        missing = [
            f"PREFIX {name}: <{place}> "
            for name, place in self.prefixes.items()
            if f"{name}:" in text and name not in query.prefixes
        ]
        return f"BASE <{terms.BASE}> " + "".join(missing) + text

    def _send(self, asked: Sequence[tuple[str, str]], media: str) -> bytes:
        at = self._at
        kind = http.client.HTTPSConnection if at.scheme == "https" else http.client.HTTPConnection
        link = kind(at.hostname or "", at.port, timeout=self._seconds)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": media}
        if at.username:
            secret = base64.b64encode(f"{at.username}:{at.password or ''}".encode()).decode()
            headers["Authorization"] = f"Basic {secret}"
        target = (at.path or "/") + (f"?{at.query}" if at.query else "")
        try:
            link.request("POST", target, urlencode(asked).encode(), headers)
            answer = link.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise StoreError(
                code="store-unreachable",
                message="the SPARQL store did not answer",
                repair="check that it is running at the address in INOKG_STORE",
            ) from error
        finally:
            link.close()
        if answer.status != http.client.OK:
            said = data[:1000].decode("utf-8", "replace")
            if unknown := _NO_FUNCTION.search(said):
                raise _no_such_function(unknown[1])
            if answer.status == http.client.BAD_REQUEST:
                raise _malformed(said)
            raise StoreError(
                code="store-failed",
                message=f"the SPARQL store answered with status {answer.status}",
                repair="ask for less, or see what the store says",
            )
        return data


def answer(
    store: Store, query: Query, graphs: Graphs | None, media: str, rows: int | None
) -> QueryAnswer:
    """Evaluate a query, and write what was found in one form; no more than so many rows."""
    limited = query.capped(rows) if rows is not None else None
    try:
        try:
            result = store.find(limited or query.text, query, graphs)
        except (SyntaxError, QueryRefused):
            if limited is None:
                raise
            # The place of the fault is meant in the query as it was written.
            result, limited = store.find(query.text, query, graphs), None
        if isinstance(result, ox.QuerySolutions | ox.QueryBoolean):
            form = TABLES[media]
            body = result.serialize(format=form) or b""
            capped = limited is not None and rows is not None and count(body, form, rows) >= rows
            return QueryAnswer(media, flagged(body, form) if capped else body, capped)
        kept = result if rows is None else islice(result, rows)
        names = store.prefixes if DOCUMENTS[media] in WITH_PREFIXES else None
        body = ox.serialize(kept, format=DOCUMENTS[media], prefixes=names) or b""
        capped = rows is not None and next(iter(result), None) is not None
        return QueryAnswer(media, tidied(body) if body.startswith(b"@prefix") else body, capped)
    except SyntaxError as error:
        raise _malformed(str(error)) from error
    except RuntimeError as error:
        if unknown := _NO_FUNCTION.search(str(error)):
            raise _no_such_function(unknown[1]) from error
        raise


def _malformed(why: str) -> QueryRefused:
    """Say what a parser said, in short: it may list every sign that it would have taken."""
    place = _PLACE.search(why)
    said = " ".join(_PLACE.sub("", why).split())
    return QueryRefused(
        code="query-malformed",
        message="the query is not SPARQL 1.1" + (f": {said}" if 0 < len(said) < _SHORT else ""),
        location=f"line {place[1]}, column {place[2]}" if place else "",
        repair="correct it there; the prefixes of the release need no declaration",
    )


def _no_such_function(name: str) -> QueryRefused:
    return QueryRefused(
        code="unknown-function",
        message="the query calls a function that SPARQL 1.1 does not have",
        subject=name[:200],
        repair="use the functions of SPARQL 1.1, or casts such as xsd:integer",
    )


def prefixes(folder: Path) -> dict[str, str]:
    """Read the prefixes that a release is written with."""
    bound = {"graph": terms.GRAPH}
    for line in _sound(folder, TURTLE).splitlines():
        words = line.decode().split()
        if len(words) != 4 or words[0] != "@prefix":
            break
        bound[words[1][:-1]] = words[2][1:-1]
    return bound


def _sound(folder: Path, name: str) -> bytes:
    try:
        data = (folder / name).read_bytes()
    except OSError as error:
        raise SnapshotMissing(
            code="graph-missing",
            message="the release has no graph",
            subject=name,
            location=str(folder),
            repair="make the release again with: inokg build",
        ) from error
    if content_hash(data) != read_manifest(folder).files.get(name):
        raise SnapshotAltered(
            code="graph-altered",
            message="the release was altered: its graph does not match its hash",
            subject=name,
            location=str(folder / name),
            repair="make the release again with: inokg build",
        )
    return data
