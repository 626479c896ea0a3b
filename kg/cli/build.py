"""The commands that make a release: `build`, `validate`, `fmt`."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterator
from pathlib import Path

from kg.build.code_tables import read_codes, table_files
from kg.build.judgement_tables import judgement_files, read_judgements, written_judgements
from kg.build.load import term_labels, turtle_files
from kg.build.release import build, examine
from kg.cli.terminal import Steps, add_ontology
from kg.graph.sssom import written
from kg.graph.turtle import Prefixes, format_file
from kg.snapshot.releases import RELEASES


def add_build(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `build`."""
    add_ontology(parser)
    parser.add_argument(
        "--out", type=Path, default=RELEASES, metavar="DIR", help="folder of the releases"
    )
    parser.add_argument(
        "--steps", action="store_true", help="print each step as it begins, also into a pipe"
    )


def run_build(options: argparse.Namespace) -> int:
    """Make a release, and say what is in it."""
    with Steps(sys.stderr, lines=True, piped=options.steps) as steps:
        release = build(options.ontology, options.out, steps)
    for name, count in release.counts.items():
        print(f"{name:12} {count:>8,}")
    print(f"release {release.manifest.version} {release.manifest.hash}")
    print("proved for all patients" if release.proved else "not proved; to prove it: inokg prove")
    return 0


def run_validate(options: argparse.Namespace) -> int:
    """Run every check of a release on the ontology, without making one."""
    with Steps(sys.stderr, lines=True) as steps:
        examined = examine(options.ontology, steps)
    print(f"{len(examined.knowledge.quads):,} triples stand every test")
    return 0


def add_fmt(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `fmt`."""
    add_ontology(parser)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; show the difference and exit with 1"
    )


def _formatted(ontology: Path) -> Iterator[tuple[Path, str, str, str]]:
    """Give each file with its name, its text and its canonical text; tables with true labels."""
    prefixes = Prefixes.read(ontology / "prefixes.ttl")
    for path in turtle_files(ontology):
        shown = path.relative_to(ontology.parent).as_posix()
        yield path, shown, *format_file(path, shown, prefixes)
    tables = table_files(ontology)
    labels = term_labels(ontology) if tables else {}
    for path in tables:
        shown = path.relative_to(ontology.parent).as_posix()
        table = read_codes(path, shown)
        yield path, shown, path.read_text(encoding="utf-8"), written(table, prefixes, labels)
    for path in judgement_files(ontology):
        shown = path.relative_to(ontology.parent).as_posix()
        wanted = written_judgements(read_judgements(path, shown))
        yield path, shown, path.read_text(encoding="utf-8"), wanted


def run_fmt(options: argparse.Namespace) -> int:
    """Write the ontology's files in canonical form, or show where they are not."""
    changed = 0
    for path, shown, text, wanted in _formatted(options.ontology):
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
