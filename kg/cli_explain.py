"""The command `explain`: the chain behind a finding, or why there is none."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TextIO

from kg.assemble import assemble
from kg.check import check
from kg.cli_check import add_patient, requested
from kg.draw import dot, svg
from kg.errors import MalformedRequest
from kg.explain import explain_advisory
from kg.explain_input import explain_input
from kg.explain_parts import find
from kg.explain_terms import explain_drug, explain_without_patient
from kg.explanation import Explanation
from kg.model import Snapshot
from kg.request import Request, request_from
from kg.resolve import Resolved, resolve
from kg.shell import add_releases
from kg.snapshot import CURRENT, encode, read_snapshot
from kg.typed import item_for


def add_explain(parser: argparse.ArgumentParser) -> None:
    """Say what `explain` takes."""
    add = parser.add_argument
    add("--advisory", metavar="KEY", help="explain this advisory; without it, every finding")
    add("--input", metavar="PATH", help="explain what one input led to, as in medications[0]")
    add("--why-not", metavar="DRUG", help="explain why a drug raises nothing, or what it can raise")
    add("--svg", type=Path, metavar="FILE", help="draw the picture into a file")
    add("--dot", action="store_true", help="print the picture for Graphviz")
    add("--json", action="store_true", help="print what the service answers")
    add_patient(parser)
    add_releases(parser)


def run(options: argparse.Namespace) -> int:
    """Explain against the release that is current."""
    return run_explain(options, read_snapshot(options.releases / CURRENT)[0])


def run_explain(
    options: argparse.Namespace,
    snapshot: Snapshot,
    stdin: IO[bytes] | None = None,
    out: TextIO | None = None,
) -> int:
    """Explain what was asked for, in the form that was asked for."""
    out = out or sys.stdout
    found = _explained(options, requested(options, snapshot, stdin), snapshot)
    if options.svg is not None:
        options.svg.write_text(svg(_single(found)), encoding="utf-8")
        print(f"wrote {options.svg}", file=sys.stderr)
    elif options.dot:
        out.write(dot(_single(found)))
    elif options.json:
        out.write(encode(found if len(found) != 1 else found[0]).decode() + "\n")
    else:
        for one in found:
            _show(one, out)
    return 0


def _explained(
    options: argparse.Namespace, request: Request, snapshot: Snapshot
) -> list[Explanation]:
    given = request != request_from({})
    if options.why_not:
        drug = _drug(options.why_not, snapshot)
        path = _path_of(drug, request, snapshot)
        return [explain_input(request, path, snapshot) if path else explain_drug(drug, snapshot)]
    if options.input:
        return [explain_input(request, options.input, snapshot)]
    if options.advisory:
        iri = find("advisory", options.advisory, snapshot.advisories, snapshot)
        if given:
            return [explain_advisory(request, iri, snapshot)]
        return [explain_without_patient(iri, snapshot)]
    if not given:
        raise MalformedRequest(
            code="nothing-to-explain",
            message="there is nothing to explain",
            repair="describe a patient as for check, or name --advisory KEY or --why-not DRUG",
        )
    report = check(assemble(request, snapshot), snapshot)
    return [explain_advisory(request, f.advisory, snapshot) for f in report.findings]


def _single(found: Sequence[Explanation]) -> Explanation:
    if len(found) == 1:
        return found[0]
    raise MalformedRequest(
        code="several-pictures" if found else "nothing-to-draw",
        message="a picture is of one advisory" if found else "nothing applies, so there is nothing",
        repair="name the one with --advisory KEY",
    )


def _drug(text: str, snapshot: Snapshot) -> str:
    """Give the drug that a name, a code or a key means."""
    item = request_from({"medications": [item_for(text, "medication", snapshot)]}).medications
    found = resolve(item[0], "medication", snapshot) if item else None
    if isinstance(found, Resolved) and found.terms[0] in snapshot.drugs:
        return found.terms[0]
    return find("drug", text, snapshot.drugs, snapshot)


def _path_of(drug: str, request: Request, snapshot: Snapshot) -> str | None:
    case = assemble(request, snapshot)
    return next((r.input for r in case.recognised if r.term == drug), None)


def _show(found: Explanation, out: TextIO) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(file=out, highlight=False, soft_wrap=True)
    console.print(f"[bold]{escape(found.summary)}[/bold]")
    for depth, step in enumerate(found.steps):
        console.print(f"{'└─' if depth else '  '} {escape(step)}")
    if found.supports:
        ways = " | ".join(" + ".join(s) or "nothing at all" for s in found.supports)
        console.print(f"Enough by itself: {escape(ways)}")
    for place, position in found.positions.items():
        if position.severity or position.evidence:
            said = "; ".join(f"{e.title}, {e.section}: {e.says}" for e in position.evidence[:3])
            console.print(f"[bold]{place}[/bold] {position.severity or '-'}  {escape(said)}")
    for reading in found.disagreements:
        console.print(f"Sources disagree: {escape(reading.title)}: {escape(reading.resolution)}")
    for silent in found.silent:
        said = "; ".join(f"{e.title}, {e.section}" for e in silent.evidence[:3])
        console.print(f"Silent: {escape(silent.title)}: {escape(silent.reason)} ({escape(said)})")
    if found.needs:
        console.print("It would be settled by: " + escape("; ".join(found.needs)))
    console.print(
        f"[dim]Release {found.release.version}, {found.release.hash[:19]}. Decision support for "
        "professionals; it does not replace their judgement.[/dim]\n"
    )
