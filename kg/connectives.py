"""How answers combine: the three-valued rules, each as a function ready to be called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from kg.case import Item
from kg.interval import FALSE, TRUE, UNKNOWN
from kg.view import Counted, View

Asked = TypeVar("Asked", View, Item)
OnItem = Callable[[Item], int]
OnPatient = Callable[[View], int]
Anchors = tuple[str, ...] | None
OpenKinds = tuple[tuple[str, frozenset[str]], ...]


def least(judges: Sequence[Callable[[Asked], int]]) -> Callable[[Asked], int]:
    """True where every part is, false where one is."""

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


def some(family: str, truths: Mapping[str, int], anchors: Anchors, item: OnItem) -> OnPatient:
    """True where an item hangs on the role and is so; unknown where the list was not given."""

    def judge(view: View) -> int:
        shelf = view.shelves[family]
        return UNKNOWN if shelf is None else _best(shelf.at(anchors), truths, item)

    return judge


def measured(
    family: str, truths: Mapping[str, int], anchors: Anchors, item: OnItem, kinds: OpenKinds
) -> OnPatient:
    """As `some`, of observations: a kind that was not given is not known, whatever the list."""

    def judge(view: View) -> int:
        shelf = view.shelves[family]
        best = FALSE if shelf is None else _best(shelf.at(anchors), truths, item)
        if best == FALSE and any(closing.isdisjoint(view.kinds) for _, closing in kinds):
            return UNKNOWN
        return best

    return judge


def _best(found: Sequence[Counted], truths: Mapping[str, int], item: OnItem) -> int:
    best = FALSE
    for entry, limit in found:
        ceiling = min(truths.get(entry.role, FALSE), limit)
        if ceiling > best:
            answer = min(ceiling, item(entry))
            if answer == TRUE:
                return TRUE
            best = max(best, answer)
    return best


def count(
    wanted: int, family: str, truths: Mapping[str, int], anchors: Anchors, item: OnItem
) -> OnPatient:
    """True where so many different drugs hang on the role and are so.

    Entries of one drug are one. An entry whose drug is not known for certain may be the same
    as another: it counts as one more only where no other entry may be of the same drug.
    """

    def judge(view: View) -> int:
        shelf = view.shelves[family]
        if shelf is None:
            return UNKNOWN
        scored = _scored(shelf.at(anchors), truths, item)
        if _sure(scored) >= wanted:
            return TRUE
        return UNKNOWN if _possible(scored) >= wanted else FALSE

    return judge


def _scored(
    found: Sequence[Counted], truths: Mapping[str, int], item: OnItem
) -> list[tuple[Item, int]]:
    scored = []
    for entry, limit in found:
        ceiling = min(truths.get(entry.role, FALSE), limit)
        answer = min(ceiling, item(entry)) if ceiling else FALSE
        if answer:
            scored.append((entry, answer))
    return scored


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


def _possible(scored: Sequence[tuple[Item, int]]) -> int:
    """Count the drugs that may be so and may be different."""
    single = {next(iter(i.drugs)) for i, _ in scored if i.drugs is not None and len(i.drugs) == 1}
    return len(single) + sum(1 for i, _ in scored if i.drugs is None or len(i.drugs) != 1)
