"""International names as other languages write them: French, German, Spanish, Italian, Latin.

Two spellings of one international name differ in endings and in a few letters only. What is left
of a name without them is its stem; a stem leads to a name where it is the stem of one alone.
"""

from __future__ import annotations

import re

# Shorter words are too like each other.
SHORTEST = 6
_LETTERS = (
    ("ph", "f"), ("x", "s"), ("ae", "e"), ("oe", "e"), ("ou", "u"),
)  # fmt: skip
# An h that is not heard, as in chlor- and -thal-.
_SILENT_H = re.compile(r"(?<=[tr])h|(?<=c)h(?=[lr])")
_DOUBLED = re.compile(r"([b-df-hj-np-tv-z])\1(?=.)")
_ENDING = re.compile(r"(?:um|us|[aeo])\Z")
_ACIDS = frozenset({"acide", "acido", "acidum", "acid"})
_OF_ACID = re.compile(r"i(?:que|c(?:um|o|a)?)\Z")
_ONE_WORD_ACID = re.compile(r"(.{4,})saure\Z")


def endings(tokens: list[str]) -> tuple[str, ...]:
    """Give how the words of a name end, in the order of the endings.

    Names of two languages differ here; where they do not, a letter that differs is a slip.
    """
    found = (_ENDING.search(t) or _OF_ACID.search(t) for t in tokens)
    return tuple(sorted(end.group() if end else "" for end in found))


def stems(tokens: list[str], *, keeping_y: bool) -> tuple[str, ...]:
    """Give the stems of the words of a name, in an order that no language changes.

    Other languages write an i for a y, and none a y for an i: with `keeping_y` a y stays.
    """
    words: list[str] = []
    acid = any(token in _ACIDS for token in tokens)
    for token in tokens:
        compound = _ONE_WORD_ACID.match(token)
        if compound:
            first = compound.group(1)
            words += [_stem(first.removesuffix("in") + "ic", keeping_y), "acid"]
        elif token in _ACIDS:
            words.append("acid")
        else:
            words.append(_stem(_OF_ACID.sub("ic", token) if acid else token, keeping_y))
    return tuple(sorted(words))


def _stem(word: str, keeping_y: bool) -> str:
    if len(word) < SHORTEST:
        return word
    if not keeping_y:
        word = word.replace("y", "i")
    for written, plain in _LETTERS:
        word = word.replace(written, plain)
    word = _SILENT_H.sub("", word).removeprefix("h")
    return _ENDING.sub("", _DOUBLED.sub(r"\1", word))
