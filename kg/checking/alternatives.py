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
from kg.judging.view import Witness, view_of
from kg.judging.witnesses import witnesses
from kg.snapshot.cache import cached_per_snapshot
from kg.snapshot.model import MedicineUse, Snapshot
from kg.snapshot.once import once_per_snapshot

# So many medicines of one finding are looked at, and so many offered for all of them.
_MOST_REPLACED, _MOST_OFFERED = 3, 4


class Alternatives:
    """One case, in which medicines are tried in the place of others."""

    def __init__(self, verdicts: Sequence[Verdict], case: Case, snapshot: Snapshot) -> None:
        self.case = case
        self.snapshot = snapshot
        # A verdict that set nothing aside has looked at the whole of the case.
        self.whole = next((v.view for v in verdicts if not v.ready.aside), None)
        self.raised: dict[tuple[str, str], SeverityName | None] = {}

    def of(self, verdict: Verdict, seen: Sequence[Witness]) -> tuple[Alternative, ...]:
        """Offer medicines of the same use that raise nothing as strong as a finding."""
        uses = _uses(self.snapshot).get(verdict.ready.advisory.topic)
        if not uses:
            return ()
        found: dict[str, Alternative] = {}
        inputs = {w.input for w in seen}
        replaced = [i for i in self.case.medications or () if i.input in inputs and i.term in uses]
        # Which are looked at does not hang on the order in which they were given.
        for item in sorted(replaced, key=lambda i: i.term or "")[:_MOST_REPLACED]:
            for use in uses[item.term or ""]:
                for drug in use.offered:
                    if len(found) == _MOST_OFFERED:
                        return tuple(found.values())
                    if drug not in found and (one := self._offer(drug, item, verdict, use)):
                        found[drug] = one
        return tuple(found.values())

    def _offer(
        self, drug: str, item: Item, verdict: Verdict, use: MedicineUse
    ) -> Alternative | None:
        known = self.snapshot.drugs[drug]
        if not use.axes.isdisjoint(known.open_axes) or _taken_or_not_tolerated(drug, self.case):
            return None
        key = item.input, drug
        if key not in self.raised:
            self.raised[key] = strongest(self._raised(known.label, item))
        raised = self.raised[key]
        if raised is not None and rank(raised) <= rank(verdict.severity):
            return None
        return Alternative(term=drug, label=known.label, raises=raised)

    def _raised(self, label: str, item: Item) -> Iterator[SeverityName]:
        """Give how strong each advisory is that a medicine would raise in the place of another."""
        request = self.case.request
        phase = request.context.phase if request and request.context else None
        planned, silent = _planned(self.snapshot, label, phase)
        if silent:
            return
        put = [msgspec.structs.replace(i, input=item.input) for i in planned]
        whole = self.whole or view_of(self.case, self.snapshot)
        for verdict in judge_instead(whole, item.input, put, self.snapshot):
            if verdict.truth != TRUE:
                continue
            seen = witnesses(verdict.ready.applies, verdict.view, self.snapshot, steps=False)
            if any(w.input == item.input for w in seen):
                yield verdict.severity


def _taken_or_not_tolerated(drug: str, case: Case) -> bool:
    """Say whether a drug is in the list already, or may be what the patient cannot have."""
    entries = (*(case.medications or ()), *(case.allergies or ()))
    return any(
        drug in item.drugs if item.drugs is not None else item.role == terms.HAS_ALLERGY
        for item in entries
    )


@cached_per_snapshot(1024)
def _planned(snapshot: Snapshot, drug: str, phase: str | None) -> tuple[tuple[Item, ...], bool]:
    """Read a planned medicine of the catalogue, and say whether nothing could count it."""
    setting = Setting.of(ContextPart(phase=phase), snapshot)
    items = medications([MedicationEntry(text=drug, status="planned")], setting)
    return items, not any(can_count(item, snapshot) for item in items)


@once_per_snapshot
def _uses(snapshot: Snapshot) -> dict[str, dict[str, tuple[MedicineUse, ...]]]:
    """Give, by topic, the uses of each drug that can be replaced."""
    found: dict[str, dict[str, tuple[MedicineUse, ...]]] = {}
    for _, use in sorted(snapshot.uses.items()):
        for topic in use.topics:
            by_drug = found.setdefault(topic, {})
            for drug in use.replaced:
                by_drug[drug] = (*by_drug.get(drug, ()), use)
    return found
