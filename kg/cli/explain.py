"""The command `explain`: the chain behind a finding, or why there is none."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TextIO

from kg import terms
from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.cli.check import add_patient, read, requested
from kg.cli.terminal import add_releases
from kg.contract.explanation import Explanation, listed
from kg.contract.report import Report
from kg.contract.request import Request, request_from
from kg.errors import MalformedRequest
from kg.explaining.advisory import explain_advisory
from kg.explaining.draw import dot, svg
from kg.explaining.input import explain_input
from kg.explaining.parts import find
from kg.explaining.without_patient import explain_drug, explain_without_patient
from kg.resolving.resolve import Resolved, look_up
from kg.resolving.typed import body_of, item_for
from kg.snapshot.file import CURRENT, encode, read_snapshot
from kg.snapshot.model import Snapshot


def add_explain(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `explain`."""
    add = parser.add_argument
    add("--advisory", metavar="KEY", help="explain this advisory; without it, every finding")
    add("--input", metavar="PATH", help="explain what one input led to, as in medications[0]")
    add(
        "--why-not",
        "--drug",
        metavar="DRUG",
        help="explain why a drug raises nothing, or what it can raise",
    )
    add("--svg", type=Path, metavar="FILE", help="draw the picture into a file")
    add("--dot", action="store_true", help="print the picture for Graphviz")
    add("--json", action="store_true", help="print JSON, as the service returns it")
    add_patient(parser)
    add_releases(parser)


def run(options: argparse.Namespace) -> int:
    """Explain against the current release."""
    return run_explain(options, read_snapshot(options.releases / CURRENT)[0])


def run_explain(
    options: argparse.Namespace,
    snapshot: Snapshot,
    stdin: IO[bytes] | None = None,
    out: TextIO | None = None,
) -> int:
    """Explain what was asked for, in the form that was asked for."""
    out = out or sys.stdout
    explanations = _explained(options, _request(options, snapshot, stdin), snapshot)
    if options.svg is not None:
        options.svg.write_text(svg(_single(explanations)), encoding="utf-8")
        print(f"wrote {options.svg}", file=sys.stderr)
    elif options.dot:
        out.write(dot(_single(explanations)))
    elif options.json:
        out.write(
            encode(explanations if len(explanations) != 1 else explanations[0]).decode() + "\n"
        )
    else:
        from kg.cli.show_explanation import show

        for one in explanations:
            show(one, out)
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
    if not report.findings:
        raise _nothing_applies(report)
    return [explain_advisory(request, f.advisory, snapshot) for f in report.findings]


def _request(options: argparse.Namespace, snapshot: Snapshot, stdin: IO[bytes] | None) -> Request:
    """Read the patient as `check` does; one in FHIR is loaded for by itself."""
    if options.file is None:
        return requested(options, snapshot, stdin)
    data = read(options.file, stdin)
    from kg.fhir.request import is_fhir

    if not is_fhir(data):
        options.file = "-"
        return requested(options, snapshot, io.BytesIO(data))
    from kg.fhir.check import asked_in_file

    return asked_in_file(data, body_of(options, snapshot), snapshot).request


def _nothing_applies(report: Report) -> MalformedRequest:
    """Say that there is no chain to show, and what is open: silence is no all-clear."""
    open_ = [terms.local(n.advisory) for n in report.not_evaluable]
    missed = [u.given for u in report.unrecognised]
    beside = [f"{len(open_)} cannot be evaluated ({listed(open_)})"] if open_ else []
    beside += [f"not recognised: {listed(missed)}"] if missed else []
    return MalformedRequest(
        code="nothing-to-explain",
        message="; ".join(["no advisory applies to what was given", *beside]),
        repair="name one with --advisory KEY, or a drug with --why-not DRUG",
    )


def _single(found: Sequence[Explanation]) -> Explanation:
    if len(found) == 1:
        return found[0]
    keys = listed([terms.local(one.about) for one in found], 10)
    raise MalformedRequest(
        code="several-pictures",
        message="a picture shows one advisory, and several apply",
        repair=f"name the one with --advisory: {keys}",
    )


def _drug(text: str, snapshot: Snapshot) -> str:
    """Give the drug that a name, a code or a key means."""
    found = look_up(item_for(text, "medication", snapshot), "medication", snapshot)
    if isinstance(found, Resolved) and found.terms[0] in snapshot.drugs:
        return found.terms[0]
    return find("drug", text, snapshot.drugs, snapshot)


def _path_of(drug: str, request: Request, snapshot: Snapshot) -> str | None:
    case = assemble(request, snapshot)
    return next((r.input for r in case.recognised if r.term == drug), None)
