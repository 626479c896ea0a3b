"""The label of every term, whatever its kind."""

from __future__ import annotations

from collections.abc import Sequence

from kg import terms
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot


@once_per_snapshot
def labels(snapshot: Snapshot) -> dict[str, str]:
    """Give the label of each term that has one."""
    tables = (getattr(snapshot, name) for name in Snapshot.__struct_fields__)
    return {
        iri: known.label
        for table in tables
        if isinstance(table, dict)
        for iri, known in table.items()
        if getattr(known, "label", "")
    }


def label_of(iri: str, snapshot: Snapshot) -> str:
    """Give the label of a term, or else its key as words."""
    return labels(snapshot).get(iri) or terms.local(iri).replace("-", " ")


def together(names: Sequence[str]) -> str:
    """Write names in one row; where two in a row name the same matter, the second says the rest."""
    row: list[str] = []
    before = ""
    for name in names:
        matter, _, rest = name.partition(", ")
        row.append(rest if rest and matter == before else name)
        before = matter
    return ("; " if any(", " in name for name in names) else ", ").join(row)
