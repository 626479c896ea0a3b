"""Names of terms that differ only in how they are written: in case, hyphen or underscore.

Classes are written in capitals and individuals with hyphens, so a name that is written the other
way leads nowhere; whoever asks by it is told the right one, and gets no silent nothing. In the
schema a class and a property may differ in case alone, so its names are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kg import terms
from kg.snapshot.labels import labels
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

_MARKS = re.compile(r"[-_\s]+")
_LONGEST = 300


def alike(iri: str, snapshot: Snapshot) -> tuple[str, ...]:
    """Give the terms that a name would mean, were it written as they are; none where it is one."""
    if len(iri) > _LONGEST or not iri.startswith(terms.BASE) or iri in labels(snapshot):
        return ()
    return _by_plain_name(snapshot).get(plain(iri), ())


def hints(iris: Iterable[str], snapshot: Snapshot) -> list[str]:
    """Say of each name that differs from a term's only in how it is written, which is meant."""
    return [
        f"there is no {iri.removeprefix(terms.BASE)}; did you mean "
        + " or ".join(meant.removeprefix(terms.BASE) for meant in near)
        + "?"
        for iri in iris
        if (near := alike(iri, snapshot))
    ]


def plain(name: str) -> str:
    """Write a name without case, hyphens and underscores."""
    return _MARKS.sub("", name).casefold()


@once_per_snapshot
def _by_plain_name(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for iri in sorted(labels(snapshot)):
        if iri.startswith(terms.BASE) and not iri.startswith(terms.SCHEMA):
            found.setdefault(plain(iri), []).append(iri)
    return {name: tuple(iris) for name, iris in found.items()}
