"""The decision table as relations, made from a Snapshot alone, and the query that runs them.

Truth is a number, 0, 1 or 2; *all of* is MIN and *some of* is MAX. Numbers are quotients of whole
numbers, compared crosswise. Nothing here is shared with the engine, and nothing knows Python
values but the rows: the same relations serve one patient and a population.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from kg import terms
from kg.interval import Interval
from kg.snapshot.advice import own_advisories
from kg.snapshot.criteria import Has, Is, Number
from kg.snapshot.decisions import (
    FactQuestion,
    NumberQuestion,
    RoleQuestion,
    bounds_of,
    masks_of_profile,
    masks_of_reach,
    numbers_of,
)
from kg.snapshot.model import Snapshot

RelationRow = tuple[Any, ...]
ENDS = "low_n HUGEINT, low_d HUGEINT, high_n HUGEINT, high_d HUGEINT, low_open BOOL, high_open BOOL"
# The relations of a release: a column each, with its type.
KNOWLEDGE: Mapping[str, str] = {
    "reach": "role VARCHAR, q INT, ceiling INT",
    "question": "q INT, family VARCHAR",
    "clause": "q INT, clause INT, leaf INT",
    "counted": "q INT, family VARCHAR, least INT, of_q INT",
    "said_fact": "q INT, property VARCHAR, value VARCHAR, unsaid INT",
    "said_number": f"q INT, property VARCHAR, unsaid INT, {ENDS}",
    "kind_of": "q INT, kind VARCHAR",
    "closer": "kind VARCHAR, closing VARCHAR",
    "leaf_class": "leaf INT, of_drug BOOL, term VARCHAR",
    "leaf_said": "leaf INT, property VARCHAR, value VARCHAR, unsaid INT",
    "leaf_number": f"leaf INT, property VARCHAR, unsaid INT, {ENDS}",
    "profile_of": "term VARCHAR, profile INT",
    "profile_answer": "profile INT, q INT, answer INT",
    "profile_clause": "profile INT, q INT, clause INT, leaf INT",
    "member": "class VARCHAR, drug VARCHAR",
    "open_for": "leaf INT, drug VARCHAR",
    "criterion": "criterion VARCHAR, clause INT, q INT",
    "advisory": "advisory VARCHAR, applies VARCHAR, exempt VARCHAR, view INT",
    "aside": "view INT, q INT",
}


def ends(bounds: Interval) -> RelationRow:
    """Write an interval as quotients of whole numbers."""
    return (*_quotient(bounds.low), *_quotient(bounds.high), bounds.low_open, bounds.high_open)


def _quotient(number: Fraction | None) -> tuple[int | None, int | None]:
    return (None, None) if number is None else (number.numerator, number.denominator)


def relations(snapshot: Snapshot) -> dict[str, list[RelationRow]]:
    """Give the rows of every relation of a release."""
    found: dict[str, list[RelationRow]] = {name: [] for name in KNOWLEDGE}
    for name, row in (
        *_questions(snapshot),
        *_leaves(snapshot),
        *_terms(snapshot),
        *_advice(snapshot),
    ):
        found[name].append(row)
    return found


def _questions(snapshot: Snapshot) -> Iterator[tuple[str, RelationRow]]:
    table = snapshot.decisions
    for role, reach in table.roles.items():
        sure, possible = masks_of_reach(reach)
        for q in numbers_of(sure | possible):
            yield "reach", (role, q, 1 + (sure >> q & 1))
    for q, asked in enumerate(table.questions):
        if isinstance(asked, RoleQuestion):
            yield "question", (q, asked.family)
            for number, clause in enumerate(asked.clauses):
                for leaf in clause:
                    yield "clause", (q, number, leaf)
            for kind in asked.open_kinds:
                yield "kind_of", (q, kind)
        elif isinstance(asked, FactQuestion):
            yield "said_fact", (q, asked.property, asked.value, asked.unsaid)
        elif isinstance(asked, NumberQuestion):
            bounds = ends(bounds_of(asked.bounds))
            yield "said_number", (q, asked.bounds.property, asked.unsaid, *bounds)
        else:
            yield "counted", (q, asked.family, asked.least, asked.of)
    for kind, closing in table.closers.items():
        for one in closing:
            yield "closer", (kind, one)


def _leaves(snapshot: Snapshot) -> Iterator[tuple[str, RelationRow]]:
    for number, leaf in enumerate(snapshot.decisions.leaves):
        asks = leaf.asks
        if isinstance(asks, Has):
            yield "leaf_said", (number, asks.property, asks.value, leaf.unsaid)
        elif isinstance(asks, Number):
            bounds = ends(bounds_of(asks))
            yield "leaf_number", (number, asks.property, leaf.unsaid, *bounds)
        elif isinstance(asks, Is):
            yield "leaf_class", (number, False, asks.term)
        else:
            yield "leaf_class", (number, True, asks.term)
            # Only a class of drugs is defined by what they bring, and on these axes.
            axes = snapshot.classes[asks.term].axes if asks.property == terms.OF_DRUG else ()
            for iri, drug in snapshot.drugs.items():
                if not set(drug.open_axes).isdisjoint(axes):
                    yield "open_for", (number, iri)


def _terms(snapshot: Snapshot) -> Iterator[tuple[str, RelationRow]]:
    table = snapshot.decisions
    for term, place in table.terms.items():
        yield "profile_of", (term, place)
    for number, profile in enumerate(table.profiles):
        sure, possible = masks_of_profile(profile)
        for q in numbers_of(sure | possible):
            yield "profile_answer", (number, q, 1 + (sure >> q & 1))
        for q, clauses in profile.open:
            for at, clause in enumerate(clauses):
                for leaf in clause:
                    yield "profile_clause", (number, q, at, leaf)
    for name, known in snapshot.classes.items():
        for drug in known.members:
            yield "member", (name, drug)


def _advice(snapshot: Snapshot) -> Iterator[tuple[str, RelationRow]]:
    table = snapshot.decisions
    for name, clauses in table.criteria.items():
        for number, clause in enumerate(clauses):
            for q in clause:
                yield "criterion", (name, number, q)
    views: dict[tuple[str, ...], int] = {(): 0}
    for iri, advisory in own_advisories(snapshot).items():
        names = advisory.sets_aside
        if names not in views:
            views[names] = len(views)
            for name in names:
                yield "aside", (views[names], table.asides[name])
        yield "advisory", (iri, advisory.applies_to, advisory.unless, views[names])
