"""A cache of facts about terms that reading a request needs repeatedly.

Only terms of the Snapshot are kept, never anything that a caller sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kg.snapshot.model import Drug, Snapshot
from kg.snapshot.once import once_per_snapshot


class Known(NamedTuple):
    """One term: how it is called, how far it was judged, what it is, and what it may be.

    `classes` is a condition or an observation with all that stands above it. `parts` gives, for
    each drug that a medicine consists of, the drugs that it may be.
    """

    label: str
    assessed: bool = True
    classes: frozenset[str] = frozenset()
    parts: tuple[frozenset[str], ...] = ()
    axes: Mapping[str, str] = {}


class KnownTerms(dict[str, Known]):
    """The terms that requests have led to so far; another is worked out when it is met."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self._snapshot = snapshot

    def __missing__(self, term: str) -> Known:
        known = _known(term, self._snapshot)
        if known is None:
            return Known(term)
        self[term] = known
        return known


@once_per_snapshot
def known_terms(snapshot: Snapshot) -> KnownTerms:
    """Give what is known of every term to which an item may lead."""
    return KnownTerms(snapshot)


def _known(term: str, snapshot: Snapshot) -> Known | None:
    drug = snapshot.drugs.get(term)
    if drug is not None:
        alone = drug.components or (term,)
        parts = tuple(frozenset((one,)) for one in alone)
        return Known(drug.label, _judged(drug), parts=parts, axes=drug.axes)
    condition = snapshot.conditions.get(term)
    if condition is not None:
        classes = frozenset((term, *condition.ancestors))
        return Known(condition.label, condition.assessed, classes)
    observation = snapshot.observations.get(term)
    if observation is not None:
        return Known(observation.label, True, frozenset((term, *observation.ancestors)))
    group = snapshot.classes.get(term)
    if group is not None:
        judged = [_judged(snapshot.drugs[m]) for m in group.members]
        return Known(group.label, bool(judged) and all(judged), parts=(frozenset(group.members),))
    flag = snapshot.flags.get(term)
    return None if flag is None else Known(flag.label)


def _judged(drug: Drug) -> bool:
    """Say whether what a drug may bring has been judged; a mere substance need not be."""
    return drug.assessed or drug.kind not in ("drug", "combination")
