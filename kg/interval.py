"""Numbers that are known only within bounds, compared exactly.

A number that was measured is an interval of one point. Fractions are used throughout: 1.5 times 20
is exactly 30.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

TRUE, UNKNOWN, FALSE = 2, 1, 0
# No measurement has more digits; a number that has would cost memory for nothing.
_LONGEST = 60
# Below this every whole number that is written with a decimal sign is read without loss.
_WHOLE = 2**53


class Interval(NamedTuple):
    """All numbers between two ends; an end that is None is open to infinity."""

    low: Fraction | None
    high: Fraction | None
    low_open: bool = False
    high_open: bool = False
    empty: bool = False

    @property
    def alone(self) -> Fraction | None:
        """Give the one number that this is, as `point` makes it; None where there are more."""
        low = self.low
        if low is not self.high or self.low_open or self.high_open or self.empty:
            return None
        return low

    def holds(self, number: Fraction) -> bool:
        """Say whether a number lies in this interval."""
        low, high, low_open, high_open, empty = self
        if empty:
            return False
        # Crosswise, in whole numbers: several times as fast as comparing fractions.
        top, under = number.numerator, number.denominator
        if low is not None:
            bound, given = low.numerator * under, top * low.denominator
            if given < bound or (low_open and given == bound):
                return False
        if high is None:
            return True
        bound, given = high.numerator * under, top * high.denominator
        return given < bound or (given == bound and not high_open)

    def within(self, other: Interval) -> bool:
        """Say whether every number of this interval lies in another."""
        return self.empty or (_low_in(self, other) and _high_in(self, other))

    def apart_from(self, other: Interval) -> bool:
        """Say whether no number of this interval lies in another."""
        return self.empty or _below(self, other) or _below(other, self)

    def compare(self, facet: Interval) -> int:
        """Judge in three values whether a number known as this interval meets a facet."""
        number = self.alone
        if number is not None:
            return TRUE if facet.holds(number) else FALSE
        if self.apart_from(facet):
            return FALSE
        return TRUE if self.within(facet) else UNKNOWN


ANYTHING = Interval(None, None)
NOTHING = Interval(None, None, empty=True)


def point(value: Fraction | int) -> Interval:
    """Give the interval of one known number."""
    exact = value if type(value) is Fraction else Fraction(value)
    return Interval(exact, exact)


@lru_cache(maxsize=4096)
def between(bounds: tuple[str, str] | None) -> Interval:
    """Give the interval of two bounds written as decimals; anything where there are none."""
    return ANYTHING if bounds is None else Interval(Fraction(bounds[0]), Fraction(bounds[1]))


def exact(number: float | int | str) -> Fraction | None:
    """Read a number as the decimal that was written; None where it is not one."""
    if isinstance(number, float):
        if number.is_integer() and -_WHOLE < number < _WHOLE:
            return Fraction(int(number))
    elif type(number) is int and -_WHOLE < number < _WHOLE:
        return Fraction(number)
    try:
        value = Decimal(repr(number) if isinstance(number, float) else str(number).strip())
        return Fraction(value) if abs(value.adjusted()) <= _LONGEST else None
    except (InvalidOperation, ValueError, OverflowError):
        return None


def hull(one: Interval, other: Interval) -> Interval:
    """Give the narrowest interval that holds two."""
    if one.empty or other.empty:
        return other if one.empty else one
    low, low_open = one.low, one.low_open
    if low is not None and (other.low is None or other.low <= low):
        low_open = other.low_open and (low_open or other.low != low)
        low = other.low
    high, high_open = one.high, one.high_open
    if high is not None and (other.high is None or other.high >= high):
        high_open = other.high_open and (high_open or other.high != high)
        high = other.high
    return Interval(low, high, low_open, high_open)


def larger(one: Interval, other: Interval) -> Interval:
    """Give the interval of the larger of two numbers."""
    low, low_open = one.low, one.low_open
    if other.low is not None and (low is None or other.low > low):
        low, low_open = other.low, other.low_open
    elif other.low == low:
        low_open = low_open and other.low_open
    high, high_open = one.high, one.high_open
    if other.high is None or (high is not None and other.high > high):
        high, high_open = other.high, other.high_open
    elif other.high == high:
        high_open = high_open and other.high_open
    return Interval(low, high, low_open, high_open)


def times(one: Interval, other: Interval) -> Interval:
    """Multiply two numbers that are known within bounds, neither below zero."""
    low = None if one.low is None or other.low is None else one.low * other.low
    high = None if one.high is None or other.high is None else one.high * other.high
    return Interval(low, high)


def over(one: Interval, other: Interval) -> Interval:
    """Divide a number by another that is above zero; nothing is known where that may be zero."""
    part, whole = one.alone, other.alone
    if part is not None and whole is not None and whole.numerator > 0:
        # As a fraction of whole numbers this is several times as fast as dividing fractions.
        over, under = part.numerator * whole.denominator, part.denominator * whole.numerator
        return point(Fraction(over, under))
    if other.low is None or other.high is None or other.low <= 0:
        return ANYTHING
    low = one.low
    if low is not None:
        low /= other.high if low >= 0 else other.low
    high = one.high
    if high is not None:
        high /= other.low if high >= 0 else other.high
    return Interval(low, high, one.low_open, one.high_open)


def minus(one: Interval, other: Interval) -> Interval:
    """Subtract one number known within bounds from another."""
    return Interval(
        None if one.low is None or other.high is None else one.low - other.high,
        None if one.high is None or other.low is None else one.high - other.low,
        one.low_open or other.high_open,
        one.high_open or other.low_open,
    )


def _low_in(one: Interval, other: Interval) -> bool:
    if other.low is None:
        return True
    if one.low is None or one.low < other.low:
        return False
    return one.low > other.low or one.low_open or not other.low_open


def _high_in(one: Interval, other: Interval) -> bool:
    if other.high is None:
        return True
    if one.high is None or one.high > other.high:
        return False
    return one.high < other.high or one.high_open or not other.high_open


def _below(one: Interval, other: Interval) -> bool:
    if one.high is None or other.low is None:
        return False
    return one.high < other.low or (one.high == other.low and (one.high_open or other.low_open))
