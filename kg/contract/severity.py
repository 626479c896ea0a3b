"""The order of severities, strongest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from kg.contract.words import SeverityName

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
