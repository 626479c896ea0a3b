"""What an advisory is about and what it asks for, as the release says."""

from __future__ import annotations

from kg.contract.report import Asks, Hazard
from kg.contract.severity import ORDER, SeverityName, rank
from kg.snapshot.cache import cached_per_snapshot
from kg.snapshot.model import Snapshot

_WEAKEST = ORDER[-1]
_ACTS_FROM: SeverityName = "hold"


@cached_per_snapshot(1024)
def hazard_of(snapshot: Snapshot, topic: str) -> Hazard:
    """Give the hazard of a topic; where the release names none, the head of its key stands in."""
    known = snapshot.reporting.hazards.get(topic)
    if known is not None:
        return known
    key = snapshot.topics.get(topic, topic).partition(".")[0]
    return Hazard(key=key, label=key.capitalize())


def asks_of(advisory: str, severity: SeverityName, snapshot: Snapshot) -> Asks:
    """Say what an advisory asks for at a severity; what is strong asks to act."""
    told = snapshot.reporting
    if severity == _WEAKEST and advisory in told.asks_if_inform:
        return told.asks_if_inform[advisory]
    if advisory in told.asks:
        return told.asks[advisory]
    return "act" if rank(severity) <= rank(_ACTS_FROM) else "check"
