"""Find entries by a prefix or substring of any of their names, the best match first.

All names stand in one text, each on a line of its own, so that looking is one pass over it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

_END = "\n"
# Shorter texts stand within nearly every name: of those only the beginnings of words count.
_SHORTEST_WITHIN = 3


class NameIndex:
    """The names of some entries; the first name of each is what it is called."""

    def __init__(self, names: Sequence[Sequence[str]]) -> None:
        self._called = [own[0] for own in names]
        self._entries: list[int] = []
        self._starts: list[int] = []
        self._first: list[bool] = []
        lines, place = [_END], 1
        for entry, own in enumerate(names):
            for n, name in enumerate(own):
                self._entries.append(entry)
                self._starts.append(place)
                self._first.append(n == 0)
                lines.append(name.replace(_END, " ") + _END)
                place += len(name) + 1
        self._text = "".join(lines)

    def find(self, wanted: str) -> list[int]:
        """Give the entries that a text fits, those first whose name it is or begins."""
        best: dict[int, int] = {}
        for place in self._places(wanted):
            n = bisect_right(self._starts, place) - 1
            fits = self._fits(place, place + len(wanted), called=self._first[n])
            entry = self._entries[n]
            best[entry] = min(fits, best.get(entry, fits))
        return sorted(best, key=lambda e: (best[e], len(self._called[e]), self._called[e], e))

    def _places(self, wanted: str) -> Iterator[int]:
        """Give where a text stands."""
        heads = ("",) if len(wanted) >= _SHORTEST_WITHIN else (_END, " ")
        for head in heads:
            place = self._text.find(head + wanted)
            while place >= 0:
                yield place + len(head)
                place = self._text.find(head + wanted, place + 1)

    def _fits(self, start: int, end: int, *, called: bool) -> int:
        """Say how well: a whole name, the beginning of one, of a word, or within."""
        before = self._text[start - 1]
        if before != _END:
            return 3 if before == " " else 4
        if self._text[end] == _END:
            return 0
        return 1 if called else 2
