"""The words of a problem text in their order, with the marks between them and the dates in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kg.snapshot.names import fold
from kg.snapshot.spelling import even

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?:19|20)\d\d"
_DATE = re.compile(
    rf"(?<![\w.-])(?:{_YEAR}-\d\d(?:-\d\d)?(?:t[\d:.z+]{{1,20}})?"
    rf"|\d{{1,2}}[/.-]\d{{1,2}}[/.-](?:{_YEAR}|\d\d)|\d{{1,2}}/{_YEAR}"
    rf"|(?:\d{{1,2}}(?:st|nd|rd|th)? )?{_MONTH} (?:\d{{1,2}}(?:st|nd|rd|th)?,? )?{_YEAR}"
    rf"|{_YEAR}|\d{{1,3}} ?(?:days?|weeks?|months?|years?|yrs?|/7|/52|/12) ago"
    rf"|(?:d|day) ?[+-] ?\d{{1,3}})(?![\w])"
)
_AGE = re.compile(r"(?<!\w)\d{1,3} ?(?:y/?o|yrs? old|years? old|-?year-old)(?!\w)")
_TOKEN = re.compile(
    r"[a-z0-9]+(?:\x01[a-z0-9]+)*(?:[+-](?![a-z0-9+-]))?|[%?]|\.(?=\s|\Z)|[^\sa-z0-9]"
)
_POSSESSIVE = re.compile(r"['\u2019\u02bc](?:s\b)?")
# An abbreviation of which there are several.
SEVERAL = re.compile(r"\b[A-Z]{2,}s\b")
_APOSTROPHE = re.compile(r"(?<=[a-z0-9])['\u2019\u02bc](?=[a-z0-9])")
_YEAR_IN = re.compile(_YEAR)
_DAY_IN = re.compile(r"\d{4}-\d\d-\d\d")
# What parts a text for good, and what only loosens it.
_HARD, _WEAK = frozenset(";.|\n\u2022*"), frozenset(",/()[]:-\u2013\u2014&+<>")


class Word(NamedTuple):
    """One word or one date of a text, and the marks that stand before it."""

    text: str
    evened: str
    capitals: bool
    marks: str
    date: bool = False
    start: int = 0
    end: int = 0

    @property
    def hard(self) -> bool:
        """Say whether a new part of the text begins here."""
        return not _HARD.isdisjoint(self.marks)

    @property
    def weak(self) -> bool:
        """Say whether a mark stands before this word."""
        return bool(self.marks)


def split(text: str) -> list[Word]:
    """Split a text into its words; an age is nobody's problem and is passed over."""
    folded = fold(text)
    same = len(folded) == len(text)
    folded = _AGE.sub(lambda m: " " * len(m.group()), folded.replace("\u00b7", ";"))
    found: list[Word] = []
    marks = ""
    for start, end, date in _pieces(folded):
        piece = folded[start:end] if date else _APOSTROPHE.sub("", folded[start:end])
        if not date and not piece[0].isalnum() and piece not in "%?":
            if not _joins_letters(folded, start):
                marks += piece if piece in _HARD or piece in _WEAK else ","
            continue
        if "\n" in folded[found[-1].end if found else 0 : start]:
            marks += "\n"
        raw = text[start:end] if same else piece.upper()
        if SEVERAL.fullmatch(raw):
            piece, raw = piece[:-1], raw[:-1]
        evened = piece if date else even(piece)
        found.append(Word(piece, evened, raw.isupper(), marks, date, start, end))
        marks = ""
    return found


def _pieces(folded: str) -> Iterator[tuple[int, int, bool]]:
    """Give where each word, mark and date stands."""
    at = 0
    for date in _DATE.finditer(folded):
        yield from _plain(folded, at, date.start())
        yield date.start(), date.end(), True
        at = date.end()
    yield from _plain(folded, at, len(folded))


def _plain(folded: str, first: int, last: int) -> Iterator[tuple[int, int, bool]]:
    # An apostrophe is no mark: what it parts is one word, and an owner's ending is none.
    part = _POSSESSIVE.sub(_apart, folded[first:last])
    for match in _TOKEN.finditer(part):
        if match.group() not in "\x00\x01":
            yield first + match.start(), first + match.end(), False


def _apart(match: re.Match[str]) -> str:
    return "\x00" * len(match.group()) if len(match.group()) > 1 else "\x01"


def _joins_letters(folded: str, at: int) -> bool:
    """Say whether a sign is a hyphen within a word."""
    before, after = folded[at - 1 : at], folded[at + 1 : at + 2]
    return folded[at] in "-\u2010\u2011" and before.isalnum() and after.isalnum()


def year_of(date: str) -> int | None:
    """Give the year that a date names."""
    match = _YEAR_IN.search(date)
    return int(match.group()) if match else None


def day_of(date: str) -> str | None:
    """Give the day that a date names in full, as ISO writes it."""
    match = _DAY_IN.match(date)
    return match.group() if match else None
