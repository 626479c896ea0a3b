"""How old what was given is: the date beside a value, and results too old to count.

A result counts for so many hours before a dose, as the plan says. With the time of day on both
sides hours are counted, otherwise whole days. What is too old is judged all the same, and said.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from kg import terms
from kg.casing.case import Case
from kg.contract.place import Place
from kg.contract.report import Recognised, Stale
from kg.contract.request import ObservationEntry, instant
from kg.snapshot.advice import own_plan
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

ResultState = Literal["present", "stale", "undated"]

_HOURS = 24
_MULTIPLE = "xuln"


class Moment(NamedTuple):
    """A day, and the time of that day where it was given."""

    day: date
    time: str


class Validity(NamedTuple):
    """For how long a result of a kind counts in a phase, and which entry of the plan says so."""

    hours: int
    plan: str


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


@once_per_snapshot
def _validities(snapshot: Snapshot) -> dict[str, dict[str, Validity]]:
    """Map each phase to the kinds of result that count for a limited time."""
    by_phase: dict[str, dict[str, Validity]] = {}
    for iri, entry in own_plan(snapshot).items():
        for phase in entry.phases if entry.validity_hours else ():
            for kind in entry.valid_kinds:
                validity = Validity(entry.validity_hours or 0, iri)
                by_phase.setdefault(phase, {})[kind] = validity
    return by_phase


def aged(case: Case, snapshot: Snapshot) -> tuple[dict[str, ResultState], tuple[Stale, ...]]:
    """Decide for each kind of result whether it is current, too old, or of unknown age."""
    valid = _validities(snapshot).get(case.attributes.get(terms.PHASE, ""), {})
    now = asked_at(case) if valid else None
    states: dict[str, ResultState] = {}
    old = []
    for item in case.observations or ():
        if item.input in states:
            continue
        states[item.input] = "present"
        validity = valid.get(item.term or "")
        entry = entry_at(case, item.input) if validity else None
        if validity is None or entry is None:
            continue
        taken = instant(entry.taken_at, item.input)
        if now is None or taken is None:
            states[item.input] = "undated"
            continue
        age = _age(Moment(*taken), now)
        if age > timedelta(hours=validity.hours):
            states[item.input] = "stale"
            old.append(_stale(item.input, item.label, entry, age, validity))
    return states, tuple(old)


def _age(taken: Moment, now: Moment) -> timedelta:
    if taken.time and now.time:
        return _point(now) - _point(taken)
    return now.day - taken.day


def _point(moment: Moment) -> datetime:
    return datetime.fromisoformat(f"{moment.day.isoformat()}T{moment.time}")


def _stale(
    path: str, label: str, entry: ObservationEntry, age: timedelta, validity: Validity
) -> Stale:
    return Stale(
        input=path,
        label=label,
        taken_at=entry.taken_at or "",
        valid_hours=validity.hours,
        says=f"{label} was taken {_long(age)} before; a result counts for "
        f"{_long(timedelta(hours=validity.hours))} here. Judged as it is; repeat it.",
        plan=validity.plan,
    )


def _long(time: timedelta) -> str:
    """Write a time in hours up to two days, then in days."""
    hours = int(time.total_seconds() // 3600)
    if (hours <= 2 * _HOURS and hours % _HOURS) or hours == _HOURS:
        return f"{hours} hours"
    return f"{hours // _HOURS} days"


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
