"""Definitions of items as trees, by which it is explained what an item is or lacks."""

from __future__ import annotations

import msgspec

from kg.judging.tables import tables
from kg.judging.three_valued import OnItem, conjunction
from kg.snapshot.criteria import AllOf, AnyOf, Expression, Has, Is, Named, Number, Of
from kg.snapshot.model import Snapshot


class ItemNode(msgspec.Struct, frozen=True):
    """A question about one item: what it asks, and how it answers."""

    expression: Expression
    judge: OnItem
    parts: tuple[ItemNode, ...] = ()


class ItemLogic:
    """The definitions of a Snapshot that are about items, made when they are first asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._tables = tables(snapshot)
        self._nodes: dict[str, ItemNode] = {}

    def criterion(self, name: str) -> ItemNode:
        """Give a named criterion as a question about one item."""
        if name not in self._nodes:
            inner = self.node(self._snapshot.criteria[name].expression)
            self._nodes[name] = ItemNode(Named(name), inner.judge, (inner,))
        return self._nodes[name]

    def node(self, expression: Expression) -> ItemNode:
        """Make a definition ready to judge one item."""
        if isinstance(expression, Named):
            return self.criterion(expression.criterion)
        if isinstance(expression, Is | Of | Has | Number):
            return ItemNode(expression, self._tables.leaf(expression))
        if not isinstance(expression, AllOf | AnyOf):
            raise TypeError(f"no question about one item: {expression!r}")
        parts = tuple(map(self.node, expression.parts))
        judges: list[OnItem | None] = [part.judge for part in parts]
        every = isinstance(expression, AllOf)
        joined = conjunction([[j] for j in judges] if every else [judges])
        return ItemNode(expression, joined, parts)
