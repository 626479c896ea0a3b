"""Reading one order string against one fuzzy search over the same names."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from kg.resolving.order_strings import read_order
from kg.snapshot.file import read_snapshot
from kg.snapshot.names import names_of
from tests.bench.measure import Row, at_most, ratio
from tests.reading.medicines import lines

_STRINGS = 200


def rows(release: Path) -> Iterator[Row]:
    """Measure strings of the corpus, each read anew."""
    from rapidfuzz import process

    snapshot, _ = read_snapshot(release)
    known = names_of(snapshot)
    names = list({*snapshot.listed_names, *known["drug"].proper, *known["drug"].brands})
    strings = [line.string for line in lines()][:: max(1, 1200 // _STRINGS)]
    read, sought = cycle(strings), cycle(strings)
    for text in strings:
        read_order(text, snapshot)
    yield at_most(
        "read an order string / one rapidfuzz search over the same names",
        ratio(
            lambda: read_order(next(read), snapshot),
            lambda: process.extractOne(next(sought), names),
            times=20,
        ),
        0.1,
        f"{len(strings)} strings of the corpus, {len(names):,} names",
    )
