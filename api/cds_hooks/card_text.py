"""The text of a card for one hazard: who with what, what to do, and in no more than it may have.

A card is read in a moment of work. So its summary names the index drug and what raised the card,
and its detail has an end: what does not fit stands behind the links, and how much that is is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from api.cds_hooks.words import NotRead, escaped, missed, needed, quoted, shortened, sign
from kg.checking.words import first_sentence
from kg.contract.place import Place
from kg.contract.report import Because, Finding, Report
from kg.contract.severity import SeverityName, rank
from kg.snapshot.labels import label_of
from kg.snapshot.model import Snapshot

LONGEST_DETAIL = 900
_MOST_CULPRITS, _MOST_LISTED = 3, 3
_LONGEST_BECAUSE = 220
_LONGEST_MORE = 40
_EXCLUDING: SeverityName = "contraindicated"
# Which side of an interaction is new.
_SIDE = {"planned": "new order", "active": "current", "stopped": "stopped"}
_NOT_CLEAR = "That nothing more is listed does not mean that it is safe."


class CardFinding(NamedTuple):
    """One finding of a card, with the weaker steps of the same that are folded under it."""

    finding: Finding
    weaker: list[Finding]


def index_name(snapshot: Snapshot) -> str:
    """Give the short name of the index drug: of its names the one with which its label begins."""
    label = label_of(snapshot.index_drug, snapshot)
    short = [n for n in snapshot.drugs[snapshot.index_drug].names if label.startswith(n)]
    return min(short, key=len, default=label).capitalize()


def summary(told: Sequence[CardFinding], severity: SeverityName, snapshot: Snapshot) -> str:
    """Name the index drug, what raised the card, the hazard and the severity in one sentence."""
    index = index_name(snapshot)
    medicines, others = _culprits([t.finding for t in told])
    if severity == _EXCLUDING:
        who = _row([*others, *medicines]) or told[0].finding.title
        return shortened(f"{index} {severity}: {who}")
    hazard = told[0].finding.hazard
    word = snapshot.reporting.in_a_word.get(hazard.key, hazard.label)
    if medicines:
        said = f"{index} + {_row(medicines)}: {word}"
    else:
        said = f"{index}: {word}, {_row(others) or told[0].finding.title}"
    return shortened(f"{said}. {severity.capitalize()}")


def _culprits(findings: Iterable[Finding]) -> tuple[list[str], list[str]]:
    """Name the medicines and what else raised some findings, each once."""
    medicines: dict[str, None] = {}
    others: dict[str, None] = {}
    for because in (b for finding in findings for b in finding.because):
        at = Place.at_head(because.input)
        context = at is not None and at[0].part == "context"
        if because.status:
            medicines[because.label] = None
        elif not context:
            others[because.label] = None
    return list(medicines), list(others)


def _row(names: Sequence[str]) -> str:
    more = len(names) - _MOST_CULPRITS
    return ", ".join(names[:_MOST_CULPRITS]) + (f" and {more} more" if more > 0 else "")


def detail(told: Sequence[CardFinding], report: Report, snapshot: Snapshot) -> str:
    """Say what was seen, what to do, how each law reads it; what does not fit is counted."""
    head = _because([t.finding for t in told])
    end = sign(report, told[0].finding.review.status)
    text = _DetailRoom(LONGEST_DETAIL - len(head) - len(end) - 4 - _LONGEST_MORE)
    shortest = [_titled(t.finding) for t in told]
    left = 0
    for n, one in enumerate(told):
        kept = sum(len(line) + 2 for line in shortest[n + 1 : n + 1 + _MOST_LISTED])
        ways = _ways(one, snapshot, first=n == 0)
        if not any(text.take(way, kept) for way in ways) and not text.take(shortest[n], 0):
            left += 1
    more = f"{left} more behind the links." if left else ""
    return "\n\n".join(part for part in (head, *text.parts, more, end) if part)


class _DetailRoom:
    """Paragraphs that fit into a room, one after another."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.parts: list[str] = []

    def take(self, part: str, kept: int) -> bool:
        """Take a paragraph if it fits and leaves the room that is kept for others."""
        if len(part) + 2 > self.room - kept:
            return False
        self.parts.append(part)
        self.room -= len(part) + 2
        return True


def _ways(told: CardFinding, snapshot: Snapshot, *, first: bool) -> Iterable[str]:
    """Give ways to tell a finding, the fullest first."""
    finding = told.finding
    strengths = snapshot.advisories[finding.advisory].severities
    laws = "; ".join(f"{law}: **{s}**" for law, s in sorted(strengths.items()))
    heading = _titled(finding)
    whole, short = escaped(finding.management), escaped(first_sentence(finding.management))
    weaker = "; ".join(f"{escaped(f.title)} ({f.severity})" for f in told.weaker)
    beside = [f"Also: {weaker}."] if weaker else []
    if finding.disagreement is not None:
        beside.append(f"Sources disagree: {escaped(finding.disagreement.title)}.")
    if first:
        yield "\n".join([f"{heading} {whole}", laws, *beside])
        yield "\n".join([f"{heading} {whole}", laws])
    yield "\n".join([f"{heading} {short}", laws, *beside])
    yield "\n".join([f"{heading} {short}", laws])
    yield f"{heading} {short}"


def _titled(finding: Finding) -> str:
    return f"**{finding.severity.capitalize()}: {escaped(finding.title)}.**"


def _because(findings: Iterable[Finding]) -> str:
    """Name what was seen, with the patient's values."""
    seen: dict[tuple[str, str], Because] = {}
    for because in (b for finding in findings for b in finding.because):
        key = because.input, because.label
        if key not in seen or (because.detail and not seen[key].detail):
            seen[key] = because
    # What the patient has comes before what the call did not say.
    ordered = sorted(seen.values(), key=lambda b: b.input.startswith("context"))
    shown: list[str] = []
    for because in ordered:
        said = _seen(because)
        if shown and len("; ".join([*shown, said])) > _LONGEST_BECAUSE:
            break
        shown.append(said)
    more = f"; and {len(seen) - len(shown)} more" if len(seen) > len(shown) else ""
    return f"**Because of** {'; '.join(shown)}{more}" if shown else ""


def _seen(because: Because) -> str:
    value = f" {quoted(because.detail, 60)}" if because.detail else ""
    side = f", {_SIDE[because.status]}" if because.status else ""
    return f"{escaped(because.label)}{value}{side}"


def gap_detail(report: Report, unread: Sequence[NotRead], places: set[str], related: bool) -> str:
    """List what was not read and what would settle the rest, as far as there is room."""
    end = f"{_NOT_CLEAR}\n\n{sign(report)}"
    text = _DetailRoom(LONGEST_DETAIL - len(end) - 2)
    _listed("Not read", [f"{escaped(u.label)}: {escaped(u.reason)}" for u in unread], text)
    read = [missed(u) for u in report.unrecognised if u.input not in places]
    _listed("Not recognised", read, text)
    if related:
        names = {r.input: r.label for r in report.recognised}
        wanted = [
            f"{escaped(needed(m.needs, names))}: up to {m.severity}"
            for m in sorted(report.missing, key=lambda m: rank(m.severity))
        ]
        _listed("Missing", wanted, text)
    return "\n\n".join([*text.parts, end])


def _listed(title: str, lines: Sequence[str], text: _DetailRoom) -> None:
    """Write as many lines as fit under a title, and say how many do not."""
    for number in range(len(lines), 0, -1):
        more = [f"- and {len(lines) - number} more"] if number < len(lines) else []
        part = "\n".join([f"**{title}**", "", *(f"- {line}" for line in lines[:number]), *more])
        if text.take(part, 0):
            return
    if lines:
        text.take(f"**{title}**: {len(lines)}", 0)
