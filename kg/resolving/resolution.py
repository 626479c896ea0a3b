"""What an input resolves to, as it is told to a caller."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kg.contract.parts import ItemKind
from kg.contract.report import Suggestion
from kg.resolving.names import label
from kg.resolving.resolve import Matched, Resolved, look_up
from kg.snapshot.model import Snapshot


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """What an input leads to: its terms, or why there are none and what may have been meant."""

    given: str
    terms: tuple[Suggestion, ...] = ()
    matched: Matched | None = None
    note: str | None = None
    reason: str | None = None
    suggestions: tuple[Suggestion, ...] = ()


def resolution(given: Mapping[str, str], kind: ItemKind, snapshot: Snapshot) -> Resolution:
    """Resolve as a check would, and give candidates where it is not certain."""
    resolved = look_up(given, kind, snapshot)
    said = given.get("text") or "|".join(given[p] for p in ("system", "code") if p in given)
    if isinstance(resolved, Resolved):
        meant = tuple(Suggestion(term=t, label=label(t, snapshot)) for t in resolved.terms)
        return Resolution(
            given=said, terms=meant, matched=resolved.matched, note=resolved.note or None
        )
    near = tuple(Suggestion(term=t, label=label(t, snapshot)) for t in resolved.suggestions)
    return Resolution(given=said, reason=resolved.reason, suggestions=near)
