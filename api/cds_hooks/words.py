"""The text of a card, in Markdown; nothing that a caller sent can become markup.

Text from the release is trusted. Text from a patient's record is put in code spans, in which
neither Markdown nor HTML has any effect.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from kg import terms
from kg.contract.report import Evidence, Finding, Report, Unrecognised
from kg.contract.severity import SeverityName
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


def quoted(text: str, longest: int = _LONGEST_QUOTE) -> str:
    """Quote words of a record: short, in one line, and without any meaning as markup."""
    plain = _SPACE.sub(" ", _CONTROL.sub(" ", text)).strip().replace("`", "'")
    plain = plain.replace("<", "‹").replace(">", "›")
    if len(plain) > longest:
        plain = plain[: longest - 1] + "…"
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


class Cited(NamedTuple):
    """The document on which a severity rests, and the statements to point to, with words."""

    source: str
    document: str
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
    document = most[0].source if most else ""
    return Cited(titles[0], document, tuple((o.statement, f"{o.title}, {o.section}") for o in most))


def sign(report: Report, status: str | None = None) -> str:
    """Say what the card is, of which release, and how far it was reviewed."""
    review = f"; review: {status.replace('_', ' ')}" if status else ""
    release = f"release {escaped(report.release.version)} ({report.release.hash[:19]})"
    return f"_{terms.DISCLAIMER} {release}{review}._"


def gap_summary(report: Report, snapshot: Snapshot, *, related: bool) -> str:
    """Say in one sentence that something could not be judged."""
    index = snapshot.drugs[snapshot.index_drug].label
    if not related:
        return shortened(f"Not known whether {index} is among the medications: not all was read")
    worst = report.missing[0].severity if report.missing else None
    up_to = f", up to {worst}" if worst else ""
    return shortened(f"Not all could be judged for {index}{up_to}: data are missing or not read")


def missed(entry: Unrecognised) -> str:
    """Say that an entry was not recognised, and what it may mean."""
    likely = f"; did you mean {escaped(entry.suggestions[0].label)}?" if entry.suggestions else ""
    return f"{quoted(entry.given, 40)}: {escaped(entry.reason)}{likely}"


def needed(needs: str, names: Mapping[str, str]) -> str:
    """Name an entry by what it is, where a person would not know its place."""
    place, _, what = needs.partition(": ")
    return f"{names[place]}: {what}" if place in names else needs
