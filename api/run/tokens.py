"""The command `token`: programs that may ask, in the file that INOKG_TOKENS names."""

from __future__ import annotations

import argparse
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from api.http.callers import VARIABLE, Caller, CallerFile, hashed, read_callers
from api.settings import Settings
from api.settings_file import use_file
from kg.errors import MalformedRequest

_BYTES = 32


def add_token(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `token`."""
    parser.add_argument("--file", type=Path, help=f"the file; without it, what {VARIABLE} names")
    jobs = parser.add_subparsers(dest="job", required=True, metavar="WHAT")
    jobs.add_parser("list", help="Name the programs that may ask.")
    for name, said in (
        ("add", "Make a token for a program; it is shown once."),
        ("remove", "Take a program's token back."),
    ):
        jobs.add_parser(name, help=said).add_argument("name", help="the name of the program")
    jobs.choices["add"].add_argument(
        "--per-minute", type=int, default=0, metavar="N", help="requests a minute; 0 has no limit"
    )


def run(options: argparse.Namespace) -> int:
    """Do one of them; a running service reads the file when it starts."""
    use_file()
    path = options.file or Settings().tokens
    if path is None:
        raise MalformedRequest(
            code="wrong-setting",
            message="it was not said which file holds the tokens",
            location=VARIABLE,
            repair=f"name it with --file, or set {VARIABLE}",
        )
    return _JOBS[options.job](path, options)


def _list(path: Path, _: argparse.Namespace) -> int:
    for caller in read_callers(path):
        limit = f"{caller.requests_a_minute:,} a minute" if caller.requests_a_minute else "no limit"
        print(f"{caller.name:30} {limit}")
    return 0


def _add(path: Path, options: argparse.Namespace) -> int:
    known = read_callers(path) if path.exists() else ()
    if any(caller.name == options.name for caller in known):
        raise _wrong(options.name, "this program has a token already", "remove it first")
    token = secrets.token_urlsafe(_BYTES)
    try:
        caller = msgspec.convert(
            {
                "name": options.name,
                "sha256": hashed(token),
                "requests_a_minute": options.per_minute,
            },
            Caller,
        )
    except msgspec.ValidationError as error:
        raise _wrong(options.name[:100], str(error).lower(), "see inokg token add --help") from None
    _write(path, (*known, caller))
    print(token)
    return 0


def _remove(path: Path, options: argparse.Namespace) -> int:
    known = read_callers(path)
    left = tuple(caller for caller in known if caller.name != options.name)
    if len(left) == len(known):
        raise _wrong(options.name, "there is no such program", "see inokg token list")
    _write(path, left)
    return 0


def _wrong(name: str, message: str, repair: str) -> MalformedRequest:
    return MalformedRequest(code="wrong-setting", message=message, subject=name, repair=repair)


def _write(path: Path, callers: tuple[Caller, ...]) -> None:
    """Put the file in place whole, readable for its owner alone."""
    text = msgspec.json.format(msgspec.json.encode(CallerFile(callers=callers)), indent=2)
    number, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(text + b"\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


_JOBS: dict[str, Callable[[Path, argparse.Namespace], int]] = {
    "list": _list,
    "add": _add,
    "remove": _remove,
}
