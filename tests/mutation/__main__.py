"""Change the Turtle in one place at a time and count the golden cases' catch: make mutants."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from kg.cli.terminal import Steps
from kg.snapshot.file import CURRENT
from kg.snapshot.releases import ONTOLOGY, RELEASES
from tests.mutation.quick import Older, Workshop
from tests.mutation.run import all_mutants, table, try_all, write
from tests.mutation.whole import alike

_BUILD = Path(__file__).resolve().parents[2] / "build"
# A run takes minutes: where no terminal shows each step, one is written in so many seconds.
_EVERY = 10.0


def main() -> int:
    """Try every mutant, print the table, and say by the exit status whether the bar is met."""
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("--ontology", type=Path, default=ONTOLOGY, metavar="DIR")
    parser.add_argument("--releases", type=Path, default=RELEASES, metavar="DIR")
    parser.add_argument("--out", type=Path, default=_BUILD / "mutants.json", metavar="FILE")
    parser.add_argument(
        "--whole", type=int, default=20, metavar="N", help="mutants built with the reasoners too"
    )
    parser.add_argument(
        "--processes", type=int, default=2, metavar="N", help="how many work at a time"
    )
    options = parser.parse_args()
    start = time.perf_counter()
    with Steps(sys.stderr) as steps:
        progress = steps if sys.stderr.isatty() else _lines(sys.stderr)
        try:
            shop = Workshop.of(options.ontology, (options.releases / CURRENT).resolve())
        except (Older, OSError) as error:
            sys.stderr.write(f"mutants: {error}\n")
            return 2
        mutants = all_mutants(shop)
        outcome = try_all(shop, mutants, options.processes, progress)
        outcome.whole = alike(shop, mutants, options.whole, progress)
    outcome.seconds = time.perf_counter() - start
    write(outcome, options.out)
    sys.stdout.write(table(outcome) + "\n")
    return 0 if outcome.holds else 1


def _lines(out: TextIO) -> Callable[[str], None]:
    """Write a step every few seconds as a line of its own."""
    last = 0.0

    def told(step: str) -> None:
        nonlocal last
        if time.perf_counter() - last >= _EVERY:
            last = time.perf_counter()
            out.write(step + "\n")
            out.flush()

    return told


if __name__ == "__main__":
    sys.exit(main())
