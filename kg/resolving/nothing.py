"""Statements that there is none of something, by the names under which people write them."""

from __future__ import annotations

from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot


def statement_key(text: str) -> str:
    """Write a text in the form in which such statements are looked up."""
    return " ".join(text.casefold().split()).rstrip(".")


@once_per_snapshot
def names_of_nothing(snapshot: Snapshot) -> dict[str, dict[str, str]]:
    """Give the statement that each name stands for in each list."""
    found: dict[str, dict[str, str]] = {}
    for iri, said in snapshot.doors.nothing.items():
        for name in (said.label, *said.names):
            found.setdefault(statement_key(name), {})[said.part] = iri
    return found


def nothing_in(text: str, part: str, snapshot: Snapshot) -> str | None:
    """Find the statement that a line of a list is, of whatever list it speaks."""
    found = names_of_nothing(snapshot).get(statement_key(text), {})
    return found.get(part) or (next(iter(found.values())) if len(found) == 1 else None)
