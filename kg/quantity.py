"""Values with units: what was given, in the unit in which thresholds are written.

Units are UCUM. Two spellings that UCUM itself allows are one: the litre as l and L, the power
of ten as 10* and 10^. Everything else must be written as the ontology accepts it.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from kg.interval import Interval, exact, point
from kg.model import Observation, Snapshot
from kg.once import once_per_snapshot

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

    def canonical(self, value: Fraction) -> Fraction:
        """Turn a value in this unit into the canonical one."""
        return value * self.factor + self.offset


class Reading(NamedTuple):
    """A number as it was written: with a sign such as < where the laboratory gave one."""

    number: Fraction
    sign: str = ""


def ucum(unit: str) -> str:
    """Write a UCUM unit in one of the spellings that UCUM allows."""
    text = unit.strip().replace("\u00b5", "u").replace("\u03bc", "u").replace("10^", "10*")
    return _LITRE.sub(r"\1L", _TIMES.sub("10*", text))


@once_per_snapshot
def scales(snapshot: Snapshot) -> dict[str, dict[str, Scale]]:
    """Give, for each observation, the units it may be given in."""
    return {iri: _scales(observation) for iri, observation in snapshot.observations.items()}


def _scales(observation: Observation) -> dict[str, Scale]:
    found = {ucum(u.ucum): Scale(Fraction(u.factor), Fraction(u.offset)) for u in observation.units}
    if observation.unit is not None:
        found.setdefault(ucum(observation.unit), Scale(Fraction(1), Fraction(0)))
    return found


def read_number(value: float | int | str) -> Reading | None:
    """Read a number, with the sign that a laboratory puts before one beyond its range."""
    if not isinstance(value, str):
        number = exact(value)
        return None if number is None else Reading(number)
    match = _RESULT.match(value)
    if match is None:
        return None
    number = exact(match.group(2))
    return None if number is None else Reading(number, _SIGNS[match.group(1)])


def reach(value: Fraction, sign: str, plausible: Interval) -> Interval:
    """Give what a value stands for: itself, or all that its sign allows within what can be."""
    if sign == "<":
        return Interval(plausible.low, value, False, True)
    if sign == "<=":
        return Interval(plausible.low, value)
    if sign == ">":
        return Interval(value, plausible.high, True, False)
    if sign == ">=":
        return Interval(value, plausible.high)
    return point(value)
