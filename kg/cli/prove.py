"""The command `prove`: what holds of a release for all patients, and the record of it."""

from __future__ import annotations

import argparse
import sys

from kg.build.release import with_new_proof
from kg.cli.terminal import Steps, add_ontology, add_releases, visible
from kg.errors import KnowledgeError
from kg.snapshot.file import CURRENT, read_snapshot

_SHOWN = 20


def add_prove(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `prove`."""
    add_ontology(parser)
    add_releases(parser)
    parser.add_argument(
        "--steps", action="store_true", help="print each step as it begins, also into a pipe"
    )


def run(options: argparse.Namespace) -> int:
    """Prove the current release; write the record only where everything holds."""
    try:
        from kg.proving.record import proof_of, read_coarse, write_record
    except ModuleNotFoundError as error:
        raise KnowledgeError(
            code="no-solver",
            message="what proves is not installed",
            subject=error.name or "",
            repair="pip install --editable '.[prove]'",
        ) from error
    snapshot, _ = read_snapshot((options.releases / CURRENT).resolve())
    with Steps(sys.stderr, lines=True, piped=options.steps) as steps:
        outcome = proof_of(snapshot, read_coarse(options.ontology), steps)
    for part, count in (outcome.record.claims | outcome.record.laws).items():
        print(f"{part:36} {count:>8,}")
    for refuted in outcome.refuted[:_SHOWN]:
        print(f"does not hold: {visible(str(refuted))}", file=sys.stderr)
    if not outcome.holds:
        print(f"inokg: {len(outcome.refuted)} claims do not hold", file=sys.stderr)
        return 1
    write_record(outcome, options.ontology)
    proved = with_new_proof(options.ontology, options.releases)
    print("proved for all patients" if proved else "the record is of another release")
    return 0 if proved else 1
