"""Compile the criteria into the decision table that engines run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from itertools import product
from operator import mul

import msgspec

from kg import terms
from kg.build.decision_profiles import Leaves, decided_by_terms, profiles_of
from kg.contract.parts import LISTS
from kg.errors import Untranslatable
from kg.interval import ANYTHING, FALSE, TRUE, UNKNOWN, between
from kg.snapshot.criteria import AllOf, AnyOf, AtLeast, Expression, Has, Is, Named, Number, Of
from kg.snapshot.criteria_walk import nodes_of
from kg.snapshot.decisions import (
    Clauses,
    CountQuestion,
    DecisionTable,
    FactQuestion,
    Leaf,
    NumberQuestion,
    Question,
    Reach,
    RoleQuestion,
    bounds_of,
    mask_of,
    reach,
    reduced,
    shortest,
)
from kg.snapshot.model import Snapshot

_FAMILIES = tuple(one.family for one in LISTS)
# More clauses than this are no table that anybody could read, or run fast.
_MOST_CLAUSES = 64

Anchors = tuple[str, ...] | None


def decided(snapshot: Snapshot) -> Snapshot:
    """Give the same Snapshot with the decision table of its criteria."""
    return msgspec.structs.replace(snapshot, decisions=_Compiler(snapshot).table())


class _Compiler:
    """Numbers leaves and questions in the order in which the advice first asks them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.leaves: dict[Is | Of | Has | Number, int] = {}
        self.questions: dict[Question, int] = {}
        self.criteria: dict[str, Clauses] = {}
        self.asides: dict[str, int] = {}

    def table(self) -> DecisionTable:
        """Compile what the advice and the ladders name."""
        snapshot = self.snapshot
        for _, advisory in sorted(snapshot.advisories.items()):
            self.criterion(advisory.applies_to)
            if advisory.unless:
                self.criterion(advisory.unless)
            for name in advisory.sets_aside:
                self.aside(name)
        for ladder in snapshot.ladders.values():
            for step in ladder.steps:
                self.criterion(step.criterion)
                for name in step.sets_aside:
                    self.aside(name)
            for item in ladder.score.items if ladder.score else ():
                self.criterion(item.criterion)
        for silence in snapshot.silences.values():
            for name in silence.concerns:
                if name in snapshot.criteria and not _about_patients(name, snapshot):
                    self._clauses(Named(name), self._leaf, name)
        leaves = tuple(Leaf(asks, _unsaid(asks, snapshot)) for asks in self.leaves)
        questions = _with_kinds(tuple(self.questions), self.leaves, leaves, snapshot)
        profiles, terms_with = profiles_of(self.leaves, questions, snapshot)
        return DecisionTable(
            leaves=leaves,
            questions=questions,
            criteria=dict(sorted(self.criteria.items())),
            asides=dict(sorted(self.asides.items())),
            roles=_reaches(questions, snapshot),
            profiles=profiles,
            terms=terms_with,
            closers=closers(snapshot),
        )

    # --- criteria ------------------------------------------------------------------------------

    def criterion(self, name: str) -> Clauses:
        """Compile a criterion about patients, each once."""
        if name not in self.criteria:
            expression = self.snapshot.criteria[name].expression
            self.criteria[name] = self._clauses(expression, self._question, name)
        return self.criteria[name]

    def aside(self, name: str) -> int:
        """Compile a class of medications that is set aside, as a question about each."""
        if name not in self.asides:
            self.asides[name] = self._along(terms.HAS_MEDICATION, Named(name), name)
        return self.asides[name]

    def _clauses(
        self, expression: Expression, number: Callable[[Expression, str], int], name: str
    ) -> Clauses:
        if isinstance(expression, Named):
            inner = self.snapshot.criteria[expression.criterion].expression
            return self._clauses(inner, number, expression.criterion)
        if isinstance(expression, AllOf | AnyOf):
            parts = [self._clauses(part, number, name) for part in expression.parts]
            if isinstance(expression, AllOf):
                return self._bounded((clause for part in parts for clause in part), name)
            if reduce(mul, map(len, parts), 1) > _MOST_CLAUSES:
                raise _too_many(name)
            chosen = (sum(one_of_each, ()) for one_of_each in product(*parts))
            return self._bounded(chosen, name)
        return ((number(expression, name),),)

    def _bounded(self, clauses: Iterable[tuple[int, ...]], name: str) -> Clauses:
        kept = shortest(clauses)
        if len(kept) > _MOST_CLAUSES:
            raise _too_many(name)
        return kept

    # --- questions -----------------------------------------------------------------------------

    def _question(self, expression: Expression, name: str) -> int:
        if isinstance(expression, AtLeast):
            return self._at_least(expression, name)
        if isinstance(expression, Has):
            prop, value = expression.property, expression.value
            fact = prop in (terms.HAS_FLAG, terms.LACKS)
            unsaid = FALSE if fact else _unsaid(expression, self.snapshot)
            return self._number(FactQuestion(prop, value, unsaid))
        if isinstance(expression, Number):
            return self._number(NumberQuestion(expression, _unsaid(expression, self.snapshot)))
        raise TypeError(f"no question about the patient: {expression!r}")

    def _at_least(self, expression: AtLeast, name: str) -> int:
        along = self._along(expression.role, expression.item, name)
        if expression.least == 1:
            return along
        family = _family_of(expression.role, self.snapshot)
        return self._number(CountQuestion(family, expression.least, along))

    def _along(self, role: str, item: Expression, name: str) -> int:
        clauses = self._clauses(item, self._leaf, name)
        family = _family_of(role, self.snapshot)
        return self._number(RoleQuestion(family, role, item, clauses, (), self._anchors(item)))

    def _leaf(self, expression: Expression, name: str) -> int:
        if not isinstance(expression, Is | Of | Has | Number):
            raise TypeError(f"no question about one item: {expression!r}")
        return self.leaves.setdefault(expression, len(self.leaves))

    def _number(self, question: Question) -> int:
        return self.questions.setdefault(question, len(self.questions))

    def _anchors(self, expression: Expression) -> Anchors:
        """Give the classes to one of which an item must belong; None where any item may do."""
        if isinstance(expression, Named):
            return self._anchors(self.snapshot.criteria[expression.criterion].expression)
        if isinstance(expression, Is | Of):
            return (expression.term,)
        if isinstance(expression, AllOf):
            anchored = [a for p in expression.parts if (a := self._anchors(p)) is not None]
            return min(anchored, key=lambda a: (len(a), a)) if anchored else None
        if isinstance(expression, AnyOf):
            every = [self._anchors(part) for part in expression.parts]
            if any(anchors is None for anchors in every):
                return None
            return tuple(sorted({name for anchors in every for name in anchors or ()}))
        return None


def _about_patients(criterion: str, snapshot: Snapshot) -> bool:
    """Say whether a criterion looks along a role, as one about items never does."""
    nodes = nodes_of(snapshot.criteria[criterion].expression, snapshot)
    return any(isinstance(node, AtLeast) for node in nodes)


def _with_kinds(
    questions: tuple[Question, ...], numbers: Leaves, leaves: tuple[Leaf, ...], snapshot: Snapshot
) -> tuple[Question, ...]:
    """Add the kinds of observation that could answer each question, were they measured."""
    kinds = [(t, k) for t, k in decided_by_terms(numbers, snapshot) if t in snapshot.observations]
    may_be = mask_of(n for n, leaf in enumerate(leaves) if leaf.unsaid != FALSE)

    def could_answer(clauses: Clauses, known: tuple[int, int, int]) -> bool:
        left = reduced(clauses, *known)
        return left is not None and all(any(n < 0 or may_be >> n & 1 for n in c) for c in left)

    return tuple(
        msgspec.structs.replace(q, kinds=tuple(t for t, k in kinds if could_answer(q.clauses, k)))
        if isinstance(q, RoleQuestion) and q.family == terms.HAS_OBSERVATION
        else q
        for q in questions
    )


def _too_many(name: str) -> Untranslatable:
    return Untranslatable(
        code="too-many-clauses",
        message=f"written as clauses this criterion has more than {_MOST_CLAUSES}",
        subject=name,
        repair="name its parts, and ask for fewer alternatives of alternatives",
    )


def _unsaid(asks: Is | Of | Has | Number, snapshot: Snapshot) -> int:
    """Answer what is asked where nothing is said of it."""
    if isinstance(asks, Has):
        # That something was not said is itself a value.
        return TRUE if asks.value == snapshot.properties[asks.property].unstated else UNKNOWN
    if isinstance(asks, Number):
        plausible = between(snapshot.properties[asks.property].plausible)
        return UNKNOWN if plausible == ANYTHING else plausible.compare(bounds_of(asks))
    return UNKNOWN


def _family_of(role: str, snapshot: Snapshot) -> str:
    wider = {role, *snapshot.properties[role].wider}
    return next(family for family in _FAMILIES if family in wider)


def _reaches(questions: tuple[Question, ...], snapshot: Snapshot) -> dict[str, Reach]:
    """Map each role to the questions that an item on it can answer.

    A question along a wider role counts the item wholly; one along a narrower role possibly.
    """
    properties = snapshot.properties
    found = {}
    for role, known in sorted(properties.items()):
        if not any(family in (role, *known.wider) for family in _FAMILIES):
            continue
        sure = mask_of(_along_any(questions, {role, *known.wider}))
        narrower = {name for name, other in properties.items() if role in (name, *other.wider)}
        possible = sure | mask_of(_along_any(questions, narrower))
        found[role] = reach(sure, possible)
    return found


def _along_any(questions: tuple[Question, ...], roles: set[str]) -> Iterator[int]:
    for number, question in enumerate(questions):
        if isinstance(question, RoleQuestion) and question.role in roles:
            yield number


def closers(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """Map each kind of observation to the kinds any of which, once given, settles it."""
    below: dict[str, set[str]] = {kind: {kind} for kind in snapshot.observations}
    for kind, known in snapshot.observations.items():
        for above in known.ancestors:
            if above in below:
                below[above].add(kind)
    found = {}
    for kind, known in snapshot.observations.items():
        groups = [a for a in known.ancestors if a in below]
        enough = [below[g] for g in groups if snapshot.observations[g].one_suffices]
        found[kind] = tuple(sorted(below[kind].union(*enough)))
    return found
