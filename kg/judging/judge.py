"""Judge every advisory on a Case: applies, does not apply, cannot be told.

A medication that an advisory surely sets aside is left out before it is judged; where that is
open, the advisory cannot be told for that medication. An exemption counts only where it is
known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import NamedTuple

import msgspec

from kg import terms
from kg.casing.case import Case, Item
from kg.contract.severity import SeverityName, rank, strongest
from kg.interval import FALSE, TRUE
from kg.judging.item_questions import ItemNode
from kg.judging.needs import item_needs
from kg.judging.questions import ClauseMasks, ReadyAdvisory, ready
from kg.judging.three_valued import truth
from kg.judging.view import Answered, Need, View, instead, key_of, view_of, without
from kg.snapshot.jurisdictions import ANY, choices
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot


class Aside(msgspec.Struct, frozen=True):
    """A medication that an advisory left out, and the class of medications that is the ground."""

    item: Item
    criterion: str


class Verdict(msgspec.Struct, frozen=True):
    """One advisory judged: how severe it would be, whether it applies, and on which view.

    The exemption is judged only where something is there that could make the advisory apply.
    """

    ready: ReadyAdvisory
    severity: SeverityName
    truth: int
    view: View
    exemption: int = FALSE
    aside: tuple[Aside, ...] = ()


class Candidate(NamedTuple):
    """One advisory before a case: how severe it would be, and the normal forms that decide it."""

    ready: ReadyAdvisory
    severity: SeverityName
    applies: ClauseMasks
    unless: ClauseMasks | None


class _Sitting(msgspec.Struct):
    """One case before all advisories; views with the same things set aside are shared."""

    whole: View
    snapshot: Snapshot
    views: dict[tuple[str, ...], View] = {}
    gone: dict[tuple[str, ...], tuple[Aside, ...]] = {}

    @property
    def taken(self) -> list[Answered]:
        """Give the medications of the case."""
        return self.whole.items[terms.HAS_MEDICATION] or []


@once_per_snapshot
def candidates(snapshot: Snapshot) -> dict[str, tuple[Candidate, ...]]:
    """List the advisories that have a severity in each jurisdiction, in the order of reports."""
    by_jurisdiction: dict[str, tuple[Candidate, ...]] = {}
    for name in choices(snapshot):
        entries = (
            Candidate(r, severity, r.applies.clauses, r.unless.clauses if r.unless else None)
            for r in ready(snapshot)
            if (severity := _severity_in(r, name)) is not None
        )
        by_jurisdiction[name] = tuple(sorted(entries, key=lambda e: _order(e, snapshot)))
    return by_jurisdiction


def _order(entry: Candidate, snapshot: Snapshot) -> tuple[int, str, str]:
    """Order advisories: strongest first, then by topic as the contract writes it, then by name."""
    topic = entry.ready.advisory.topic
    return rank(entry.severity), snapshot.topics.get(topic, topic), entry.ready.iri


def _severity_in(advisory: ReadyAdvisory, jurisdiction: str) -> SeverityName | None:
    """Give the severity in a jurisdiction; in any, the strongest."""
    severities = advisory.advisory.severities
    if jurisdiction == ANY:
        return strongest(severities.values())
    return severities.get(jurisdiction)


def judge(case: Case, snapshot: Snapshot) -> list[Verdict]:
    """Judge every advisory that has a severity in a Case's jurisdiction, in report order."""
    whole = view_of(case, snapshot)
    sitting = _Sitting(whole, snapshot)
    possible, verdicts = whole.possible, []
    for entry in candidates(snapshot)[case.jurisdiction]:
        for clause in entry.applies:
            if not clause & possible:
                # What does not apply to the whole list does not apply to less of it.
                verdicts.append(Verdict(entry.ready, entry.severity, FALSE, whole))
                break
        else:
            verdicts.append(_judged(entry, sitting))
    return verdicts


def judge_instead(
    whole: View, path: str, items: Iterable[Item], snapshot: Snapshot
) -> Iterator[Verdict]:
    """Judge a Case with other medications in the place of an entry, by what could count them."""
    view = instead(whole, path, items, snapshot)
    sitting = _Sitting(view, snapshot, {}, {})
    here = {item.input for item in items}
    taken = view.items[terms.HAS_MEDICATION] or ()
    possible = reduce(or_, (o.possible for o in taken if o.item.input in here), 0)
    for entry in candidates(snapshot)[whole.case.jurisdiction]:
        if entry.ready.of_medications & possible:
            yield _judged(entry, sitting)


def _judged(entry: Candidate, sitting: _Sitting) -> Verdict:
    """Judge an advisory that may apply."""
    advisory, severity, applies, unless = entry
    whole = sitting.whole
    answer = truth(applies, whole.sure, whole.possible)
    exemption = FALSE
    if unless is not None:
        exemption = truth(unless, whole.sure, whole.possible)
        if exemption == TRUE:
            return Verdict(advisory, severity, FALSE, whole, TRUE)
    if answer == FALSE or not advisory.aside:
        return Verdict(advisory, severity, answer, whole, exemption)
    view = _view_for(advisory, sitting)
    if view is not whole:
        answer = truth(applies, view.sure, view.possible)
    return Verdict(advisory, severity, answer, view, exemption, _missed_out(advisory, sitting))


def but_for_exemption(verdict: Verdict, snapshot: Snapshot) -> View | None:
    """Give the view on which an advisory would apply, were it not for its known exemption."""
    if verdict.exemption != TRUE:
        return None
    view = verdict.view
    if verdict.ready.aside:
        view = _view_for(verdict.ready, _Sitting(view, snapshot))
    applies = truth(verdict.ready.applies.clauses, view.sure, view.possible)
    return view if applies == TRUE else None


def _view_for(advisory: ReadyAdvisory, sitting: _Sitting) -> View:
    """Look at the case as an advisory does, without what it sets aside."""
    names = advisory.advisory.sets_aside
    if names not in sitting.views:
        sitting.views[names], sitting.gone[names] = _less(advisory, sitting)
    return sitting.views[names]


def _less(advisory: ReadyAdvisory, sitting: _Sitting) -> tuple[View, tuple[Aside, ...]]:
    gone: dict[int, Aside] = {}
    needs: dict[str, tuple[Need, ...]] = {}
    touched = False
    for name, node, item, sure in _set_aside(advisory, sitting):
        touched = True
        if sure:
            gone.setdefault(id(item), Aside(item, name))
        else:
            wanted = item_needs(node, item, sitting.snapshot)
            needs[key_of(item)] = (*needs.get(key_of(item), ()), *wanted)
    if not touched:
        return sitting.whole, ()
    return without(sitting.whole, gone, needs, sitting.snapshot), tuple(gone.values())


def _set_aside(
    advisory: ReadyAdvisory, sitting: _Sitting
) -> Iterator[tuple[str, ItemNode, Item, bool]]:
    """List the medications that are set aside, surely or possibly, by each ground in turn."""
    every = reduce(or_, advisory.aside_bits, 0)
    touched = [one for one in sitting.taken if one.possible & every]
    grounds = zip(advisory.advisory.sets_aside, advisory.aside, advisory.aside_bits, strict=True)
    for name, node, bit in grounds:
        for item, sure, possible in touched:
            if possible & bit:
                yield name, node, item, bool(sure & bit)


def _missed_out(advisory: ReadyAdvisory, sitting: _Sitting) -> tuple[Aside, ...]:
    """List what was set aside and would otherwise have counted."""
    gone = sitting.gone[advisory.advisory.sets_aside]
    if not gone:
        return ()
    counts = advisory.of_medications
    counting = {id(one.item) for one in sitting.taken if one.possible & counts}
    return tuple(aside for aside in gone if id(aside.item) in counting)
