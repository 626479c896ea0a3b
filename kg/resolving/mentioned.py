"""What a text names in passing: the substances that stand somewhere in it."""

from __future__ import annotations

from kg.contract.parts import ItemKind
from kg.resolving.names import NameMatch, named
from kg.snapshot.model import Snapshot
from kg.snapshot.names import words

_LONGEST = 3
# A name in passing has to be of some length: shorter words are rarely one.
_SHORTEST = 5


def mentioned(text: str, kind: ItemKind, snapshot: Snapshot) -> tuple[tuple[str, ...], ...]:
    """Give the meaning of every name of at most three words in a text, the longest first."""
    tokens, found, at = words(text), list[tuple[str, ...]](), 0
    while at < len(tokens):
        step = 1
        for length in range(min(_LONGEST, len(tokens) - at), 0, -1):
            name = " ".join(tokens[at : at + length])
            one = named(name, kind, snapshot) if len(name) >= _SHORTEST else None
            if isinstance(one, NameMatch):
                found.append(one.terms)
                step = length
                break
        at += step
    return tuple(dict.fromkeys(found))
