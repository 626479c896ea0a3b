"""The decision table as formulas over the same unknowns as the definitions."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kg import terms
from kg.proving.definitions import FACTS, ITEM, PATIENT, Memberships, along_name, membership
from kg.proving.formula import CONSTANT, MAY_BE, Halves, Symbols, all_of, any_of
from kg.snapshot import decisions
from kg.snapshot.criteria import Has, Is, Named, Of
from kg.snapshot.decisions import (
    Clauses,
    CountQuestion,
    DecisionTable,
    FactQuestion,
    Leaf,
    NumberQuestion,
    RoleQuestion,
    bounds_of,
)
from kg.snapshot.model import Advisory


def joined(clauses: Clauses, answer: Callable[[int], Halves]) -> Halves:
    """Read clauses as a formula, of leaves or of questions."""
    return all_of(any_of(map(answer, clause)) for clause in clauses)


def of_leaf(leaf: Leaf, symbols: Symbols, known: Memberships | None = None) -> Halves:
    """Read what is asked of one item in the end."""
    asks = leaf.asks
    if isinstance(asks, Is | Of):
        # A class of which the definitions never ask is one that they do not mean.
        return CONSTANT[known[asks]] if known and asks in known else membership(asks, symbols)
    if isinstance(asks, Has):
        return symbols.attribute(ITEM, asks.property, asks.value, leaf.unsaid)
    return symbols.number(ITEM, asks.property, bounds_of(asks), leaf.unsaid)


def of_item(
    clauses: Clauses, table: DecisionTable, symbols: Symbols, known: Memberships | None = None
) -> Halves:
    """Read clauses over leaves; what may hold whatever else is said is a constant."""

    def answer(number: int) -> Halves:
        if number == decisions.MAY_BE:
            return MAY_BE
        return of_leaf(table.leaves[number], symbols, known)

    return joined(clauses, answer)


def of_question(number: int, table: DecisionTable, symbols: Symbols, view: str = "") -> Halves:
    """Read one question about a patient."""
    question = table.questions[number]
    if isinstance(question, FactQuestion):
        if question.property in FACTS:
            return symbols.fact(question.property, question.value)
        return symbols.attribute(PATIENT, question.property, question.value, question.unsaid)
    if isinstance(question, NumberQuestion):
        bounds = question.bounds
        return symbols.number(PATIENT, bounds.property, bounds_of(bounds), question.unsaid)
    seen = view if question.family == terms.HAS_MEDICATION else ""
    if isinstance(question, RoleQuestion):
        return symbols.answer(along_name(question.role, 1, question.item, seen))
    return _counted(question, table, symbols, seen)


def _counted(question: CountQuestion, table: DecisionTable, symbols: Symbols, view: str) -> Halves:
    along = table.questions[question.of]
    if not isinstance(along, RoleQuestion) or along.family != question.family:
        return symbols.answer(f"a count of question {question.of}, which is about other items")
    return symbols.answer(along_name(along.role, question.least, along.item, view))


def of_patient(clauses: Clauses, table: DecisionTable, symbols: Symbols, view: str = "") -> Halves:
    """Read clauses over questions, on a view of a case."""
    return joined(clauses, lambda number: of_question(number, table, symbols, view))


def view_of(advisory: Advisory, table: DecisionTable) -> str:
    """Name the view of an advisory: by what the table's own questions set aside."""
    grounds = []
    for name in advisory.sets_aside:
        question = table.questions[table.asides[name]]
        if not isinstance(question, RoleQuestion):
            grounds.append(f"no medication: question {table.asides[name]}")
        else:
            grounds.append(along_name(question.role, 1, question.item, ""))
    return without(grounds)


def meant_view(advisory: Advisory) -> str:
    """Name the view that an advisory means."""
    return without(
        along_name(terms.HAS_MEDICATION, 1, Named(name), "") for name in advisory.sets_aside
    )


def without(grounds: Iterable[str]) -> str:
    """Name a view by its grounds, in whatever order they stand."""
    listed = sorted(grounds)
    return f"without ({'; '.join(listed)}) " if listed else ""
