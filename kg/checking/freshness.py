"""How old what was given is: the date beside a value, and results too old to count.

What is too old settles nothing: it counts where it makes an advisory apply, and is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal, NamedTuple

import msgspec

from kg import terms
from kg.casing.ageing import Validity, days_old, is_stale, validity_of
from kg.casing.case import Case
from kg.contract.place import Place
from kg.contract.report import Recognised, Stale
from kg.contract.request import ObservationEntry, instant
from kg.snapshot.model import Snapshot

ResultState = Literal["present", "stale", "undated"]

_HOURS = 24
_MULTIPLE = "xuln"


class Moment(NamedTuple):
    """A day, and the time of that day where it was given."""

    day: date
    time: str


def asked_at(case: Case) -> Moment | None:
    """Give the day of the question."""
    context = case.request.context if case.request else None
    found = instant(context.as_of if context else None, "context.as_of")
    return None if found is None else Moment(*found)


def entry_at(case: Case, path: str) -> ObservationEntry | None:
    """Give the observation that a path of the request names."""
    place = Place.of(path)
    entry = None if place is None or place.field else place.value(case.request)
    return entry if isinstance(entry, ObservationEntry) else None


def aged(case: Case, snapshot: Snapshot) -> tuple[dict[str, ResultState], tuple[Stale, ...]]:
    """Say of each current result whether it is there, too old, or of unknown age."""
    phase = case.attributes.get(terms.PHASE)
    now = asked_at(case)
    states: dict[str, ResultState] = {}
    old = []
    for item in case.observations or ():
        entry = entry_at(case, item.input) if item.input not in states else None
        if entry is None or not item.numbers:
            continue
        states[item.input] = "present"
        validity = validity_of(item.term or "", phase, snapshot)
        taken = instant(entry.taken_at, item.input)
        age = days_old(taken[0] if taken else None, now.day if now else None)
        if validity is None:
            continue
        if age is None:
            states[item.input] = "undated"
        elif is_stale(item.term or "", item.numbers, age, phase, snapshot):
            states[item.input] = "stale"
            old.append(_stale(item.input, item.label, entry, age, validity))
    return states, tuple(old)


def _stale(path: str, label: str, entry: ObservationEntry, age: int, validity: Validity) -> Stale:
    return Stale(
        input=path,
        label=label,
        taken_at=entry.taken_at or "",
        valid_hours=validity.days * _HOURS,
        says=f"{label} was taken {_days(age)} before; a result counts for "
        f"{_days(validity.days)} here. It settles nothing; repeat it.",
        plan=validity.plan,
    )


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"


def with_states(
    recognised: tuple[Recognised, ...], states: dict[str, ResultState]
) -> Iterator[Recognised]:
    """Add to each recognised result how it stands."""
    for entry in recognised:
        state = states.get(entry.input)
        yield entry if state is None else msgspec.structs.replace(entry, state=state)


def dated(detail: str, path: str, term: str, case: Case, snapshot: Snapshot) -> str:
    """Add to a value its reference range where the laboratory gave none, and its date."""
    entry = entry_at(case, path)
    if entry is None or not detail:
        return detail
    usual = _usual(term, snapshot) if _without_limits(entry) else ""
    taken = f"taken {entry.taken_at}" if entry.taken_at and " or " not in detail else ""
    return ", ".join(part for part in (detail, usual, taken) if part)


def _without_limits(entry: ObservationEntry) -> bool:
    given = entry.upper_limit is not None or entry.lower_limit is not None
    return not given and (entry.unit or "").strip().lower() != _MULTIPLE


def _usual(term: str, snapshot: Snapshot) -> str:
    """Name the range of limits that stands in for the laboratory's own."""
    known = snapshot.observations.get(term)
    if known is None:
        return ""
    sides = (("lower", known.lower_limits), ("upper", known.upper_limits))
    found = [f"usual {n} limit {b[0]} to {b[1]} {known.unit or ''}".rstrip() for n, b in sides if b]
    return "; ".join(["no limits given", *found]) if found else ""
