"""How doses are written in text, and how much is taken a day.

Only masses become numbers. A dose that cannot be read for certain (two strengths, a rate by
weight or surface, a unit of activity) is known to be stated and unknown in amount.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from kg.interval import Interval, exact, point

_NUMBER = r"\d+(?:[.,]\d+)*"
_UNIT = (
    r"micrograms?|milligrams?|nanograms?|kilograms?|grams?|millilit(?:re|er)s?|lit(?:re|er)s?"
    r"|mcg|mug|ug|mg|ng|kg|gm|g|ml|l|units?|unt|iu|u|mmol|mol|meq|[mg]bq|mci|%"
)
_PER = (
    _UNIT
    + r"|m2|m\^2|actuat(?:ion)?s?|act|puffs?|sprays?|hours?|hrs?|h|days?|d|24 ?h(?:ours)?"
    + r"|min(?:utes?)?|doses?"
)
_DOSE = (
    rf"(?<![a-z0-9.,-])(?P<low>{_NUMBER})(?:\s?(?P<between>-|to|/|x)\s?(?P<high>{_NUMBER}))?"
    rf"\s?(?:(?P<million>million|mega)\s?)?(?P<unit>{_UNIT})"
    rf"(?P<per>(?:\s?(?:/|per)\s?(?:{_NUMBER}\s?)?(?:{_PER})(?![a-z0-9]))*)(?![a-z0-9])"
)
_A_DAY = re.compile(r"\s?(?:/|per)\s?(?:days?|d|24 ?h(?:ours)?)\Z")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?\Z")
_SPELT = {"microgram": "mcg", "milligram": "mg", "nanogram": "ng", "kilogram": "kg", "gram": "g"}
# Milligrams in each unit of mass, however its micro sign was written.
_MILLIGRAMS = {
    "ng": Fraction(1, 1_000_000),
    "ug": Fraction(1, 1000),
    "mug": Fraction(1, 1000),
    "mcg": Fraction(1, 1000),
    "mg": Fraction(1),
    "g": Fraction(1000),
    "gm": Fraction(1000),
    "kg": Fraction(1_000_000),
}


class Daily(NamedTuple):
    """How much is taken a day: whether it was said, and how many milligrams it is."""

    stated: bool = False
    milligrams: Interval | None = None


NOT_SAID = Daily()


@cache
def dose() -> re.Pattern[str]:
    """Give the pattern of a dose, made when a number is first met, for that takes its time."""
    return re.compile(_DOSE)


def in_milligrams(value: float | int, unit: str) -> Fraction | None:
    """Give a dose in milligrams; None where its unit is no mass."""
    number = exact(value)
    name = unit.strip().replace("\u00b5", "u").replace("\u03bc", "u").removesuffix("/d")
    factor = _MILLIGRAMS.get(name)
    return None if number is None or factor is None else number * factor


def daily(
    doses: Sequence[re.Match[str]], times: Sequence[Fraction], count: Fraction | None
) -> Daily:
    """Work out the amount a day where a text says both how much and how often."""
    for match in doses:
        per = match.group("per")
        if per and _A_DAY.match(per):
            return Daily(True, _amount(doses[0]) if len(doses) == 1 else None)
    if not times:
        return NOT_SAID
    amount = _amount(doses[0]) if len(doses) == 1 and not doses[0].group("per") else None
    if amount is None or amount.low is None or amount.high is None:
        return Daily(True)
    if count is None or len(times) > 1:
        return Daily(True)
    factor = count * times[0]
    if amount.alone is not None:
        return Daily(True, point(amount.alone * factor))
    return Daily(True, Interval(amount.low * factor, amount.high * factor))


def _amount(match: re.Match[str]) -> Interval | None:
    """Read a mass in milligrams, two of them as a range, or so many of one mass."""
    unit = match.group("unit")
    factor = _MILLIGRAMS.get(_SPELT.get(unit.removesuffix("s"), unit))
    low = high = _figure(match.group("low"))
    if match.group("high"):
        high = _figure(match.group("high"))
    if factor is None or low is None or high is None or match.group("million"):
        return None
    if low is high:
        return point(low * factor)
    if match.group("between") == "x":
        return point(low * high * factor)
    if match.group("between") == "/" or high < low:
        return None
    return Interval(low * factor, high * factor)


def _figure(text: str) -> Fraction | None:
    """Read a number whose comma is a decimal sign, unless it parts thousands."""
    if text.isdecimal():
        return exact(int(text))
    return exact(text.replace(",", "" if _THOUSANDS.match(text) else "."))
