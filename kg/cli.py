"""The shell skin: one command a verb; each loads only what it needs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TextIO

from kg.errors import CaseError, KgError

_HERE = Path(__file__).resolve().parent.parent
ONTOLOGY = Path(os.environ.get("INOKG_ONTOLOGY", _HERE / "ontology"))
RELEASES = Path(os.environ.get("INOKG_RELEASES", _HERE / "build" / "releases"))

WRONG_CALL = 2


# Adds one command; argparse gives the thing it is added to no public type.
Adder = Callable[[Any], None]


def main(arguments: Sequence[str] | None = None, *, more: Sequence[Adder] = ()) -> int:
    """Run one command; a fault is one line on standard error, never a traceback."""
    parser = _parser(more)
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except KgError as error:
        print(f"inokg: {error}", file=sys.stderr)
        return WRONG_CALL if isinstance(error, CaseError) else 1
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        print(f"inokg: {what}; to mend it: name a folder that is there and open", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("inokg: stopped", file=sys.stderr)
        return 130


def _parser(more: Sequence[Adder]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="inokg",
        description="Check a patient against the knowledge graph, and make its releases.",
        epilog="Decision support for professionals; it does not replace their judgement.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_check(commands)
    _add_resolve(commands)
    _add_build(commands)
    _add_fmt(commands)
    _add_validate(commands)
    for add in more:
        add(commands)
    return parser


def command(
    commands: Any,
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
    example: str,
) -> argparse.ArgumentParser:
    """Add one command with its summary and an example that works."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=summary, epilog=f"example: {example}"
    )
    parser.set_defaults(run=run)
    return parser


def _add_ontology(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--ontology", type=Path, default=ONTOLOGY, metavar="DIR", help="folder of the knowledge"
    )


def _add_check(commands: Any) -> None:
    from kg.cli_check import add_check_arguments

    parser = command(
        commands,
        "check",
        _check,
        "Say what applies to a patient, and what could not be judged.",
        'inokg check --med "…" --condition K74.6 --obs "1975-2=40 umol/L" --flag planned_hsct',
    )
    add_check_arguments(parser)
    _add_releases(parser)


def _check(options: argparse.Namespace) -> int:
    from kg.cli_check import run_check
    from kg.snapshot import CURRENT, read_snapshot

    return run_check(options, read_snapshot(options.releases / CURRENT)[0])


def _add_resolve(commands: Any) -> None:
    from kg.cli_check import add_resolve_arguments

    parser = command(
        commands,
        "resolve",
        _resolve,
        "Say what a name or a code stands for, or what it might.",
        "inokg resolve J02AC04 K74.6",
    )
    add_resolve_arguments(parser)
    _add_releases(parser)


def _resolve(options: argparse.Namespace) -> int:
    from kg.cli_check import run_resolve
    from kg.snapshot import CURRENT, read_snapshot

    return run_resolve(options, read_snapshot(options.releases / CURRENT)[0])


def _add_releases(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--releases", type=Path, default=RELEASES, metavar="DIR", help="folder of the releases"
    )


def _add_build(commands: Any) -> None:
    parser = command(commands, "build", _build, "Make a release from the ontology.", "inokg build")
    _add_ontology(parser)
    parser.add_argument(
        "--out", type=Path, default=RELEASES, metavar="DIR", help="folder of the releases"
    )


def _build(options: argparse.Namespace) -> int:
    from kg.release import build

    with _Steps(sys.stderr) as steps:
        release = build(options.ontology, options.out, steps)
    for name, count in release.counts.items():
        print(f"{name:12} {count:>8,}")
    print(f"release {release.manifest.version} {release.manifest.hash}")
    return 0


def _add_fmt(commands: Any) -> None:
    parser = command(
        commands, "fmt", _fmt, "Write the ontology's files in canonical form.", "inokg fmt --check"
    )
    _add_ontology(parser)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; show the difference and exit with 1"
    )


def _fmt(options: argparse.Namespace) -> int:
    import difflib

    from kg.load import turtle_files
    from kg.turtle import Prefixes, format_file

    prefixes = Prefixes.read(options.ontology / "prefixes.ttl")
    changed = 0
    for path in turtle_files(options.ontology):
        shown = path.relative_to(options.ontology.parent).as_posix()
        text, wanted = format_file(path, shown, prefixes)
        if text == wanted:
            continue
        changed += 1
        if options.check:
            old, new = text.splitlines(), wanted.splitlines()
            print("\n".join(difflib.unified_diff(old, new, shown, shown, lineterm="", n=1)))
        else:
            path.write_text(wanted, encoding="utf-8")
            print(f"formatted {shown}")
    if options.check and changed:
        print(f"inokg: {changed} files are not in canonical form; run: inokg fmt", file=sys.stderr)
    return 1 if options.check and changed else 0


def _add_validate(commands: Any) -> None:
    parser = command(
        commands,
        "validate",
        _validate,
        "Check the ontology without making a release: form, names, shapes, logic, definitions.",
        "inokg validate",
    )
    _add_ontology(parser)


def _validate(options: argparse.Namespace) -> int:
    from kg.release import examine

    with _Steps(sys.stderr) as steps:
        examined = examine(options.ontology, steps)
    print(f"{len(examined.knowledge.quads):,} triples stand every test")
    return 0


class _Steps:
    """Shows the step at work on a terminal, and nothing in a pipe."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._status: object | None = None

    def __enter__(self) -> _Steps:
        if self._out.isatty():
            from rich.console import Console

            status = Console(file=self._out).status("start")
            status.start()
            self._status = status
        return self

    def __call__(self, step: str) -> None:
        if self._status is not None:
            self._status.update(step + " …")  # type: ignore[attr-defined]

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
