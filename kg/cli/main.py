"""The command line: a table of commands, each loading what it needs only when it is called."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple, NoReturn

from kg import terms
from kg.cli.terminal import visible
from kg.errors import CaseError, KgError

WRONG_CALL = 2

Arguments = Callable[[argparse.ArgumentParser], None]
Run = Callable[[argparse.Namespace], int]


class Command(NamedTuple):
    """One command: what it is for, an example that works, and where its code is found."""

    name: str
    summary: str
    example: str
    load: Callable[[], tuple[Arguments, Run]]


def _check() -> tuple[Arguments, Run]:
    from kg.cli.check import add_check, run

    return add_check, run


def _resolve() -> tuple[Arguments, Run]:
    from kg.cli.resolve import add_resolve, run

    return add_resolve, run


def _explain() -> tuple[Arguments, Run]:
    from kg.cli.explain import add_explain, run

    return add_explain, run


def _build() -> tuple[Arguments, Run]:
    from kg.cli.build import add_build, run_build

    return add_build, run_build


def _validate() -> tuple[Arguments, Run]:
    from kg.cli.build import run_validate
    from kg.cli.terminal import add_ontology

    return add_ontology, run_validate


def _fmt() -> tuple[Arguments, Run]:
    from kg.cli.build import add_fmt, run_fmt

    return add_fmt, run_fmt


def _where() -> tuple[Arguments, Run]:
    from kg.cli.where import add_where, run

    return add_where, run


def _diff() -> tuple[Arguments, Run]:
    from kg.cli.diff import add_diff, run

    return add_diff, run


def _export() -> tuple[Arguments, Run]:
    from kg.cli.export import add_export, run

    return add_export, run


def _sparql() -> tuple[Arguments, Run]:
    from kg.cli.sparql import add_sparql, run

    return add_sparql, run


COMMANDS = (
    Command(
        "check",
        "Say what applies to a patient, and what could not be judged.",
        'inokg check --med "…" --condition K74.6 --obs "1975-2=40 umol/L" --flag planned_hsct',
        _check,
    ),
    Command(
        "resolve",
        "Show what a name or a code means, or what it might mean.",
        "inokg resolve J02AC04 K74.6",
        _resolve,
    ),
    Command(
        "explain",
        "Show the reasoning behind a finding, or why there is none.",
        "inokg explain --condition K74.6 --svg why.svg",
        _explain,
    ),
    Command("build", "Make a release from the ontology.", "inokg build", _build),
    Command(
        "validate",
        "Check the ontology without making a release: form, names, shapes, logic, definitions.",
        "inokg validate",
        _validate,
    ),
    Command("fmt", "Write the ontology's files in canonical form.", "inokg fmt --check", _fmt),
    Command(
        "where",
        "Show the file and line of the ontology where a term is defined.",
        "inokg where J02AC04 F-059",
        _where,
    ),
    Command(
        "diff",
        "Show what changed between two releases, in a reviewer's words.",
        "inokg diff 0.1.0 current",
        _diff,
    ),
    Command(
        "export",
        "Write a release in a format that another tool reads.",
        "inokg export turtle --out inokg.ttl",
        _export,
    ),
    Command(
        "sparql",
        "Query the release, or a store that holds it, in SPARQL.",
        "inokg sparql what-is-in-the-graph",
        _sparql,
    ),
)


def main(arguments: Sequence[str] | None = None, *, more: Sequence[Command] = ()) -> int:
    """Run one command; an error is one line on standard error, never a traceback."""
    arguments = sys.argv[1:] if arguments is None else arguments
    options = _parser((*COMMANDS, *more), arguments).parse_args(arguments)
    # After a check, 1 means that something was found, so an error must not use it.
    fault = WRONG_CALL if options.command == "check" else 1
    try:
        return int(options.run(options))
    except KgError as error:
        print(f"inokg: {visible(str(error))}", file=sys.stderr)
        return WRONG_CALL if isinstance(error, CaseError) else fault
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        print(f"inokg: {what}; to fix it: name a folder that is there and open", file=sys.stderr)
        return fault
    except KeyboardInterrupt:
        print("inokg: stopped", file=sys.stderr)
        return 130


class _Parser(argparse.ArgumentParser):
    """A parser that reports an error in one line, with the repair."""

    def error(self, message: str) -> NoReturn:
        """Report an invalid argument."""
        self.exit(
            WRONG_CALL, f"{self.prog}: {visible(message)}; to fix it: see {self.prog} --help\n"
        )


def _parser(commands: Sequence[Command], arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Make a parser that knows every command by name, and loads only the one that is called."""
    parser = _Parser(
        prog="inokg",
        description="Check a patient against the knowledge graph, and make its releases.",
        epilog=terms.DISCLAIMER,
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    called = next((word for word in arguments if not word.startswith("-")), "")
    alone = [one for one in commands if [one.name] == list(arguments[:1])]
    # A command that is called by its name needs no parser of the others, which take time.
    for one in alone or commands:
        sub = subparsers.add_parser(
            one.name, help=one.summary, description=one.summary, epilog=f"example: {one.example}"
        )
        if one.name == called:
            add_arguments, run = one.load()
            add_arguments(sub)
            sub.set_defaults(run=run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
