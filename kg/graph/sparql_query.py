"""What a query asks for, and what it may not: read from its text before any store sees it.

A store evaluates what it is given, and some would fetch what a query names. So a query that
reaches outside, changes something or nests without end is refused here, on its tokens. The
worker that evaluates it can open nothing either: two independent safeguards.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import urljoin

from kg import terms
from kg.errors import QueryRefused

# The graphs of a release. What is stated and what only follows from it are apart; reviews have
# their name already.
DEFAULT = (terms.GRAPH + "asserted", terms.GRAPH + "inferred")
NAMED = (*DEFAULT, terms.GRAPH + "reviews")

LONGEST = 64 * 1024
MOST_MENTIONS = 64
DEEPEST = 100
# A parser that calls itself for each link of a chain has been seen to fall at 2,000 of them.
MOST_LINKS = 1500

_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES = frozenset("INSERT DELETE LOAD CLEAR CREATE DROP COPY MOVE ADD WITH".split())
# A text that is never closed runs to its end, so that no text is walked over twice.
_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+|\#[^\r\n]*)
      | (?P<text>\"{3}(?:\"{0,2}(?:[^"\\]|\\.))*+(?:\"{3})?
               | '{3}(?:'{0,2}(?:[^'\\]|\\.))*+(?:'{3})?
               | "(?:[^"\\\r\n]|\\.)*+"?
               | '(?:[^'\\\r\n]|\\.)*+'?)
      | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
      | (?P<variable>[?$]\w+)
      | (?P<blank>_:[\w.-]*)
      | (?P<name>(?:[^\W\d_](?:[\w.-]*[\w-])?)?:(?:[\w:.%-]|\\[^\w\s])*)
      | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
      | (?P<word>[A-Za-z_]\w*)
      | (?P<number>\d+)
      | (?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_OUTSIDE = re.compile("service", re.IGNORECASE)
_SILENT = re.compile("silent", re.IGNORECASE)
_ENDPOINT = re.compile(r"<[^>]*>|[^\s{<]+")


@dataclass
class Query:
    """One query: its form, the graphs it names itself, and where its own limit stands."""

    text: str
    form: str = ""
    base: str = terms.BASE
    prefixes: dict[str, str] = field(default_factory=dict)
    graphs: list[str] = field(default_factory=list)
    limit: int | None = None
    limit_at: tuple[int, int] | None = None
    values_at: int | None = None
    # Names of ours that it asks by; who misspelt one is told.
    mentions: dict[str, None] = field(default_factory=dict)

    @property
    def selects(self) -> bool:
        """Say whether the answer is a table or a yes or no; else it is a graph."""
        return self.form in ("SELECT", "ASK")

    def capped(self, rows: int) -> str | None:
        """Give the query with a limit it may not pass, or None where its own is no higher."""
        if self.form != "SELECT" or (self.limit is not None and self.limit <= rows):
            return None
        if self.limit_at is not None:
            start, end = self.limit_at
            return f"{self.text[:start]}{rows}{self.text[end:]}"
        end = len(self.text) if self.values_at is None else self.values_at
        return f"{self.text[:end]}\nLIMIT {rows}\n{self.text[end:]}"


def read_query(text: str, known: Mapping[str, str]) -> Query:
    """Read a query and refuse what it may not ask; `known` are prefixes it need not declare."""
    refuse_long(text)
    # Codes for characters may be read before or after everything else: both readings must pass.
    for reading in {text, _ESCAPE.sub(_character, text)}:
        _refuse_service(reading)
    query = Query(text)
    _Reader(query, known).read()
    refuse_outside("FROM", query.graphs)
    return query


def refuse_outside(where: str, graphs: Iterable[str]) -> None:
    """Refuse a graph that the release does not have: empty, it would read as "nothing found"."""
    for graph in graphs:
        if graph not in NAMED:
            raise QueryRefused(
                code="from-outside",
                message=f"{where} names a graph outside the release, and nothing is fetched",
                subject=graph[:200],
                repair=f"name one of {', '.join(NAMED)}, or leave {where} out",
            )


def refuse_long(text: str) -> None:
    """Refuse a query that is longer than any that people write."""
    size = len(text.encode("utf-8", "replace"))
    if size > LONGEST:
        raise QueryRefused(
            code="query-too-long",
            message=f"the query has {size:,} bytes; {LONGEST:,} are allowed",
            repair="ask in several queries",
        )


def _character(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code < 0x110000 else ""


def _refuse_service(text: str) -> None:
    """Refuse whatever could be read as a call of another service, wherever it stands.

    A parser need not ask for a space before a keyword, and what is a comment or a name to one
    is code to another. So the shape alone decides: the word, an endpoint, an opening brace.
    """
    for match in _OUTSIDE.finditer(text):
        at = _after_space(text, match.end())
        if silent := _SILENT.match(text, at):
            at = _after_space(text, silent.end())
        endpoint = _ENDPOINT.match(text, at)
        # A name may end before a comment that a parser of another mind would take into it.
        ends = (endpoint.end(), *_comments(text, endpoint)) if endpoint else ()
        if any(text.startswith("{", _after_space(text, end)) for end in ends):
            raise QueryRefused(
                code="service-refused",
                message="SERVICE would call another server, and no query leaves this store",
                location=_line(text, match.start()),
                repair="take it out, also from comments, and ask the other server yourself",
            )


def _after_space(text: str, at: int) -> int:
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif text[at] == "#":
            ends = [e for e in (text.find("\n", at), text.find("\r", at)) if e >= 0]
            at = min(ends, default=len(text))
        else:
            break
    return at


def _comments(text: str, endpoint: re.Match[str]) -> Iterator[int]:
    first = text.find("#", endpoint.start() + 1, endpoint.end())
    if first >= 0:
        yield first


class _Reader:
    """Walks over the tokens of a query once."""

    def __init__(self, query: Query, known: Mapping[str, str]) -> None:
        self._query = query
        self._known = known
        self._depth = self._braces = self._round = self._links = 0
        self._before = self._wants = self._prefix = ""

    def read(self) -> None:
        """Find the form, the graphs and the limit of a query; refuse one that is none."""
        for match in _TOKEN.finditer(self._query.text):
            kind = match.lastgroup or ""
            if kind == "space":
                continue
            word = match[0].upper() if kind == "word" else ""
            self._link(kind, match)
            if kind == "mark":
                self._nest(match)
            elif not self._query.form:
                self._begin(kind, word, match[0])
            elif not self._braces:
                self._outside_braces(kind, word, match)
            if kind == "name" and self._query.form:
                _refuse_unknown_prefix(self._query, self._known, match)
            if kind in ("iri", "name") and self._query.form:
                self._mention(self._expanded(match[0]))
            self._before = "FROM NAMED" if (self._before, word) == ("FROM", "NAMED") else word
        if not self._query.form:
            raise QueryRefused(
                code="query-malformed",
                message="this is not a query: none of " + ", ".join(_FORMS) + " begins it",
                repair="begin with one of them, after any PREFIX lines",
            )

    def _link(self, kind: str, match: re.Match[str]) -> None:
        """Count what joins one part to the next; values in a list are no parts."""
        joins = match[0] not in "{}()[]" and not (match[0] == "," and self._round)
        self._links += kind == "word" or (kind == "mark" and joins)
        if self._links > MOST_LINKS:
            self._refuse(match, f"the query joins more than {MOST_LINKS:,} parts")

    def _nest(self, match: re.Match[str]) -> None:
        step = (match[0] in "{([") - (match[0] in "})]")
        self._depth += step
        self._braces += step if match[0] in "{}" else 0
        self._round += step if match[0] in "()" else 0
        if self._depth > DEEPEST:
            self._refuse(match, f"the query nests deeper than {DEEPEST} brackets")

    def _refuse(self, match: re.Match[str], message: str) -> NoReturn:
        raise QueryRefused(
            code="query-too-deep",
            message=message,
            location=_line(self._query.text, match.start()),
            repair="ask in several queries, or list values with VALUES",
        )

    def _begin(self, kind: str, word: str, said: str) -> None:
        """Read the prefixes, up to the word that says what is asked."""
        query = self._query
        if word in _UPDATES:
            raise QueryRefused(
                code="update-refused",
                message=f"{word} changes a store, and this one is only read",
                repair="change the ontology's files and make a release",
            )
        if word in _FORMS:
            query.form = word
        elif word in ("BASE", "PREFIX"):
            self._wants = word
        elif kind == "name":
            self._prefix = said[:-1]
        elif kind == "iri" and self._wants:
            place = urljoin(query.base, said[1:-1])
            if self._wants == "BASE":
                query.base = place
            else:
                query.prefixes[self._prefix] = place
            self._wants = ""

    def _outside_braces(self, kind: str, word: str, match: re.Match[str]) -> None:
        query = self._query
        if word == "VALUES":
            query.values_at = match.start()
        elif kind == "number" and self._before == "LIMIT":
            query.limit, query.limit_at = int(match[0][:18]), match.span()
        elif kind in ("iri", "name") and self._before in ("FROM", "FROM NAMED"):
            query.graphs.append(self._expanded(match[0]))

    def _mention(self, iri: str) -> None:
        mentions = self._query.mentions
        if iri.startswith(terms.BASE) and len(mentions) < MOST_MENTIONS:
            mentions[iri] = None

    def _expanded(self, said: str) -> str:
        query = self._query
        if said.startswith("<"):
            return urljoin(query.base, said[1:-1])
        prefix, _, rest = said.partition(":")
        return query.prefixes.get(prefix, self._known.get(prefix, "")) + rest


def _refuse_unknown_prefix(query: Query, known: Mapping[str, str], match: re.Match[str]) -> None:
    prefix = match[0].partition(":")[0]
    if prefix in query.prefixes or prefix in known:
        return
    near = difflib.get_close_matches(prefix, [*query.prefixes, *known], n=3, cutoff=0.5)
    meant = "did you mean " + ", ".join(f"{n}:" for n in near) + "? else " if near else ""
    raise QueryRefused(
        code="query-malformed",
        message=f"the prefix {prefix}: is not declared",
        location=_line(query.text, match.start()),
        repair=f"{meant}declare it: PREFIX {prefix}: <…>",
    )


def _line(text: str, at: int) -> str:
    return f"line {text.count(chr(10), 0, at) + 1}"
