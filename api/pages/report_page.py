"""A Report laid out as a page: the verdict, what to act on, what is open, and how it was read.

Everything in the report is here, in the words of the form and with links to the pages of the
terms; nothing is judged again.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup
from msgspec import UNSET
from msgspec.structs import replace

from api.http.html import local_link
from api.http.print_units import unit_in_print
from api.pages.report_words import (
    BOXES,
    FIELDS,
    Wanted,
    Words,
    in_words,
    numbered,
)
from api.pages.timeline import DatedLine, ScoreBands, score_bands, timeline
from kg import terms
from kg.checking.evidence import readings
from kg.checking.summary import summary
from kg.checking.words import (
    NOTED,
    also_said,
    blocks,
    exempted_said,
    first_sentence,
    folded,
    ground_said,
    noted_said,
)
from kg.contract.explanation import Explanation
from kg.contract.place import Place, entry_path
from kg.contract.report import Because, Evidence, Finding, Planned, Reading, Recognised, Report
from kg.contract.request import ObservationEntry, Request
from kg.contract.severity import SeverityName, rank
from kg.explaining.advisory import explain_advisory
from kg.explaining.draw import svg
from kg.snapshot.file import encode
from kg.snapshot.jurisdictions import ANY, laws
from kg.snapshot.model import Snapshot

_MATCHED = {"name": "name", "code": "code", "name_and_code": "name and code"}
_SENTENCE = re.compile(r"(?<=[.?]) +(?=[A-Z])")
_HOW = re.compile(r"(?<=\w)[:;] ")
_AGAINST_LIMIT = re.compile(
    r"(?P<number>\d+(?:\.\d+)?) [^,]*, (?P<end>upper|lower) limit (?P<limit>\d*\.?\d*[1-9]\d*)\b"
)
_MOST_MISSING = 4
# What stands in the line about the patient, in its order, and what is said around a value.
_IN_THE_LINE = {
    "age_years": ("", " years"),
    "sex": ("", ""),
    "weight_kg": ("", " kg"),
    "phase": ("", ""),
    "cycle": ("cycle ", ""),
    "day": ("day ", ""),
    "dose_mg_m2": ("", " mg/m²"),
}
_STATES = {
    "stale": "older than it may be for this dose; repeat it",
    "undated": "of unknown age: the day it was taken is not given",
}


class LinkedText(NamedTuple):
    """Some words, where they lead, and what is said beside them, at length and in short."""

    text: str
    link: str = ""
    beside: str = ""
    value: str = ""


class ReadEntry(NamedTuple):
    """One entry as it was given, and what it was read as; or why it was not."""

    place: str
    given: str
    terms: list[LinkedText]
    by: str
    notes: list[str]
    reason: str = ""
    maybe: tuple[LinkedText, ...] = ()


class Card(NamedTuple):
    """One finding with the weaker steps of the same matter folded in."""

    finding: Finding
    link: str
    because: list[LinkedText]
    # What raised it, without the setting, as far as there is more than the setting.
    raised_by: list[LinkedText]
    strengths: list[tuple[str, str]]
    clears: list[str]
    changes: list[str]
    remarks: list[str]
    also: list[str]
    ground: str
    steps: list[str]
    disagreements: list[Reading]
    picture: Markup
    do: str
    key: str


class HazardBlock(NamedTuple):
    """The findings of one hazard, with what raised them named once."""

    label: str
    severity: SeverityName
    because: list[LinkedText]
    cards: list[Card]


class AsideLine(NamedTuple):
    """A medication that was set aside, by which role, from which advice and on what ground."""

    label: str
    role: str
    advice: list[LinkedText]
    evidence: list[Evidence]


class Gap(NamedTuple):
    """One thing to supply, and what it would settle."""

    wanted: Wanted
    settles: list[LinkedText]
    severity: SeverityName


class MissingLine(NamedTuple):
    """What is missing in one line: the first of it, how much more, and the worst that may come."""

    first: list[str]
    more: int
    worst: str


class ReportPage(NamedTuple):
    """All that the page of a report shows."""

    report: Report
    title: str
    patient: list[str]
    verdict: list[str]
    missing: MissingLine
    checklist: list[Planned]
    unread: list[ReadEntry]
    timeline: list[DatedLine]
    score: ScoreBands | None
    asked: str
    about: list[tuple[str, str]]
    read: list[ReadEntry]
    cards: list[Card]
    blocks: list[HazardBlock]
    noted: list[Card]
    noted_line: str
    exempted: list[str]
    folded: int
    unassessed: list[LinkedText]
    stale: list[str]
    gaps: list[Gap]
    idle: list[Wanted]
    asides: list[AsideLine]


def report_page(report: Report, request: Request, words: Words, snapshot: Snapshot) -> ReportPage:
    """Lay a report out."""
    cards = [
        _card(finding, under, request, words, snapshot)
        for finding, under in folded(report.findings)
    ]
    read = list(_read(report, request, words))
    gaps = [
        Gap(words.wanted(m), [_advice(a, snapshot) for a in m.settles], m.severity)
        for m in report.missing
    ]
    return ReportPage(
        report=report,
        title=_title(report),
        patient=list(_patient(request, words, snapshot)),
        verdict=_verdict(report, snapshot),
        missing=_missing(report),
        checklist=[p for p in report.plan if _is_checked(p)],
        unread=[entry for entry in read if entry.given and not entry.terms],
        timeline=timeline(report, request),
        score=score_bands(report),
        asked=encode(request).decode(),
        about=list(_about(request, words, snapshot)),
        read=read,
        cards=cards,
        blocks=_blocks(report, cards),
        noted=[card for card in cards if card.finding.asks == NOTED],
        noted_line=noted_said(report.findings),
        exempted=list(exempted_said(report)),
        folded=len(report.findings) - len(cards),
        unassessed=[_link(r) for r in report.recognised if not r.assessed],
        stale=[s.says for s in report.stale],
        gaps=[g for g in gaps if g.settles],
        idle=[g.wanted for g in gaps if not g.settles],
        asides=_asides(report, snapshot),
    )


def _verdict(report: Report, snapshot: Snapshot) -> list[str]:
    """Give what was found, a sentence a line; what is not known has lines of its own below."""
    said = summary(report.findings, (), 0, snapshot, complete=report.complete)
    return _SENTENCE.split(said)


def _missing(report: Report) -> MissingLine:
    labels = list(dict.fromkeys(label for g in report.to_fetch.groups for label in g.labels))
    worst = min((m.severity for m in report.missing if m.settles), key=rank, default="")
    return MissingLine(labels[:_MOST_MISSING], max(0, len(labels) - _MOST_MISSING), worst)


def _is_checked(planned: Planned) -> bool:
    return bool(planned.items or planned.doses or planned.days)


def _title(report: Report) -> str:
    if report.severity is not None:
        return f"{report.severity.capitalize()}{'' if report.complete else ', incomplete'}"
    return "Nothing found" if report.complete else "Cannot be judged yet"


# --- whom it is about, and what was read --------------------------------------------------------


def _about(request: Request, words: Words, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Say who the patient is and which dose is in question; what was not given is said, too."""
    patient, context = request.patient, request.context
    always = ("age_years", "sex", "phase", "cycle", "day", "jurisdiction", "as_of")
    for name, (_, label) in FIELDS.items():
        value = getattr(patient, name, None)
        value = getattr(context, name, None) if value is None else value
        if value is not None or name in always:
            yield label, _said(name, value, snapshot)
    flags = patient.flags if patient else None
    if flags is None:
        yield "True of the patient", "not assessed"
    else:
        yield "True of the patient", "; ".join(map(words.flag, flags)) or "none of what is asked"


def _patient(request: Request, words: Words, snapshot: Snapshot) -> Iterator[str]:
    """Say in a line who the patient is, which dose it is, and by whose law it is judged."""
    patient, context = request.patient, request.context
    for name, (before, after) in _IN_THE_LINE.items():
        value = getattr(patient, name, None)
        value = getattr(context, name, None) if value is None else value
        if value is not None:
            yield f"{before}{_said(name, value, snapshot)}{after}"
    yield from (words.flag(key) for key in (patient.flags if patient else None) or ())
    if context is None or context.jurisdiction in (None, ANY):
        *others, last = laws(snapshot)
        yield f"strictest of {', '.join(others)} and {last}"
    else:
        yield f"by {context.jurisdiction} advice"
    if context is not None and context.as_of:
        yield in_words(context.as_of)


def _said(name: str, value: object, snapshot: Snapshot) -> str:
    if name == "jurisdiction" and value in (None, ANY):
        *others, last = laws(snapshot)
        return f"{ANY}: the strictest reading of {', '.join(others)} and {last}"
    if name == "phase":
        value = next((p.label for p in snapshot.phases.values() if p.key == value), value)
    if value is None:
        return "not given"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _read(report: Report, request: Request, words: Words) -> Iterator[ReadEntry]:
    """Go through every entry in the order of the form; a list without one is said, too."""
    by_input: dict[str, list[Recognised]] = defaultdict(list)
    for recognised in report.recognised:
        by_input[recognised.input].append(recognised)
    missed = {u.input: u for u in report.unrecognised}
    for part in BOXES:
        entries = getattr(request, part)
        if not entries:
            said = "not assessed" if entries is None else "assessed, none"
            yield ReadEntry(numbered(part), "", [], "", [], said)
        for path in (entry_path(part, n) for n in range(len(entries or ()))):
            unread = missed.pop(path, None)
            if unread is not None:
                maybe = [LinkedText(s.label, local_link(s.term)) for s in unread.suggestions]
                yield _row(path, unread.given, words, reason=unread.reason, maybe=maybe)
            elif path in by_input:
                yield _recognised(path, by_input[path], request, words)
    for path, unread in missed.items():
        yield _row(path, unread.given, words, reason=unread.reason)
    for out in () if report.left_out is UNSET else report.left_out:
        yield _row(out.input, out.given, words, reason=f"left out: {out.because}")


def _row(
    path: str, given: str, words: Words, *, reason: str, maybe: Sequence[LinkedText] = ()
) -> ReadEntry:
    at = Place.of(path)
    named = numbered(path) if at is not None and at.listed else words.place(path)
    typed = words.typed_at(path) or given
    return ReadEntry(named, typed, [], "", [], reason, tuple(maybe))


def _recognised(
    path: str, found: Sequence[Recognised], request: Request, words: Words
) -> ReadEntry:
    notes = [words.in_text(r.note) for r in found if r.note]
    notes += [_STATES[r.state] for r in found if r.state in _STATES]
    if not all(r.assessed for r in found):
        notes.append("not fully judged yet")
    terms = [_link(r)._replace(beside=_value(path, request)) for r in found]
    by = ", ".join(dict.fromkeys(_MATCHED[r.matched] for r in found))
    return ReadEntry(numbered(path), words.typed_at(path), terms, by, notes)


def _value(path: str, request: Request) -> str:
    """Say the value of a measurement as it was read."""
    at = Place.of(path)
    entry = None if at is None else at.value(request)
    if not isinstance(entry, ObservationEntry) or entry.value is None:
        return ""
    limits = (("lower limit", entry.lower_limit), ("upper limit", entry.upper_limit))
    number = f"{entry.value:g}" if isinstance(entry.value, float) else str(entry.value)
    value = unit_in_print(" ".join(filter(None, (number, entry.unit))))
    return ", ".join([value, *(f"{name} {limit:g}" for name, limit in limits if limit is not None)])


def _link(known: Recognised) -> LinkedText:
    return LinkedText(known.label, local_link(known.term))


# --- the findings -------------------------------------------------------------------------------


def _card(
    finding: Finding, under: Sequence[Finding], request: Request, words: Words, snapshot: Snapshot
) -> Card:
    advisory = snapshot.advisories[finding.advisory]
    because = sorted(finding.because, key=_is_setting)
    explanation = _in_words(
        explain_advisory(request, finding.advisory, snapshot, least=False), words
    )
    return Card(
        finding=finding,
        link=local_link(finding.advisory),
        because=[_because(b) for b in because],
        raised_by=[_because(b) for b in because if not _is_setting(b)]
        or [_because(b) for b in because],
        strengths=[(j, advisory.severities.get(j) or "silent") for j in laws(snapshot)],
        clears=list(finding.clearing.advice),
        changes=list(finding.clearing.changes),
        remarks=list(finding.clearing.remarks),
        also=[also_said(weaker, finding) for weaker in under],
        ground=ground_said(finding),
        steps=[words.step(line) for line in finding.explanation],
        disagreements=list(readings(advisory, snapshot)),
        # Our own drawing, which escapes what it is given.
        picture=Markup(svg(explanation)),  # noqa: S704
        do=_in_short(finding.management),
        key=terms.local(finding.advisory),
    )


def _is_setting(because: Because) -> bool:
    return because.input.startswith(("context", "patient"))


def _in_short(management: str) -> str:
    """Give the first thing to do, without how it is done."""
    sentence = first_sentence(management)
    head = _HOW.split(sentence)[0]
    return head if head == sentence else f"{head}."


def _blocks(report: Report, cards: Sequence[Card]) -> list[HazardBlock]:
    """Put the cards that ask for something together by hazard."""
    card_of = {card.finding.advisory: card for card in cards}
    return [
        HazardBlock(
            block.hazard.label,
            block.severity,
            [_because(b) for b in block.because],
            [card_of[head.advisory] for head, _ in block.findings],
        )
        for block in blocks(report.findings)
    ]


def _in_words(found: Explanation, words: Words) -> Explanation:
    """Call the inputs of an explanation what the form calls them, before it is drawn."""
    nodes = tuple(
        replace(n, label=words.in_text(n.label), detail=words.in_text(n.detail or "") or None)
        if n.kind == "input"
        else n
        for n in found.nodes
    )
    return replace(found, nodes=nodes, steps=tuple(map(words.in_text, found.steps)))


def _because(because: Because) -> LinkedText:
    """Name an input that made an advisory apply, with its value and on which side it stands."""
    status = because.status if because.status in ("planned", "stopped") else ""
    beside = unit_in_print(", ".join(part for part in (status, because.detail) if part))
    detail = because.detail or ""
    value = unit_in_print(", ".join(part for part in (status, _value_in_short(detail)) if part))
    return LinkedText(because.label, local_link(because.term), beside, value)


def _value_in_short(detail: str) -> str:
    """Give a value as a multiple of its limit where it lies outside it; else the value alone."""
    value = detail.partition(", ")[0]
    found = _AGAINST_LIMIT.match(detail)
    if found is None:
        return value
    times = float(found["number"]) / float(found["limit"])
    beyond = times > 1 if found["end"] == "upper" else times < 1
    return f"{value}, {times:.2g} × {found['end']} limit" if beyond else value


def _advice(iri: str, snapshot: Snapshot) -> LinkedText:
    return LinkedText(snapshot.advisories[iri].label, local_link(iri))


def _asides(report: Report, snapshot: Snapshot) -> list[AsideLine]:
    """List each medication once for a role, with all advice that left it out."""
    asides: dict[tuple[str, str, str], AsideLine] = {}
    labels = {r.key: r.label for r in (*snapshot.values.values(), *snapshot.roles.values())}
    for entry in report.suppressed:
        key = entry.input, entry.label, entry.because
        role = labels.get(entry.because, entry.because)
        aside = asides.setdefault(key, AsideLine(entry.label, role, [], []))
        aside.advice.append(_advice(entry.advisory, snapshot))
        cited = {e.statement for e in aside.evidence}
        aside.evidence.extend(e for e in entry.evidence if e.statement not in cited)
    return list(asides.values())
