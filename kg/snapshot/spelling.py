"""One spelling for words that are written in several: British and American, one and many.

Both what is listed and what is sent are brought to this form, which is nobody's spelling. Names
that become alike by it lead to a question where they stand for different terms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from kg.snapshot.names import words as words_of

_DIGRAPHS = re.compile(r"[ao]e")
_OUR = re.compile(r"(?<=[a-z]{2})our(?=s?\Z|ed\Z|al\Z|ous\Z)")
_ISE = re.compile(r"(?<=[a-z]{3})is(?=e\Z|ed\Z|ing\Z|ation\Z)")
_SHORTEST = 4


@lru_cache(maxsize=16384)
def even(word: str) -> str:
    """Write a word in the one form."""
    if len(word) < _SHORTEST or not word.isalpha():
        return word
    word = word.replace("sulph", "sulf")
    word = _ISE.sub("iz", _OUR.sub("or", _DIGRAPHS.sub("e", word)))
    return _single(word)


def _single(word: str) -> str:
    """Write one and many alike."""
    if len(word) <= _SHORTEST:
        return word
    for ending in ("ses", "sis", "se"):
        if word.endswith(ending):
            return word[: -len(ending)] + "s"
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("xes"):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def evenly(words: Iterable[str]) -> tuple[str, ...]:
    """Write several words in the one form."""
    return tuple([even(word) for word in words])


def title_key(title: str) -> str:
    """Write a title in the form in which titles are looked up."""
    return " ".join(evenly(words_of(title)))
