"""A problem text as the terms it names, or a question with candidates."""

from __future__ import annotations

import msgspec

from kg.contract.parts import ItemKind
from kg.resolving.allergens import read_allergens
from kg.resolving.free_text import Said
from kg.resolving.names import Missed, NameMatch, listed, named, said_beside, suggest
from kg.resolving.problems import NamedProblem, read_problems
from kg.snapshot.model import Snapshot


def meaning_of(text: str, kind: ItemKind, snapshot: Snapshot) -> NameMatch | Missed:
    """Find what a text names, whatever kind of item it is given for."""
    found = plainly_named(text, kind, snapshot)
    if found is None:
        return Missed("no term has this name", suggest(text, kind, snapshot))
    return found


def plainly_named(text: str, kind: ItemKind, snapshot: Snapshot) -> NameMatch | Missed | None:
    """Find what a text names; None where it names nothing, without a suggestion."""
    if kind == "allergy":
        return read_allergens(text, snapshot)
    if kind != "condition":
        return named(text, kind, snapshot)
    read = read_problems(text, snapshot)
    sure = [_match(p) for p in read.problems if len(p.terms) == 1]
    several = [p.terms for p in read.problems if len(p.terms) > 1]
    if not sure and several:
        return Missed(f"this is a name of {listed(several[0], snapshot)}", several[0])
    if not sure and read.named_in_unread:
        unread = "; ".join(f"'{u}'" for u in read.unread)
        return Missed(f"what this says is not plain: {unread}", read.named_in_unread)
    if not sure:
        return None
    unread_too = (*read.unread, *[listed(terms, snapshot) for terms in several])
    return msgspec.structs.replace(sure[0], others=tuple(sure[1:]), unread=unread_too)


def _match(problem: NamedProblem) -> NameMatch:
    said = Said(problem.phrases)
    return NameMatch(problem.terms, said, broader=problem.broader, date=problem.date)


def degrees_in(text: str, snapshot: Snapshot) -> Said:
    """Give the degrees that a text states of a condition that a code has given.

    Of a text that was not understood nothing else counts: its words may be about anything.
    """
    spoken = said_beside(text, "condition", snapshot).phrases
    return Said(tuple([w for w in spoken if w.severity or w.grade]), loosely=True)
