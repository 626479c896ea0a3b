"""The normal form of names, in which the release writes them and requests look them up.

Case, accents, punctuation and word order never matter; a word that is spelt differently is
another word, and leads to the same term only where the ontology says so. A sign at the end of
a word (as in a gene that is present or absent) is kept, since it turns the meaning round.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from kg.snapshot.model import Condition, Drug, Names, Snapshot
from kg.snapshot.once import once_per_snapshot
from kg.snapshot.value import Term

_WORD = re.compile(r"[a-z0-9]+(?:[+-](?![a-z0-9+-]))?|[%?]")
_POSSESSIVE = re.compile(r"['\u2019\u02bc]s\b")
_APOSTROPHE = re.compile(r"['\u2019\u02bc]")
# Words that join others and say nothing.
JOINING = frozenset({"and", "of", "the", "with"})
_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})


# The letters of the Greek alphabet, and of its extension, by their names.
_GREEK = str.maketrans(
    {
        letter: name.rsplit(" ", 1)[-1].lower()
        for letter in map(chr, (*range(0x370, 0x400), *range(0x1F00, 0x2000)))
        if (name := unicodedata.name(letter, "")).startswith("GREEK SMALL LETTER")
    }
)


def fold(text: str) -> str:
    """Write a text without case and accents, Greek letters by their names."""
    if text.isascii():
        return text.lower()
    # Marks that stand alone go first: sorting a long run of them takes the square of its length.
    plain = "".join([c for c in text.casefold() if not unicodedata.combining(c)])
    spread = unicodedata.normalize("NFKD", plain).translate(_LETTERS)
    return "".join([c for c in spread if not unicodedata.combining(c)]).translate(_GREEK)


def words(text: str) -> list[str]:
    """Split a text into its words, in their order."""
    folded = fold(text)
    if "'" in folded or not folded.isascii():
        folded = _APOSTROPHE.sub("", _POSSESSIVE.sub("", folded))
    return _WORD.findall(folded)


def key_of(tokens: Sequence[str]) -> str:
    """Give the normal form of a name that is already split into words."""
    if len(tokens) == 1 and tokens[0] not in JOINING:
        return tokens[0]
    return " ".join(sorted([t for t in tokens if t not in JOINING]))


def normal(text: str) -> str:
    """Give the normal form of a name."""
    return key_of(words(text))


def joined(tokens: Iterable[str]) -> str:
    """Write words as one, for names that are written with and without hyphen or space."""
    return "".join([t for t in tokens if t not in JOINING])


def forms(name: str) -> set[str]:
    """Give every normal form under which a name is found."""
    tokens = words(name)
    found = {key_of(tokens), joined(tokens)}
    if _POSSESSIVE.search(name):
        found.add(normal(_APOSTROPHE.sub("", name)))
    return found - {""}


def index(terms: Mapping[str, Term]) -> Names:
    """List the names of terms of one kind; a label belongs to its term, whoever else uses it."""
    labels: dict[str, set[str]] = defaultdict(set)
    others: dict[str, set[str]] = defaultdict(set)
    brands: dict[str, set[str]] = defaultdict(set)
    for iri, term in terms.items():
        _add(labels, iri, (term.label,))
        _add(others, iri, term.names)
        if isinstance(term, Condition):
            _add(others, iri, term.open_names)
        if isinstance(term, Drug):
            _add(others, iri, term.misspellings)
            _add(brands, iri, term.brands)
    for form in brands.keys() & others.keys():
        others[form] |= brands[form]
    return Names(
        proper=_sorted(others | labels),
        brands=_sorted({k: v for k, v in brands.items() if k not in labels and k not in others}),
    )


def _add(found: dict[str, set[str]], iri: str, names: Iterable[str]) -> None:
    for name in names:
        for form in forms(name):
            found[form].add(iri)


def _sorted(found: Mapping[str, set[str]]) -> dict[str, tuple[str, ...]]:
    return {form: tuple(sorted(found[form])) for form in sorted(found)}


@once_per_snapshot
def names_of(snapshot: Snapshot) -> dict[str, Names]:
    """Give the names by kind of term: as the release wrote them, else worked out here."""
    return snapshot.names or index_names(
        snapshot.drugs, snapshot.classes, snapshot.conditions, snapshot.observations
    )


def index_names(
    drugs: Mapping[str, Term],
    classes: Mapping[str, Term],
    conditions: Mapping[str, Term],
    observations: Mapping[str, Term],
) -> dict[str, Names]:
    """List all names that requests may use."""
    return {
        "drug": index(drugs),
        "class": index(classes),
        "condition": index(conditions),
        "observation": index(observations),
    }
