"""Numbers known within bounds are compared without rounding and without guessing."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.interval import (
    FALSE,
    NOTHING,
    TRUE,
    UNKNOWN,
    Interval,
    exact,
    hull,
    larger,
    minus,
    over,
    point,
    times,
)

F = Fraction
OVER_ONE_AND_A_HALF = Interval(F(3, 2), None, low_open=True)


@pytest.mark.parametrize(
    ("known", "truth"),
    [
        (point(F(3, 2)), FALSE),
        (point(F(3, 2) + F(1, 10**12)), TRUE),
        (Interval(F(1), F(3, 2)), FALSE),
        (Interval(F(1), F(2)), UNKNOWN),
        (Interval(F(3, 2), F(2)), UNKNOWN),
        (Interval(F(3, 2), F(2), low_open=True), TRUE),
        (Interval(None, None), UNKNOWN),
        (NOTHING, FALSE),
    ],
)
def test_a_facet_is_met_by_all_some_or_none_of_what_a_number_may_be(
    known: Interval, truth: int
) -> None:
    assert known.compare(OVER_ONE_AND_A_HALF) == truth


def test_a_closed_bound_is_met_by_the_number_on_it() -> None:
    assert point(15).compare(Interval(F(15), F(15))) == TRUE
    assert Interval(None, F(15), high_open=True).compare(Interval(F(15), None)) == FALSE


def test_numbers_are_read_as_the_decimals_they_were_written_as() -> None:
    assert exact(0.1) == F(1, 10)
    assert exact("31.50") == F(63, 2)
    assert exact(12345678901234567890) == 12345678901234567890


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "1e999999999", "1.2.3"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert exact(text) is None


def test_arithmetic_keeps_every_possible_value() -> None:
    low_high = Interval(F(10), F(20))
    assert over(low_high, Interval(F(2), F(5))) == Interval(F(2), F(10))
    assert over(point(-6), Interval(F(2), F(3))) == Interval(F(-3), F(-2))
    assert over(low_high, point(0)) == Interval(None, None)
    assert times(low_high, point(F(1, 2))) == Interval(F(5), F(10))
    assert minus(low_high, Interval(F(1), F(2))) == Interval(F(8), F(19))
    assert hull(point(1), point(3)) == Interval(F(1), F(3))
    assert larger(point(1), Interval(F(0), F(3))) == Interval(F(1), F(3))
    assert larger(point(1), Interval(F(0), None)) == Interval(F(1), None)


bounds = st.fractions(min_value=-50, max_value=50, max_denominator=8)
intervals = st.tuples(bounds, bounds, st.booleans(), st.booleans()).map(
    lambda t: Interval(min(t[:2]), max(t[:2]), *(t[2:] if t[0] != t[1] else (False, False)))
)


@settings(max_examples=150)
@given(intervals, intervals, bounds)
def test_comparing_agrees_with_trying_a_number(known: Interval, facet: Interval, n: F) -> None:
    if point(n).within(known):
        met = point(n).within(facet)
        assert known.compare(facet) in ((TRUE, UNKNOWN) if met else (FALSE, UNKNOWN))


@settings(max_examples=100)
@given(intervals, intervals)
def test_a_hull_holds_both(one: Interval, other: Interval) -> None:
    both = hull(one, other)
    assert one.within(both)
    assert other.within(both)
