"""Advice for every patient in a phase; some of it ends a number of days after the last dose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

from kg import terms
from kg.casing.case import Case
from kg.checking.freshness import asked_at
from kg.contract.report import Planned
from kg.contract.request import day
from kg.snapshot.advice import own_plan
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot


def plan(case: Case, snapshot: Snapshot) -> tuple[Planned, ...]:
    """Give what holds in the phase; where none was given, what holds in every phase."""
    entries = _in_phase(snapshot).get(case.attributes.get(terms.PHASE, ""), ())
    if not any(days for _, days in entries):
        return tuple([entry for entry, _ in entries])
    return tuple(_still(case, entries))


@once_per_snapshot
def _in_phase(snapshot: Snapshot) -> dict[str, tuple[tuple[Planned, int | None], ...]]:
    """Lay out the plan of every phase, and of all phases under the empty name."""
    by_phase = {}
    every = set(snapshot.phases)
    for phase, phases in ({p: {p} for p in every} | {"": every}).items():
        entries = [
            (
                Planned(
                    advisory=iri,
                    topic=snapshot.topics.get(entry.topic, entry.topic),
                    title=entry.label,
                    management=entry.management,
                    monitoring=entry.monitoring,
                ),
                entry.days_after_last_dose,
            )
            for iri, entry in own_plan(snapshot).items()
            if phases <= set(entry.phases)
        ]
        by_phase[phase] = tuple(sorted(entries, key=lambda e: (e[0].topic, e[0].advisory)))
    return by_phase


def _still(case: Case, entries: tuple[tuple[Planned, int | None], ...]) -> Iterator[Planned]:
    """Leave out what has run out, and give the last day of what runs."""
    context, now = case.request.context if case.request else None, asked_at(case)
    last: date | None = day(context.last_dose if context else None, "context.last_dose")
    for entry, days in entries:
        if days is None or last is None:
            yield entry
            continue
        until = last + timedelta(days=days)
        if now is None or now.day <= until:
            yield msgspec.structs.replace(entry, until=until.isoformat())
