"""A Report for a person at a terminal: short lines, strongest first, nothing hidden.

The lines carry a style each; on a terminal they are coloured, in a pipe they are plain.
"""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TextIO

from kg import terms
from kg.checking.words import (
    ages_said,
    also_said,
    burdens_said,
    folded,
    ground_said,
    named,
)
from kg.cli.terminal import visible
from kg.contract.report import Finding, Missing, Report, Unrecognised
from kg.contract.severity import rank

WIDTH = 100
_STYLES = {
    "contraindicated": "bold white on red",
    "avoid": "bold red",
    "hold": "bold magenta",
    "caution": "bold yellow",
    "inform": "bold cyan",
}
_MOST_MISSING = 14


class Line(NamedTuple):
    """One line and how it looks."""

    text: str
    style: str = ""


def lines(report: Report, *, width: int = WIDTH, full: bool = False) -> list[Line]:
    """Write a Report as lines; in full with every step and every source."""
    shown = [_headline(report)]
    for finding, under in folded(report.findings):
        shown += _finding(finding, under, width, full=full)
    shown += _unrecognised(report.unrecognised, width)
    shown += _unassessed(report)
    shown += _ages(report, width)
    shown += _missing(report.missing, width, full=full)
    shown += _set_aside(report, width)
    for text in burdens_said(report):
        shown += _wrapped(text, width, "", "  ", style="dim")
    if report.plan:
        titles = "; ".join(p.title for p in report.plan)
        shown += _wrapped(f"For every patient in this phase: {titles}.", width, style="dim")
    version = f"Release {report.release.version}, {report.release.hash[:19]}."
    return shown + _wrapped(f"{version} {terms.DISCLAIMER}", width, style="dim")


def show(report: Report, out: TextIO, *, full: bool = False) -> None:
    """Print a Report: in colour on a terminal, plain elsewhere."""
    if not out.isatty():
        out.writelines(visible(line.text) + "\n" for line in lines(report, full=full))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(file=out, highlight=False)
    for line in lines(report, width=min(console.width, WIDTH), full=full):
        console.print(Text(visible(line.text), style=line.style), soft_wrap=True)


def _headline(report: Report) -> Line:
    whole = "complete" if report.complete else "incomplete: see what is missing below"
    if report.severity is not None:
        number = len(report.findings)
        noun = "finding" if number == 1 else "findings"
        text = f"{report.severity.upper()}: {number} {noun}; {whole}"
        return Line(text, _STYLES[report.severity])
    if report.complete:
        return Line("Nothing found; all that is asked was told and recognised.", "bold green")
    return Line("Cannot be judged yet: " + whole, "bold yellow")


def _finding(finding: Finding, weaker: list[Finding], width: int, *, full: bool) -> list[Line]:
    shown = [Line("")] if full else []
    title = f"{finding.severity.upper()}  {finding.title}"
    shown.append(Line(title, _STYLES[finding.severity]))
    shown += _wrapped("because of " + named([*_inputs(finding)]), width, "  ")
    if full:
        steps = (*finding.explanation, finding.management)
        shown += [ln for step in steps for ln in _wrapped(step, width, "  → ", "    ")]
        for name, texts in (("monitor", finding.monitoring), ("clears if", finding.clears_if)):
            shown += [ln for text in texts for ln in _wrapped(f"{name}: {text}", width, "  ")]
        for cited in finding.evidence:
            late = f", overdue for review since {cited.review_due}" if cited.overdue is True else ""
            where = f"{cited.jurisdiction}, {cited.title}, {cited.section} ({cited.grade}{late})"
            shown += _wrapped(f"{where}: {cited.says}", width, "  § ", "    ", style="dim")
    else:
        shown += _wrapped(_first(finding.management), width, "  → ", "    ")
        shown += _changes(finding, width)
    if ground := ground_said(finding):
        shown += _wrapped(ground, width, "  ")
    also = "; ".join(also_said(f, finding) for f in weaker)
    return shown + (_wrapped(f"also: {also}", width, "  ", style="dim") if also else [])


def _changes(finding: Finding, width: int) -> list[Line]:
    """Say the first way out, and that there are others."""
    said = finding.clearing.changes
    if not said:
        return []
    more = f" (or {len(said) - 1} more)" if len(said) > 1 else ""
    return _wrapped(f"clears {said[0]}{more}", width, "  ✓ ", "    ")


def _inputs(finding: Finding) -> Iterator[str]:
    for because in finding.because:
        planned = because.status if because.status in ("planned", "stopped") else ""
        beside = ", ".join(part for part in (planned, because.detail) if part)
        yield f"{because.label} ({beside})" if beside else because.label


def _first(text: str) -> str:
    """Give the first sentence of an advice; the rest stands in the full report."""
    head, stop, _ = text.partition(". ")
    return head + stop.strip()


def _unrecognised(entries: Sequence[Unrecognised], width: int) -> list[Line]:
    shown = []
    for entry in entries:
        meant = ", ".join(s.label for s in entry.suggestions)
        hint = f"; did you mean {meant}?" if meant else ""
        text = f"{entry.input} “{entry.given}”: {entry.reason}{hint}"
        shown += _wrapped(text, width, "  ", "    ")
    return [Line("NOT RECOGNISED", "bold red"), *shown] if shown else []


def _unassessed(report: Report) -> list[Line]:
    names = [r.label for r in report.recognised if not r.assessed]
    if not names:
        return []
    return [Line(f"KNOWN BY NAME ONLY  {named(names)}: nobody has judged these yet", "bold red")]


def _ages(report: Report, width: int) -> list[Line]:
    found = [ln for text in ages_said(report) for ln in _wrapped(text, width, "  ", "    ")]
    return [Line("AGE OF RESULTS", "bold"), *found] if found else []


def _missing(entries: Sequence[Missing], width: int, *, full: bool) -> list[Line]:
    """List what to supply; things that would settle as much at the same strength share a line."""
    shown = []
    for entry in entries if full else entries[:_MOST_MISSING]:
        among = f" ({named(list(entry.among))})" if entry.among else ""
        number = len(entry.settles)
        settles = f"would settle {number}, up to {entry.severity}" if number else "not assessed"
        shown += _wrapped(f"{entry.needs}{among}: {settles}", width, "  ", "    ")
    if not full and len(entries) > _MOST_MISSING:
        rest = sorted(entries[_MOST_MISSING:], key=lambda m: (rank(m.severity), m.needs))
        text = "and " + ", ".join(m.needs for m in rest)
        shown += _wrapped(text, width, "  ", "    ")
    return [Line("MISSING", "bold"), *shown] if shown else []


def _set_aside(report: Report, width: int) -> list[Line]:
    roles: dict[str, set[str]] = defaultdict(set)
    for entry in report.suppressed:
        roles[entry.label].add(entry.because)
    if not roles:
        return []
    text = "; ".join(f"{label} ({', '.join(sorted(why))})" for label, why in sorted(roles.items()))
    return _wrapped(f"Set aside by role: {text}.", width, style="dim")


def _wrapped(
    text: str, width: int, first: str = "", rest: str | None = None, *, style: str = ""
) -> list[Line]:
    found = textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=first if rest is None else rest
    )
    return [Line(line, style) for line in found]
