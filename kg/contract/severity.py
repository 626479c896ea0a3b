"""The severities of an advisory, and their order: strongest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

SeverityName = Literal["contraindicated", "avoid", "hold", "caution", "inform"]
ORDER: tuple[SeverityName, ...] = get_args(SeverityName)
_RANK = {name: n for n, name in enumerate(ORDER)}


def rank(severity: SeverityName) -> int:
    """Give the place of a severity: the strongest is the first."""
    return _RANK[severity]


def strongest(severities: Iterable[SeverityName]) -> SeverityName | None:
    """Give the strongest of several severities."""
    return min(severities, key=rank, default=None)


def asks_for_care(severity: SeverityName) -> bool:
    """Say whether a severity is stronger than a mere note."""
    return severity != ORDER[-1]
