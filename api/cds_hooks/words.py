"""The text of a card, in Markdown; nothing that a caller sent can become markup.

Text from the release is trusted. Text from a patient's record is put in code spans, in which
neither Markdown nor HTML has any effect.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from kg import terms
from kg.contract.report import Because, Evidence, Finding, Reading, Report, Unrecognised
from kg.contract.severity import SeverityName, rank
from kg.snapshot.cache import BoundedCache
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

LONGEST_SUMMARY = 139
_LONGEST_QUOTE = 80
_MOST_SOURCES = 6
_MOST_CITED = 2
_LABEL = "label"
_WEAKEST: SeverityName = "inform"
# Which side of an interaction is new.
_SIDE = {"planned": "new order", "active": "current", "stopped": "stopped"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
_SPACE = re.compile(r"\s+")
# Nothing in such a text is markup, and its spaces stand alone.
_AS_IT_IS = re.compile(r"[A-Za-z0-9(](?:[A-Za-z0-9.,;:%()'/=?!+-]| (?! ))*(?<! )")
_MARKS = re.compile(r"([\\`*_\[\]|~])|^([#+-])")


class NotRead(NamedTuple):
    """Something that was asked for and could not be read."""

    label: str
    reason: str


def quoted(text: str) -> str:
    """Quote words of a record: short, in one line, and without any meaning as markup."""
    plain = _SPACE.sub(" ", _CONTROL.sub(" ", text)).strip().replace("`", "'")
    plain = plain.replace("<", "‹").replace(">", "›")
    if len(plain) > _LONGEST_QUOTE:
        plain = plain[: _LONGEST_QUOTE - 1] + "…"
    return f"`{plain}`" if plain else "(empty)"


def escaped(text: str) -> str:
    """Write our own words so that no sign in them is taken for markup."""
    if _AS_IT_IS.fullmatch(text):
        return text
    plain = _SPACE.sub(" ", text).strip()
    safe = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKS.sub(_escape, safe)


def _escape(mark: re.Match[str]) -> str:
    return "\\" + mark.group()


def shortened(text: str) -> str:
    """Cut a summary to its length, at a word."""
    text = _SPACE.sub(" ", _CONTROL.sub(" ", text)).strip()
    if len(text) <= LONGEST_SUMMARY:
        return text
    head = text[: LONGEST_SUMMARY - 1].rsplit(" ", 1)[0]
    return (head or text[: LONGEST_SUMMARY - 1]).rstrip(" ,;:(") + "…"


def summary(finding: Finding) -> str:
    """Say strength, matter and cause in one sentence."""
    who = list(dict.fromkeys(b.label for b in finding.because))
    because = f": {', '.join(who)}" if who else ""
    return shortened(f"{finding.severity.capitalize()}: {finding.title}{because}")


def detail(finding: Finding, folded: Sequence[Finding], report: Report, snapshot: Snapshot) -> str:
    """Say what was seen, what to do, how both laws read it, and where the sources disagree."""
    to_do, grounds = _standing(finding, snapshot)
    weaker = (f"{f.severity}: {escaped(f.title)}" for f in folded)
    parts = [
        _section("Because of", (_seen(b) for b in finding.because)),
        to_do,
        _section("It clears if", (escaped(c) for c in finding.clears_if)),
        grounds,
        _section("Weaker steps of the same", weaker),
        _sign(report, finding.review.status),
    ]
    return _joined(parts)


def _standing(finding: Finding, snapshot: Snapshot) -> tuple[str, str]:
    """Write what an advisory says of itself, which is the same whoever the patient is."""
    known, which = _advice(snapshot), (finding.advisory, finding.management)
    return known.get(which) or known.keep(which, _written(finding, snapshot))


@once_per_snapshot
def _advice(_: Snapshot) -> BoundedCache[tuple[str, str], tuple[str, str]]:
    return BoundedCache(1024)


def _written(finding: Finding, snapshot: Snapshot) -> tuple[str, str]:
    """Say what to do, and on what grounds."""
    to_do = [
        _section("What to do", (escaped(finding.management),)),
        _section("Watch", (escaped(m) for m in finding.monitoring)),
    ]
    strengths = snapshot.advisories[finding.advisory].severities
    laws = "; ".join(f"{law}: **{s}**" for law, s in sorted(strengths.items()))
    grounds = [f"**Strength** {laws}", _section("Sources", _sources(finding))]
    if finding.disagreement is not None:
        grounds.append(_disagreement(finding.disagreement))
    further = (
        f"{escaped(d.title)}: {escaped(d.resolution)}" for d in finding.further_disagreements
    )
    grounds.append(_section("They also disagree on", further))
    return _joined(to_do), _joined(grounds)


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(p for p in parts if p)


def _seen(because: Because) -> str:
    value = f" {quoted(because.detail)}" if because.detail else ""
    side = f", {_SIDE[because.status]}" if because.status else ""
    return f"{escaped(because.label)}{value}{side}"


def _sources(finding: Finding) -> Iterable[str]:
    """Give the sources that carry the strength, labels first; the page behind the link has all."""
    carrying = [e for e in finding.evidence if e.severity is not None]
    ordered = sorted(carrying, key=lambda e: (e.grade != _LABEL, rank(e.severity or _WEAKEST)))
    for cited in ordered[:_MOST_SOURCES]:
        yield (
            f"{cited.jurisdiction}, {escaped(cited.title)}, {escaped(cited.section)}: "
            f"{escaped(cited.says)} → {cited.severity}"
        )
    if len(finding.evidence) > _MOST_SOURCES:
        yield f"and {len(finding.evidence) - _MOST_SOURCES} more, behind the link"


class Cited(NamedTuple):
    """The document on which a severity rests, and the statements to point to, with words."""

    source: str
    statements: tuple[tuple[str, str], ...]


def cited(finding: Finding, snapshot: Snapshot) -> Cited:
    """Say on what a severity rests: labels before any other, one statement a document."""
    known, which = _citations(snapshot), (finding.advisory, finding.severity)
    return known.get(which) or known.keep(which, _cited(finding))


@once_per_snapshot
def _citations(_: Snapshot) -> BoundedCache[tuple[str, SeverityName], Cited]:
    """Keep what a severity rests on, which is the same whoever the patient is."""
    return BoundedCache(4096)


def _cited(finding: Finding) -> Cited:
    weightiest: dict[str, Evidence] = {}
    for one in sorted(
        finding.evidence, key=lambda e: (e.severity != finding.severity, e.grade != _LABEL)
    ):
        weightiest.setdefault(one.source, one)
    most = list(weightiest.values())[:_MOST_CITED]
    titles = [one.title for one in most] or ["inokg"]
    return Cited(titles[0], tuple((o.statement, f"{o.title}, {o.section}") for o in most))


def _disagreement(reading: Reading) -> str:
    told = [f"{r.jurisdiction}, {escaped(r.title)}: {escaped(r.says)}" for r in reading.readings]
    told.append(f"Taken here: {escaped(reading.resolution)} {escaped(reading.reason)}")
    return _section(f"Sources disagree: {escaped(reading.title)}", told)


def _sign(report: Report, status: str | None = None) -> str:
    review = f"; review: {status.replace('_', ' ')}" if status else ""
    release = f"release {escaped(report.release.version)} ({report.release.hash[:19]})"
    return f"_{terms.DISCLAIMER} {release}{review}._"


def _section(title: str, lines: Iterable[str]) -> str:
    listed = [f"- {line}" for line in lines if line]
    return "\n".join([f"**{title}**", "", *listed]) if listed else ""


def gap_summary(report: Report, snapshot: Snapshot, *, related: bool) -> str:
    """Say in one sentence that something could not be judged."""
    index = snapshot.drugs[snapshot.index_drug].label
    if not related:
        return shortened(f"Not known whether {index} is among the medications: not all was read")
    worst = report.missing[0].severity if report.missing else None
    up_to = f", up to {worst}" if worst else ""
    return shortened(f"Not all could be judged for {index}{up_to}: data are missing or not read")


def gap_detail(report: Report, unread: Mapping[str, NotRead], *, related: bool) -> str:
    """List what was not read, what was not recognised, and what would settle the rest."""
    places = {f"prefetch.{key}" for key in unread}
    parts = [
        _section("Not read", (f"{escaped(u.label)}: {escaped(u.reason)}" for u in unread.values())),
        _section(
            "Not recognised", (_missed(u) for u in report.unrecognised if u.input not in places)
        ),
    ]
    if related:
        names = {r.input: r.label for r in report.recognised}
        missing = (
            f"{escaped(_needed(m.needs, names))}{_among(m.among)}: up to {m.severity}, "
            f"{len(m.settles)} to settle"
            for m in sorted(report.missing, key=lambda m: rank(m.severity))
        )
        parts.append(_section("Missing", missing))
    parts.append("That nothing more is listed does not mean that it is safe.")
    return _joined([*parts, _sign(report)])


def _missed(entry: Unrecognised) -> str:
    likely = f"; did you mean {escaped(entry.suggestions[0].label)}?" if entry.suggestions else ""
    return f"{quoted(entry.given)}: {escaped(entry.reason)}{likely}"


def _needed(needs: str, names: Mapping[str, str]) -> str:
    """Name an entry by what it is, where a person would not know its place."""
    place, _, what = needs.partition(": ")
    return f"{names[place]}: {what}" if place in names else needs


def _among(names: Sequence[str]) -> str:
    return f" ({escaped(', '.join(names))})" if names else ""
