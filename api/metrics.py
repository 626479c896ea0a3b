"""Counters that all workers of a service share, and their text for whoever collects them.

They live in memory that is shared by forking. Each worker writes to a row of its own, so that
none waits for another; a reader adds the rows up. What is counted has names that are known
beforehand: routes, statuses, advisories. Nothing that a caller sent becomes a name.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from itertools import groupby

_BYTES = 8
_WIDTH = 8192
_ROWS = 64
# Upper bounds in seconds of the classes of a histogram.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

_STATUSES = (
    *(200, 202, 204, 206, 303, 304, 307),
    *(400, 401, 403, 404, 405, 406, 408, 412, 413, 415, 422, 429),
    *(500, 503),
)

_HELP = {
    "inokg_requests_total": ("counter", "Requests answered, by route, method and status."),
    "inokg_request_seconds": ("histogram", "How long answers took, by route."),
    "inokg_findings_total": ("counter", "Findings, by advisory."),
    "inokg_checks_total": ("counter", "Checks answered, by whether the report was complete."),
    "inokg_unrecognised_total": ("counter", "Entries that were not recognised, by part."),
    "inokg_switches_total": ("counter", "Releases switched to while serving."),
    "inokg_worker_starts_total": ("counter", "Workers started."),
}


class Metrics:
    """The table of counters: a row for each worker, a column for each name."""

    def __init__(self) -> None:
        self._table = mmap.mmap(-1, _BYTES * _WIDTH * _ROWS)
        self._cells = memoryview(self._table).cast("Q")
        self._columns: dict[str, int] = {}
        self._row = 0

    def use_row(self, row: int) -> None:
        """Write to the row of this worker from now on."""
        self._row = (row % _ROWS) * _WIDTH

    def declare(self, names: Iterable[str]) -> None:
        """Make columns for names, so that workers forked later know them, too."""
        for name in names:
            if name not in self._columns and len(self._columns) < _WIDTH:
                self._columns[name] = len(self._columns)

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter; a name that nobody declared is not counted."""
        column = self._columns.get(name)
        if column is not None:
            self._cells[self._row + column] += by

    def total(self, name: str) -> int:
        """Add up one counter over all workers."""
        column = self._columns[name]
        return sum(self._cells[column::_WIDTH])

    def text(self) -> str:
        """Write all counters in the text format of Prometheus."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        for family, names in groupby(sorted(self._columns, key=_order), key=_family):
            kind, what = _HELP[family]
            yield f"# HELP {family} {what}"
            yield f"# TYPE {family} {kind}"
            for name in names:
                number: int | float = self.total(name)
                if not number and "{" in name:
                    # Of what never happened there is a column, but no line.
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


def _order(name: str) -> tuple[str, str]:
    return _family(name), name


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
