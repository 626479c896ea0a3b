"""Terms with a name similar to one that does not exist, for a person who followed a wrong link."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import NamedTuple

from kg import terms
from kg.resolving.fuzzy import FuzzyNames
from kg.snapshot.labels import labels
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

_MOST, _LONGEST = 5, 80
_ADDRESS = re.compile(r"/id/(?P<kind>[^/]+)/?(?P<key>.*)\Z")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Near(NamedTuple):
    """A name that may have been meant, and where it leads."""

    label: str
    link: str


class _NamesOfKind(NamedTuple):
    """The names of one kind of term, and what each leads to."""

    terms: dict[str, Near]
    names: FuzzyNames


def nearest(path: str, snapshot: Snapshot) -> list[Near]:
    """Give terms, or else kinds of terms, whose addresses are like a path that leads nowhere."""
    address = _ADDRESS.match(path)
    if address is None or len(path) > _LONGEST:
        return []
    kinds = _kinds(snapshot)
    of_kind = kinds.get(address["kind"])
    if of_kind is None:
        return [Near(k, f"/id/{k}/") for k in get_close_matches(address["kind"], kinds, _MOST)]
    scored = sorted(of_kind.names.like(_words(address["key"])), key=lambda n: (-n[1], n[0]))
    return list(dict.fromkeys(of_kind.terms[name] for name, _ in scored))[:_MOST]


@once_per_snapshot
def _kinds(snapshot: Snapshot) -> dict[str, _NamesOfKind]:
    by_kind: dict[str, dict[str, Near]] = {}
    for iri, label in labels(snapshot).items():
        if iri.startswith(terms.BASE) and terms.kind(iri):
            near = Near(label, "/id/" + iri.removeprefix(terms.BASE))
            of_kind = by_kind.setdefault(terms.kind(iri), {})
            of_kind.setdefault(_words(terms.local(iri)), near)
            of_kind.setdefault(label.casefold(), near)
    return {kind: _NamesOfKind(names, FuzzyNames(names)) for kind, names in by_kind.items()}


def _words(key: str) -> str:
    """Write a key as words, as names are searched."""
    return _HUMP.sub(" ", key).replace("-", " ").replace("_", " ").casefold().strip()
