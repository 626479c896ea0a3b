"""Which questions leave a criterion open, or make it true: read from the pattern of answers.

A pattern says of each question whether it is so, is not, or cannot be told. It holds no value of a
patient, so what follows from one is kept for others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from kg.interval import TRUE, UNKNOWN
from kg.judging.questions import PatientNode, logic
from kg.judging.three_valued import truth
from kg.judging.view import View
from kg.snapshot.criteria import AnyOf, Named
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

# Patterns that are kept for each release; of those in use the oldest go first.
_MOST_KEPT = 8192
_Questions = tuple[PatientNode, ...]


def truth_of(node: PatientNode, view: View) -> int:
    """Judge a question by its clauses."""
    return truth(node.clauses, view.sure, view.possible)


def open_questions(node: PatientNode, view: View, snapshot: Snapshot) -> _Questions:
    """List the questions that leave a criterion open."""
    return _kept(snapshot)(node, view.sure & node.mask, view.possible & node.mask, UNKNOWN)


def deciding_questions(node: PatientNode, view: View, snapshot: Snapshot) -> _Questions:
    """List the questions that make a criterion true; of several ways to be true, every one."""
    return _kept(snapshot)(node, view.sure & node.mask, view.possible & node.mask, TRUE)


@once_per_snapshot
def _kept(snapshot: Snapshot) -> Callable[[PatientNode, int, int, int], _Questions]:
    nodes = logic(snapshot)

    @lru_cache(maxsize=_MOST_KEPT)
    def of_criterion(name: str, sure: int, possible: int, answer: int) -> _Questions:
        return tuple(_walk(nodes.criterion(name), sure, possible, answer))

    def found(node: PatientNode, sure: int, possible: int, answer: int) -> _Questions:
        if isinstance(node.expression, Named):
            return of_criterion(node.expression.criterion, sure, possible, answer)
        return tuple(_walk(node, sure, possible, answer))

    return found


def _walk(node: PatientNode, sure: int, possible: int, answer: int) -> Iterator[PatientNode]:
    if answer == UNKNOWN and truth(node.clauses, sure, possible) != UNKNOWN:
        return
    if not node.parts:
        yield node
    for part in node.parts:
        skipped = answer == TRUE and isinstance(node.expression, AnyOf)
        if not skipped or truth(part.clauses, sure, possible) == TRUE:
            yield from _walk(part, sure, possible, answer)
