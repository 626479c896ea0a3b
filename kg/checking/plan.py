"""Advice for every patient in a phase; some of it ends a number of days after the last dose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import msgspec
from msgspec import UNSET

from kg import terms
from kg.casing.case import Case
from kg.checking.checklist import checklist
from kg.checking.doses import days, doses
from kg.checking.freshness import ResultState, asked_at
from kg.contract.report import Planned
from kg.contract.request import day
from kg.judging.view import View
from kg.snapshot.advice import own_plan
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot


def plan(
    case: Case, view: View, states: Mapping[str, ResultState], snapshot: Snapshot
) -> tuple[Planned, ...]:
    """Give what holds in the phase; where none was given, what holds in every phase.

    What asks for results or for a dose becomes the checklist of the dose in question.
    """
    entries = _in_phase(snapshot).get(case.attributes.get(terms.PHASE, ""), ())
    return tuple([_filled(entry, view, states, snapshot) for entry in _still(case, entries)])


def _filled(
    entry: Planned, view: View, states: Mapping[str, ResultState], snapshot: Snapshot
) -> Planned:
    told = own_plan(snapshot)[entry.advisory]
    if not told.results and not told.shows_doses:
        return entry
    return msgspec.structs.replace(
        entry,
        items=tuple(checklist(told, view, states, snapshot)) or UNSET,
        doses=doses(view.case, snapshot) or UNSET if told.shows_doses else UNSET,
        days=days(view.case, snapshot) or UNSET if told.shows_doses else UNSET,
    )


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
    for entry, ends_after in entries:
        if ends_after is None or last is None:
            yield entry
            continue
        until = last + timedelta(days=ends_after)
        if now is None or now.day <= until:
            yield msgspec.structs.replace(entry, until=until.isoformat())
