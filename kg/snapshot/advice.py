"""The advice that speaks for the index drug; what is about another drug never does."""

from __future__ import annotations

from kg.snapshot.model import Advisory, PlanEntry, Snapshot
from kg.snapshot.once import once_per_snapshot


@once_per_snapshot
def own_advisories(snapshot: Snapshot) -> dict[str, Advisory]:
    """Give the advisories about the index drug."""
    return {i: a for i, a in snapshot.advisories.items() if snapshot.index_drug in a.about}


@once_per_snapshot
def own_plan(snapshot: Snapshot) -> dict[str, PlanEntry]:
    """Give what holds in a phase for every patient who is given the index drug."""
    return {i: p for i, p in snapshot.plan.items() if snapshot.index_drug in p.about}
