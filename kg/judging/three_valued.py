"""How answers combine: the three-valued rules, each as a function ready to be called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import TypeVar

from kg import terms
from kg.casing.case import Item
from kg.interval import FALSE, TRUE, UNKNOWN
from kg.judging.view import View

Asked = TypeVar("Asked", View, Item)
OnItem = Callable[[Item], int]
OnPatient = Callable[[View], int]
Anchors = tuple[str, ...] | None


def least(judges: Sequence[Callable[[Asked], int]]) -> Callable[[Asked], int]:
    """True where every part is, false where one is."""
    if len(judges) == 2:
        return _lesser(*judges)

    def judge(asked: Asked) -> int:
        lowest = TRUE
        for part in judges:
            answer = part(asked)
            if answer == FALSE:
                return FALSE
            if answer < lowest:
                lowest = answer
        return lowest

    return judge


def _lesser(one: Callable[[Asked], int], other: Callable[[Asked], int]) -> Callable[[Asked], int]:
    def judge(asked: Asked) -> int:
        first = one(asked)
        if first == FALSE:
            return FALSE
        second = other(asked)
        return second if second < first else first

    return judge


def largest(judges: Sequence[Callable[[Asked], int]]) -> Callable[[Asked], int]:
    """True where some part is, false where none is."""

    def judge(asked: Asked) -> int:
        highest = FALSE
        for part in judges:
            answer = part(asked)
            if answer == TRUE:
                return TRUE
            if answer > highest:
                highest = answer
        return highest

    return judge


def remembered(name: str, inner: OnPatient) -> OnPatient:
    """Judge a named criterion once for each view of a case."""

    def judge(view: View) -> int:
        answer = view.memo.get(name)
        if answer is None:
            answer = view.memo[name] = inner(view)
        return answer

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
