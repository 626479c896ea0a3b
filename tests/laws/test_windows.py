"""Windows of time: what holds changes on the day that the fact base names, and on no other.

Every window is swept day by day from the day before it opens to well after it has closed; the
days on which it must change are written out by hand, over month ends and leap days.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from typing import Any

import pytest

from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.request import request_from
from kg.snapshot.model import Snapshot

Body = Callable[[str], dict[str, Any]]


def holding(body: dict[str, Any], names: set[str], snapshot: Snapshot) -> set[str]:
    report = check(assemble(request_from(body), snapshot), snapshot)
    found = {f.advisory.rsplit("/", 1)[1] for f in report.findings}
    unsettled = {n.advisory.rsplit("/", 1)[1] for n in report.not_evaluable}
    assert not unsettled & names, "a window whose dates are known is never open"
    return found & names


def changes(
    body: Body, names: set[str], first: date, days: int, snapshot: Snapshot
) -> list[tuple[str, set[str]]]:
    """Sweep day by day; give each day on which something changed, and what holds from then on."""
    seen: list[tuple[str, set[str]]] = []
    for n in range(days):
        day = (first + timedelta(days=n)).isoformat()
        now = holding(body(day), names, snapshot)
        if not seen or seen[-1][1] != now:
            seen.append((day, now))
    return seen


def woman(last_dose: str, *flags: str) -> Body:
    return lambda day: {
        "patient": {"age_years": 30, "sex": "female", "flags": list(flags)},
        "context": {"phase": "after_treatment", "last_dose": last_dose, "as_of": day},
    }


def man(last_dose: str) -> Body:
    flags = ["male_with_partner_of_childbearing_potential"]
    return lambda day: {
        "patient": {"age_years": 30, "sex": "male", "flags": flags},
        "context": {"phase": "after_treatment", "last_dose": last_dose, "as_of": day},
    }


@pytest.mark.parametrize(
    ("last_dose", "closed"),
    [
        ("2026-01-31", "2026-09-30"),
        ("2025-06-30", "2026-02-28"),
        ("2023-06-30", "2024-02-29"),
        ("2024-02-29", "2024-10-29"),
        ("2025-03-15", "2025-11-15"),
    ],
)
def test_contraception_of_a_woman_lasts_eight_months(
    last_dose: str, closed: str, snapshot: Snapshot
) -> None:
    first = date.fromisoformat(last_dose)
    found = changes(
        woman(last_dose, "childbearing_potential"), {"contraception-woman"}, first, 280, snapshot
    )
    assert found == [(last_dose, {"contraception-woman"}), (closed, set())]


@pytest.mark.parametrize(
    ("last_dose", "closed"),
    [("2026-01-31", "2026-06-30"), ("2025-09-30", "2026-02-28"), ("2023-09-29", "2024-02-29")],
)
def test_contraception_of_a_man_lasts_five_months(
    last_dose: str, closed: str, snapshot: Snapshot
) -> None:
    first = date.fromisoformat(last_dose)
    found = changes(man(last_dose), {"contraception-man"}, first, 190, snapshot)
    assert found == [(last_dose, {"contraception-man"}), (closed, set())]


@pytest.mark.parametrize(
    ("last_dose", "closed"),
    [("2023-12-31", "2024-02-29"), ("2025-12-31", "2026-02-28"), ("2026-06-15", "2026-08-15")],
)
def test_no_breastfeeding_for_two_months(last_dose: str, closed: str, snapshot: Snapshot) -> None:
    first = date.fromisoformat(last_dose)
    found = changes(woman(last_dose, "breastfeeding"), {"breastfeeding"}, first, 90, snapshot)
    assert found == [(last_dose, {"breastfeeding"}), (closed, set())]


def test_two_weeks_lie_between_a_live_vaccine_and_the_first_dose(snapshot: Snapshot) -> None:
    given = {"text": "MMR vaccine", "status": "stopped", "last_taken": "2024-02-20"}
    found = changes(
        lambda day: {
            "medications": [given],
            "context": {"phase": "before_first_dose", "as_of": day},
        },
        {"live-vaccine"},
        date(2024, 2, 20),
        30,
        snapshot,
    )
    assert found == [("2024-02-20", {"live-vaccine"}), ("2024-03-05", set())]


BANDS = {"gap-below-a-week", "gap-of-a-week", "gap-of-weeks", "gap-beyond-weeks"}


def test_the_bands_of_an_overdue_dose_meet_and_do_not_overlap(snapshot: Snapshot) -> None:
    context = {"phase": "before_dose", "cycle": 2, "day": 8, "dose_due": "2024-02-20"}
    context["last_dose"] = "2024-02-13"
    found = changes(
        lambda day: {"context": {**context, "as_of": day}}, BANDS, date(2024, 2, 20), 45, snapshot
    )
    assert found == [
        ("2024-02-20", set()),
        ("2024-02-21", {"gap-below-a-week"}),
        ("2024-02-27", {"gap-of-a-week"}),
        ("2024-03-05", {"gap-of-weeks"}),
        ("2024-03-20", {"gap-beyond-weeks"}),
    ]


def test_six_days_lie_between_doses(snapshot: Snapshot) -> None:
    context = {"phase": "before_dose", "cycle": 1, "day": 8, "last_dose": "2026-02-25"}
    found = changes(
        lambda day: {"context": {**context, "as_of": day}},
        {"dose-too-early"},
        date(2026, 2, 25),
        20,
        snapshot,
    )
    assert found == [("2026-02-25", {"dose-too-early"}), ("2026-03-03", set())]


@pytest.mark.parametrize("name", ["amitriptyline", "citalopram", "ciprofloxacin"])
def test_a_drug_that_was_stopped_counts_for_five_half_lives(name: str, snapshot: Snapshot) -> None:
    drug = snapshot.drugs[f"https://w3id.org/inokg/drug/{name}"]
    hours = Fraction(drug.half_life_upper_hours or drug.half_life_hours or 0)
    days = ceil(5 * hours / 24)
    stopped = {"text": name, "status": "stopped", "last_taken": "2026-02-20"}
    last = date(2026, 2, 20)
    found = changes(
        lambda day: {"medications": [stopped], "context": {"as_of": day}},
        {"qt-firm-drug"},
        last,
        days + 10,
        snapshot,
    )
    closed = (last + timedelta(days=days)).isoformat()
    assert found == [("2026-02-20", {"qt-firm-drug"}), (closed, set())]


def test_amiodarone_stopped_last_week_still_counts(snapshot: Snapshot) -> None:
    stopped = {"text": "amiodarone", "status": "stopped", "last_taken": "2026-11-14"}
    body = {"medications": [stopped], "context": {"as_of": "2026-11-21"}}
    assert holding(body, {"qt-firm-drug"}, snapshot) == {"qt-firm-drug"}


@pytest.mark.parametrize("as_of", ["2026-11-21", "2027-06-30", "2028-02-29"])
def test_the_same_input_and_day_give_the_same_answer(as_of: str, snapshot: Snapshot) -> None:
    body = {
        "medications": [{"text": "amiodarone", "status": "stopped", "last_taken": "2026-11-01"}],
        "context": {"as_of": as_of},
    }
    once, again = (check(assemble(request_from(body), snapshot), snapshot) for _ in range(2))
    assert once == again
