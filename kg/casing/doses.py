"""The dates and the size of doses of the index drug, as numbers that criteria ask about."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import isqrt

from kg import terms
from kg.casing.ledger import Setting
from kg.contract.request import ContextPart, PatientPart, day, malformed
from kg.interval import ANYTHING, NOTHING, Interval, exact, over, point

_FIRST_CYCLE = 1
_MOSTELLER = 3600
_DIGITS = 10**12


def first_dose(context: ContextPart, setting: Setting) -> date | None:
    """Give the day of the first dose, where one has been given; refuse one that cannot be."""
    first = day(context.first_dose, "context.first_dose")
    last = day(context.last_dose, "context.last_dose")
    if first is None:
        return None
    if last is not None and first > last:
        raise malformed(
            "context.first_dose",
            "the first dose lies after the last one",
            "correct context.first_dose or context.last_dose",
        )
    later = setting.as_of is not None and first > setting.as_of
    if setting.untreated:
        # A date to come is the plan; one that is past says otherwise than the phase.
        if setting.as_of is not None and first < setting.as_of:
            raise malformed(
                "context.first_dose",
                "the phase says that no dose has been given",
                "correct the phase, or leave the date out",
            )
        return None
    if later:
        raise malformed(
            "context.first_dose",
            "the first dose lies after the day of the question",
            "correct context.first_dose or context.as_of",
        )
    return first


def dose_over_reduction(context: ContextPart) -> Interval | None:
    """Give the dose as a multiple of the one that toxicity had led to; None where it is not known.

    In the first cycle, and where no dose was reduced, there is no such dose to compare with.
    """
    if context.reduced_to_mg_m2 is None:
        none = context.cycle == _FIRST_CYCLE or context.dose_reduced is False
        return NOTHING if none else None
    if context.dose_mg_m2 is None:
        return None
    dose, reduced = exact(context.dose_mg_m2), exact(context.reduced_to_mg_m2)
    return point(dose / reduced) if dose is not None and reduced else None


def dose_numbers(
    patient: PatientPart, context: ContextPart, setting: Setting
) -> dict[str, Interval]:
    """Give what is known of the dose in question; one that cannot be is not known."""
    found: dict[str, Interval] = {}
    times = dose_over_reduction(context)
    if times is not None:
        found[terms.DOSE_TIMES_REDUCED] = times
    dose = None if context.dose_mg_m2 is None else exact(context.dose_mg_m2)
    if dose is None:
        return found
    if not setting.known.plausible.get(terms.DOSE_MG_M2, ANYTHING).holds(dose):
        return found | {terms.DOSE_MG_M2: ANYTHING, terms.DOSE_PER_SURFACE: ANYTHING}
    found[terms.DOSE_MG_M2] = point(dose)
    surface = body_surface(patient)
    found[terms.DOSE_PER_SURFACE] = ANYTHING if surface is None else over(point(dose), surface)
    return found


def body_surface(patient: PatientPart) -> Interval | None:
    """Give the body surface in square metres by the formula of Mosteller, bracketed exactly."""
    weight = None if patient.weight_kg is None else exact(patient.weight_kg)
    height = None if patient.height_cm is None else exact(patient.height_cm)
    if weight is None or height is None or weight <= 0 or height <= 0:
        return None
    squared = weight * height / _MOSTELLER
    scaled = squared.numerator * _DIGITS**2 // squared.denominator
    root = Fraction(isqrt(scaled), _DIGITS)
    high = root if root * root == squared else root + Fraction(1, _DIGITS)
    return Interval(root, high)
