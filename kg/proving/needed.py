"""Where what is asked for matters: some way to fill in the rest leaves the verdict to it alone.

A report asks for a question where it is open and so is every part of the definition around it. In
clauses a question matters where one clause rests on it: nothing else in that clause is surely so,
and with all the rest of it denied the other clauses can still hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kg.proving import definitions as meant
from kg.proving.claims import Claim
from kg.proving.formula import Halves, Symbols, all_of, any_of, differs, every, no, some
from kg.snapshot.advice import own_advisories
from kg.snapshot.criteria import AllOf, AnyOf, Expression, Named
from kg.snapshot.model import Snapshot

_PART = "exact: what is missing"
Clause = frozenset[Expression]


def needed(snapshot: Snapshot) -> Iterator[Claim]:
    """Claim of each question of each advisory that it is asked for exactly where it matters."""
    for iri, advisory in own_advisories(snapshot).items():
        node = Named(advisory.applies_to)
        clauses = _clauses(node, snapshot)
        symbols = Symbols()
        asked = sorted({end for clause in clauses for end in clause}, key=repr)
        asked += [e for e in dict.fromkeys(meant.ends_of(node, snapshot)) if e not in asked]
        answer = {end: symbols.answer(f"part {n}") for n, end in enumerate(asked)}
        for number, end in enumerate(asked):
            listed = _listed(node, end, snapshot, answer.__getitem__)
            matters = some(_rests_on(end, clause, clauses, answer) for clause in clauses)
            open_ = every((answer[end].possible, no(answer[end].sure)))
            fault = every((open_, differs(listed, matters)))
            yield Claim(_PART, f"{iri}, part {number}: {end!r}"[:400], fault, symbols)


def _clauses(node: Expression, snapshot: Snapshot) -> list[Clause]:
    """Write a definition in clauses, without those that others make sure of."""
    if isinstance(node, Named):
        return _clauses(snapshot.criteria[node.criterion].expression, snapshot)
    if isinstance(node, AllOf):
        return _shortest([c for part in node.parts for c in _clauses(part, snapshot)])
    if isinstance(node, AnyOf):
        found = [Clause()]
        for part in node.parts:
            found = [one | other for one in found for other in _clauses(part, snapshot)]
            found = _shortest(found)
        return found
    return [Clause({node})]


def _shortest(clauses: list[Clause]) -> list[Clause]:
    kept: list[Clause] = []
    for clause in sorted(set(clauses), key=len):
        if not any(other <= clause for other in kept):
            kept.append(clause)
    return kept


def _rests_on(
    end: Expression, clause: Clause, clauses: list[Clause], answer: dict[Expression, Halves]
) -> str:
    """Say that a clause rests on one question, all other clauses being able to hold."""
    if end not in clause:
        return "false"
    denied = clause - {end}
    alone = (no(answer[other].sure) for other in denied)
    rest = (
        some(answer[other].possible for other in c - denied)
        for c in clauses
        if c != clause and end not in c
    )
    return every((*alone, *rest))


def _listed(
    node: Expression,
    end: Expression,
    snapshot: Snapshot,
    answer: Callable[[Expression], Halves],
) -> str:
    """Say that a report asks for a question: it is open, and so is what it stands in."""
    if isinstance(node, Named):
        return _listed(snapshot.criteria[node.criterion].expression, end, snapshot, answer)
    here = _value(node, snapshot, answer)
    open_ = every((here.possible, no(here.sure)))
    if isinstance(node, AllOf | AnyOf):
        inside = some(_listed(part, end, snapshot, answer) for part in node.parts)
        return every((open_, inside))
    return open_ if node == end else "false"


def _value(node: Expression, snapshot: Snapshot, answer: Callable[[Expression], Halves]) -> Halves:
    if isinstance(node, Named):
        return _value(snapshot.criteria[node.criterion].expression, snapshot, answer)
    if isinstance(node, AllOf):
        return all_of(_value(part, snapshot, answer) for part in node.parts)
    if isinstance(node, AnyOf):
        return any_of(_value(part, snapshot, answer) for part in node.parts)
    return answer(node)
