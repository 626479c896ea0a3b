"""Verdicts as findings: with the inputs, the steps from them to the advice, and the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from msgspec import UNSET

from kg import terms
from kg.casing.case import Case
from kg.checking.alternatives import Alternatives
from kg.checking.clearing import Cleared
from kg.checking.evidence import Overdue, cited, readings, rests_on_overdue, silence_statements
from kg.checking.freshness import dated
from kg.checking.hazards import asks_of, hazard_of
from kg.checking.wording import management
from kg.contract.place import order_of
from kg.contract.report import (
    Because,
    ClearsIf,
    Evidence,
    Exempted,
    Finding,
    Reading,
    ReadingMark,
    Suppressed,
    TermLabel,
)
from kg.contract.severity import rank
from kg.interval import UNKNOWN
from kg.judging.judge import Verdict, but_for_exemption
from kg.judging.view import Witness
from kg.judging.witnesses import witnesses
from kg.review.reviews import NO_REVIEWS, Reviews
from kg.snapshot.cache import cached_per_snapshot
from kg.snapshot.model import Advisory, ListedValue, Snapshot

Status = Literal["active", "planned", "stopped"]

_STATUS: dict[str, Status] = {
    terms.TAKES: "active",
    terms.PLANS: "planned",
    terms.STOPPED: "stopped",
}


class AdvisoryPage(NamedTuple):
    """What every finding of one advisory says, whatever the case."""

    evidence: tuple[Evidence, ...]
    reading: Reading | None
    further: tuple[ReadingMark, ...]
    conclusion: tuple[str, ...]


class Teller(NamedTuple):
    """One case to report on, with the status of each medicine and the sources that are overdue."""

    case: Case
    snapshot: Snapshot
    overdue: Overdue
    statuses: Mapping[str, Status]
    for_cards: bool
    stale: frozenset[str] = frozenset()
    instead: Alternatives | None = None
    reviews: Reviews = NO_REVIEWS


def teller(
    case: Case,
    snapshot: Snapshot,
    overdue: Overdue,
    verdicts: Sequence[Verdict] = (),
    reviews: Reviews = NO_REVIEWS,
    *,
    for_cards: bool = False,
) -> Teller:
    """Prepare to report on one case; for cards, without the steps and what could stand in."""
    statuses = {i.input: _STATUS[i.role] for i in case.medications or () if i.role in _STATUS}
    stale = frozenset(r.input for r in case.recognised if r.stale is True)
    instead = None if for_cards else Alternatives(verdicts, case, snapshot)
    return Teller(case, snapshot, overdue, statuses, for_cards, stale, instead, reviews)


def finding(
    verdict: Verdict,
    seen: Sequence[Witness],
    cleared: Cleared,
    refined_by: str | None,
    told: Teller,
) -> Finding:
    """Write one advisory that applies as a finding."""
    advisory, snapshot = verdict.ready.advisory, told.snapshot
    page = _page(snapshot, told.overdue, verdict.ready.iri)
    return Finding(
        advisory=verdict.ready.iri,
        topic=topic(advisory, snapshot),
        hazard=hazard_of(snapshot, advisory.topic),
        severity=verdict.severity,
        asks=asks_of(verdict.ready.iri, verdict.severity, snapshot),
        title=advisory.label,
        because=because(seen, told),
        explanation=() if told.for_cards else _explanation(seen, page),
        management=management(advisory, verdict.view, snapshot),
        monitoring=advisory.monitoring,
        clears_if=ClearsIf.of(
            advisory.clears_if,
            (*_open_exemption(verdict, snapshot), *cleared.remarks),
            cleared.words,
        ),
        clears_by=cleared.sets,
        refined_by=refined_by,
        evidence=page.evidence,
        disagreement=page.reading,
        further_disagreements=page.further,
        patient_text=advisory.patient_text or None,
        review=told.reviews.of(verdict.ready.iri),
        alternatives=(told.instead.of(verdict, seen) if told.instead else ()) or UNSET,
        overdue=UNSET
        if told.overdue is None
        else rests_on_overdue(
            page.evidence, verdict.severity, told.case.jurisdiction, told.snapshot
        ),
        stale=True if any(w.input in told.stale for w in seen) else UNSET,
    )


def because(seen: Sequence[Witness], told: Teller) -> tuple[Because, ...]:
    """Name the inputs that counted, with their values and the side on which they stand."""
    return tuple([_because(w, told) for w in seen])


def _because(witness: Witness, told: Teller) -> Because:
    return Because(
        input=witness.input,
        term=witness.term,
        label=witness.label,
        detail=dated(witness.detail, witness.input, witness.term, told.case, told.snapshot)
        or UNSET,
        status=told.statuses.get(witness.input, UNSET),
    )


@cached_per_snapshot(1024)
def _page(snapshot: Snapshot, overdue: Overdue, iri: str) -> AdvisoryPage:
    """Write the page of an advisory the first time it is wanted on such a day."""
    advisory = snapshot.advisories[iri]
    first, *others = readings(advisory, snapshot) or (None,)
    return AdvisoryPage(
        cited(advisory.statements, snapshot, overdue),
        first,
        tuple(_mark(r) for r in others if r is not None),
        _conclusion(advisory, snapshot),
    )


def _mark(reading: Reading) -> ReadingMark:
    return ReadingMark(
        disagreement=reading.disagreement, title=reading.title, resolution=reading.resolution
    )


def topic(advisory: Advisory, snapshot: Snapshot) -> str:
    """Give the topic of an advisory as the contract writes it."""
    return snapshot.topics.get(advisory.topic, advisory.topic)


def _explanation(seen: Sequence[Witness], page: AdvisoryPage) -> tuple[str, ...]:
    """Say it step by step: what was given, what that is, whom the advice is for, the advice."""
    lines: dict[str, None] = {}
    for witness in seen:
        detail = f" ({witness.detail})" if witness.detail else ""
        lines[f"{witness.input}: {witness.label}{detail}."] = None
        lines.update(dict.fromkeys([f"{step}." for step in witness.steps]))
    return (*lines, *page.conclusion)


def _conclusion(advisory: Advisory, snapshot: Snapshot) -> tuple[str, ...]:
    """Give the last steps of an advisory, which no case changes."""
    criterion = snapshot.criteria[advisory.applies_to]
    strength = "; ".join(f"{j}: {s}" for j, s in sorted(advisory.severities.items()))
    return criterion.definition or criterion.label, f"{advisory.label} ({strength})."


def _open_exemption(verdict: Verdict, snapshot: Snapshot) -> tuple[str, ...]:
    """Name an exemption that was neither shown nor ruled out."""
    unless = verdict.ready.advisory.unless
    if unless is None or verdict.exemption != UNKNOWN:
        return ()
    return (f"It would not apply if this were known: {snapshot.criteria[unless].label}.",)


def refinements(verdicts: Sequence[Verdict]) -> dict[str, str]:
    """Map each weaker step among the advisories that apply to the stronger one that applies too."""
    stronger: dict[str, tuple[int, str]] = {}
    for verdict in verdicts:
        step = (rank(verdict.severity), verdict.ready.iri)
        for weaker in verdict.ready.advisory.refines:
            stronger[weaker] = min(step, stronger.get(weaker, step))
    return {weaker: iri for weaker, (_, iri) in stronger.items()}


def suppressed(verdicts: Sequence[Verdict], told: Teller) -> tuple[Suppressed, ...]:
    """List every medication that an advisory left out, with its role."""
    left_out = {
        (v.ready.iri, order_of(a.item.input), a.item.term): Suppressed(
            advisory=v.ready.iri,
            input=a.item.input,
            label=a.item.label,
            because=_role_key(told.snapshot.set_aside_roles.get(a.criterion), told.snapshot),
            evidence=_grounds(told.snapshot, told.overdue, a.criterion),
        )
        for v in verdicts
        for a in v.aside
    }
    return tuple(left_out[key] for key in sorted(left_out, key=lambda k: (k[0], k[1], k[2] or "")))


def exempted(verdicts: Sequence[Verdict], told: Teller) -> tuple[Exempted, ...]:
    """List what would apply but for an exemption that is known."""
    return tuple(
        [
            Exempted(
                advisory=spared.verdict.ready.iri,
                topic=topic(spared.verdict.ready.advisory, told.snapshot),
                title=spared.verdict.ready.advisory.label,
                severity=spared.verdict.severity,
                because=because(spared.seen, told),
                exemption=spared.exemption,
                evidence=_page(told.snapshot, told.overdue, spared.verdict.ready.iri).evidence,
            )
            for spared in spared_by_exemption(verdicts, told.snapshot)
        ]
    )


class Spared(NamedTuple):
    """An advisory that an exemption silences: what it is about, and what exempts."""

    verdict: Verdict
    seen: list[Witness]
    exemption: TermLabel


def spared_by_exemption(verdicts: Sequence[Verdict], snapshot: Snapshot) -> Iterator[Spared]:
    """Go through what would apply but for an exemption; what exempts stands last among inputs."""
    for verdict in verdicts:
        view = but_for_exemption(verdict, snapshot)
        unless = verdict.ready.unless
        if view is None or unless is None:
            continue
        seen = witnesses(verdict.ready.applies, view, snapshot, steps=False)
        freeing = witnesses(unless, view, snapshot, steps=False)
        first = next(iter(freeing), None)
        name = verdict.ready.advisory.unless or ""
        exemption = (
            TermLabel(term=name, label=snapshot.criteria[name].label)
            if first is None
            else TermLabel(term=first.term, label=first.label)
        )
        yield Spared(verdict, [*seen, *(w for w in freeing if w not in seen)], exemption)


@cached_per_snapshot(512)
def _grounds(snapshot: Snapshot, overdue: Overdue, criterion: str) -> tuple[Evidence, ...]:
    """Cite the statements that say why a class of medications raises nothing."""
    return cited(silence_statements(snapshot).get(criterion, ()), snapshot, overdue)


def _role_key(iri: str | None, snapshot: Snapshot) -> str:
    tables: tuple[Mapping[str, ListedValue], ...] = (snapshot.roles, snapshot.values)
    known = next((t[iri] for t in tables if iri is not None and iri in t), None)
    return (known.key or known.label) if known else ""
