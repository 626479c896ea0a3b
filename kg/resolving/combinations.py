"""Combinations and their parts: what a set of terms consists of, and what is called by it."""

from __future__ import annotations

from collections.abc import Iterable

from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot


@once_per_snapshot
def combinations_by_parts(snapshot: Snapshot) -> dict[frozenset[str], str]:
    """Give the fixed combination that consists of exactly these drugs, where there is one."""
    by_parts: dict[frozenset[str], str] = {}
    for iri in sorted(snapshot.drugs):
        parts = snapshot.drugs[iri].components
        if len(parts) > 1:
            by_parts.setdefault(frozenset(parts), iri)
    return by_parts


def drugs_of(terms: Iterable[str], snapshot: Snapshot) -> frozenset[str]:
    """Give all drugs of some terms, each combination by its parts."""
    drugs = snapshot.drugs
    return frozenset(
        part for t in terms for part in ((drugs[t].components or (t,)) if t in drugs else (t,))
    )
