"""The checklist of a dose: which results the plan asks for, and how each stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Literal

from msgspec import UNSET

from kg import terms
from kg.casing.case import Case, Item
from kg.checking.freshness import ResultState, entry_at
from kg.checking.limits import limits_of
from kg.checking.missing_words import short_name
from kg.contract.report import ChecklistItem
from kg.contract.request import day
from kg.judging.needs import measured_as
from kg.judging.view import View
from kg.snapshot.advice import own_plan
from kg.snapshot.model import PlanEntry, Snapshot
from kg.snapshot.once import once_per_snapshot

_HOURS = 24
_STATES: Mapping[ResultState, Literal["done", "overdue", "undated"]] = {
    "present": "done",
    "stale": "overdue",
    "undated": "undated",
}


def checklist(
    entry: PlanEntry, view: View, states: Mapping[str, ResultState], snapshot: Snapshot
) -> Iterator[ChecklistItem]:
    """Go through the results that an entry of the plan asks for."""
    given = view.case.observations or ()
    for kind, label in _asked(snapshot)[entry.results]:
        item = next((i for i in given if kind == i.term or kind in (i.classes or ())), None)
        if item is None:
            yield ChecklistItem(
                label=label, state="due", limits=tuple(limits_of(kind, view, snapshot))
            )
        else:
            yield _there(kind, label, item, view, states, snapshot)


def _there(
    kind: str,
    label: str,
    item: Item,
    view: View,
    states: Mapping[str, ResultState],
    snapshot: Snapshot,
) -> ChecklistItem:
    entry = entry_at(view.case, item.input)
    taken = entry.taken_at if entry is not None else None
    return ChecklistItem(
        label=label,
        state=_STATES[states.get(item.input, "present")],
        input=item.input,
        value=item.detail or UNSET,
        taken_at=taken or UNSET,
        counts_until=_until(taken, kind, item, view.case, snapshot) or UNSET,
        limits=tuple(limits_of(kind, view, snapshot)),
    )


def _until(taken: str | None, kind: str, item: Item, case: Case, snapshot: Snapshot) -> str:
    """Give the last day on which a result counts, where it was dated and counts for a time."""
    hours_of = _hours(snapshot).get(case.attributes.get(terms.PHASE, ""), {})
    hours = hours_of.get(kind) or hours_of.get(item.term or "")
    on = day(taken, item.input)
    if hours is None or on is None:
        return ""
    return (on + timedelta(days=hours // _HOURS)).isoformat()


@once_per_snapshot
def _hours(snapshot: Snapshot) -> dict[str, dict[str, int]]:
    """Give for how many hours each kind of result counts, by phase."""
    found: dict[str, dict[str, int]] = {}
    for entry in own_plan(snapshot).values():
        for phase in entry.phases if entry.validity_hours else ():
            of_phase = found.setdefault(phase, {})
            of_phase.update(dict.fromkeys(entry.valid_kinds, entry.validity_hours or 0))
    return found


@once_per_snapshot
def _asked(snapshot: Snapshot) -> dict[tuple[str, ...], Sequence[tuple[str, str]]]:
    """Name the kinds that each entry of the plan asks for, by name."""
    return {
        entry.results: sorted(
            ((kind, _name(kind, snapshot)) for kind in entry.results), key=lambda k: k[1].lower()
        )
        for entry in own_plan(snapshot).values()
    }


def _name(kind: str, snapshot: Snapshot) -> str:
    wanted = measured_as(snapshot).get(kind) or snapshot.observations[kind].label
    return short_name(snapshot, wanted)
