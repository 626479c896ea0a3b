"""Walk the definition of a criterion down to what it asks in the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, overload

from kg.snapshot.criteria import AllOf, AnyOf, AtLeast, Expression, Has, Is, Named, Number, Of
from kg.snapshot.model import Snapshot

AskedLeaf = Has | Number | Is | Of


def nodes_of(
    expression: Expression, snapshot: Snapshot, *, into_named: bool = True
) -> Iterator[Expression]:
    """Give every part of a definition, itself first; unless told, named criteria are opened."""
    stack = [expression]
    while stack:
        here = stack.pop()
        yield here
        if isinstance(here, AllOf | AnyOf):
            stack += reversed(here.parts)
        elif isinstance(here, AtLeast):
            stack.append(here.item)
        elif isinstance(here, Named) and into_named:
            stack.append(snapshot.criteria[here.criterion].expression)


@overload
def leaves_of(expression: Expression, snapshot: Snapshot) -> Iterator[AskedLeaf]: ...


@overload
def leaves_of(
    expression: Expression, snapshot: Snapshot, *, named: Literal[True]
) -> Iterator[AskedLeaf | str]: ...


def leaves_of(
    expression: Expression, snapshot: Snapshot, *, named: bool = False
) -> Iterator[AskedLeaf | str]:
    """Give what a definition asks; with `named`, stop at criteria that have a name."""
    for node in nodes_of(expression, snapshot, into_named=not named):
        if isinstance(node, AskedLeaf):
            yield node
        elif named and isinstance(node, Named):
            yield node.criterion
