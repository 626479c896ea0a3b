"""Questions about one item, made ready to judge: what it is, of which drug, how it is."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import msgspec

from kg import terms
from kg.casing.case import Item
from kg.interval import ANYTHING, FALSE, TRUE, UNKNOWN, Interval, between
from kg.judging.three_valued import Anchors, OnItem, largest, least
from kg.resolving.known import known_terms
from kg.snapshot.criteria import AllOf, AnyOf, Expression, Has, Is, Named, Number, Of
from kg.snapshot.model import Property, Snapshot
from kg.snapshot.once import once_per_snapshot


class ItemNode(msgspec.Struct, frozen=True):
    """A question about one item: what it asks, how it answers, and where it can be true at all.

    `anchors` are the classes one of which an item must belong to, or may belong to, for any
    answer but false; None where any item may do.
    """

    expression: Expression
    judge: OnItem
    parts: tuple[ItemNode, ...] = ()
    anchors: Anchors = None


class ItemLogic(msgspec.Struct):
    """The questions of a Snapshot about items, made when they are first asked for."""

    snapshot: Snapshot
    nodes: dict[str, ItemNode] = {}
    _members: dict[str, frozenset[str]] = {}

    def members(self, name: str) -> frozenset[str]:
        """Give the members of a class of drugs; of what is no such class, none."""
        if name not in self._members:
            known = self.snapshot.classes.get(name)
            self._members[name] = frozenset(known.members) if known else frozenset()
        return self._members[name]

    def may_belong(self, term: str, anchors: Anchors) -> bool:
        """Say whether what is known to be a term may belong to one of some classes."""
        if anchors is None:
            return True
        snapshot = self.snapshot
        known = snapshot.conditions.get(term) or snapshot.observations.get(term)
        if known is not None:
            return term in anchors or not set(anchors).isdisjoint(known.ancestors)
        if term in assessed_drugs(snapshot):
            return any(term in self.members(name) for name in anchors)
        return True

    def told(self, node: ItemNode, term: str) -> int | OnItem:
        """Judge a question of what is known to be a term, or give what is left to ask of it."""
        expression = node.expression
        if isinstance(expression, Is | Of):
            return node.judge(self._known_as(term))
        if isinstance(expression, Has | Number):
            return node.judge
        parts = [self.told(part, term) for part in node.parts]
        if isinstance(expression, AnyOf):
            return _left(parts, TRUE, max, largest)
        return _left(parts, FALSE, min, least)

    def _known_as(self, term: str) -> Item:
        """Give an item of which nothing is known but its term."""
        classes = known_terms(self.snapshot)[term].classes or None
        drugs = None if classes else frozenset({term})
        return Item("", "", "", term=term, classes=classes, drugs=drugs)

    def criterion(self, name: str) -> ItemNode:
        """Give a named criterion as a question about one item."""
        if name not in self.nodes:
            inner = self.node(self.snapshot.criteria[name].expression)
            self.nodes[name] = ItemNode(Named(name), inner.judge, (inner,), inner.anchors)
        return self.nodes[name]

    def node(self, expression: Expression) -> ItemNode:
        """Make an expression ready to judge one item."""
        if isinstance(expression, AllOf):
            parts = tuple(map(self.node, expression.parts))
            return ItemNode(expression, least([p.judge for p in parts]), parts, _narrowest(parts))
        if isinstance(expression, AnyOf):
            parts = tuple(map(self.node, expression.parts))
            return ItemNode(expression, largest([p.judge for p in parts]), parts, _together(parts))
        if isinstance(expression, Named):
            return self.criterion(expression.criterion)
        if isinstance(expression, Is):
            return ItemNode(expression, _is(expression.term), (), (expression.term,))
        if isinstance(expression, Of):
            return ItemNode(expression, self._of(expression), (), (expression.term,))
        if isinstance(expression, Has):
            return ItemNode(expression, self._has(expression))
        if isinstance(expression, Number):
            return ItemNode(expression, self._number(expression))
        raise TypeError(f"no question about one item: {expression!r}")

    def _of(self, expression: Of) -> OnItem:
        """Judge membership: sure where every drug an item may be is a member, open where one is.

        Nothing is known of the liabilities of a drug that nobody assessed, so it may be a
        member of any class that is defined by them.
        """
        known = self.snapshot.classes[expression.term]
        members = self.members(expression.term)
        by_liability = known.defined and expression.property == terms.OF_DRUG
        judged = assessed_drugs(self.snapshot)

        def judge(item: Item) -> int:
            drugs = item.drugs
            if drugs is None:
                return UNKNOWN
            if drugs <= members:
                return TRUE
            open_to = by_liability and not drugs <= judged
            return UNKNOWN if open_to or not drugs.isdisjoint(members) else FALSE

        return judge

    def _has(self, expression: Has) -> OnItem:
        prop, value = expression.property, expression.value
        silent = unsaid(expression, self.snapshot)

        def judge(item: Item) -> int:
            given = item.attributes.get(prop)
            return silent if given is None else TRUE if given == value else FALSE

        return judge

    def _number(self, expression: Number) -> OnItem:
        prop, facet = expression.property, facet_of(expression)
        unknown = not_given(self.snapshot.properties[prop], facet)

        def judge(item: Item) -> int:
            given = item.numbers.get(prop)
            return unknown if given is None else given.compare(facet)

        return judge


@once_per_snapshot
def assessed_drugs(snapshot: Snapshot) -> frozenset[str]:
    """Give the drugs of which somebody has judged what they may bring, and what is no drug."""
    return frozenset(
        iri
        for iri, drug in snapshot.drugs.items()
        if drug.assessed or drug.kind not in ("drug", "combination")
    )


def unsaid(expression: Has, snapshot: Snapshot) -> int:
    """Judge an attribute that was not given: that it was not said is itself a value."""
    unstated = snapshot.properties[expression.property].unstated
    return TRUE if expression.value == unstated else UNKNOWN


def facet_of(number: Number) -> Interval:
    """Give the bounds that a criterion sets."""
    return Interval(
        None if number.low is None else Fraction(number.low),
        None if number.high is None else Fraction(number.high),
        number.low_open,
        number.high_open,
    )


def not_given(prop: Property, facet: Interval) -> int:
    """Judge a number that was not given: it may be anything plausible."""
    plausible = between(prop.plausible)
    return UNKNOWN if plausible == ANYTHING else plausible.compare(facet)


def _is(term: str) -> OnItem:
    def judge(item: Item) -> int:
        if item.classes is None:
            return UNKNOWN
        return TRUE if term in item.classes else FALSE

    return judge


def _left(
    parts: list[int | OnItem],
    settled: int,
    of: Callable[[list[int]], int],
    together: Callable[[list[OnItem]], OnItem],
) -> int | OnItem:
    """Combine parts of which some are judged: one that settles all, or what is left to ask."""
    judged = [part for part in parts if isinstance(part, int)]
    asking = [part for part in parts if not isinstance(part, int)]
    known = of([*judged, TRUE - settled])
    if known == settled or not asking:
        return known
    if known == UNKNOWN:
        asking.append(lambda _: UNKNOWN)
    return asking[0] if len(asking) == 1 else together(asking)


def _narrowest(parts: tuple[ItemNode, ...]) -> Anchors:
    anchored = [p.anchors for p in parts if p.anchors is not None]
    return min(anchored, key=lambda a: (len(a), a)) if anchored else None


def _together(parts: tuple[ItemNode, ...]) -> Anchors:
    found: set[str] = set()
    for part in parts:
        if part.anchors is None:
            return None
        found.update(part.anchors)
    return tuple(sorted(found))
