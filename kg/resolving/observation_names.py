"""Names of observations as reports print them: with a unit beside them, or with the result.

A figure in a name is part of it and is never passed over: what a number follows may be another
test altogether.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from kg.resolving.free_text import lexicons
from kg.resolving.printed import plainly_written, printed_units
from kg.snapshot.model import Snapshot
from kg.snapshot.names import forms, joined, key_of, names_of, words
from kg.snapshot.once import once_per_snapshot

# A name of more words is prose.
_MOST_WORDS = 12
_LONGEST = 200
_MOST_UNIT_WORDS = 3
_PARTED = re.compile(r"[:=](?= ?[\d<>.+-])|:")


class NameAndRest(NamedTuple):
    """What a text names, and what it says beside: the unit, or the whole result."""

    terms: tuple[str, ...]
    name: str
    beside: str


def observation_terms(text: str, snapshot: Snapshot) -> tuple[str, ...]:
    """Give the observations that go by a name: one, or several that share it."""
    if len(text) > _LONGEST:
        return ()
    tokens = words(text)
    if not 0 < len(tokens) <= _MOST_WORDS:
        return ()
    found = _named(tokens, snapshot)
    if found:
        return found
    plain = [p for p in lexicons(snapshot)["observation"].find(tokens) if p.word.result is None]
    gone = {n for p in plain for n in range(p.start, p.end)}
    left = [t for n, t in enumerate(tokens) if n not in gone]
    return _named(left, snapshot) if gone and left else ()


def _named(tokens: list[str], snapshot: Snapshot) -> tuple[str, ...]:
    proper = names_of(snapshot)["observation"].proper
    for key in (key_of(tokens), joined(tokens)):
        found = proper.get(key) or _shared(snapshot).get(key)
        if found:
            return found
    return ()


@once_per_snapshot
def _shared(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """List the names that several observations share."""
    shared: dict[str, list[str]] = defaultdict(list)
    for iri, known in sorted(snapshot.observations.items()):
        for form in {f for name in known.print.shared_names for f in forms(name)}:
            shared[form].append(iri)
    return {form: tuple(found) for form, found in shared.items()}


def with_unit(text: str, snapshot: Snapshot) -> NameAndRest | None:
    """Read a name with the unit beside it, in brackets or not."""
    if len(text) > _LONGEST:
        return None
    for name, beside in _ends(plainly_written(text).strip()):
        if printed_units(snapshot).known(beside):
            found = observation_terms(name, snapshot)
            if found:
                return NameAndRest(found, name, beside)
    return None


def _ends(text: str) -> Iterator[tuple[str, str]]:
    """Give a text without what may be a unit at its end, and that end."""
    if text.endswith((")", "]")):
        at = max(text.rfind(" ("), text.rfind(" ["))
        if at > 0:
            yield text[:at].rstrip(" ,"), text[at + 2 : -1]
    parts = text.split(" ")
    for count in range(min(_MOST_UNIT_WORDS, len(parts) - 1), 0, -1):
        yield " ".join(parts[:-count]).rstrip(" ,"), " ".join(parts[-count:])


def with_result(text: str, snapshot: Snapshot) -> NameAndRest | None:
    """Read a name with its result behind it: the longest name that leaves a result."""
    if len(text) > _LONGEST:
        return None
    parts = _PARTED.sub(" ", plainly_written(text)).split()
    for end in range(min(len(parts) - 1, _MOST_WORDS), 0, -1):
        name = " ".join(parts[:end])
        found = observation_terms(name, snapshot)
        if found:
            return NameAndRest(found, name, " ".join(parts[end:]))
    return None
