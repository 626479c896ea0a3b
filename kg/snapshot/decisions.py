"""The advice as a table: questions about a case, clauses over them, and what each term answers.

A criterion negates nothing, so it equals a conjunction of clauses, each a set of questions of
which one must hold (conjunctive normal form). Minimum and maximum distribute over each other, so
that is exact in three values, too. kg/snapshot/DECISIONS.md describes the table on one page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from msgspec import field

from kg.interval import Interval
from kg.snapshot.criteria import Expression, Has, Is, Number, Of
from kg.snapshot.value import Value

# Each clause lists the numbers of the questions, or of the leaves, of which one must hold.
Clauses = tuple[tuple[int, ...], ...]
# In a clause that was reduced for one term: what may hold, whatever else is said of the item.
MAY_BE = -1


class Leaf(Value, frozen=True):
    """What is asked of one item in the end; `unsaid` is the answer where the item says nothing."""

    asks: Is | Of | Has | Number
    unsaid: int


class RoleQuestion(Value, tag="along", frozen=True):
    """Whether some item that hangs by a role satisfies a definition, written as clauses too.

    `kinds` are the observations that could satisfy them, were they measured. `anchors` are the
    classes to one of which an item must belong, or may, for any answer but no.
    """

    family: str
    role: str
    item: Expression
    clauses: Clauses
    kinds: tuple[str, ...] = ()
    anchors: tuple[str, ...] | None = None

    @property
    def open_kinds(self) -> tuple[str, ...]:
        """Give the kinds that leave the question open as long as none of them was measured.

        A question along a narrower role is about what was measured, and open only through that.
        """
        return self.kinds if self.role == self.family else ()


class FactQuestion(Value, tag="said", frozen=True):
    """Whether a flag or an absence holds, or an attribute of the patient has a value."""

    property: str
    value: str
    unsaid: int


class NumberQuestion(Value, tag="measured", frozen=True):
    """Whether a number of the patient lies within bounds."""

    bounds: Number
    unsaid: int


class CountQuestion(Value, tag="counted", frozen=True):
    """Whether so many items of different drugs answer another question."""

    family: str
    least: int
    of: int


Question = RoleQuestion | FactQuestion | NumberQuestion | CountQuestion


class Profile(Value, frozen=True):
    """What terms answer by themselves: surely, possibly, and by clauses that are left to ask."""

    sure: str
    possible: str
    open: tuple[tuple[int, Clauses], ...] = ()


class Reach(Value, frozen=True):
    """The questions that an item on a role can answer surely, and those it can possibly."""

    sure: str
    possible: str


class DecisionTable(Value, frozen=True):
    """All that the advice asks, and what decides each criterion that it names."""

    leaves: tuple[Leaf, ...] = ()
    questions: tuple[Question, ...] = ()
    criteria: dict[str, Clauses] = field(default_factory=dict)
    asides: dict[str, int] = field(default_factory=dict)
    roles: dict[str, Reach] = field(default_factory=dict)
    profiles: tuple[Profile, ...] = ()
    terms: dict[str, int] = field(default_factory=dict)
    # Of each kind of observation: the kinds of which one being measured settles it.
    closers: dict[str, tuple[str, ...]] = field(default_factory=dict)


def mask_of(numbers: Iterable[int]) -> int:
    """Give the bit mask of some questions or leaves by their numbers."""
    mask = 0
    for number in numbers:
        mask |= 1 << number
    return mask


def numbers_of(mask: int) -> Iterator[int]:
    """Give the numbers of the questions in a bit mask."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def profile(sure: int, possible: int, left: Iterable[tuple[int, Clauses]]) -> Profile:
    """Make a profile of masks."""
    return Profile(f"{sure:x}", f"{possible:x}", tuple(left))


def masks_of_profile(known: Profile) -> tuple[int, int]:
    """Give what a profile answers surely and possibly."""
    return int(known.sure, 16), int(known.possible, 16)


def reach(sure: int, possible: int) -> Reach:
    """Make the reach of a role of masks."""
    return Reach(f"{sure:x}", f"{possible:x}")


def masks_of_reach(known: Reach) -> tuple[int, int]:
    """Give what items on a role can answer surely and possibly."""
    return int(known.sure, 16), int(known.possible, 16)


def bounds_of(number: Number) -> Interval:
    """Give the bounds of a number as an interval."""
    return Interval(
        None if number.low is None else Fraction(number.low),
        None if number.high is None else Fraction(number.high),
        number.low_open,
        number.high_open,
    )


def shortest(clauses: Iterable[Sequence[int]]) -> Clauses:
    """Leave out every clause that another one already makes sure of."""
    kept: list[tuple[int, ...]] = []
    for clause in sorted({tuple(sorted(set(c))) for c in clauses}, key=lambda c: (len(c), c)):
        if not any(set(other) <= set(clause) for other in kept):
            kept.append(clause)
    return tuple(kept)


def reduced(clauses: Clauses, sure: int, possible: int, decided: int) -> Clauses | None:
    """Put what is known of some leaves into clauses; None where one can no longer hold.

    `decided` are the leaves that are known: surely so, possibly so, or not so.
    """
    left = []
    for clause in clauses:
        mask = mask_of(clause)
        if mask & sure & decided:
            continue
        rest = [n for n in clause if not decided >> n & 1]
        if mask & possible & decided:
            rest.append(MAY_BE)
        if not rest:
            return None
        left.append(rest)
    return shortest(left)
