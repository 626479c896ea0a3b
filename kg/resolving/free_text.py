"""What free text says of an item beside its name: doses, forms, routes, roles, courses.

The words are data (`TextWord`); what stands here is how a dose is written and how words are
taken away one by one until a name is left. Nothing is guessed: what is neither a dose nor a
known word stays, and then the text is no name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

import msgspec

from kg.resolving.doses import NOT_SAID, Daily, daily, dose
from kg.snapshot.model import Snapshot, TextWord
from kg.snapshot.names import fold, key_of, words
from kg.snapshot.once import once_per_snapshot

_BARE = re.compile(r"\d+\Z")
_STEP = re.compile(r"\d\Z")
_FIGURE = re.compile(r"\d")
_FIGURES = {"one": 1, "two": 2, "three": 3, "four": 4}
# Makers and what a medicine is dissolved in stand beside medicines, too.
_STANDING_BESIDE = {"maker": "medication", "diluent": "medication"}
# Of more known words than these, all are taken away at once.
_MOST_PHRASES = 5


class Phrase(NamedTuple):
    """Known words at a place in a text."""

    start: int
    end: int
    word: TextWord


class Said(msgspec.Struct, frozen=True):
    """What a text says of an item beside its name; `loosely` where a number was passed over."""

    phrases: tuple[TextWord, ...] = ()
    daily: Daily = NOT_SAID
    loosely: bool = False
    # A date that stands in the text, and what the name itself says of the route.
    day: str | None = None
    route: str | None = None
    local: bool = False

    def only(self, attribute: str) -> str | int | None:
        """Give what the words say of one attribute; nothing where they contradict each other."""
        only: str | int | None = None
        for word in self.phrases:
            said = getattr(word, attribute)
            if said is not None and said != only:
                if only is not None:
                    return None
                only = said
        return only

    def says(self, attribute: str) -> bool:
        """Say whether the words say anything of an attribute."""
        return any(getattr(w, attribute) is not None for w in self.phrases)


NOTHING_SAID = Said()


class Lexicon(msgspec.Struct, frozen=True):
    """The words that stand beside names in one kind of text, by their first word."""

    phrases: dict[str, list[tuple[tuple[str, ...], TextWord]]] = {}
    salts: frozenset[str] = frozenset()
    # The names of fluids in which medicines are dissolved, in normal form.
    diluents: frozenset[str] = frozenset()
    doses: bool = False

    def at(self, tokens: Sequence[str], at: int = 0) -> tuple[int, TextWord] | None:
        """Give the longest known words at a place, and how many they are."""
        for phrase, word in self.phrases.get(tokens[at], ()):
            if tuple(tokens[at : at + len(phrase)]) == phrase:
                return len(phrase), word
        return None

    def find(self, tokens: list[str]) -> list[Phrase]:
        """Find known words, the longest first at each place."""
        phrases = []
        at = 0
        while at < len(tokens):
            known = self.at(tokens, at)
            if known is not None:
                phrases.append(Phrase(at, at + known[0], known[1]))
            at += known[0] if known is not None else 1
        return phrases


@once_per_snapshot
def lexicons(snapshot: Snapshot) -> dict[str, Lexicon]:
    """Order the words of a Snapshot by the kind of text they stand in."""
    by_kind: dict[str, dict[str, list[tuple[tuple[str, ...], TextWord]]]] = {
        "medication": defaultdict(list),
        "condition": defaultdict(list),
        "allergy": defaultdict(list),
        "observation": defaultdict(list),
    }
    salts: set[str] = set()
    diluents: set[str] = set()
    for word in snapshot.text_words:
        for text in () if word.in_capitals else word.words:
            tokens = tuple(words(text))
            if word.beside == "diluent":
                diluents.add(key_of([t for t in tokens if t != "in"]))
            if word.beside == "salt":
                salts.update(tokens)
            elif tokens:
                stands = _STANDING_BESIDE.get(word.beside, word.beside)
                by_kind[stands][tokens[0]].append((tokens, word))
    for kind in by_kind.values():
        for phrases in kind.values():
            phrases.sort(key=lambda pair: (-len(pair[0]), pair[0]))
    return {
        kind: Lexicon(dict(phrases), frozenset(salts), frozenset(diluents), doses=True)
        if kind == "medication"
        else Lexicon(dict(phrases))
        for kind, phrases in by_kind.items()
    }


class _Looked(NamedTuple):
    """A text without its doses, the known words in it, and all that doses and words say."""

    tokens: list[str]
    phrases: list[Phrase]
    dosed: bool
    said: Said


def readings(text: str, lexicon: Lexicon) -> Iterator[tuple[list[str], Said]]:
    """Take away ever more of what is no name; each time give what is left and what was said."""
    tokens = words(text)
    yield tokens, NOTHING_SAID
    looked = _look(text, tokens, lexicon)
    for gone in _subsets(looked.phrases):
        if gone or looked.dosed:
            said = Said(tuple(p.word for p in gone), looked.said.daily)
            yield _without(looked.tokens, gone), said
    left = _without(looked.tokens, looked.phrases)
    if not lexicon.doses and any(_STEP.match(t) for t in left):
        # Where there are no doses, a single figure is a degree, stage or type, and means something.
        return
    named = [t for t in left if not _BARE.match(t) and t not in _FIGURES]
    said = looked.said
    if len(named) < len(left):
        said = Said(said.phrases, said.daily, loosely=True)
        yield named, said
    pure = [t for t in named if t not in lexicon.salts]
    if 0 < len(pure) < len(named):
        yield pure, said


def said_in(text: str, lexicon: Lexicon) -> Said:
    """Give all that a text says beside a name that is known from elsewhere."""
    said = _look(text, words(text), lexicon).said
    return Said(said.phrases, said.daily, loosely=True)


def _look(text: str, tokens: list[str], lexicon: Lexicon) -> _Looked:
    """Look for doses and known words in a text, of which `tokens` are the words."""
    doses: list[re.Match[str]] = []
    folded = fold(text)
    if lexicon.doses and _FIGURE.search(folded):
        doses = list(dose().finditer(folded))
        if doses:
            tokens = words(dose().sub(" ; ", folded))
    phrases = lexicon.find(tokens)
    times = [_times(p.word.times_per_day) for p in phrases if p.word.times_per_day]
    amount = NOT_SAID
    if doses or times:
        amount = daily(doses, times, _count(tokens, phrases) if times else None)
    return _Looked(tokens, phrases, bool(doses), Said(tuple([p.word for p in phrases]), amount))


@lru_cache(maxsize=256)
def _times(times_per_day: str) -> Fraction:
    return Fraction(times_per_day)


def _subsets(phrases: list[Phrase]) -> Iterator[tuple[Phrase, ...]]:
    """Give the phrases to take away: none, then one, then more; of very many, all at once."""
    if len(phrases) > _MOST_PHRASES:
        yield tuple(phrases)
        return
    for size in range(len(phrases) + 1):
        yield from combinations(phrases, size)


def _without(tokens: list[str], gone: tuple[Phrase, ...] | list[Phrase]) -> list[str]:
    if not gone:
        return tokens
    places = {n for p in gone for n in range(p.start, p.end)}
    return [t for n, t in enumerate(tokens) if n not in places]


def _count(tokens: list[str], phrases: list[Phrase]) -> Fraction | None:
    """Find how many units are taken at a time: one, unless a number stands before a word."""
    starts = {p.start for p in phrases}
    inside = {n for p in phrases for n in range(p.start, p.end)}
    outside = [(n, t) for n, t in enumerate(tokens) if n not in inside]
    numbers = [(n, t) for n, t in outside if _BARE.match(t) or t in _FIGURES]
    if not numbers:
        return Fraction(1)
    at, token = numbers[0]
    if len(numbers) > 1 or at + 1 not in starts:
        return None
    return Fraction(_FIGURES.get(token) or int(token))
