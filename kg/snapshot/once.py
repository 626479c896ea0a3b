"""Compute once for each Snapshot what every check on it needs.

A Snapshot never changes, so what follows from it alone is kept beside it and dies with it.
Equality, hash and written form of the Snapshot are not touched.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from kg.snapshot.model import Snapshot

T = TypeVar("T")


def once_per_snapshot(build: Callable[[Snapshot], T]) -> Callable[[Snapshot], T]:
    """Work a function of a Snapshot out once, the first time that it is called."""
    key = f"{build.__module__}.{build.__qualname__}"

    @wraps(build)
    def kept(snapshot: Snapshot) -> T:
        beside = snapshot.__dict__
        try:
            found: T = beside[key]
        except KeyError:
            found = beside[key] = build(snapshot)
        return found

    return kept
