"""How promises of speed are measured: in one run, as medians of interleaved pairs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """One promise: what was measured, what was promised, and whether it holds."""

    name: str
    value: float | None
    bound: str = ""
    holds: bool | None = None
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """Write it as plain values."""
        return asdict(self)


def at_most(name: str, value: float, bound: float, note: str = "") -> Row:
    """Promise that a value is no more than a bound."""
    return Row(name, round(value, 4), f"<= {bound:g}", value <= bound, note)


def at_least(name: str, value: float, bound: float, note: str = "") -> Row:
    """Promise that a value is no less than a bound."""
    return Row(name, round(value, 4), f">= {bound:g}", value >= bound, note)


def seconds(work: Callable[[], object], times: int = 1) -> float:
    """Give how long one piece of work takes, over so many of them."""
    begun = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - begun) / times


def ratio(
    one: Callable[[], object], other: Callable[[], object], pairs: int = 40, times: int = 5
) -> float:
    """Give how many times as long one thing takes as another, measured in turns."""
    one()
    other()
    return statistics.median(seconds(one, times) / seconds(other, times) for _ in range(pairs))


def percentile(values: Sequence[float], share: float) -> float:
    """Give the value below which so large a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
