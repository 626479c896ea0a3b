"""Allergy texts: which substances a text names, beside what they did to the patient.

A part of a text counts only where all of it is a name or a word that is known in allergy lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from kg.resolving.free_text import Lexicon, Phrase, Said, lexicons
from kg.resolving.names import Missed, NameMatch, named
from kg.snapshot.model import Snapshot
from kg.snapshot.names import fold, words

_MARKS = re.compile(r"[;,\n()\[\]:&+]|\s[-\u2013\u2014/]\s|\s(?:and|or|plus)\s")
# Parts of a text beyond these are not read one by one.
_MOST_PARTS = 40


def read_allergens(text: str, snapshot: Snapshot) -> NameMatch | Missed | None:
    """Find the substances that an allergy text names, each of them exactly."""
    alone = named(text, "allergy", snapshot)
    if isinstance(alone, NameMatch):
        return alone
    lexicon = lexicons(snapshot)["allergy"]
    found: list[NameMatch] = []
    unread: list[str] = []
    meant: list[str] = []
    for part in _parts(text):
        read = _read(part, lexicon, snapshot)
        if isinstance(read, NameMatch):
            found.append(read)
        elif isinstance(read, Missed):
            unread.append(part)
            meant += read.suggestions
        elif read:
            found = [*found[:-1], _with(found[-1], read)] if found else found
    if alone is not None and (unread or not found):
        return alone
    if not found:
        return Missed("this names several substances", tuple(meant)) if meant else None
    return replace(found[0], others=tuple(found[1:]), unread=tuple(unread))


def _parts(text: str) -> Iterator[str]:
    parts = _MARKS.split(fold(text))
    if len(parts) <= _MOST_PARTS:
        yield from (part.strip() for part in parts if part.strip())


def _read(part: str, lexicon: Lexicon, snapshot: Snapshot) -> NameMatch | Missed | Said | None:
    """Read one part: a substance, what one did, or nothing that is known."""
    tokens = words(part)
    if not tokens:
        return None
    phrases = lexicon.find(tokens)
    said = Said(tuple([p.word for p in phrases]))
    left = _left(tokens, phrases)
    if not left:
        return said
    whole = named(part, "allergy", snapshot)
    if isinstance(whole, NameMatch):
        return whole
    if phrases:
        # What stands beside a medicine in an order is read otherwise than beside an allergen.
        rest = named(" ".join(left), "allergy", snapshot)
        if rest is not None:
            return _with(rest, said) if isinstance(rest, NameMatch) else rest
    return whole or Missed("this names no substance")


def _left(tokens: list[str], phrases: list[Phrase]) -> list[str]:
    gone = {n for p in phrases for n in range(p.start, p.end)}
    return [t for n, t in enumerate(tokens) if n not in gone]


def _with(match: NameMatch, said: Said) -> NameMatch:
    return replace(match, said=Said((*match.said.phrases, *said.phrases)))
