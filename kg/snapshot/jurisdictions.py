"""The jurisdictions of a release: which a request may name, and whose readings hold in each."""

from __future__ import annotations

from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

# The strictest reading of all of them, where none was chosen.
ANY = "any"


@once_per_snapshot
def ordered(snapshot: Snapshot) -> tuple[str, ...]:
    """Give every reach of a statement by its key: labels first, what is derived last."""
    known = sorted(snapshot.jurisdictions.values(), key=lambda j: (j.rank, j.key))
    return tuple(j.key for j in known)


@once_per_snapshot
def laws(snapshot: Snapshot) -> tuple[str, ...]:
    """Give those under which advice has a severity, in their order."""
    own = {j.key for j in snapshot.jurisdictions.values() if j.chosen}
    return tuple(key for key in ordered(snapshot) if key in own)


@once_per_snapshot
def choices(snapshot: Snapshot) -> tuple[str, ...]:
    """Give the words that a request may name."""
    return (ANY, *laws(snapshot))


@once_per_snapshot
def speaking_in(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """Map each choice to the jurisdictions whose readings a severity can rest on.

    Where a label is silent, the readings that are nobody's law stand in.
    """
    beside = frozenset(ordered(snapshot)) - frozenset(laws(snapshot))
    found = {ANY: frozenset(ordered(snapshot))}
    for own in laws(snapshot):
        found[own] = beside | _inherited(own, snapshot)
    return found


def _inherited(own: str, snapshot: Snapshot) -> frozenset[str]:
    """Give a jurisdiction with all that it inherits from, near and far."""
    from_whom = {j.key: j.inherits for j in snapshot.jurisdictions.values()}
    reached, queue = {own}, [own]
    while queue:
        new = set(from_whom.get(queue.pop(), ())) - reached
        reached |= new
        queue += new
    return frozenset(reached)
