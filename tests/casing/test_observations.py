"""Measurements become numbers in one unit, known exactly or within bounds, or are not used."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from kg import terms
from kg.casing.case import Item
from kg.interval import Interval, point
from tests.builders import CaseBuilder, a_case
from tests.world_terms import observation

F = Fraction


def item(case: CaseBuilder, kind: str = "Glow") -> Item:
    found = {i.term: i for i in case.case().observations or ()}
    return found[observation(kind)]


def multiple(case: CaseBuilder, kind: str = "Glow") -> Interval:
    return item(case, kind).numbers[terms.TIMES_UPPER_LIMIT]


def test_units_are_converted_exactly() -> None:
    case = a_case().measuring("glow", 2, "mg/dL")
    assert item(case).numbers[terms.VALUE] == point(F("34.208"))
    assert item(a_case().measuring("warmth", 310.15, "K"), "Warmth").numbers[terms.VALUE] == point(
        37
    )


@pytest.mark.parametrize("unit", ["umol/l", "µmol/L", " umol/L ", "mg/dl"])
def test_spellings_that_ucum_allows_are_one_unit(unit: str) -> None:
    item(a_case().measuring("glow", 2, unit))


def test_the_laboratorys_own_limit_makes_the_multiple_exact() -> None:
    assert multiple(a_case().measuring("glow", 31.5, "umol/L", upper_limit=21)) == point(F(3, 2))


def test_without_a_limit_the_multiple_lies_within_the_limits_in_use() -> None:
    found = multiple(a_case().measuring("glow", 34, "umol/L"))
    assert (found.low, found.high) == (F(34, 26), F(2))


def test_a_multiple_may_be_given_itself() -> None:
    case = a_case().measuring("glow", 1.6, "xULN")
    assert multiple(case) == point(F("1.6"))
    assert item(case).numbers[terms.VALUE] == Interval(F("27.2"), F("41.6"))


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [("<20", F(0), F(20)), (">= 20", F(20), F(1200)), ("20", F(20), F(20))],
)
def test_a_result_beyond_the_range_is_known_within_bounds(value: str, low: F, high: F) -> None:
    found = item(a_case().measuring("glow", value, "umol/L")).numbers[terms.VALUE]
    assert (found.low, found.high) == (low, high)
    assert found.high_open == value.startswith("<")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"value": 20}, "unit is missing"),
        ({"value": 20, "unit": ""}, "unit is missing"),
        ({"value": 20, "unit": "furlong"}, "cannot be converted to umol/L"),
        ({"value": 20, "unit": "mL/min/{1.73_m2}"}, "cannot be converted"),
        ({"unit": "umol/L"}, "value is missing"),
        ({"value": "high", "unit": "umol/L"}, "no number"),
        ({"value": True, "unit": "umol/L"}, "no number"),
        ({"value": 1201, "unit": "umol/L"}, "outside what can be, 0 to 1200 umol/L"),
        ({"value": -1, "unit": "umol/L"}, "outside what can be"),
        ({"value": "<0", "unit": "umol/L"}, "outside what can be"),
        ({"value": ">1200", "unit": "umol/L"}, "outside what can be"),
        ({"value": -1, "unit": "xULN"}, "not below zero"),
        ({"value": 20, "unit": "umol/L", "upper_limit": 5, "lower_limit": 6}, "lies above"),
        ({"value": 2, "unit": "xULN", "upper_limit": 20}, "comes without limits"),
        ({"value": 20, "unit": "umol/L", "baseline": 5000}, "baseline lies outside"),
    ],
)
def test_a_value_that_cannot_be_used_is_listed_with_the_reason(
    fields: dict[str, Any], reason: str
) -> None:
    case = a_case().measuring("glow", **fields).case()
    assert reason in case.unrecognised[0].reason
    (kept,) = case.observations or ()
    assert (kept.term, kept.numbers) == (observation("Glow"), {})


def test_a_limit_of_nought_is_not_used_and_says_so() -> None:
    case = a_case().measuring("glow", 20, "umol/L", upper_limit=0)
    found = multiple(case)
    assert (found.low, found.high) == (F(20, 26), F(20, 17))
    (read,) = case.case().recognised
    assert read.limit_used is False
    assert "not used" in (read.note or "")


def test_a_result_from_after_the_day_of_the_question_is_not_used() -> None:
    case = a_case().context(as_of="2026-01-01")
    case = case.measuring("glow", 20, "umol/L", taken_at="2026-01-02")
    assert "dated after" in case.case().unrecognised[0].reason


def test_a_result_may_be_a_word() -> None:
    for value, number in (("positive", 1), ("Negative", 0), (True, 1)):
        found = item(a_case().measuring("signal", value), "Signal")
        assert found.numbers[terms.VALUE] == point(number)
    assert a_case().measuring("signal", "perhaps").case().unrecognised


def test_the_latest_of_several_values_counts() -> None:
    case = (
        a_case()
        .measuring("glow", 50, "umol/L", taken_at="2026-01-02T08:00:00Z")
        .measuring("glow", 20, "umol/L", taken_at="2026-01-02T09:00:00+02:00")
        .measuring("glow", 10, "umol/L", taken_at="2026-01-01")
    )
    assert item(case).numbers[terms.VALUE] == point(50)
    assert item(case).input == "observations[0]"


@pytest.mark.parametrize(
    ("first", "second"), [(None, "2026-01-02"), ("2026-01-02", "2026-01-02T10:00"), (None, None)]
)
def test_where_the_latest_cannot_be_told_the_value_lies_among_them(
    first: str | None, second: str | None
) -> None:
    case = (
        a_case()
        .measuring("glow", 50, "umol/L", taken_at=first)
        .measuring("glow", 20, "umol/L", taken_at=second)
    )
    found = item(case).numbers[terms.VALUE]
    assert (found.low, found.high) == (F(20), F(50))


def test_a_baseline_gives_the_change() -> None:
    found = item(a_case().measuring("swing A", 481, "ms", baseline=420), "SwingA").numbers
    assert found[terms.CHANGE_FROM_BASELINE] == point(61)
    assert found[terms.TIMES_BASELINE] == point(F(481, 420))


def test_before_the_first_dose_a_value_is_its_own_baseline() -> None:
    case = a_case().measuring("swing A", 481, "ms")
    assert terms.CHANGE_FROM_BASELINE not in item(case, "SwingA").numbers
    early = item(case.in_phase("before_first_dose"), "SwingA").numbers
    assert early[terms.CHANGE_FROM_BASELINE] == point(0)


def test_the_larger_multiple_of_those_given_counts() -> None:
    case = a_case().measuring("zeal", 80, "U/L", upper_limit=40)
    assert multiple(case, "Vigour") == point(2)
    assert multiple(case.measuring("zest", 90, "U/L", upper_limit=30), "Vigour") == point(3)
    both = multiple(case.measuring("zest", 90, "U/L"), "Vigour")
    assert (both.low, both.high) == (F(9, 4), F(9, 2))


def test_a_share_of_a_count_is_multiplied_out() -> None:
    case = a_case().measuring("grain share", 20, "%").measuring("flour", 55, "10*9/L")
    assert item(case, "Grain").numbers[terms.VALUE] == point(11)


def test_a_share_without_its_count_says_nothing() -> None:
    case = a_case().measuring("grain share", 20, "%").case()
    assert [i.term for i in case.observations or ()] == [observation("GrainShare")]


def test_what_is_given_is_not_worked_out_again() -> None:
    case = a_case().measuring("grain share", 20, "%").measuring("flour", 55, "10*9/L")
    assert item(case.measuring("grain", 3, "10*9/L"), "Grain").numbers[terms.VALUE] == point(3)


def test_the_cube_root_correction_is_exact_where_it_can_be() -> None:
    case = a_case().measuring("gap", 400, "ms")
    even = item(case.measuring("beat", 60, "/min"), "SwingA").numbers[terms.VALUE]
    assert even == point(400)
    slow = item(case.measuring("beat", 20.48, "/min"), "SwingA").numbers[terms.VALUE]
    assert slow.low is not None
    assert slow.high is not None
    assert slow.low < slow.high
    assert abs(float(slow.low) - 400 * (20.48 / 60) ** (1 / 3)) < 1e-9
