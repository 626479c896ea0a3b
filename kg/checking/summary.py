"""What was found in one to four sentences, made from the findings.

Each input stands once, at the strongest severity that it raised; a medicine with every hazard it
was found for. The sentences are the release's; here is only the grammar.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kg.checking.missing import Wanting
from kg.checking.missing_words import in_sentence
from kg.contract.detail import BriefFinding
from kg.contract.place import Place
from kg.contract.report import Finding
from kg.contract.severity import SeverityName, rank
from kg.snapshot.model import Snapshot

_MOST_SENTENCES = 4
_MOST_NAMES = 5
_MOST_WANTED = 5

AnyFinding = Finding | BriefFinding


class _ToldInput(NamedTuple):
    """One input of the findings: its strongest severity, whether a medicine, and its hazards."""

    severity: SeverityName
    medicine: bool
    hazards: dict[str, None]


def summary(
    findings: Sequence[AnyFinding],
    wanted: Sequence[Wanting],
    unread: int,
    snapshot: Snapshot,
    *,
    complete: bool,
) -> str:
    """Say what was found, and what is not known, in a few sentences."""
    said = _found(findings, snapshot)
    if not findings:
        said = ["Nothing found" if complete else "Cannot be judged yet"]
    unknown = _not_known(wanted, unread)
    most = _MOST_SENTENCES - (1 if unknown else 0)
    if len(said) > most:
        said = [*said[: most - 1], "; ".join([said[most - 1], *map(in_sentence, said[most:])])]
    return " ".join(f"{sentence}." for sentence in (*said, *([unknown] if unknown else [])))


def _found(findings: Sequence[AnyFinding], snapshot: Snapshot) -> list[str]:
    """Make one sentence for each strength, and for medicines and what else there is."""
    sentences: dict[str, list[str]] = {}
    # Whatever the order of the entries: those of most hazards first, then by name.
    inputs = sorted(_inputs(findings, snapshot).items(), key=lambda i: (-len(i[1].hazards), i[0]))
    for label, told in sorted(inputs, key=lambda i: rank(i[1].severity)):
        said = f"{label} ({', '.join(told.hazards)})" if told.medicine else label
        sentences.setdefault(_pattern(told, snapshot), []).append(said)
    return [pattern.replace("{}", _row(names, _MOST_NAMES)) for pattern, names in sentences.items()]


def _pattern(told: _ToldInput, snapshot: Snapshot) -> str:
    """Give the sentence of a severity; where the release has none, the severity itself."""
    words = snapshot.reporting.sentences.get(told.severity)
    if words is None:
        return f"{told.severity.capitalize()}: {{}}"
    return words.of_medicines if told.medicine else words.of_others


def _inputs(findings: Sequence[AnyFinding], snapshot: Snapshot) -> dict[str, _ToldInput]:
    """Give every input once, in the order of the findings, which are strongest first.

    What asks for nothing is left out where anything asks for something.
    """
    asking = [f for f in findings if f.asks != "know"] or findings
    inputs: dict[str, _ToldInput] = {}
    for finding in asking:
        word = snapshot.reporting.in_a_word.get(finding.hazard.key, finding.hazard.label)
        for label, medicine in _named(finding):
            told = inputs.setdefault(label, _ToldInput(finding.severity, medicine, {}))
            told.hazards[in_sentence(word)] = None
    return inputs


def _named(finding: AnyFinding) -> Iterable[tuple[str, bool]]:
    """Name the entries that made a finding; its title where only phase and facts did."""
    places = [(b.label, Place.of(b.input)) for b in finding.because]
    entries = [
        (label, at is not None and at.part == "medications")
        for label, at in places
        if at is None or at.part != "context"
    ]
    medicines = [entry for entry in entries if entry[1]]
    return medicines or entries or [(in_sentence(finding.title), False)]


def _row(names: Sequence[str], most: int) -> str:
    """Write names in a row; what is beyond the most is counted."""
    shown = [*names[:most], *([f"{len(names) - most} more"] if len(names) > most else [])]
    *first, last = shown
    return f"{', '.join(first)} and {last}" if first else last


def _not_known(wanted: Sequence[Wanting], unread: int) -> str:
    labels = list(dict.fromkeys(w.named.label for w in wanted if w.named.group))
    shown = labels[:_MOST_WANTED]
    more = [f"{len(labels) - _MOST_WANTED} more"] if len(labels) > _MOST_WANTED else []
    said = f"Not known: {', '.join([*shown, *more])}" if shown else ""
    if unread:
        noun = "entry" if unread == 1 else "entries"
        said = "; ".join([*([said] if said else []), f"{unread} {noun} not read"])
    return said
