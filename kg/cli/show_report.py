"""A Report for a person at a terminal: short lines, strongest first, nothing hidden.

The lines carry a style each; on a terminal they are coloured, in a pipe they are plain.
"""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple, TextIO

from kg import terms
from kg.checking.words import (
    Block,
    ages_said,
    also_said,
    blocks,
    burdens_said,
    days_said,
    exempted_said,
    fetched_said,
    first_sentence,
    ground_said,
    items_said,
    named,
    noted,
    noted_said,
    shown,
)
from kg.cli.terminal import visible
from kg.contract.report import Finding, Report, Unrecognised

WIDTH = 100
_STYLES = {
    "contraindicated": "bold white on red",
    "avoid": "bold red",
    "hold": "bold magenta",
    "caution": "bold yellow",
    "inform": "bold cyan",
}


class Line(NamedTuple):
    """One line and how it looks."""

    text: str
    style: str = ""


def lines(report: Report, *, width: int = WIDTH, full: bool = False) -> list[Line]:
    """Write a Report as lines; in full with every step and every source."""
    lines_shown = [_headline(report), *_wrapped(report.summary, width)]
    for block in blocks(report.findings):
        lines_shown += _block(block, width, full=full)
    lines_shown += _noted(report, width, full=full)
    lines_shown += _unrecognised(report.unrecognised, width)
    lines_shown += _unassessed(report)
    lines_shown += _ages(report, width)
    lines_shown += _missing(report, width, full=full)
    lines_shown += _set_aside(report, width)
    for text in (*exempted_said(report), *burdens_said(report)):
        lines_shown += _wrapped(text, width, "", "  ", style="dim")
    lines_shown += _plan(report, width, full=full)
    version = f"Release {report.release.version}, {report.release.hash[:19]}."
    return lines_shown + _wrapped(f"{version} {terms.DISCLAIMER}", width, style="dim")


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


def _block(block: Block, width: int, *, full: bool) -> list[Line]:
    """Write what is found of one hazard: what raised it once, then each matter in its own lines."""
    lines_shown = [Line("")] if full else []
    head = f"{block.severity.upper()}  {block.hazard.label}"
    lines_shown.append(Line(head, _STYLES[block.severity]))
    lines_shown += _wrapped("because of " + named([*map(shown, block.because)]), width, "  ")
    alone = len(block.findings) == 1
    for finding, under in block.findings:
        lines_shown += _finding(finding, under, width, full=full, alone=alone)
    return lines_shown


def _finding(
    finding: Finding, weaker: list[Finding], width: int, *, full: bool, alone: bool = False
) -> list[Line]:
    lines_shown = _wrapped(f"{finding.severity}: {finding.title}", width, "  ", "    ")
    if full:
        if not alone:
            because = "because of " + named([*map(shown, finding.because)])
            lines_shown += _wrapped(because, width, "  ")
        steps = (*finding.explanation, finding.management)
        lines_shown += [ln for step in steps for ln in _wrapped(step, width, "  → ", "    ")]
        for name, texts in (("monitor", finding.monitoring), ("clears if", finding.clears_if)):
            lines_shown += [ln for text in texts for ln in _wrapped(f"{name}: {text}", width, "  ")]
        for cited in finding.evidence:
            late = f", overdue for review since {cited.review_due}" if cited.overdue is True else ""
            where = f"{cited.jurisdiction}, {cited.title}, {cited.section} ({cited.grade}{late})"
            lines_shown += _wrapped(f"{where}: {cited.says}", width, "  § ", "    ", style="dim")
    else:
        lines_shown += _wrapped(first_sentence(finding.management), width, "  → ", "    ")
        lines_shown += _changes(finding, width)
    if ground := ground_said(finding):
        lines_shown += _wrapped(ground, width, "  ")
    also = "; ".join(also_said(f, finding) for f in weaker)
    return lines_shown + (_wrapped(f"also: {also}", width, "  ", style="dim") if also else [])


def _noted(report: Report, width: int, *, full: bool) -> list[Line]:
    """Say in one line what asks for nothing; in full with its grounds."""
    lines_shown = _wrapped(noted_said(report.findings), width, "", "  ", style="cyan")
    if full:
        for finding in noted(report.findings):
            lines_shown += _finding(finding, [], width, full=True)
    return lines_shown


def _changes(finding: Finding, width: int) -> list[Line]:
    """Say the first way out, and that there are others."""
    said = finding.clearing.changes
    if not said:
        return []
    more = f" (or {len(said) - 1} more)" if len(said) > 1 else ""
    return _wrapped(f"clears {said[0]}{more}", width, "  ✓ ", "    ")


def _unrecognised(entries: Sequence[Unrecognised], width: int) -> list[Line]:
    lines_shown = []
    for entry in entries:
        meant = ", ".join(s.label for s in entry.suggestions)
        hint = f"; did you mean {meant}?" if meant else ""
        text = f"{entry.input} “{entry.given}”: {entry.reason}{hint}"
        lines_shown += _wrapped(text, width, "  ", "    ")
    return [Line("NOT RECOGNISED", "bold red"), *lines_shown] if lines_shown else []


def _unassessed(report: Report) -> list[Line]:
    names = [r.label for r in report.recognised if not r.assessed]
    if not names:
        return []
    return [
        Line(f"NOT FULLY JUDGED  {named(names)}: silence on what is open says nothing", "bold red")
    ]


def _ages(report: Report, width: int) -> list[Line]:
    found = [ln for text in ages_said(report) for ln in _wrapped(text, width, "  ", "    ")]
    return [Line("AGE OF RESULTS", "bold"), *found] if found else []


def _missing(report: Report, width: int, *, full: bool) -> list[Line]:
    """List what to fetch as a ward would; in full also each thing by its path."""
    lines_shown = [
        ln for text in fetched_said(report) for ln in _wrapped(text, width, "  ", "    ")
    ]
    for entry in report.missing if full else ():
        among = f" ({named(list(entry.among))})" if entry.among else ""
        number = len(entry.settles)
        settles = f"would settle {number}, up to {entry.severity}" if number else "not assessed"
        lines_shown += _wrapped(f"{entry.needs}{among}: {settles}", width, "  ", "    ")
    title = f"MISSING  {report.to_fetch.title}"
    return [Line(title, "bold"), *lines_shown] if lines_shown else []


def _plan(report: Report, width: int, *, full: bool) -> list[Line]:
    if not report.plan:
        return []
    titles = "; ".join(p.title for p in report.plan)
    lines_shown = _wrapped(f"For every patient in this phase: {titles}.", width, style="dim")
    for entry in report.plan:
        checked = [*days_said(entry), *(items_said(entry) if full else ())]
        lines_shown += [ln for text in checked for ln in _wrapped(text, width, "  ", "    ")]
    return lines_shown


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
