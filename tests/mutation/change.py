"""One change of the Turtle: made in the loaded graph, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kg.build.load import Knowledge
from kg.graph.turtle import RdfNode, Subject


@dataclass(frozen=True)
class Change:
    """What is stated of one subject by one predicate, in place of what was stated before."""

    subject: Subject
    predicate: str
    values: tuple[RdfNode, ...]


@dataclass(frozen=True)
class Mutant:
    """One change that somebody could make by mistake, named so that a person finds it."""

    kind: str
    of: str
    name: str
    changes: tuple[Change, ...]


@contextmanager
def made(knowledge: Knowledge, changes: tuple[Change, ...]) -> Iterator[Knowledge]:
    """Let the loaded graph say something else for a while."""
    before = []
    for change in changes:
        stated = knowledge.by_subject[change.subject]
        before.append((stated, change.predicate, stated.get(change.predicate)))
        _state(stated, change.predicate, list(change.values))
    try:
        yield knowledge
    finally:
        for stated, predicate, values in reversed(before):
            _state(stated, predicate, values)


def _state(stated: dict[str, list[RdfNode]], predicate: str, values: list[RdfNode] | None) -> None:
    if values:
        stated[predicate] = values
    else:
        stated.pop(predicate, None)
