"""Whether an order that was not read could be one for the index drug, by the words of its text."""

from __future__ import annotations

import re

from api.cds_hooks.standard import REFERENCE
from kg.snapshot.model import Snapshot
from kg.snapshot.names import words
from kg.snapshot.once import once_per_snapshot

# What has fewer letters in a row may be a unit, a code or a number.
_LETTERS = re.compile(r"[^\W\d_]{4}")
_SHORTEST_BEGINNING = 3


def could_be_index(text: str, snapshot: Snapshot) -> bool:
    """Say whether a text names no medicine, or shortens the name of the index drug."""
    if REFERENCE.match(text):
        # An order that points to a medicine which was not sent.
        return True
    said = words(text)
    alone = frozenset(word for word in said if _LETTERS.match(word)) <= _unnamed(snapshot)
    return alone or _holds_unnamed(frozenset(said), snapshot) or _shortens(said, snapshot)


def _holds_unnamed(said: frozenset[str], snapshot: Snapshot) -> bool:
    """Say whether a text holds a name for any medicine, whatever else it says."""
    return any(name <= said for name in _unnamed_among_others(snapshot))


def _shortens(said: list[str], snapshot: Snapshot) -> bool:
    """Say whether a word is the beginning of a name of the index drug."""
    names = _names_of_index(snapshot)
    return any(
        name.startswith(word) for word in said if len(word) >= _SHORTEST_BEGINNING for name in names
    )


@once_per_snapshot
def _unnamed(snapshot: Snapshot) -> frozenset[str]:
    return frozenset(w for name in snapshot.doors.unnamed_medicines for w in words(name))


@once_per_snapshot
def _unnamed_among_others(snapshot: Snapshot) -> tuple[frozenset[str], ...]:
    listed = snapshot.doors.unnamed_medicines.items()
    return tuple(frozenset(words(name)) for name, among_others in listed if among_others)


@once_per_snapshot
def _names_of_index(snapshot: Snapshot) -> tuple[str, ...]:
    """Give the first word of each name of the index drug."""
    drug = snapshot.drugs[snapshot.index_drug]
    first = (words(name)[0] for name in (drug.label, *drug.names, *drug.brands))
    return tuple(sorted({word for word in first if _LETTERS.match(word)}))
