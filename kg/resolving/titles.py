"""Titles of codes: who sends the words of a classification means what its code means.

A title counts only as a whole and in its own order of words, for titles turn on small words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kg.contract.request import Coding
from kg.resolving.codes import Coded, resolve_code
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot


class Titles(NamedTuple):
    """The codes of all titles by their words, and how long those are that begin with two words."""

    codes: dict[str, Coding]
    openings: dict[tuple[str, ...], int]
    longest: int


@once_per_snapshot
def titles(snapshot: Snapshot) -> Titles:
    """Give the titles that a release holds."""
    codes: dict[str, Coding] = {}
    for system in snapshot.systems.values():
        for line in system.titles.splitlines():
            code, _, title = line.partition("\t")
            codes[title] = Coding(system=system.uri, code=code)
    openings: dict[tuple[str, ...], int] = {}
    for title in codes:
        parted = title.split(" ")
        opening = tuple(parted[:2])
        openings[opening] = max(len(parted), openings.get(opening, 0))
    return Titles(codes, openings, max(openings.values(), default=0))


def titled(evened: Sequence[str], snapshot: Snapshot) -> Coded | None:
    """Find the condition of the code that has these words for its title."""
    known = titles(snapshot)
    if len(evened) > known.openings.get(tuple(evened[:2]), 0):
        return None
    coding = known.codes.get(" ".join(evened))
    if coding is None:
        return None
    found = resolve_code(coding, "condition", snapshot)
    return found if isinstance(found, Coded) else None
