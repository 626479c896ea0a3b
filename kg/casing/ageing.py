"""How long results count: by the plan for a phase, else by the kind of observation.

Whole days are counted: what counts for 24 hours was taken on the day of the question or on the
day before. Without the day of the question, or of the sample, nothing is known of the age.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from kg import terms
from kg.interval import Interval
from kg.snapshot.advice import own_plan
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

_HOURS = 24


class Validity(NamedTuple):
    """For how many days a result of a kind counts, and which entry of the plan says so."""

    days: int
    plan: str = ""


@once_per_snapshot
def _planned(snapshot: Snapshot) -> dict[str, dict[str, Validity]]:
    """Give, of each phase, the kinds of result of which the plan says how long they count."""
    by_phase: dict[str, dict[str, Validity]] = {}
    for iri, entry in own_plan(snapshot).items():
        for phase in entry.phases if entry.validity_hours else ():
            for kind in entry.valid_kinds:
                validity = Validity((entry.validity_hours or 0) // _HOURS, iri)
                by_phase.setdefault(phase, {})[kind] = validity
    return by_phase


def validity_of(kind: str, phase: str | None, snapshot: Snapshot) -> Validity | None:
    """Say for how long a result counts in a phase; None of what does not grow stale."""
    planned = _planned(snapshot).get(phase or "", {}).get(kind)
    if planned is not None:
        return planned
    days = snapshot.observations[kind].print.valid_days
    return None if days is None else Validity(days)


def days_old(taken: date | None, asked: date | None) -> int | None:
    """Count the days from the sample to the question."""
    return None if taken is None or asked is None else (asked - taken).days


def is_stale(
    kind: str,
    numbers: Mapping[str, Interval],
    age: int | None,
    phase: str | None,
    snapshot: Snapshot,
) -> bool:
    """Say whether a result is too old to settle anything."""
    validity = None if age is None else validity_of(kind, phase, snapshot)
    if validity is None or age is None or age <= validity.days:
        return False
    return not (snapshot.observations[kind].print.lasts_when_positive and _is_positive(numbers))


def _is_positive(numbers: Mapping[str, Interval]) -> bool:
    """Say whether a result is surely positive: above its limit, or above none."""
    multiple = numbers.get(terms.TIMES_UPPER_LIMIT)
    if multiple is not None and multiple.low is not None:
        return multiple.low > 1
    value = numbers.get(terms.VALUE)
    return value is not None and value.low is not None and value.low > Fraction(0)
