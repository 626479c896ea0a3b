"""Rows in which every pair of levels of any two factors occurs, if it can.

Greedy and the same every time: each row takes the levels that bring most pairs not yet seen.
A factor may need another to stand at certain levels, and rests otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from random import Random
from typing import Any

Row = dict[str, int]
# Of so many rows, so many cover pairs.
_TURNS, _DENSE = 5, 3
# In a row that is aimed: how often anything else is given than what it is aimed at.
_STRAY = 0.03
Need = tuple[str, frozenset[int]]


@dataclass(frozen=True)
class Level:
    """One thing to try of a factor: a name, what it puts into a request, and what it is about."""

    name: str
    make: Callable[[Random], Any] | None = None
    about: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Factor:
    """Something that varies; its first level is to leave it out.

    `needs` names another factor and says at which of its levels this one matters. `hit` says how
    often it is given where a row is aimed at what it is about.
    """

    name: str
    levels: tuple[Level, ...]
    needs: Need | None = None
    about: frozenset[str] = frozenset()
    hit: float = 0.7

    def aimed(self, at: frozenset[str]) -> list[int]:
        """List the levels that are about something; all but the first where the factor is."""
        return [n for n, level in enumerate(self.levels) if n and at & (level.about or self.about)]


@dataclass
class Covering:
    """Makes rows over some factors, and counts the pairs they cover."""

    factors: Sequence[Factor]
    targets: Sequence[frozenset[str]]
    seed: int = 1
    pairs: int = field(init=False)
    _bit: dict[str, int] = field(init=False)
    _open: list[int] = field(init=False)
    _chains: dict[str, tuple[Need, ...]] = field(init=False)

    def __post_init__(self) -> None:
        by_name = {f.name: f for f in self.factors}
        self._chains = {f.name: tuple(_chain(f, by_name)) for f in self.factors}
        self._bit, place = {}, 0
        self._unlocked: dict[int, list[int]] = defaultdict(list)
        for factor in self.factors:
            self._bit[factor.name] = place
            place += len(factor.levels)
        self._open = [0] * place
        for factor in self.factors:
            for name, levels in self._chains[factor.name]:
                for level in levels:
                    first = self._bit[factor.name]
                    own = range(first, first + len(factor.levels))
                    self._unlocked[self._bit[name] + level] += own
        for n, one in enumerate(self.factors):
            for other in self.factors[n + 1 :]:
                self._ask(one, other)
        self.pairs = self.left

    @property
    def left(self) -> int:
        """Count the pairs that no row has shown yet."""
        return sum(mask.bit_count() for mask in self._open) // 2

    def _ask(self, one: Factor, other: Factor) -> None:
        for a in range(len(one.levels)):
            for b in range(len(other.levels)):
                if self._fits(one, other, b) and self._fits(other, one, a):
                    first, second = self._bit[one.name] + a, self._bit[other.name] + b
                    self._open[first] |= 1 << second
                    self._open[second] |= 1 << first

    def _fits(self, factor: Factor, other: Factor, level: int) -> bool:
        """Say whether a factor can matter beside a level of another."""
        return all(
            level in levels for name, levels in self._chains[factor.name] if name == other.name
        )

    def rows(self) -> Iterator[Row]:
        """Give rows for ever: some cover pairs while any are left, the others are aimed."""
        random = Random(self.seed)  # noqa: S311 - the same rows every time
        for turn in count():
            if self.left and turn % _TURNS < _DENSE:
                yield self._dense(random)
            else:
                yield aimed(self.factors, random.choice(self.targets), random)

    def _dense(self, random: Random) -> Row:
        row: Row = {}
        chosen = 0
        order = sorted(self.factors, key=lambda f: (len(self._chains[f.name]), random.random()))
        for factor in order:
            row[factor.name] = 0
            if _matters(factor, row):
                levels = list(range(len(factor.levels)))
                random.shuffle(levels)
                row[factor.name] = max(levels, key=partial(self._gain, factor, chosen))
                chosen |= 1 << (self._bit[factor.name] + row[factor.name])
        self._seen(row)
        return row

    def _gain(self, factor: Factor, chosen: int, level: int) -> tuple[int, int]:
        """Count the new pairs a level brings now, and those it leaves to be brought later."""
        own = self._bit[factor.name] + level
        unlocked = [own, *self._unlocked.get(own, ())]
        new = (self._open[own] & chosen).bit_count()
        later = sum((self._open[u] & chosen).bit_count() for u in unlocked[1:])
        return new + later, sum(self._open[u].bit_count() for u in unlocked)

    def _seen(self, row: Row) -> None:
        places = [self._bit[f.name] + row[f.name] for f in self.factors if _matters(f, row)]
        mask = sum(1 << p for p in places)
        for place in places:
            self._open[place] &= ~mask


def aimed(factors: Sequence[Factor], target: frozenset[str], random: Random) -> Row:
    """Make a row in which little is given but what a target is about.

    What a factor needs comes before it.
    """
    row: Row = {}
    for factor in factors:
        row[factor.name] = 0
        levels = factor.aimed(target)
        if _matters(factor, row) and levels and random.random() < factor.hit:
            row[factor.name] = random.choice(levels)
        elif _matters(factor, row) and random.random() < _STRAY:
            row[factor.name] = random.randrange(len(factor.levels))
    return row


def settled(factors: Sequence[Factor], row: Row) -> Row:
    """Put to rest what cannot matter in a row, so that it is a row like any other."""
    found: Row = {}
    for factor in factors:
        found[factor.name] = row[factor.name] if _matters(factor, found) else 0
    return found


def _matters(factor: Factor, row: Row) -> bool:
    return factor.needs is None or row[factor.needs[0]] in factor.needs[1]


def _chain(factor: Factor, by_name: Mapping[str, Factor]) -> Iterator[Need]:
    """Give all that a factor needs, what that needs, and so on."""
    while factor.needs is not None:
        yield factor.needs
        factor = by_name[factor.needs[0]]
