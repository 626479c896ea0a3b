"""Numbers of the context that cannot be: each is a question, and the rest is answered."""

from __future__ import annotations

from typing import NamedTuple

from kg.casing.ledger import Setting, plainly
from kg.contract.parts import FIELDS
from kg.contract.place import Place
from kg.contract.request import ContextPart
from kg.interval import Interval, between, exact
from kg.resolving.names import Missed
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

# What is refused as a whole where it cannot be.
_REFUSED = frozenset(field.path for field in FIELDS if field.number)


class _Bounded(NamedTuple):
    """A field of the context, and the numbers that it can have."""

    field: str
    bounds: Interval
    words: str


@once_per_snapshot
def _bounded(snapshot: Snapshot) -> tuple[_Bounded, ...]:
    found = []
    for known in snapshot.properties.values():
        place = Place.of(known.input or "")
        if place is None or known.plausible is None or place.part != "context":
            continue
        if str(place) not in _REFUSED:
            words = " to ".join(known.plausible)
            found.append(_Bounded(place.field, between(known.plausible), words))
    return tuple(found)


def question_what_cannot_be(context: ContextPart, setting: Setting) -> None:
    """List every number of the context that lies outside what can be as not recognised."""
    for one in _bounded(setting.snapshot):
        given = getattr(context, one.field, None)
        number = exact(given) if isinstance(given, int | float) else None
        if number is not None and not one.bounds.holds(number):
            reason = f"this cannot be: a number from {one.words} is"
            setting.miss(f"context.{one.field}", plainly(given or 0), Missed(reason))
