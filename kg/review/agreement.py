"""How far two readers agree who each stated a severity before they saw ours."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from kg.snapshot.model import Snapshot


class StatedSeverity(NamedTuple):
    """What one reader holds right for one subject, by jurisdiction, before seeing ours."""

    subject: str
    by: str
    severities: Mapping[str, str]


class Agreement(NamedTuple):
    """How often two readers said the same of one matter; kappa sets aside what chance brings."""

    matter: str
    agreed: int
    read_twice: int
    kappa: float | None


def agreement(stated: Iterable[StatedSeverity], snapshot: Snapshot) -> list[Agreement]:
    """Compare readers over all that was read twice, and by hazard; all together comes first."""
    by_subject: dict[str, dict[str, StatedSeverity]] = defaultdict(dict)
    for one in stated:
        by_subject[one.subject][one.by] = one
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for subject, readers in sorted(by_subject.items()):
        advisory = snapshot.advisories.get(subject)
        hazard = snapshot.reporting.hazards.get(advisory.topic) if advisory else None
        for one, other in combinations(sorted(readers.values(), key=lambda s: s.by), 2):
            for law in sorted(one.severities.keys() & other.severities.keys()):
                said = (one.severities[law], other.severities[law])
                pairs[""].append(said)
                pairs[hazard.label if hazard else "other"].append(said)
    return [_compared(matter, listed) for matter, listed in sorted(pairs.items())]


def _compared(matter: str, pairs: Sequence[tuple[str, str]]) -> Agreement:
    return Agreement(matter, sum(a == b for a, b in pairs), len(pairs), kappa(pairs))


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Give Cohen's kappa; there is none where chance alone would bring full agreement."""
    if not pairs:
        return None
    number = len(pairs)
    observed = sum(a == b for a, b in pairs) / number
    first, second = (Counter(p[n] for p in pairs) for n in (0, 1))
    expected = sum(first[word] * second[word] for word in first) / number**2
    return None if expected == 1 else (observed - expected) / (1 - expected)
