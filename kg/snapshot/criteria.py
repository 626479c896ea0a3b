"""What a class of patients or items asks, as a tree that the engine walks."""

from __future__ import annotations

from kg.snapshot.value import Value


class AllOf(Value, tag="all", frozen=True):
    """True where every part is."""

    parts: tuple[Expression, ...]


class AnyOf(Value, tag="any", frozen=True):
    """True where some part is."""

    parts: tuple[Expression, ...]


class Named(Value, tag="named", frozen=True):
    """True where the named criterion is."""

    criterion: str


class Has(Value, tag="has", frozen=True):
    """True where an attribute (a flag, a phase, a severity, an absence …) has a value."""

    property: str
    value: str


class Number(Value, tag="number", frozen=True):
    """True where a number lies within bounds; bounds are exact decimals written as text."""

    property: str
    low: str | None = None
    low_open: bool = False
    high: str | None = None
    high_open: bool = False


class AtLeast(Value, tag="at-least", frozen=True):
    """True where at least so many items hang on the patient by a role and satisfy a part."""

    role: str
    least: int
    item: Expression


class Is(Value, tag="is", frozen=True):
    """True of an item (a condition, an observation) whose class stands below the named one."""

    term: str


class Of(Value, tag="of", frozen=True):
    """True of an item whose drug or substance belongs to the named class."""

    property: str
    term: str


Expression = AllOf | AnyOf | Named | Has | Number | AtLeast | Is | Of


class Criterion(Value, frozen=True):
    """A named class of patients or of their items, with the sentence that says the same.

    A window is the time in which advice holds, and no reason for it.
    """

    label: str
    definition: str
    expression: Expression
    encodes: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    window: bool = False
