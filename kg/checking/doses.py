"""The dose of the day and its dates, by the scheme of the release.

Which dose it is follows from cycle, day and what is known of the response; the amount from the body
surface, where height and weight are known. A dose that was reduced for toxicity stays reduced.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, NamedTuple

from msgspec import UNSET

from kg import terms
from kg.casing.case import Case
from kg.checking.freshness import asked_at
from kg.contract.report import PlannedDay, PlannedDose
from kg.contract.request import ContextPart, Request, day
from kg.interval import FALSE, TRUE
from kg.snapshot.model import Snapshot
from kg.snapshot.reporting import DoseSpacing, RegimenDose, SurfaceFormula

_SURFACE_STEP = Decimal("0.01")
_REDUCED = "reduced earlier for toxicity"


class _InCycle(NamedTuple):
    """The day of a cycle that is in question."""

    cycle: int
    day: int


def doses(case: Case, snapshot: Snapshot) -> tuple[PlannedDose, ...]:
    """Give the doses that the scheme has for the day in question."""
    when = _when(case, snapshot)
    request = case.request
    if when is None or request is None:
        return ()
    steps = [s for s in snapshot.reporting.doses if _fits(s, when) and _holds(s, case) != FALSE]
    certain = len({step.mg_per_m2 for step in steps}) == 1
    surface = _surface(request, snapshot.reporting.surface)
    reduced = request.context.reduced_to_mg_m2 if request.context else None
    listed = [] if reduced is None else [_dose(_REDUCED, reduced, "", surface, snapshot)]
    for step in steps[:1] if certain else steps:
        amount = float(step.mg_per_m2)
        if reduced is None or amount < reduced:
            listed.append(
                _dose(step.label, amount, "" if certain else step.when, surface, snapshot)
            )
    return tuple(listed)


def _when(case: Case, snapshot: Snapshot) -> _InCycle | None:
    """Say which dose is in question; before the first dose it is the first."""
    context = case.request.context if case.request else None
    if context is None:
        return None
    phase = snapshot.phases.get(case.attributes.get(terms.PHASE, ""))
    first = phase is not None and phase.precedes_treatment
    cycle = context.cycle if context.cycle is not None else 1 if first else None
    on = context.day if context.day is not None else 1 if first else None
    return None if cycle is None or on is None else _InCycle(cycle, on)


def _fits(step: RegimenDose, when: _InCycle) -> bool:
    return step.from_cycle <= when.cycle <= step.to_cycle and when.day in step.days


def _holds(step: RegimenDose, case: Case) -> int:
    """Say whether the response is the one of a step, in three values."""
    if step.if_flag is not None:
        return case.flags[step.if_flag].truth
    if step.unless_flag is not None:
        return TRUE - case.flags[step.unless_flag].truth
    return TRUE


def _surface(request: Request, formula: SurfaceFormula | None) -> float | None:
    """Work out a body surface in m2, as it is written on a chart."""
    patient = request.patient
    if formula is None or patient is None or not patient.height_cm or not patient.weight_kg:
        return None
    height = patient.height_cm ** float(formula.height_power)
    weight = patient.weight_kg ** float(formula.weight_power)
    return float(_rounded(float(formula.factor) * height * weight, _SURFACE_STEP))


def _rounded(number: float | Decimal, step: Decimal) -> Decimal:
    """Round to a step, a half upwards, as a chart does."""
    steps = (Decimal(str(number)) / step).quantize(Decimal(1), ROUND_HALF_UP)
    return steps * step


def _dose(
    label: str, amount: float, when: str, surface: float | None, snapshot: Snapshot
) -> PlannedDose:
    formula = snapshot.reporting.surface
    if surface is None or formula is None:
        return PlannedDose(step=label, mg_per_m2=amount, when=when or UNSET)
    step = Decimal(formula.rounds_dose_to)
    return PlannedDose(
        step=label,
        mg_per_m2=amount,
        when=when or UNSET,
        mg=float(_rounded(Decimal(str(amount)) * Decimal(str(surface)), step)),
        rounded_to=float(step),
        body_surface_m2=surface,
        formula=formula.label,
    )


# --- days -----------------------------------------------------------------------------------------


def days(case: Case, snapshot: Snapshot) -> tuple[PlannedDay, ...]:
    """Give the days that bound this dose: when it is due, from when it may be given, the next."""
    context = case.request.context if case.request else None
    spacing = snapshot.reporting.spacing
    if context is None or spacing is None:
        return ()
    now = asked_at(case)
    return tuple(_days(context, case, spacing, now.day if now else None, snapshot))


def _days(
    context: ContextPart, case: Case, spacing: DoseSpacing, now: date | None, snapshot: Snapshot
) -> Iterator[PlannedDay]:
    last = day(context.last_dose, "context.last_dose")
    due = day(context.dose_due, "context.dose_due") or _next(last, context, snapshot)
    if last is not None:
        earliest = last + timedelta(days=spacing.least_days)
        early = now is not None and now < earliest
        yield PlannedDay(
            label="not before", day=earliest.isoformat(), state="ahead" if early else UNSET
        )
    if due is None:
        return
    moves = spacing.may_move_days if context.day in spacing.days else 0
    yield PlannedDay(label="due", day=due.isoformat(), state=_state(due, moves, now) or UNSET)
    if moves:
        latest = due + timedelta(days=moves)
        yield PlannedDay(label="at the latest", day=latest.isoformat())
    length = _cycle_days(case, snapshot)
    if length and context.day:
        first = due - timedelta(days=context.day - 1)
        following = first + timedelta(days=length)
        yield PlannedDay(label="next cycle", day=following.isoformat())


def _state(due: date, moves: int, now: date | None) -> Literal["ahead", "due", "overdue"] | None:
    if now is None:
        return None
    if now < due - timedelta(days=moves):
        return "ahead"
    return "due" if now <= due + timedelta(days=moves) else "overdue"


def _next(last: date | None, context: ContextPart, snapshot: Snapshot) -> date | None:
    """Work out when a dose within a cycle is due; the first of a cycle must be given."""
    interval = snapshot.properties[terms.DAYS_SINCE_DOSE_DUE].interval_days
    if last is None or interval is None or context.day is None or context.day <= 1:
        return None
    return last + timedelta(days=interval)


def _cycle_days(case: Case, snapshot: Snapshot) -> int:
    """Give the length of the cycle in question, where the scheme has one for it."""
    when = _when(case, snapshot)
    if when is None:
        return 0
    lengths = {s.cycle_days for s in snapshot.reporting.doses if _fits(s, when)}
    return lengths.pop() if len(lengths) == 1 else 0
