"""Names to terms: what is written exactly so, or a question with candidates.

A name leads to a term only where it is the same in normal form as one that the ontology
lists. Anything nearer or farther is a suggestion and is never applied.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from kg.contract.parts import LIST_OF_KIND, LISTS, ItemKind
from kg.resolving.combinations import combinations_by_parts
from kg.resolving.free_text import NOTHING_SAID, Lexicon, Said, lexicons, readings, said_in
from kg.resolving.fuzzy import FuzzyNames
from kg.resolving.known import known_terms
from kg.resolving.medicine_names import medicine_names
from kg.resolving.observation_names import observation_terms
from kg.resolving.order_strings import read_as, read_order
from kg.snapshot.model import Names, Snapshot
from kg.snapshot.names import joined, key_of, names_of, words
from kg.snapshot.once import once_per_snapshot

MOST_SUGGESTIONS = 5
_SURE = 1.0
_SHORTEST_WORD = 4
_BETWEEN = re.compile(r"\s*(?:/|\+|&|,|;|\band\b|\bwith\b|\bplus\b)\s*", re.IGNORECASE)
_ASIDE = re.compile(r"^(.*?)\(([^()]*)\)(.*)\Z", re.DOTALL)


class NameMatch(msgspec.Struct, frozen=True):
    """What a text names: one term, or the parts of a combination; and what it says beside."""

    terms: tuple[str, ...]
    said: Said
    # Of a text that names several problems: the further ones, and what was not read of it.
    others: tuple[NameMatch, ...] = ()
    unread: tuple[str, ...] = ()
    broader: bool = False
    date: str = ""
    note: str = ""


class Missed(msgspec.Struct, frozen=True):
    """A text that names nothing for certain: why, and what may have been meant."""

    reason: str
    suggestions: tuple[str, ...] = ()


class Naming(NamedTuple):
    """What the names of one kind of item are looked up in."""

    names: tuple[Names, ...]
    lexicon: Lexicon
    snapshot: Snapshot


@once_per_snapshot
def namings(snapshot: Snapshot) -> dict[ItemKind, Naming]:
    """Give, for each kind of item, its names and the words that may stand beside them."""
    names, words_beside = names_of(snapshot), lexicons(snapshot)
    return {
        one.kind: Naming(tuple(names[g] for g in one.named_by), words_beside[one.beside], snapshot)
        for one in LISTS
    }


def resolve_text(text: str, kind: ItemKind, snapshot: Snapshot) -> NameMatch | Missed:
    """Find the term that a text names."""
    found = named(text, kind, snapshot)
    if found is None:
        return Missed("no term has this name", suggest(text, kind, snapshot))
    return found


def named(text: str, kind: ItemKind, snapshot: Snapshot) -> NameMatch | Missed | None:
    """Find the term that a text names; None where it names nothing, without a suggestion."""
    if kind == "observation":
        return _observation(text, snapshot)
    naming = namings(snapshot)[kind]
    meant = _medicine(text, snapshot) if kind == "medication" else _exactly(text, naming)
    if meant is None and kind == "allergy":
        meant = _part_by_part(text, naming) or _medicine(text, snapshot)
    if meant is None and "(" in text and kind != "medication":
        meant = _said_twice(text, naming)
    if isinstance(meant, NameMatch) and _out_of_place(meant.terms, kind, snapshot):
        group = names_of(snapshot)["class"].proper.get(key_of(words(text)), ())
        if len(group) == 1:
            return NameMatch(group, NOTHING_SAID)
        return Missed("this names a substance that is no medication", meant.terms)
    return meant


def _observation(text: str, snapshot: Snapshot) -> NameMatch | Missed | None:
    """Read the name of an observation, in which no figure is passed over."""
    found = observation_terms(text, snapshot)
    if len(found) > 1:
        return Missed(f"this is a name of {listed(found, snapshot)}", found)
    return NameMatch(found, NOTHING_SAID) if found else None


def _medicine(text: str, snapshot: Snapshot) -> NameMatch | Missed | None:
    """Read a text that is a name of a medicine, or one among other words."""
    whole = medicine_names(snapshot).of(words(text), text)
    if whole is not None and whole.terms is not None:
        note = read_as(text, whole, snapshot) if whole.misspelt else ""
        return NameMatch(whole.terms, Said(route=whole.route or None, local=whole.local), note=note)
    read = read_order(text, snapshot)
    if read.reason:
        return Missed(read.reason, read.suggestions[:MOST_SUGGESTIONS])
    return None if not read.terms else NameMatch(read.terms, read.said, note=read.note)


def said_beside(text: str, kind: ItemKind, snapshot: Snapshot) -> Said:
    """Give what a text says beside a name that a code has already given."""
    return said_in(text, namings(snapshot)[kind].lexicon)


def _exactly(text: str, naming: Naming) -> NameMatch | Missed | None:
    for tokens, said in readings(text, naming.lexicon):
        meant, trade = look_up(tokens, naming)
        if len(meant) == 1:
            return NameMatch(meant, said)
        if meant:
            what = "a trade name" if trade else "a name"
            return Missed(f"this is {what} of {listed(meant, naming.snapshot)}", meant)
    return None


_NO_NAME: tuple[tuple[str, ...], bool] = ((), False)


def look_up(tokens: list[str], naming: Naming) -> tuple[tuple[str, ...], bool]:
    """Find the terms of a name in normal form, and whether it is a trade name."""
    if not tokens:
        return _NO_NAME
    found = _in(key_of(tokens), naming.names)
    if not found[0] and len(tokens) > 1:
        found = _in(joined(tokens), naming.names)
    return found


def _in(key: str, names: tuple[Names, ...]) -> tuple[tuple[str, ...], bool]:
    for known in names:
        if key in known.proper:
            return known.proper[key], False
        if key in known.brands:
            return known.brands[key], True
    return _NO_NAME


def _part_by_part(text: str, naming: Naming) -> NameMatch | None:
    """Read a text that names several drugs one after the other, each of them exactly."""
    snapshot, lexicon = naming.snapshot, naming.lexicon
    # Blanks are made single first: the pattern must not try how to share out many.
    parts = _BETWEEN.split(" ".join(text.split()))
    if len(parts) < 2:
        return None
    parts = [p for p in parts if _left_of(p, lexicon)]
    if len(parts) < 2:
        return None
    single: list[str] = []
    for part in parts:
        found = _exactly(part, naming)
        if not isinstance(found, NameMatch) or not all(t in snapshot.drugs for t in found.terms):
            return None
        single += found.terms
    if len(set(single)) < len(single):
        return None
    known = combinations_by_parts(snapshot).get(frozenset(single))
    return NameMatch((known,) if known else tuple(single), said_in(text, lexicon))


def _left_of(text: str, lexicon: Lexicon) -> list[str]:
    """Give the words of a text that are neither dose nor known word."""
    *_, (left, _) = readings(text, lexicon)
    return left


def _said_twice(text: str, naming: Naming) -> NameMatch | None:
    """Read a name with another name of the same term in brackets."""
    match = _ASIDE.match(text)
    if match is None:
        return None
    outside = _exactly(f"{match.group(1)} {match.group(3)}", naming)
    inside = _exactly(match.group(2), naming)
    if not isinstance(outside, NameMatch) or not isinstance(inside, NameMatch):
        return None
    same = outside.terms == inside.terms
    return NameMatch(outside.terms, said_in(text, naming.lexicon)) if same else None


def _out_of_place(found: tuple[str, ...], kind: ItemKind, snapshot: Snapshot) -> bool:
    return kind == "medication" and any(
        t in snapshot.drugs and snapshot.drugs[t].kind == "allergen" for t in found
    )


def listed(found: Iterable[str], snapshot: Snapshot) -> str:
    """Write the labels of several terms in a row."""
    return " and of ".join(label(t, snapshot) for t in found)


def label(term: str, snapshot: Snapshot) -> str:
    """Give the label of a term of any kind that items lead to."""
    return known_terms(snapshot)[term].label


def suggest(text: str, kind: ItemKind, snapshot: Snapshot) -> tuple[str, ...]:
    """Give the terms that may have been meant, the likeliest first."""
    naming = namings(snapshot)[kind]
    scores: dict[str, float] = {}
    for token in words(text):
        if len(token) >= _SHORTEST_WORD:
            for term in look_up([token], naming)[0]:
                scores[term] = _SURE
    plain = [t for t, _ in readings(text, naming.lexicon)]
    for group in LIST_OF_KIND[kind].named_by:
        names = names_of(snapshot)[group]
        for wanted in {key_of(t): None for t in (plain[0], plain[-1]) if t}:
            for key, score in _near(snapshot)[group].like(wanted):
                for term in names.proper.get(key) or names.brands.get(key, ()):
                    scores[term] = max(score, scores.get(term, 0.0))
    allowed = [t for t in scores if not _out_of_place((t,), kind, snapshot)]
    return tuple(sorted(allowed, key=lambda t: (-scores[t], t))[:MOST_SUGGESTIONS])


class _NearIn(dict[str, FuzzyNames]):
    """The names of each kind of term, made ready to be searched when they first are."""

    def __init__(self, names: dict[str, Names]) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, group: str) -> FuzzyNames:
        known = self._names[group]
        self[group] = near = FuzzyNames({*known.proper, *known.brands})
        return near


@once_per_snapshot
def _near(snapshot: Snapshot) -> _NearIn:
    return _NearIn(names_of(snapshot))
