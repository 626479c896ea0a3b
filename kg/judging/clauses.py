"""The advisories of each jurisdiction, each as the sets of questions that decide it.

A criterion negates nothing, so it is the same as a list of clauses, each a set of questions: it
is true where every clause holds a question that is surely so, and false where some clause holds
none that may be. That is exact in three values, for *and* and *or* distribute there, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from itertools import product
from operator import mul, or_
from typing import NamedTuple

from kg.contract.severity import rank, strongest
from kg.contract.words import SeverityName
from kg.interval import FALSE, TRUE, UNKNOWN
from kg.judging.questions import PatientNode, Ready, ready
from kg.judging.view import Answers
from kg.snapshot.criteria import AnyOf
from kg.snapshot.jurisdictions import ANY, choices
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

Clauses = tuple[int, ...]

# A criterion that would need more clauses than this is judged as the tree that it is.
_MOST_CLAUSES = 64


class Entry(NamedTuple):
    """One advisory before a case: how severe it would be, and what decides it."""

    ready: Ready
    severity: SeverityName
    applies: Clauses | None
    unless: Clauses | None


@once_per_snapshot
def dockets(snapshot: Snapshot) -> dict[str, tuple[Entry, ...]]:
    """List the advisories that have a severity in each jurisdiction, in the order of reports."""
    prepared = [
        (r, clauses(r.applies), clauses(r.unless) if r.unless else None) for r in ready(snapshot)
    ]
    found: dict[str, tuple[Entry, ...]] = {}
    for name in choices(snapshot):
        entries = (
            Entry(r, severity, applies, unless)
            for r, applies, unless in prepared
            if (severity := severity_in(r, name)) is not None
        )
        found[name] = tuple(sorted(entries, key=lambda e: _order(e, snapshot)))
    return found


def _order(entry: Entry, snapshot: Snapshot) -> tuple[int, str, str]:
    """Order advisories: strongest first, then by topic as the contract writes it, then by name."""
    topic = entry.ready.advisory.topic
    return rank(entry.severity), snapshot.topics.get(topic, topic), entry.ready.iri


def severity_in(advisory: Ready, jurisdiction: str) -> SeverityName | None:
    """Give the severity in a jurisdiction; in any, the strongest."""
    severities = advisory.advisory.severities
    if jurisdiction == ANY:
        return strongest(severities.values())
    return severities.get(jurisdiction)


def truth(known: Clauses, answers: Answers) -> int:
    """Judge a criterion by its clauses."""
    sure, possible, _ = answers
    found = TRUE
    for clause in known:
        if not clause & possible:
            return FALSE
        if not clause & sure:
            found = UNKNOWN
    return found


def clauses(node: PatientNode) -> Clauses | None:
    """Write a criterion as clauses; None where they would be too many."""
    if node.bit:
        return (node.bit,)
    parts = []
    for part in node.parts:
        of_part = clauses(part)
        if of_part is None:
            return None
        parts.append(of_part)
    if not isinstance(node.expression, AnyOf):
        return _shortest(clause for part in parts for clause in part)
    if reduce(mul, map(len, parts), 1) > _MOST_CLAUSES:
        return None
    return _shortest(reduce(or_, one_of_each, 0) for one_of_each in product(*parts))


def _shortest(found: Iterable[int]) -> Clauses | None:
    """Leave out every clause that another one already makes sure of."""
    kept: list[int] = []
    for clause in sorted(set(found), key=lambda c: (c.bit_count(), c)):
        if not any(clause & other == other for other in kept):
            kept.append(clause)
    return tuple(kept) if len(kept) <= _MOST_CLAUSES else None
