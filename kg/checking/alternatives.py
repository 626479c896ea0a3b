"""What could stand in for a medicine that a finding is about, checked for this patient.

The release says which medicines have the same use. One is offered only where nothing is open of
what it brings on the matters concerned, where the patient neither takes it nor may be allergic
to it, and where it raises nothing as strong as the finding in the place of the other. Most raise
nothing at all, which is known of a medicine beforehand; only for the others is the case judged
again, and then only by the advisories that could count them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from kg import terms
from kg.casing.case import Case, Item
from kg.casing.ledger import Setting
from kg.casing.medications import medications
from kg.checking.clearing_quiet import can_count
from kg.contract.report import Alternative
from kg.contract.request import ContextPart, MedicationEntry
from kg.contract.severity import SeverityName, rank, strongest
from kg.interval import TRUE
from kg.judging.judge import Verdict, judge_instead
from kg.judging.view import Witness
from kg.judging.witnesses import witnesses
from kg.snapshot.cache import cached_per_snapshot
from kg.snapshot.model import Snapshot, Use
from kg.snapshot.once import once_per_snapshot

# So many medicines of one finding are looked at, and so many offered for all of them.
_MOST_REPLACED, _MOST_OFFERED = 3, 4


def alternatives(
    verdict: Verdict, seen: Sequence[Witness], case: Case, snapshot: Snapshot
) -> tuple[Alternative, ...]:
    """Offer medicines of the same use that raise nothing as strong as a finding."""
    uses = _uses(snapshot).get(verdict.ready.advisory.topic)
    if not uses:
        return ()
    found: dict[str, Alternative] = {}
    inputs = {w.input for w in seen}
    replaced = [i for i in case.medications or () if i.input in inputs and i.term is not None]
    for item in replaced[:_MOST_REPLACED]:
        for use in uses.get(item.term or "", ()):
            for drug in use.offered:
                if len(found) == _MOST_OFFERED:
                    return tuple(found.values())
                if drug not in found and (one := _offer(drug, item, verdict, use, case, snapshot)):
                    found[drug] = one
    return tuple(found.values())


def _offer(
    drug: str, item: Item, verdict: Verdict, use: Use, case: Case, snapshot: Snapshot
) -> Alternative | None:
    known = snapshot.drugs[drug]
    if not use.axes.isdisjoint(known.open_axes) or _taken_or_not_tolerated(drug, case):
        return None
    phase = case.request.context.phase if case.request and case.request.context else None
    instead = [
        msgspec.structs.replace(i, input=item.input) for i in _items(snapshot, known.label, phase)
    ]
    raised: SeverityName | None = None
    if any(can_count(i, snapshot) for i in instead):
        raised = strongest(_raised(instead, item, case, snapshot))
    if raised is not None and rank(raised) <= rank(verdict.severity):
        return None
    return Alternative(term=drug, label=known.label, raises=raised)


def _raised(
    instead: Sequence[Item], item: Item, case: Case, snapshot: Snapshot
) -> Iterator[SeverityName]:
    """Give how strong each advisory is that a medicine would raise in the place of another."""
    here = {i.input for i in instead}
    for verdict in judge_instead(case, item.input, instead, snapshot):
        if verdict.truth != TRUE:
            continue
        seen = witnesses(verdict.ready.applies, verdict.view, snapshot, steps=False)
        if any(w.input in here for w in seen):
            yield verdict.severity


def _taken_or_not_tolerated(drug: str, case: Case) -> bool:
    """Say whether a drug is in the list already, or may be what the patient cannot have."""
    entries = (*(case.medications or ()), *(case.allergies or ()))
    return any(
        drug in item.drugs if item.drugs is not None else item.role == terms.HAS_ALLERGY
        for item in entries
    )


@cached_per_snapshot(1024)
def _items(snapshot: Snapshot, drug: str, phase: str | None) -> tuple[Item, ...]:
    """Read a planned medicine of the catalogue."""
    setting = Setting.of(ContextPart(phase=phase), snapshot)
    return tuple(medications([MedicationEntry(text=drug, status="planned")], setting))


@once_per_snapshot
def _uses(snapshot: Snapshot) -> dict[str, dict[str, tuple[Use, ...]]]:
    """Give, by topic, the uses of each drug that can be replaced."""
    found: dict[str, dict[str, tuple[Use, ...]]] = {}
    for _, use in sorted(snapshot.uses.items()):
        for topic in use.topics:
            by_drug = found.setdefault(topic, {})
            for drug in use.replaced:
                by_drug[drug] = (*by_drug.get(drug, ()), use)
    return found
