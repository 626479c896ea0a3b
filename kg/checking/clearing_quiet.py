"""Which changes can never raise anything, worked out once for a release.

Where one of these holds, only the finding that is to be cleared needs to be judged again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kg import terms
from kg.casing.case import Case, Fact, Item
from kg.casing.ledger import Setting
from kg.casing.medications import medications
from kg.contract.request import ContextPart, MedicationEntry
from kg.interval import FALSE, TRUE
from kg.judging.questions import PatientNode, ready
from kg.judging.tables import tables
from kg.snapshot.advice import own_advisories
from kg.snapshot.cache import cached_per_snapshot
from kg.snapshot.criteria import Has, Number
from kg.snapshot.model import Change, Snapshot
from kg.snapshot.once import once_per_snapshot


class FlagChange(NamedTuple):
    """A change of a flag: which facts it turns, and whether that can raise anything."""

    change: Change
    facts: dict[str, Fact]
    quiet: bool


@once_per_snapshot
def flag_changes(snapshot: Snapshot) -> dict[str, tuple[FlagChange, ...]]:
    """Map each advisory to the changes of flags that bear on it."""
    made = [_flag_change(c, snapshot) for c in snapshot.changes.values() if c.flag is not None]
    bearing = {}
    for advisory in ready(snapshot):
        asks = set(_asked(advisory.applies))
        asks |= set(_asked(advisory.unless)) if advisory.unless else set()
        bearing[advisory.iri] = tuple(m for m in made if asks & m.facts.keys())
    return bearing


def _flag_change(change: Change, snapshot: Snapshot) -> FlagChange:
    """Work out what a change of a flag turns: the flag, its contrary, and those of its group."""
    flag = change.flag or ""
    groups = {f for g in snapshot.flag_groups if flag in g.flags for f in g.flags}
    contrary = snapshot.flags[flag].contrary
    if change.operation == "remove":
        facts = {flag: Fact(FALSE)}
        alone = not groups - {flag} and contrary is None
    else:
        others = groups | ({contrary} if contrary else set())
        facts = dict.fromkeys(others, Fact(FALSE)) | {flag: Fact(TRUE, "patient.flags")}
        alone = True
    raised = {f for f, fact in facts.items() if fact.truth == TRUE}
    lowered = facts.keys() - raised
    quiet = (
        alone
        and not raised & _asked_by(snapshot)[0]
        and not lowered & _asked_by(snapshot)[1]
        and not any(a.of in facts for a in snapshot.absences.values())
    )
    return FlagChange(change, facts, quiet)


@once_per_snapshot
def _asked_by(snapshot: Snapshot) -> tuple[frozenset[str], frozenset[str]]:
    """Give what any advisory asks of those it applies to, and of those it exempts."""
    advisories = ready(snapshot)
    applies = frozenset(name for a in advisories for name in _asked(a.applies))
    unless = frozenset(name for a in advisories if a.unless for name in _asked(a.unless))
    return applies, unless


@once_per_snapshot
def asks_for_doses(snapshot: Snapshot) -> frozenset[str]:
    """List the advisories that compare a dose with the one that toxicity had led to."""
    asked = ((a.iri, _asked(a.applies)) for a in ready(snapshot))
    return frozenset(iri for iri, names in asked if terms.DOSE_TIMES_REDUCED in names)


def _asked(node: PatientNode) -> Iterator[str]:
    """Give the flags and the numbers of the patient that a question asks about."""
    if isinstance(node.expression, Has):
        yield node.expression.value
    elif isinstance(node.expression, Number):
        yield node.expression.property
    for part in node.parts:
        yield from _asked(part)


def raises_nothing(entry: dict[str, str], case: Case, snapshot: Snapshot) -> bool:
    """Say whether no advisory could count a planned medicine, as if it were not there."""
    context = case.request.context if case.request else None
    phase = context.phase if context else None
    return _silent(snapshot, entry["text"], entry.get("role"), phase)


@cached_per_snapshot(4096)
def _silent(snapshot: Snapshot, drug: str, role: str | None, phase: str | None) -> bool:
    """Work it out by what it rests on: a medicine of the catalogue, its role and the phase."""
    setting = Setting.of(ContextPart(phase=phase), snapshot)
    items = medications([MedicationEntry(text=drug, status="planned", role=role)], setting)
    return bool(items) and not any(can_count(item, snapshot) for item in items)


def can_count(item: Item, snapshot: Snapshot) -> bool:
    """Say whether a medicine could count for any advisory that does not set it aside."""
    sure, possible = tables(snapshot).of_item(item)
    return any(
        possible & advisory.of_medications and not any(sure & bit for bit in advisory.aside_bits)
        for advisory in ready(snapshot)
    )


@once_per_snapshot
def alternatives(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """Map each advisory that names an alternative to the drugs of it, the lightest first.

    A drug is lighter the farther down a ladder the heaviest of its steps stands.
    """
    places = {
        grade: n
        for ladder in snapshot.ladders.values()
        for n, step in enumerate(ladder.steps)
        for grade in step.liabilities
    }
    lightest = max(places.values(), default=0) + 1

    def burdensome(drug: str) -> tuple[int, str]:
        known = snapshot.drugs[drug]
        steps = [places[g] for g in known.liabilities if g in places]
        return -min(steps, default=lightest), known.label

    return {
        iri: tuple(
            sorted((d for c in a.alternatives for d in snapshot.classes[c].members), key=burdensome)
        )
        for iri, a in own_advisories(snapshot).items()
        if a.alternatives
    }
