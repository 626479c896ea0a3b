"""Counters shared by all worker processes, and their text for Prometheus.

They are kept in memory that is shared across forks. Each worker writes to its own row, so that
no lock is needed; a reader adds the rows up, and a new worker continues in the row of one that
has ended. All names are known in advance: routes, statuses, advisories. Nothing that a caller
sent becomes a name.
"""

from __future__ import annotations

import mmap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby

_BYTES = 8
_WIDTH = 8192
# While a release is switched over, twice as many workers live as at other times.
MOST_WORKERS = 64
LAST_ROW = 2 * MOST_WORKERS
_ROWS = LAST_ROW + 1
# Upper bounds in seconds of the classes of a histogram.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

_STATUSES = (
    *(200, 202, 204, 206, 303, 304, 307),
    *(400, 401, 403, 404, 405, 406, 408, 412, 413, 415, 422, 429, 499),
    *(500, 503),
)

SWITCHES = "inokg_switches_total"
STARTS = "inokg_worker_starts_total"
REFUSED = "inokg_release_refused"
_HELP = {
    "inokg_requests_total": ("counter", "Requests answered, by route, method and status."),
    "inokg_request_seconds": ("histogram", "How long answers took, by route."),
    "inokg_findings_total": ("counter", "Findings, by advisory."),
    "inokg_checks_total": ("counter", "Checks answered, by whether the report was complete."),
    "inokg_unrecognised_total": ("counter", "Entries that were not recognised, by part."),
    SWITCHES: ("counter", "Releases switched to while serving."),
    STARTS: ("counter", "Workers started."),
    REFUSED: ("gauge", "1 where the release that is now current is unsound."),
}


class Metrics:
    """The table of counters: a row for each worker, a column for each name."""

    def __init__(self) -> None:
        self._table = mmap.mmap(-1, _BYTES * _WIDTH * _ROWS)
        self._shared = memoryview(self._table).cast("Q")
        self._cells: memoryview[int] | defaultdict[int, int] = self._shared
        # The first column of a row says that the row is in use.
        self._columns: dict[str, int] = {"": 0}
        self.use_row(0)
        self.declare([SWITCHES, STARTS, REFUSED])

    def use_row(self, row: int) -> None:
        """Write to the row of this worker from now on."""
        self._row = row * _WIDTH
        self._shared[self._row] = 1

    def declare(self, names: Iterable[str]) -> None:
        """Make columns for names, so that workers forked later know them, too."""
        for name in names:
            if name not in self._columns:
                self._columns[name] = len(self._columns)
        if len(self._columns) > _WIDTH:
            raise OverflowError("there are more counters than columns; widen the table")

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter; an undeclared name is not counted."""
        column = self._columns.get(name)
        if column is not None:
            self._cells[self._row + column] += by

    @contextmanager
    def apart(self) -> Iterator[dict[int, int]]:
        """Count on a sheet meanwhile, for another process to add to its own counts."""
        kept = self._cells, self._row
        sheet: defaultdict[int, int] = defaultdict(int)
        self._cells, self._row = sheet, 0
        try:
            yield sheet
        finally:
            self._cells, self._row = kept

    def add(self, sheet: Mapping[int, int]) -> None:
        """Add what another process counted apart."""
        for column, by in sheet.items():
            self._cells[self._row + column] += by

    def put(self, name: str, value: int) -> None:
        """Set a gauge."""
        self._shared[self._row + self._columns[name]] = value

    def total(self, name: str) -> int:
        """Add up one counter over all workers."""
        return self._totals()[self._columns[name]]

    def _totals(self) -> list[int]:
        starts = [row * _WIDTH for row in range(_ROWS) if self._shared[row * _WIDTH]]
        columns = len(self._columns)
        rows = [self._shared[start : start + columns].tolist() for start in starts]
        return [sum(cells) for cells in zip(*rows, strict=True)]

    def text(self) -> str:
        """Write all counters in the text format of Prometheus."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        totals = self._totals()
        # Names keep the order in which they were declared: that of the bounds in a histogram.
        for family, names in groupby(sorted(filter(None, self._columns), key=_family), key=_family):
            kind, what = _HELP[family]
            yield f"# HELP {family} {what}"
            yield f"# TYPE {family} {kind}"
            for name in names:
                number: int | float = totals[self._columns[name]]
                if not number and "{" in name:
                    # A counter that is still zero has a column, but no line.
                    continue
                if "_sum{" in name:
                    # Sums are kept in whole microseconds.
                    number = number / 1_000_000
                yield f"{name} {number}"


def _family(name: str) -> str:
    bare = name.partition("{")[0]
    for ending in ("_bucket", "_sum", "_count"):
        if bare.removesuffix(ending) in _HELP:
            return bare.removesuffix(ending)
    return bare


class RouteMetrics:
    """The counters of one route, named once."""

    def __init__(self, metrics: Metrics, route: str, methods: Iterable[str]) -> None:
        self._metrics = metrics
        self._route = route
        self._requests = {
            (
                method,
                status,
            ): f'inokg_requests_total{{route="{route}",method="{method}",status="{status}"}}'
            for method in methods
            for status in _STATUSES
        }
        self._buckets = [
            (bound, f'inokg_request_seconds_bucket{{route="{route}",le="{bound}"}}')
            for bound in BOUNDS
        ]
        self._all = f'inokg_request_seconds_bucket{{route="{route}",le="+Inf"}}'
        self._sum = f'inokg_request_seconds_sum{{route="{route}"}}'
        self._count = f'inokg_request_seconds_count{{route="{route}"}}'
        names = [n for _, n in self._buckets]
        metrics.declare([*self._requests.values(), *names, self._all, self._sum, self._count])

    def answered(self, method: str, status: int, seconds: float) -> None:
        """Count one answer."""
        metrics = self._metrics
        metrics.count(self._requests.get((method, status), ""))
        for bound, name in self._buckets:
            if seconds <= bound:
                metrics.count(name)
        metrics.count(self._all)
        metrics.count(self._count)
        metrics.count(self._sum, int(seconds * 1_000_000))
