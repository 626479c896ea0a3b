"""Values with units: what was given, in the unit in which thresholds are written.

Units are UCUM. Two spellings that UCUM itself allows are one: the litre as l and L, the power
of ten as 10* and 10^. Everything else must be written as the ontology accepts it.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from kg.interval import Interval, between, exact, point
from kg.snapshot.model import Observation, Snapshot
from kg.snapshot.once import once_per_snapshot

# The multiple of the laboratory's own upper limit, as callers write it.
MULTIPLE = "xuln"

_LITRE = re.compile(r"(?<![A-Za-z\[])([munpfdc]?)l(?![A-Za-z\]])")
_TIMES = re.compile(r"^[x\u00d7] ?10\*")
_RESULT = re.compile(r"\s*(<=|>=|<|>|≤|≥|=)?\s*([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*\Z")
_SIGNS = {None: "", "=": "", "<": "<", ">": ">", "<=": "<=", ">=": ">=", "≤": "<=", "≥": ">="}


class Scale(NamedTuple):
    """How a unit turns into the canonical one."""

    factor: Fraction
    offset: Fraction

    @staticmethod
    def of(factor: str, offset: str) -> Scale:
        """Read a scale; the canonical unit has only one."""
        scale = Scale(Fraction(factor), Fraction(offset))
        return SAME if scale == SAME else scale

    def canonical(self, value: Fraction) -> Fraction:
        """Turn a value in this unit into the canonical one."""
        return value if self is SAME else value * self.factor + self.offset


SAME = Scale(Fraction(1), Fraction(0))


class WrittenNumber(NamedTuple):
    """A number as it was written: with a sign such as < where the laboratory gave one."""

    number: Fraction
    sign: str = ""


def ucum(unit: str) -> str:
    """Write a UCUM unit in one of the spellings that UCUM allows."""
    text = unit.strip().replace("\u00b5", "u").replace("\u03bc", "u").replace("10^", "10*")
    return _LITRE.sub(r"\1L", _TIMES.sub("10*", text))


class Measure(NamedTuple):
    """One kind of observation: its units, what is plausible, and the limits that are in use."""

    kind: Observation
    scales: dict[str, Scale]
    plausible: Interval
    uppers: Interval | None
    lowers: Interval | None

    def scale(self, unit: str) -> Scale | None:
        """Find a unit, as it is written or in another spelling that UCUM allows."""
        return self.scales.get(unit) or self.scales.get(ucum(unit))


@once_per_snapshot
def measures(snapshot: Snapshot) -> dict[str, Measure]:
    """Give what is known of the numbers of each kind of observation."""
    return {iri: _measure(observation) for iri, observation in snapshot.observations.items()}


def _measure(kind: Observation) -> Measure:
    scales = {ucum(u.ucum): Scale.of(u.factor, u.offset) for u in kind.units}
    if kind.unit is not None:
        scales.setdefault(ucum(kind.unit), SAME)
    return Measure(
        kind,
        scales,
        between(kind.plausible),
        None if kind.upper_limits is None else between(kind.upper_limits),
        None if kind.lower_limits is None else between(kind.lower_limits),
    )


def read_number(value: float | int | str) -> WrittenNumber | None:
    """Read a number, with the sign that a laboratory puts before one beyond its range."""
    if not isinstance(value, str):
        number = exact(value)
        return None if number is None else WrittenNumber(number, "")
    match = _RESULT.match(value)
    if match is None:
        return None
    number = exact(match.group(2))
    return None if number is None else WrittenNumber(number, _SIGNS[match.group(1)])


def reach(value: Fraction, sign: str, plausible: Interval) -> Interval:
    """Give what a value stands for: itself, or all that its sign allows within what can be."""
    if not sign:
        return point(value)
    if sign == "<":
        return Interval(plausible.low, value, False, True)
    if sign == "<=":
        return Interval(plausible.low, value)
    if sign == ">":
        return Interval(value, plausible.high, True, False)
    return Interval(value, plausible.high)
