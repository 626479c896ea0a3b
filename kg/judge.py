"""Judge every advisory on a Case: applies, does not apply, cannot be told.

A medication that an advisory surely sets aside is left out before it is judged; where that is
open, the advisory cannot be told for that medication. An exemption counts only where it is
known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from kg import terms
from kg.case import Case, Item
from kg.interval import FALSE, TRUE, UNKNOWN
from kg.item_logic import ItemNode
from kg.logic import PatientNode, Ready, asked, ready
from kg.model import SeverityName, Snapshot
from kg.needs import item_needs
from kg.ranks import strongest
from kg.request import JurisdictionChoice
from kg.view import Need, View, key_of, view_of, without


class Aside(msgspec.Struct, frozen=True):
    """A medication that an advisory left out, and the class of medications that is the ground."""

    item: Item
    criterion: str


class Verdict(msgspec.Struct, frozen=True):
    """One advisory judged: how severe it would be, whether it applies, and on which view."""

    ready: Ready
    severity: SeverityName
    truth: int
    view: View
    exemption: int = FALSE
    aside: tuple[Aside, ...] = ()


@dataclass(slots=True)
class _Sitting:
    """One case before all advisories; views with the same things set aside are shared."""

    case: Case
    whole: View
    snapshot: Snapshot
    views: dict[tuple[str, ...], View] = field(default_factory=dict)
    gone: dict[tuple[str, ...], tuple[Aside, ...]] = field(default_factory=dict)


def judge(case: Case, snapshot: Snapshot) -> list[Verdict]:
    """Judge every advisory that has a severity in the jurisdiction of a Case."""
    sitting = _Sitting(case, view_of(case, asked(snapshot)), snapshot)
    verdicts = []
    for advisory in ready(snapshot):
        severity = severity_in(advisory, case.jurisdiction)
        if severity is not None:
            verdicts.append(_judged(advisory, severity, sitting))
    return verdicts


def severity_in(advisory: Ready, jurisdiction: JurisdictionChoice) -> SeverityName | None:
    """Give the severity in a jurisdiction; in any, the strongest."""
    severities = advisory.advisory.severities
    if jurisdiction == "any":
        return strongest(severities.values())
    return severities.get(jurisdiction)


def _judged(advisory: Ready, severity: SeverityName, sitting: _Sitting) -> Verdict:
    exemption = FALSE if advisory.unless is None else advisory.unless.judge(sitting.whole)
    view = _view_for(advisory, sitting)
    truth = FALSE if exemption == TRUE else advisory.applies.judge(view)
    if exemption == TRUE or not advisory.aside:
        return Verdict(advisory, severity, truth, view, exemption)
    return Verdict(advisory, severity, truth, view, exemption, _missed_out(advisory, sitting))


def _view_for(advisory: Ready, sitting: _Sitting) -> View:
    """Look at the case as an advisory does, without what it sets aside."""
    names = advisory.advisory.sets_aside
    if not names or not sitting.case.medications:
        return sitting.whole
    if names not in sitting.views:
        limits: dict[str, int] = {}
        needs: dict[str, tuple[Need, ...]] = {}
        gone: list[Aside] = []
        for name, node in zip(names, advisory.aside, strict=True):
            for item in _within(node, sitting.whole):
                answer = node.judge(item)
                if answer == TRUE and limits.get(key_of(item)) != FALSE:
                    gone.append(Aside(item, name))
                if answer == UNKNOWN:
                    needs[key_of(item)] = (
                        *needs.get(key_of(item), ()),
                        *item_needs(node, item, sitting.snapshot),
                    )
                if answer:
                    limits[key_of(item)] = min(TRUE - answer, limits.get(key_of(item), TRUE))
        if limits:
            sitting.views[names] = without(sitting.whole, limits, needs, asked(sitting.snapshot))
        else:
            sitting.views[names] = sitting.whole
        sitting.gone[names] = tuple(gone)
    return sitting.views[names]


def _within(node: ItemNode, view: View) -> Iterator[Item]:
    shelf = view.shelves[terms.HAS_MEDICATION]
    for item, _ in shelf.at(node.anchors) if shelf else ():
        yield item


def _missed_out(advisory: Ready, sitting: _Sitting) -> tuple[Aside, ...]:
    """List what was set aside and would otherwise have counted."""
    gone = sitting.gone.get(advisory.advisory.sets_aside, ())
    if not gone or advisory.applies.judge(sitting.whole) == FALSE:
        return ()
    return tuple(a for a in gone if any(_counts(n, a.item) for n in advisory.medications))


def _counts(node: PatientNode, item: Item) -> bool:
    if node.item is None or node.role is None:
        return False
    return bool(node.role.truths.get(item.role, FALSE) and node.item.judge(item))
