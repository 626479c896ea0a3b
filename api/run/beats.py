"""When each worker was last seen at work, in memory that is shared across forks."""

from __future__ import annotations

import mmap
import time

_BYTES = 8
_SECOND = 1_000_000_000


class Beats:
    """One time for each worker; a worker writes its own, and the parent reads them."""

    def __init__(self, rows: int) -> None:
        self._times = memoryview(mmap.mmap(-1, _BYTES * rows)).cast("Q")

    def beat(self, row: int) -> None:
        """Say that the worker of this row is at work."""
        self._times[row] = time.monotonic_ns()

    def silent_for(self, row: int) -> float:
        """Give for how many seconds the worker of this row was not seen."""
        return max(0, time.monotonic_ns() - self._times[row]) / _SECOND
