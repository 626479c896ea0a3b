"""The words of an order string, with what stands between them: brackets, joiners, doses.

One pass over the text; every pattern here takes a time that grows with its length and no faster.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from kg.resolving.doses import dose
from kg.snapshot.names import fold

TokenKind = Literal["word", "dose", "join", "stop", "open", "close", "arrow", "date"]

_MARKS = re.compile(r"[\u00ae\u2122\u00a9\u2120]")
_POSSESSIVE = re.compile(r"['\u2019\u02bc]s\b")
_APOSTROPHE = re.compile(r"['\u2019\u02bc]")
_DATE = re.compile(r"(?<![\d./-])(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)")
# A product code between slashes, as lists of side effects write it behind a name.
_CODE = re.compile(r"/\s?\d{5,11}\s?/")
_TOKEN = re.compile(
    r"(?P<word>[a-z0-9]+(?:[+-](?![a-z0-9+-]))?|[%?])|(?P<arrow>-+>|=+>|\u2192)|(?P<open>[(\[{])"
    r"|(?P<close>[)\]}])|(?P<join>[/\\+&|])|(?P<stop>[,;:.])"
)


class Token(NamedTuple):
    """One piece of a text: its kind, how it reads and where it stands; `depth` within brackets."""

    kind: TokenKind
    text: str
    start: int
    end: int
    depth: int = 0


class OrderTokens(NamedTuple):
    """A text in pieces; `doses` are the matches of the pattern of doses, in their order."""

    text: str
    tokens: tuple[Token, ...]
    doses: tuple[re.Match[str], ...]


def split(text: str) -> OrderTokens:
    """Take a text apart."""
    given = _CODE.sub(" ", _MARKS.sub(" ", text))
    given = _APOSTROPHE.sub("", _POSSESSIVE.sub("", given))
    folded = fold(given)
    dates = [Token("date", m.group(), *m.span()) for m in _DATE.finditer(folded)]
    masked = _DATE.sub(lambda m: " " * len(m.group()), folded)
    doses = tuple(dose().finditer(masked))
    pieces = [*dates, *[Token("dose", m.group(), *m.span()) for m in doses]]
    tokens: list[Token] = []
    at = 0
    for piece in sorted(pieces, key=lambda p: p.start):
        tokens += _words(masked, at, piece.start)
        tokens.append(piece)
        at = piece.end
    tokens += _words(masked, at, len(masked))
    return OrderTokens(given, tuple(_nested(tokens)), doses)


def _words(text: str, start: int, end: int) -> list[Token]:
    return [
        Token(match.lastgroup, match.group(), *match.span())  # type: ignore[arg-type]
        for match in _TOKEN.finditer(text, start, end)
    ]


def _nested(tokens: list[Token]) -> list[Token]:
    """Say of each piece how deep in brackets it stands."""
    depth, found = 0, []
    for token in tokens:
        if token.kind == "open":
            depth += 1
        found.append(token._replace(depth=depth))
        if token.kind == "close" and depth:
            depth -= 1
    return found
