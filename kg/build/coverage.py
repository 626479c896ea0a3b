"""Refuse a union whose parts together cover something unknown.

Of "low or high", asked of a number that was not given, three-valued logic says *cannot tell*
although every number would do. The proof that the engine equals the reasoner rests on there
being no such union. Whether one is there is found by trying: one unknown at a time, under
every answer to the other questions its branches ask.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from kg.snapshot.criteria import (
    AllOf,
    AnyOf,
    AtLeast,
    Criterion,
    Expression,
    Has,
    Is,
    Named,
    Number,
    Of,
)
from kg.snapshot.model import Property

# What an item is, and which drug it is of, does not stay unknown here.
_IS, _OF = "what it is", "its drug"
_KNOWN = {_IS, _OF}

# More combinations than this are tried in even steps, not all.
_ENOUGH = 4096

# A question is asked of the patient or of an item on some family of roles.
AskedOf = tuple[str, str]
# What is true of an attribute is a set: a value, and that it was not stated, can both be.
TriedAnswer = str | Fraction | bool | frozenset[str]
TriedAnswers = dict[AskedOf, TriedAnswer | None]


@dataclass(frozen=True)
class Covered:
    """An unknown that a union covers, and the answers under which it does."""

    unknown: str
    given: tuple[str, ...]


@dataclass(frozen=True)
class CoverageCheck:
    """Knows the criteria by name, the properties with their values, and what is below what."""

    criteria: Mapping[str, Criterion]
    properties: Mapping[str, Property]
    superclasses: Mapping[str, frozenset[str]]

    def covered(self, expression: Expression) -> Covered | None:
        """Find the first unknown that a union inside an expression covers."""
        for union, scope in self._unions(expression, ""):
            for unknown in sorted(self._asked_twice(union, scope)):
                found = self._try(union, scope, unknown)
                if found:
                    return found
        return None

    def _unions(self, node: Expression, scope: str) -> Iterator[tuple[AnyOf, str]]:
        if isinstance(node, AnyOf):
            yield node, scope
        if isinstance(node, AllOf | AnyOf):
            for part in node.parts:
                yield from self._unions(part, scope)
        if isinstance(node, AtLeast):
            yield from self._unions(node.item, self._family(node.role))
        # A named criterion is looked at under its own name.

    def _asked_twice(self, union: AnyOf, scope: str) -> set[AskedOf]:
        seen: set[AskedOf] = set()
        twice: set[AskedOf] = set()
        for part in union.parts:
            asked = {q for q, _ in self._leaves(part, scope) if q[1] not in _KNOWN}
            twice |= seen & asked
            seen |= asked
        return twice

    def _leaves(self, node: Expression, scope: str) -> Iterator[tuple[AskedOf, Expression]]:
        if isinstance(node, AllOf | AnyOf):
            for part in node.parts:
                yield from self._leaves(part, scope)
        elif isinstance(node, Named):
            if node.criterion in self.criteria:
                yield from self._leaves(self.criteria[node.criterion].expression, scope)
        elif isinstance(node, AtLeast):
            family = self._family(node.role)
            yield (family, "role"), node
            yield from self._leaves(node.item, family)
        elif isinstance(node, Has | Number):
            yield (scope, self._key(node)), node
        else:
            yield (scope, _IS if isinstance(node, Is) else _OF), node

    def _key(self, node: Has | Number) -> str:
        # A property whose values do not exclude each other asks one question a value.
        if isinstance(node, Has) and not self.properties[node.property].admits:
            return f"{node.property} {node.value}"
        return node.property

    def _family(self, role: str) -> str:
        return self.properties[role].wider[-1]

    def _narrowest(self, role: str) -> list[str]:
        below = [r for r, p in self.properties.items() if role in p.wider]
        return [r for r in below if not any(r in self.properties[o].wider for o in below if o != r)]

    def _domain(
        self, question: AskedOf, leaves: list[Expression], *, unknown: bool
    ) -> list[TriedAnswer]:
        """List the answers to try: all there can be; of a known item also that it is not there."""
        scope, name = question
        if name in _KNOWN:
            named = {leaf.term for leaf in leaves if isinstance(leaf, Is | Of)}
            patterns = {frozenset(named & above) for above in self.superclasses.values()}
            return [*sorted({*patterns, frozenset[str]()}, key=sorted)]
        if name == "role":
            return [*self._narrowest(scope), *([] if unknown else [""])]
        bounds = sorted(
            {
                Fraction(b)
                for leaf in leaves
                if isinstance(leaf, Number)
                for b in (leaf.low, leaf.high)
                if b is not None
            }
        )
        if bounds:
            between = [(a + b) / 2 for a, b in itertools.pairwise(bounds)]
            return [bounds[0] - 1, *bounds, *between, bounds[-1] + 1]
        prop = self.properties.get(name)
        if prop and prop.admits:
            unstated = {prop.unstated} if prop.unstated else set[str]()
            if unknown:
                return [frozenset({v, *unstated}) for v in prop.admits]
            alone = [frozenset(unstated)] if unstated else []
            return [*(frozenset({v}) for v in prop.admits), *alone]
        return [True, False]

    def _try(self, union: AnyOf, scope: str, unknown: AskedOf) -> Covered | None:
        branches = AnyOf(
            tuple(p for p in union.parts if unknown in {q for q, _ in self._leaves(p, scope)})
        )
        leaves: dict[AskedOf, list[Expression]] = {}
        for question, leaf in self._leaves(branches, scope):
            leaves.setdefault(question, []).append(leaf)
        others = sorted(set(leaves) - {unknown})
        domains = [self._domain(q, leaves[q], unknown=False) for q in others]
        cells = self._domain(unknown, leaves[unknown], unknown=True)
        total = 1
        for domain in domains:
            total *= len(domain)
        step = max(1, total // _ENOUGH)
        for answers in itertools.islice(itertools.product(*domains), 0, None, step):
            answered: TriedAnswers = dict(zip(others, answers, strict=True))
            if self._truth(branches, scope, {**answered, unknown: None}) is not None:
                continue
            outcomes = {self._truth(branches, scope, {**answered, unknown: c}) for c in cells}
            if len(outcomes) == 1:
                given = tuple(f"{q[1]} = {a}" for q, a in answered.items())
                return Covered(unknown[1], given)
        return None

    def _truth(self, node: Expression, scope: str, answers: TriedAnswers) -> bool | None:
        if isinstance(node, AllOf | AnyOf):
            decisive = isinstance(node, AnyOf)
            values = [self._truth(p, scope, answers) for p in node.parts]
            if decisive in values:
                return decisive
            return None if None in values else not decisive
        if isinstance(node, Named):
            criterion = self.criteria.get(node.criterion)
            return self._truth(criterion.expression, scope, answers) if criterion else False
        if isinstance(node, AtLeast):
            return self._item(node, answers)
        if isinstance(node, Is | Of):
            what = answers[(scope, _IS if isinstance(node, Is) else _OF)]
            return isinstance(what, frozenset) and node.term in what
        answer = answers[(scope, self._key(node))]
        if isinstance(node, Has):
            if answer is None:
                return True if node.value == self.properties[node.property].unstated else None
            return node.value in answer if isinstance(answer, frozenset) else answer is True
        return within(answer, node) if isinstance(answer, Fraction) else None

    def _item(self, node: AtLeast, answers: TriedAnswers) -> bool | None:
        family = self._family(node.role)
        role = answers[(family, "role")]
        on_role: bool | None = role in self._narrowest(node.role)
        if role is None:
            on_role = True if node.role == family else None
        item = self._truth(node.item, family, answers)
        if False in (on_role, item):
            return False
        return None if None in (on_role, item) else True


def within(value: Fraction, bounds: Number) -> bool:
    """Say whether a number lies within bounds."""
    if bounds.low is not None:
        low = Fraction(bounds.low)
        if value < low or (bounds.low_open and value == low):
            return False
    if bounds.high is not None:
        high = Fraction(bounds.high)
        if value > high or (bounds.high_open and value == high):
            return False
    return True
