"""What the names and codes of an entry say, read once for all requests that say the same.

Kept is only what is wholly the catalogue's and the lexicon's: names, codes, words beside them
and doses. A text that was not recognised, or of which anything was passed over, may be about
somebody and is read anew each time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

from kg.contract.parts import ItemKind
from kg.contract.request import Item
from kg.resolving.names import Missed
from kg.resolving.resolve import Resolved, resolve
from kg.snapshot.model import Snapshot

Read = TypeVar("Read")
_Given: TypeAlias = tuple[str | None, str | None, str | None]

_MOST_KEPT = 4096
_LONGEST_KEPT = 80
_LONG_NUMBER = re.compile(r"\d{6}")


class Readings(Generic[Read]):
    """What entries of one kind were read as."""

    def __init__(
        self, kind: ItemKind, snapshot: Snapshot, made: Callable[[Resolved, Snapshot], Read]
    ) -> None:
        self._kind = kind
        self._snapshot = snapshot
        self._made = made
        self.kept: dict[_Given, Read] = {}

    def of(self, entry: Item) -> Read | Missed:
        """Read an entry by its names and codes."""
        given = (entry.text, entry.system, entry.code)
        if not entry.codings:
            kept = self.kept.get(given)
            if kept is not None:
                return kept
        found = resolve(entry, self._kind, self._snapshot)
        if isinstance(found, Missed):
            return found
        read = self._made(found, self._snapshot)
        if not entry.codings and _wholly_known(found, entry.text):
            if len(self.kept) >= _MOST_KEPT:
                self.kept.clear()
            self.kept[given] = read
        return read


def _wholly_known(found: Resolved, text: str | None) -> bool:
    """Say whether all that was given is the catalogue's, the lexicon's, or a dose."""
    if found.note or found.said.loosely:
        return False
    return text is None or (len(text) <= _LONGEST_KEPT and not _LONG_NUMBER.search(text))
