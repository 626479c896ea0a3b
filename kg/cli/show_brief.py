"""A brief report at a terminal: the summary, a line a finding, and what to fetch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from kg import terms
from kg.checking.words import named
from kg.cli.terminal import visible
from kg.contract.detail import BriefReport


def show_brief(report: BriefReport, out: TextIO) -> None:
    """Print a brief report in plain lines."""
    out.writelines(f"{visible(line)}\n" for line in lines_in_brief(report))


def lines_in_brief(report: BriefReport) -> Iterator[str]:
    """Write a brief report as lines."""
    yield report.summary
    for finding in report.findings:
        if finding.asks != "know":
            because = named([b.label for b in finding.because])
            yield f"{finding.severity}: {finding.title} ({because}): {finding.do}"
    noted = [f.title for f in report.findings if f.asks == "know"]
    if noted:
        yield f"Also noted: {named(noted)}."
    for spared in report.exempted:
        yield f"Not {spared.severity}, {spared.title}: {spared.exemption}."
    for entry in report.unrecognised:
        yield f"Not recognised: {entry.input} “{entry.given}”: {entry.reason}."
    if not report.complete:
        yield "Incomplete: that nothing more is listed does not mean safe."
    yield f"Release {report.release.version}, {report.release.hash[:19]}. {terms.DISCLAIMER}"
