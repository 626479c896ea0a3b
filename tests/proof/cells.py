"""The values to try of a number that is known only within bounds.

Between two neighbouring bounds of the ontology every value is as good as any other, so the
bounds themselves and one value between neighbours stand for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from kg.interval import Interval
from tests.proof.axioms import Facet


def bounds_of(facets: Iterable[Facet]) -> list[Fraction]:
    """Give every bound that some facets set, in order."""
    return sorted({b for f in facets for b in (f.low, f.high) if b is not None})


def cells(known: Interval, facets: Iterable[Facet], *, whole: bool) -> list[Fraction]:
    """Give one value for each part into which bounds cut what is known of a number."""
    if known.empty:
        return []
    cuts = bounds_of(facets)
    first = min([*cuts, *(b for b in (known.low, known.high) if b is not None)], default=Fraction())
    last = max([*cuts, *(b for b in (known.low, known.high) if b is not None)], default=Fraction())
    low = known.low if known.low is not None else first - 1
    high = known.high if known.high is not None else last + 1
    ends = sorted({low, high, *(c for c in cuts if low < c < high)})
    if whole:
        near = {Fraction(n) for e in ends for n in (floor(e) - 1, floor(e), ceil(e), ceil(e) + 1)}
        return sorted(n for n in near if low <= n <= high)
    found = {*ends, *((a + b) / 2 for a, b in pairwise(ends))}
    found -= {low} if known.low_open else set()
    found -= {high} if known.high_open else set()
    return sorted(found)


def decimal(value: Fraction, digits: int, cuts: Sequence[Fraction]) -> str:
    """Write a number as a decimal that lies where the number lies among some bounds."""
    nearest = round(value * 10**digits)
    for written in (nearest, nearest - 1, nearest + 1):
        near = Fraction(written, 10**digits)
        if all((near < c) == (value < c) and (near > c) == (value > c) for c in cuts):
            whole, part = divmod(abs(written), 10**digits)
            fraction = f".{part:0{digits}}".rstrip("0").rstrip(".")
            return f"{'-' if written < 0 else ''}{whole}{fraction}"
    raise ValueError(f"{value} cannot be told from a bound with {digits} digits")
