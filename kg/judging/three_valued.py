"""How answers combine in three values: conjunctive normal forms, and counts of different drugs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import TypeAlias

from kg import terms
from kg.casing.case import Item
from kg.interval import FALSE, TRUE, UNKNOWN

OnItem: TypeAlias = Callable[[Item], int]


def truth(clauses: Sequence[int], sure: int, possible: int) -> int:
    """Judge a conjunctive normal form: each clause is a bit mask of the questions that it joins."""
    lowest = TRUE
    for clause in clauses:
        if not clause & possible:
            return FALSE
        if not clause & sure:
            lowest = UNKNOWN
    return lowest


def conjunction(clauses: Sequence[Sequence[OnItem | None]]) -> OnItem:
    """Join clauses: true where each holds a true part; None stands for a part that may be so."""
    parts = [_disjunction(clause) for clause in clauses]
    if len(parts) == 1:
        return parts[0]

    def judge(item: Item) -> int:
        lowest = TRUE
        for part in parts:
            answer = part(item)
            if answer < lowest:
                if answer == FALSE:
                    return FALSE
                lowest = answer
        return lowest

    return judge


def _disjunction(clause: Sequence[OnItem | None]) -> OnItem:
    judges = [judge for judge in clause if judge is not None]
    least = UNKNOWN if len(judges) < len(clause) else FALSE
    if len(judges) == 1 and least == FALSE:
        return judges[0]

    def judge(item: Item) -> int:
        highest = least
        for part in judges:
            answer = part(item)
            if answer > highest:
                if answer == TRUE:
                    return TRUE
                highest = answer
        return highest

    return judge


def different(wanted: int, scored: Sequence[tuple[Item, int]]) -> int:
    """True where so many different drugs are so, false where they cannot be.

    Entries of one drug are one. An entry whose drug is not known for certain may be the same
    as another: it counts as one more only where no other entry may be of the same drug.
    """
    if not scored:
        return FALSE
    if _sure(scored) >= wanted:
        return TRUE
    return UNKNOWN if _possible(scored) >= wanted else FALSE


def _sure(scored: Sequence[tuple[Item, int]]) -> int:
    """Count the drugs that are so and different for certain."""
    true = [i.drugs for i, answer in scored if answer == TRUE and i.drugs is not None]
    taken: set[str] = set()
    sure = 0
    for drugs in sorted(true, key=len):
        if taken.isdisjoint(drugs):
            taken |= drugs
            sure += 1
    return sure


def _possible(scored: Sequence[tuple[Item, int]]) -> float:
    """Count the drugs that may be so and may be different.

    What stands for the unread portion of a list hangs by no narrower role, and may be any number.
    """
    if any(i.drugs is None and i.role == terms.HAS_MEDICATION for i, _ in scored):
        return inf
    single = {next(iter(i.drugs)) for i, _ in scored if i.drugs is not None and len(i.drugs) == 1}
    return len(single) + sum(1 for i, _ in scored if i.drugs is None or len(i.drugs) != 1)
