"""Values with units: what was given, in the unit in which thresholds are written.

Units are UCUM, or as laboratories print them, which is data. A unit that is not said is known
only where a number can be in no other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from kg.interval import NOTHING, Interval, between, point
from kg.resolving.printed import PrintedUnits, folded_unit, printed_units
from kg.snapshot.laboratory import UnitRange
from kg.snapshot.model import Observation, Snapshot
from kg.snapshot.once import once_per_snapshot

# The multiple of the laboratory's own upper limit, as callers write it.
MULTIPLE = "xULN"
# The unit of a result that is a word, present or absent.
PRESENCE = "{presence}"


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


class Range(NamedTuple):
    """The numbers between two bounds in one unit, and how they must be written."""

    unit: str
    bounds: Interval
    writing: str


class Measure(NamedTuple):
    """One kind of observation: its units, what is plausible, and the limits that are in use."""

    kind: Observation
    scales: dict[str, Scale]
    accepted: Mapping[str, str]
    printed: PrintedUnits
    plausible: Interval
    uppers: Interval | None
    lowers: Interval | None
    bare: tuple[Range, ...]
    upper_limits: tuple[Range, ...]
    lower_limits: tuple[Range, ...]

    def unit(self, printed: str) -> str | None:
        """Find the unit that is printed so, in UCUM."""
        return printed if printed in self.scales else self.printed.among(printed, self.accepted)

    def unit_of_bare(self, number: Fraction, *, decimal: bool) -> str | None:
        """Find the one unit in which a number can be that was sent without one."""
        wanted = "decimal" if decimal else "whole"
        found = {
            one.unit
            for one in self.bare
            if one.writing in ("any", wanted) and one.bounds.holds(number)
        }
        return found.pop() if len(found) == 1 else None

    def unit_of_limits(self, lower: Fraction | None, upper: Fraction | None) -> str | None:
        """Find the one unit in which limits are those of a laboratory."""
        units = dict.fromkeys(r.unit for r in (*self.upper_limits, *self.lower_limits))
        sides = ((lower, self.lower_limits), (upper, self.upper_limits))
        found = [
            unit
            for unit in units
            if all(
                any(r.unit == unit and r.bounds.holds(limit) for r in ranges)
                for limit, ranges in sides
                if limit is not None
            )
        ]
        scales = {self.scales.get(unit) for unit in found}
        return found[0] if len(scales) == 1 and None not in scales else None

    def believes(self, limit: Fraction, unit: str, *, upper: bool) -> bool:
        """Say whether laboratories use a limit of normal in a unit."""
        ranges = self.upper_limits if upper else self.lower_limits
        own = [r.bounds for r in ranges if r.unit == unit]
        if own:
            return any(bounds.holds(limit) for bounds in own)
        number = self.scales[unit].canonical(limit)
        usual = [r.bounds for r in ranges if r.unit == self.kind.unit]
        return any(bounds.holds(number) for bounds in usual) if usual else limit > 0


@once_per_snapshot
def measures(snapshot: Snapshot) -> dict[str, Measure]:
    """Give what is known of the numbers of each kind of observation."""
    printed = printed_units(snapshot)
    return {iri: _measure(known, printed) for iri, known in snapshot.observations.items()}


def _measure(kind: Observation, printed: PrintedUnits) -> Measure:
    scales = {u.ucum: Scale.of(u.factor, u.offset) for u in kind.units}
    if kind.unit is not None:
        scales.setdefault(kind.unit, SAME)
    accepted = {folded_unit(unit): unit for unit in (*scales, *kind.print.written_in)}
    if scales:
        accepted[folded_unit(MULTIPLE)] = MULTIPLE
    return Measure(
        kind,
        scales,
        accepted,
        printed,
        between(kind.plausible),
        None if kind.upper_limits is None else between(kind.upper_limits),
        None if kind.lower_limits is None else between(kind.lower_limits),
        _ranges(kind.print.bare),
        _ranges(kind.print.upper),
        _ranges(kind.print.lower),
    )


def _ranges(given: Sequence[UnitRange]) -> tuple[Range, ...]:
    return tuple(Range(r.unit, between((r.low, r.high)), r.writing) for r in given)


def reach(value: Fraction, sign: str, plausible: Interval) -> Interval:
    """Give what a value stands for: itself, or all that its sign allows within what can be."""
    if not sign:
        return point(value)
    if sign == "<":
        # Less than the least that can be is nothing that can be.
        nothing = plausible.low is not None and value <= plausible.low
        return NOTHING if nothing else Interval(plausible.low, value, False, True)
    if sign == "<=":
        return Interval(plausible.low, value)
    if sign == ">":
        nothing = plausible.high is not None and value >= plausible.high
        return NOTHING if nothing else Interval(value, plausible.high, True, False)
    return Interval(value, plausible.high)
