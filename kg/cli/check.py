"""The command `check`: from typed arguments to a Report and an exit status."""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path
from typing import IO, TextIO

from kg.casing.assemble import assemble
from kg.checking.brief import checked
from kg.cli.show_brief import show_brief
from kg.cli.show_report import show
from kg.cli.terminal import add_releases
from kg.contract.detail import BRIEF, FULL, AnyReport, BriefReport, Detail, encode_answer, found_in
from kg.contract.parts import FIELDS, LISTS, MAY_BE_NONE
from kg.contract.report import Report
from kg.contract.request import Request, decode_request, request_from
from kg.errors import MalformedRequest, TooLarge
from kg.resolving.typed import body_of
from kg.snapshot.file import CURRENT, read_snapshot
from kg.snapshot.model import Snapshot

# More than any patient comes to; what has no end is not waited for.
_LARGEST = 64 << 20

CLEAR, FOUND, INCOMPLETE = 0, 1, 3


def add_check(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `check`."""
    add_patient(parser)
    parser.add_argument("--json", action="store_true", help="print JSON, as the service returns it")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--full", action="store_true", help="print every step and every source")
    how.add_argument("--brief", action="store_true", help="print a summary and a line a finding")
    add_releases(parser)


def run(options: argparse.Namespace) -> int:
    """Check against the current release."""
    return run_check(options, read_snapshot(options.releases / CURRENT)[0])


def add_patient(parser: argparse.ArgumentParser) -> None:
    """Say how a patient is typed: a file, or one argument for each fact."""
    add = parser.add_argument
    add("file", nargs="?", metavar="FILE", help="a request as JSON or FHIR; - reads standard input")
    for one in LISTS:
        add(f"--{one.option}", action="append", default=[], metavar=one.metavar, help=one.help)
    add("--flag", action="append", default=[], metavar="KEY", help="a fact about the patient")
    add("--none", action="append", default=[], choices=MAY_BE_NONE, help="assessed, and none")
    for field in FIELDS:
        if field.option:
            name = f"--{field.option.replace('_', '-')}"
            add(name, type=field.kind, metavar=field.metavar, help=field.help)


def run_check(
    options: argparse.Namespace,
    snapshot: Snapshot,
    stdin: IO[bytes] | None = None,
    out: TextIO | None = None,
) -> int:
    """Check what was typed or what a file holds; give the exit status."""
    out = out or sys.stdout
    report = _report(options, snapshot, stdin, BRIEF if options.brief else FULL)
    if options.json:
        # In a pipe these are the bytes that the service answers, and nothing else.
        out.write(encode_answer(report).decode() + ("\n" if out.isatty() else ""))
    elif isinstance(report, BriefReport):
        show_brief(report, out)
    elif isinstance(report, Report):
        show(report, out, full=options.full)
    return status(report)


def _report(
    options: argparse.Namespace, snapshot: Snapshot, stdin: IO[bytes] | None, detail: Detail
) -> AnyReport:
    """Check a request; one in FHIR is loaded for by itself, since few calls need it."""
    if options.file is not None:
        data = read(options.file, stdin)
        from kg.fhir.request import is_fhir

        if is_fhir(data):
            from kg.fhir.check import check_file

            return check_file(data, body_of(options, snapshot), snapshot, detail)
        stdin, options.file = io.BytesIO(data), "-"
    return checked(assemble(requested(options, snapshot, stdin), snapshot), snapshot, detail)


def status(report: AnyReport) -> int:
    """Give the exit status: found something, nothing in a whole case, or cannot tell."""
    if found_in(report):
        return FOUND
    return CLEAR if report.complete else INCOMPLETE


def requested(
    options: argparse.Namespace, snapshot: Snapshot, stdin: IO[bytes] | None = None
) -> Request:
    """Make the request from a file or from the arguments, never from both."""
    body = body_of(options, snapshot)
    if options.file is None:
        return request_from(body)
    if body:
        raise MalformedRequest(
            code="file-and-arguments",
            message="a request comes from a file or from arguments, not from both",
            subject=options.file,
            repair="leave out the file, or the arguments that describe the patient",
        )
    return decode_request(read(options.file, stdin))


def read(name: str, stdin: IO[bytes] | None) -> bytes:
    """Read a file, or standard input where it is named -."""
    try:
        if name == "-":
            data = (stdin or sys.stdin.buffer).read(_LARGEST + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(_LARGEST + 1)
    except OSError as error:
        raise MalformedRequest(
            code="no-file",
            message=f"the file cannot be read: {error.strerror}",
            subject=name,
            repair="give the path of a JSON file, or - for standard input",
        ) from error
    if len(data) > _LARGEST:
        raise TooLarge(
            code="file-too-large",
            message=f"the file is larger than {_LARGEST:,} bytes",
            subject=name,
            repair="check one patient at a time",
        )
    return data
