"""Cards: the answer to a call, one a hazard and one for what is missing.

An answer is never empty if something could not be read; a list that has nothing to do with the
index drug gets no card.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID, uuid5

from api.cds_hooks import card_text, words
from api.cds_hooks import suggestions as offer
from api.cds_hooks.card_text import CardFinding
from api.cds_hooks.standard import HookJson
from api.cds_hooks.suggestions import Desk
from api.cds_hooks.unread_orders import could_be_index
from kg import terms
from kg.casing.patient import completed_months
from kg.checking.words import NOTED, folded
from kg.contract.report import Finding, NotEvaluable, Report, Unrecognised
from kg.contract.request import day
from kg.contract.severity import SeverityName, rank
from kg.fhir.intake import FhirLine
from kg.fhir.medications import TYPES
from kg.interval import exact
from kg.snapshot.criteria import Number
from kg.snapshot.criteria_walk import leaves_of
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

GAP = "missing"
Relevance = Literal["yes", "open", "no"]
_CRITICAL, _WARNING, _INFO = "critical", "warning", "info"
_URGENCY = (_CRITICAL, _WARNING, _INFO)
_EXCLUDING: SeverityName = "contraindicated"


def relevance(desk: Desk) -> Relevance:
    """Say whether a call has to do with the index drug, or may have.

    It may have where the list of medicines could not be read as a whole, or where an entry that was
    not read could name the drug: it has no name, a name for anything, or one like the drug's.
    """
    lines = {line.path: line for line in desk.asked.lines["medications"]}
    index = {r.input for r in desk.report.recognised if r.term == desk.snapshot.index_drug}
    if any(path in index and _counts(line, desk) for path, line in lines.items()):
        return "yes"
    if not desk.listed:
        return "open"
    missed = desk.report.unrecognised
    return "open" if any(_may_be_index(u, lines.get(u.input), desk) for u in missed) else "no"


def _may_be_index(missed: Unrecognised, line: FhirLine | None, desk: Desk) -> bool:
    """Say whether an entry that was not read could be an order for the index drug."""
    if line is None:
        # An order that was not read at all, as one for somebody else, has no line.
        return missed.given in TYPES and missed.input not in desk.absent
    if line.found.type not in TYPES:
        return False
    if any(s.term == desk.snapshot.index_drug for s in missed.suggestions):
        return True
    return could_be_index(str(line.entry.get("text", "")), desk.snapshot)


def _counts(line: FhirLine, desk: Desk) -> bool:
    """Say whether the index drug is taken, planned, or was stopped not too long ago."""
    if line.entry.get("status") != "stopped":
        return True
    context = desk.asked.request.context
    now = day(context.as_of, "context.as_of") if context else None
    last = day(line.entry.get("last_taken"), line.path)
    if now is None or last is None:
        return True
    return _within(last, now, desk.snapshot)


def _within(last: date, now: date, snapshot: Snapshot) -> bool:
    longest = longest_window(snapshot)
    return longest is None or completed_months(last, now) < longest


@once_per_snapshot
def longest_window(snapshot: Snapshot) -> float | None:
    """Give the longest time, in months after the last dose, for which any advice still counts.

    None where no advice has an end in months.
    """
    windows = [
        float(value)
        for criterion in snapshot.criteria.values()
        for number in leaves_of(criterion.expression, snapshot)
        if isinstance(number, Number) and number.property == terms.MONTHS_SINCE_LAST_DOSE
        if number.high is not None
        if (value := exact(number.high)) is not None
    ]
    return max(windows, default=None)


class WrittenCard(NamedTuple):
    """A card, and the advisories that it says; a gap says none."""

    advisories: tuple[str, ...]
    card: HookJson


def cards(
    desk: Desk,
    unread: Mapping[str, words.NotRead],
    base: str,
    hidden: Collection[str] = (),
) -> list[WrittenCard]:
    """Write the cards of a call: one for what excludes, one a hazard, one for what is missing.

    `hidden` are the advisories that were shown already and need not be said again.
    """
    related = relevance(desk)
    if related == "no":
        return []
    written: list[WrittenCard] = []
    if related == "yes":
        for key, told in _by_key(desk, hidden).items():
            named = tuple(f.advisory for t in told for f in (t.finding, *t.weaker))
            written.append(WrittenCard(named, _card(key, told, desk, base)))
    gap = _gap(desk, unread, related=related == "yes")
    return [*written, *([WrittenCard((), gap)] if gap else [])]


def _by_key(desk: Desk, hidden: Collection[str]) -> dict[str, list[CardFinding]]:
    """Put together the findings of a card, by its key: what excludes apart, then each hazard."""
    focus = _focus(desk)
    found: dict[str, list[CardFinding]] = {}
    for finding, weaker in folded(desk.report.findings):
        asking = (f for f in (finding, *weaker) if f.asks != NOTED)
        inputs = {b.input for f in asking for b in f.because}
        if finding.asks == NOTED or finding.advisory in hidden:
            continue
        if focus is None or focus & inputs:
            key = _EXCLUDING if finding.severity == _EXCLUDING else finding.hazard.key
            found.setdefault(key, []).append(CardFinding(finding, weaker))
    return found


def _focus(desk: Desk) -> set[str] | None:
    """Give the places of the orders that were just chosen; None where everything is in focus."""
    call = desk.call
    if not call.selections:
        return None
    chosen = {path for path, found in desk.drafts.items() if found.reference in call.selections}
    if any(found.path in chosen for found in desk.index_orders()):
        return None
    parts = {line.path for line in desk.asked.lines["medications"] if line.found.path in chosen}
    return chosen | parts


def card_id(call_id: UUID, what: str) -> UUID:
    """Give a card the same id whenever the same call finds the same."""
    return uuid5(call_id, what)


def _card(key: str, told: list[CardFinding], desk: Desk, base: str) -> HookJson:
    name = card_id(desk.call.hook_instance, key)
    first = told[0].finding
    topics = [desk.snapshot.advisories[t.finding.advisory].topic for t in told]
    indicator = min(
        (
            indicator_of(t.finding.severity, topic, desk.snapshot)
            for t, topic in zip(told, topics, strict=True)
        ),
        key=_URGENCY.index,
    )
    offered = offer.suggestions([t.finding for t in told], name, indicator, desk)
    reasons = dict.fromkeys(
        r for topic in topics for r in desk.snapshot.doors.reasons.get(topic, ())
    )
    cited = words.cited(first, desk.snapshot)
    card: HookJson = {
        "uuid": str(name),
        "summary": card_text.summary(told, first.severity, desk.snapshot),
        "detail": card_text.detail(told, desk.report, desk.snapshot),
        "indicator": indicator,
        "source": _source(first, cited, base),
        "suggestions": offered,
        "selectionBehavior": "any" if offered else "",
        "overrideReasons": [
            {"system": r.system, "code": r.code, "display": r.display} for r in reasons
        ],
        "links": [
            *(_link(f"Why: {t.finding.title}", t.finding.advisory, base) for t in told),
            *(_link(says, iri, base) for iri, says in cited.statements),
        ],
    }
    return {key: value for key, value in card.items() if value}


def indicator_of(severity: SeverityName, topic: str, snapshot: Snapshot) -> str:
    """Give the urgency of a finding, as the release says it."""
    doors = snapshot.doors
    critical_from = doors.critical_from.get(topic)
    if critical_from is not None and rank(severity) <= rank(critical_from):
        return _CRITICAL
    return doors.indicators.get(severity, _WARNING)


def _source(finding: Finding, cited: words.Cited, base: str) -> HookJson:
    topic = {"system": f"{terms.BASE}topic", "code": finding.topic, "display": finding.title}
    where = {"url": _address(cited.document, base)} if cited.document else {}
    return {"label": cited.source, **where, "topic": topic}


def _link(label: str, iri: str, base: str) -> HookJson:
    return {
        "label": label,
        "url": _address(iri, base),
        "type": "absolute",
        "autolaunchable": False,
    }


def _address(iri: str, base: str) -> str:
    return f"{base}/id/{iri.removeprefix(terms.BASE)}"


def _gap(desk: Desk, unread: Mapping[str, words.NotRead], *, related: bool) -> HookJson | None:
    """Say what could not be judged; nothing if everything could be."""
    report: Report = desk.report
    if report.complete and not unread:
        return None
    name = card_id(desk.call.hook_instance, GAP)
    blocked = any(_excludes(n) for n in report.not_evaluable)
    labels = {m.needs.removeprefix("observation: ") for m in report.missing}
    offered = offer.examinations_for(labels, name, desk) if related else []
    card: HookJson = {
        "uuid": str(name),
        "summary": words.gap_summary(report, desk.snapshot, related=related),
        "detail": card_text.gap_detail(
            report, list(unread.values()), {f"prefetch.{key}" for key in unread}, related
        ),
        "indicator": _WARNING if related and blocked else _INFO,
        "source": {"label": "inokg"},
        "suggestions": offered,
        "selectionBehavior": "any" if offered else "",
    }
    return {key: value for key, value in card.items() if value}


def _excludes(entry: NotEvaluable) -> bool:
    return entry.severity == _EXCLUDING
