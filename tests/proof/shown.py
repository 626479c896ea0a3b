"""What is shown to a reasoner: patients, and the items that hang on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kg.interval import Interval

Side = Literal["least", "most"]
SIDES: tuple[Side, Side] = ("least", "most")


@dataclass(frozen=True)
class Choice:
    """One way for an entry to be: of all these drugs, and so another than any of another slot."""

    drugs: tuple[str, ...] = ()
    slot: int | None = None


@dataclass(frozen=True)
class Thing:
    """An item as it hangs on a patient; of its choices one is so."""

    family: str
    roles: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    amounts: tuple[tuple[str, Interval], ...] = ()
    choices: tuple[Choice, ...] = (Choice(),)


@dataclass(frozen=True)
class Portrait:
    """A patient: attributes, numbers, and items."""

    values: tuple[tuple[str, str], ...]
    amounts: tuple[tuple[str, Interval], ...]
    things: tuple[Thing, ...]


Shown = Portrait | Thing


@dataclass(frozen=True)
class Facts:
    """What is so, or may be so, of the patient: flags and absences with 2, 1 or 0.

    Of a list that was read only in part, what is in it counts and there may be more.
    """

    flags: dict[str, int]
    absences: dict[str, int]
    partly_read: frozenset[str] = frozenset()
