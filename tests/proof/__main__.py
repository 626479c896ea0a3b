"""Prove that the engine, HermiT and SPARQL agree: python -m tests.proof --cases 2000."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kg.cli.terminal import Steps
from kg.snapshot.file import CURRENT
from kg.snapshot.releases import RELEASES
from tests.proof.run import prove, table, write

_BUILD = Path(__file__).resolve().parents[2] / "build"


def main() -> int:
    """Run the proof, print its table, and say by the exit status whether it holds."""
    parser = argparse.ArgumentParser(prog="prove", description=__doc__)
    parser.add_argument("--cases", type=int, default=2000, metavar="N")
    parser.add_argument("--releases", type=Path, default=RELEASES, metavar="DIR")
    parser.add_argument("--out", type=Path, default=_BUILD / "proof.json", metavar="FILE")
    options = parser.parse_args()
    folder = (options.releases / CURRENT).resolve()
    with Steps(sys.stderr) as steps:
        outcome = prove(folder, options.cases, steps)
    write(outcome, options.out)
    print(table(outcome))
    for name, found in outcome.differences.items():
        for line in found[:10]:
            print(f"{name}: {line}", file=sys.stderr)
    return 0 if outcome.holds else 1


if __name__ == "__main__":
    sys.exit(main())
