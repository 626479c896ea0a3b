"""How laboratories print results: what a release says of units, limits and words on reports."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from kg.snapshot.value import Value

# How a number must be written to count as one in a unit that was not said.
Writing = Literal["any", "decimal", "whole"]


class UnitRange(Value, frozen=True):
    """The numbers between two bounds, in one unit; `writing` says how they must be written."""

    unit: str
    low: str
    high: str
    writing: Writing = "any"


class LaboratoryPrint(Value, kw_only=True, frozen=True):
    """What is known of the way in which one kind of observation is printed.

    `bare` are the numbers that can only be in one unit, `lower` and `upper` the limits that
    laboratories use in a unit. `written_in` are the units of what nothing rests on.
    """

    bare: tuple[UnitRange, ...] = ()
    lower: tuple[UnitRange, ...] = ()
    upper: tuple[UnitRange, ...] = ()
    written_in: tuple[str, ...] = ()
    by_unit_also: tuple[str, ...] = ()
    shared_names: tuple[str, ...] = ()
    part_of: tuple[str, ...] = ()
    positive_above: str | None = None
    # For how long a result counts; None of what does not grow stale.
    valid_days: int | None = None
    lasts_when_positive: bool = False


class PrintedUnit(Value, frozen=True):
    """One unit, or a part of one, and the ways in which it is printed."""

    ucum: str
    spellings: tuple[str, ...]
    counts_whole: bool = False


class PrintedWords(Value, frozen=True):
    """The units as they are printed, and the words beside numbers by what they mean."""

    units: tuple[PrintedUnit, ...] = ()
    remarks: dict[str, tuple[str, ...]] = field(default_factory=dict)
