"""Fuzzy match: the names that hold all words of a text, and those spelt nearly so.

Only names that can be near are compared. Two texts that differ in so many letters share all
their other letters, so each letter has a bit mask of the names that hold it, one bit a name, and
the masks are added up for all names at once. No name that is near is passed over.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import ceil, floor

# How like a name must be to be near; names that hold the whole text go before those.
_NEAR, _HELD, _SURE = 0.7, 0.9, 1.0
# Lengths and counts are whole: a product that should be whole may be off by this much.
_SLIP = 1e-9
_MOST_NEAR = 20
# For fewer texts than this it takes longer to sort the names by letters than to try them all.
_FEW = 8
_SHORTEST_NEAR = 4


class FuzzyNames:
    """The names of one kind of term, ready for a fuzzy match."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(names)
        self._asked = 0

    def _sort_by_letters(self) -> None:
        holding: dict[tuple[str, int], list[int]] = defaultdict(list)
        of_length: dict[int, list[int]] = defaultdict(list)
        of_word: dict[str, list[int]] = defaultdict(list)
        for n, name in enumerate(self._names):
            of_length[len(name)].append(n)
            for word in set(name.split()):
                of_word[word].append(n)
            for letter, times in Counter(name).items():
                for nth in range(times):
                    holding[letter, nth].append(n)
        self._of_word = of_word
        self._holding = {letter: _row(places, self._names) for letter, places in holding.items()}
        self._of_length = {length: _row(n, self._names) for length, n in of_length.items()}

    def like(self, wanted: str) -> Iterator[tuple[str, float]]:
        """Find the names that hold all words of a text, and those that are spelt nearly so."""
        if not wanted:
            return
        self._asked += 1
        if self._asked == _FEW:
            self._sort_by_letters()
        words = set(wanted.split())
        for name in self._with_words(words):
            if wanted[:_SHORTEST_NEAR] in name and len(words) < len(set(name.split())):
                yield name, _HELD + len(wanted) / len(name) * (_SURE - _HELD)
        from rapidfuzz import process  # loaded where a name was not recognised, and only there
        from rapidfuzz.distance import OSA

        for name, score, _ in process.extract(
            wanted,
            self._may_be_near(wanted),
            scorer=OSA.normalized_similarity,
            score_cutoff=_NEAR,
            limit=_MOST_NEAR,
        ):
            yield name, score * _HELD

    def _with_words(self, words: set[str]) -> list[str]:
        """List the names that hold all of some words, in their order."""
        if self._asked < _FEW:
            return [name for name in self._names if words.issubset(name.split())]
        found: list[Sequence[int]] = [self._of_word.get(word, ()) for word in words]
        fewest = min(found, key=len)
        others = [set(places) for places in found if places is not fewest]
        return [self._names[n] for n in fewest if all(n in places for places in others)]

    def _may_be_near(self, wanted: str) -> list[str]:
        """List the names that share as many letters with a text as those near it must."""
        if self._asked < _FEW:
            return self._names
        length = len(wanted)
        near = range(ceil(length * _NEAR - _SLIP), floor(length / _NEAR + _SLIP) + 1)
        lengths = [n for n in near if n in self._of_length]
        if not lengths:
            return []
        counts = self._letters_shared(wanted)
        rows = 0
        for n in lengths:
            least = ceil(max(n, length) * _NEAR - _SLIP)
            rows |= self._of_length[n] & _at_least(least, counts, self._of_length[n])
        return [self._names[n] for n in _places(rows)]

    def _letters_shared(self, wanted: str) -> list[int]:
        """Count for every name at once the letters it shares with a text, as binary digits."""
        digits: list[int] = []
        for letter, times in Counter(wanted).items():
            for nth in range(times):
                carry = self._holding.get((letter, nth), 0)
                for at, digit in enumerate(digits):
                    digits[at], carry = digit ^ carry, digit & carry
                if carry:
                    digits.append(carry)
        return digits


def _at_least(least: int, digits: list[int], among: int) -> int:
    """Give the names whose count, written as rows of binary digits, is not below a number."""
    if least >= 1 << len(digits):
        return 0
    above, equal = 0, among
    for at in reversed(range(len(digits))):
        if least >> at & 1:
            equal &= digits[at]
        else:
            above |= equal & digits[at]
            equal &= ~digits[at]
    return above | equal


def _row(places: list[int], names: list[str]) -> int:
    row = bytearray(len(names) // 8 + 1)
    for n in places:
        row[n >> 3] |= 1 << (n & 7)
    return int.from_bytes(row, "little")


def _places(row: int) -> Iterator[int]:
    """List the bits that are set, from the lowest."""
    for at, byte in enumerate(row.to_bytes((row.bit_length() + 7) // 8, "little")):
        while byte:
            low = byte & -byte
            yield at * 8 + low.bit_length() - 1
            byte ^= low
