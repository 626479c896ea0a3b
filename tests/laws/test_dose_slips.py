"""Slips of dose, unit and day are found where they leave the label; true doses raise nothing."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from random import Random
from typing import Any

from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.request import request_from
from kg.snapshot.model import Snapshot

SAYS = {"dose-not-of-the-label", "dose-low-for-the-day", "dose-on-no-day-of-the-label"}
DAYS = (1, 8, 15)


def _held(body: dict[str, Any], snapshot: Snapshot) -> bool:
    """Say whether a dose is held, or was not believed at all."""
    report = check(assemble(request_from(body), snapshot), snapshot)
    found = {f.advisory.rsplit("/", 1)[1] for f in report.findings}
    return bool(found & SAYS) or any(u.input == "context.dose_mg_m2" for u in report.unrecognised)


def _label(day: int, cycle: int, remission: bool) -> float:
    return 0.8 if day == 1 and (cycle == 1 or not remission) else 0.5


def _true_doses(count: int) -> Iterator[tuple[dict[str, Any], float, bool]]:
    """Give patients with the dose of the label on its day, some of it rounded to a drawn volume."""
    random = Random(8)  # noqa: S311 - the same cases on every machine
    for _ in range(count):
        day, cycle, remission = random.choice(DAYS), random.randint(1, 6), random.random() < 0.5
        shift = random.choice((-2, -1, 0, 0, 0, 1, 2)) if day > 1 else 0
        weight, height = random.uniform(12, 110), random.uniform(90, 195)
        dose = _label(day, cycle, remission)
        body = {
            "patient": {
                "weight_kg": round(weight, 1),
                "height_cm": round(height),
                "flags": ["complete_remission"] if remission else [],
            },
            "conditions": [],
            "context": {
                "phase": "before_first_dose" if (day, cycle) == (1, 1) else "before_dose",
                "cycle": cycle,
                "day": day + shift,
                "dose_mg_m2": dose,
            },
        }
        yield body, sqrt(round(weight, 1) * round(height) / 3600), remission


def _with_dose(body: dict[str, Any], dose: float) -> dict[str, Any]:
    return {**body, "context": {**body["context"], "dose_mg_m2": dose}}


def _is_a_dose(dose: float, day: int, cycle: int, remission: bool) -> bool:
    """Say whether a figure is the label's on a day, with room for rounding."""
    wanted = _label(1 if day == 1 else 8, cycle, remission)
    return wanted * 0.94 < dose < wanted * 1.07


def test_no_true_dose_is_held(snapshot: Snapshot) -> None:
    wrong = [body for body, _, _ in _true_doses(200) if _held(body, snapshot)]
    assert not wrong, wrong[:2]


def test_a_slip_of_ten_is_always_found(snapshot: Snapshot) -> None:
    for body, _, _ in _true_doses(200):
        for factor in (10, 0.1):
            dose = body["context"]["dose_mg_m2"] * factor
            assert _held(_with_dose(body, dose), snapshot), (dose, body)


def test_milligrams_for_square_metres_are_found(snapshot: Snapshot) -> None:
    for body, surface, remission in _true_doses(200):
        context = body["context"]
        dose = round(context["dose_mg_m2"] * surface, 3)
        if not _is_a_dose(dose, context["day"], context["cycle"], remission):
            assert _held(_with_dose(body, dose), snapshot), (dose, body)


def test_a_wrong_day_is_found(snapshot: Snapshot) -> None:
    for body, _, remission in _true_doses(200):
        context = body["context"]
        for day in (1, 2, 3, 4, 5, 8, 11, 12, 15, 18, 21, 28):
            moved = {**body, "context": {**context, "day": day}}
            same = day in DAYS and _is_a_dose(
                context["dose_mg_m2"], day, context["cycle"], remission
            )
            assert same or _held(moved, snapshot), moved
