"""What accumulates on one axis, as steps and as points of a published score."""

from __future__ import annotations

from kg.snapshot.value import Term, Value


class BurdenStep(Term, kw_only=True, frozen=True):
    """One place on a ladder, and the patients whose medicines or features stand on it."""

    criterion: str
    liabilities: tuple[str, ...] = ()
    sets_aside: tuple[str, ...] = ()
    shown_only: bool = False
    statements: tuple[str, ...] = ()


class ScoreItem(Term, kw_only=True, frozen=True):
    """A class of patients for whom a score adds points."""

    criterion: str
    points: int
    statements: tuple[str, ...] = ()


class ScoreBand(Value, frozen=True):
    """A stretch of points with a name."""

    label: str
    low: int
    high: int


class RiskScore(Term, kw_only=True, frozen=True):
    """Points that are shown beside a ladder and raise nothing."""

    items: tuple[ScoreItem, ...]
    bands: tuple[ScoreBand, ...]
    note: str
    statements: tuple[str, ...] = ()


class Ladder(Term, kw_only=True, frozen=True):
    """What adds up on one axis, the heaviest first; it orders and is no score."""

    steps: tuple[BurdenStep, ...]
    score: RiskScore | None = None
    statements: tuple[str, ...] = ()
