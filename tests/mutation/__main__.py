"""Change the Turtle in one place at a time and count the golden cases' catch: make mutants."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from kg.shell import ONTOLOGY, RELEASES, Steps
from kg.snapshot import CURRENT
from tests.mutation.quick import Older, Workshop
from tests.mutation.run import all_mutants, table, try_all, write
from tests.mutation.whole import alike

_BUILD = Path(__file__).resolve().parents[2] / "build"


def main() -> int:
    """Try every mutant, print the table, and say by the exit status whether the bar is met."""
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("--ontology", type=Path, default=ONTOLOGY, metavar="DIR")
    parser.add_argument("--releases", type=Path, default=RELEASES, metavar="DIR")
    parser.add_argument("--out", type=Path, default=_BUILD / "mutants.json", metavar="FILE")
    parser.add_argument(
        "--whole", type=int, default=20, metavar="N", help="mutants built with the reasoners too"
    )
    options = parser.parse_args()
    start = time.perf_counter()
    with Steps(sys.stderr) as progress:
        try:
            shop = Workshop.of(options.ontology, (options.releases / CURRENT).resolve())
        except (Older, OSError) as error:
            sys.stderr.write(f"mutants: {error}\n")
            return 2
        mutants = all_mutants(shop)
        outcome = try_all(shop, mutants, progress)
        outcome.whole = alike(shop, mutants, options.whole, progress)
    outcome.seconds = time.perf_counter() - start
    write(outcome, options.out)
    sys.stdout.write(table(outcome) + "\n")
    return 0 if outcome.holds else 1


if __name__ == "__main__":
    sys.exit(main())
