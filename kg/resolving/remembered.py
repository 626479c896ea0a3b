"""A cache of how the names and codes of an entry are read, shared by requests with the same text.

Kept is only what is wholly the catalogue's and the lexicon's: names, codes, words beside them
and doses. A text that was not recognised, or of which anything was passed over, may be about
somebody and is read anew each time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

from kg.contract.parts import ItemKind
from kg.contract.request import ListEntry
from kg.resolving.names import Missed
from kg.resolving.resolve import Resolved, resolve
from kg.snapshot.cache import BoundedCache
from kg.snapshot.model import Snapshot
from kg.snapshot.names import fold

ReadType = TypeVar("ReadType")
_GivenKey: TypeAlias = tuple[str | None, str | None, str | None]

# Of each kind of item; what came first goes first.
MOST_KEPT = 4096
# Of each reading: in so many ways is one thing taken or had, by the words of closed lists.
MOST_COURSES = 16
_LONGEST_KEPT = 80
_LONG_NUMBER = re.compile(r"\d{6}")


class Readings(Generic[ReadType]):
    """What entries of one kind were read as."""

    def __init__(
        self, kind: ItemKind, snapshot: Snapshot, made: Callable[[Resolved, Snapshot], ReadType]
    ) -> None:
        self._kind = kind
        self._snapshot = snapshot
        self._made = made
        self.kept: BoundedCache[_GivenKey, ReadType] = BoundedCache(MOST_KEPT)

    def of(self, entry: ListEntry) -> ReadType | Missed:
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
        if not entry.codings and _wholly_known(found, entry):
            self.kept.keep(given, read)
        return read


def _wholly_known(found: Resolved, entry: ListEntry) -> bool:
    """Say whether all that was given is the catalogue's, the lexicon's, or a dose; and short.

    Signs that are of no word are passed over in a name, and could be another script's letters.
    """
    if found.note or found.said.loosely or found.unread:
        return False
    if found.date or any(other.date for other in found.others):
        return False
    texts = [text for text in (entry.text, entry.system, entry.code) if text is not None]
    return all(len(text) <= _LONGEST_KEPT and fold(text).isascii() for text in texts) and not (
        entry.text is not None and _LONG_NUMBER.search(entry.text)
    )
