"""Engine and SQL on many random cases: python -m tests.proof.relational --cases 100000."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random

from kg.casing.assemble import assemble
from kg.cli.terminal import Steps
from kg.contract.request import request_from
from kg.judging.judge import judge
from kg.proving.relational import Relational
from kg.snapshot.file import CURRENT
from kg.snapshot.model import Snapshot
from kg.snapshot.releases import RELEASES
from tests.proof.compare import Bench, Body
from tests.proof.covering import aimed, settled

_BATCH = 1000
_WORKERS = 2


def random_bodies(bench: Bench, seed: int) -> Iterator[Body]:
    """Give random requests for ever: in turn about one advisory, and about anything at all."""
    random = Random(seed)  # noqa: S311 - the same requests every time
    factors, targets = bench.requests.factors, bench.painter.questions.targets
    while True:
        yield bench.requests.body(aimed(factors, random.choice(targets), random), random)
        levels = {f.name: random.randrange(len(f.levels)) for f in factors}
        yield bench.requests.body(settled(factors, levels), random)


def differing(bodies: Sequence[Body], snapshot: Snapshot, sql: Relational) -> tuple[int, list[str]]:
    """Compare every verdict of some requests; give their number and where they differ."""
    cases = [assemble(request_from(body), snapshot) for body in bodies]
    compared, found = 0, []
    for number, (case, told) in enumerate(zip(cases, sql.verdicts(cases), strict=True)):
        for verdict in judge(case, snapshot):
            compared += 1
            iri = verdict.ready.iri
            if told[iri] != verdict.truth:
                found.append(f"case {number}, {iri}: {verdict.truth} in the engine, {told[iri]}")
    return compared, found


@cache
def _at_work(folder: Path) -> tuple[Bench, Relational]:
    bench = Bench.of_release(folder)
    return bench, Relational(bench.snapshot)


def _batch(folder: Path, seed: int) -> tuple[int, list[str]]:
    bench, sql = _at_work(folder)
    bodies = list(islice(random_bodies(bench, seed), _BATCH))
    return differing(bodies, bench.snapshot, sql)


def prove(folder: Path, cases: int, progress: Callable[[str], None]) -> tuple[int, list[str]]:
    """Compare so many cases, in two processes."""
    seeds = range(max(1, cases // _BATCH))
    compared, found = 0, list[str]()
    with ProcessPoolExecutor(_WORKERS) as pool:
        for done, (number, more) in enumerate(pool.map(_batch, [folder] * len(seeds), seeds), 1):
            compared += number
            found += more
            progress(f"{done * _BATCH:,} of {len(seeds) * _BATCH:,} cases in the engine and in SQL")
    return compared, found


def main() -> int:
    """Compare, say what differs, and by the exit status whether anything does."""
    parser = argparse.ArgumentParser(prog="relational", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000, metavar="N")
    parser.add_argument("--releases", type=Path, default=RELEASES, metavar="DIR")
    options = parser.parse_args()
    with Steps(sys.stderr, piped=True) as steps:
        compared, found = prove((options.releases / CURRENT).resolve(), options.cases, steps)
    print(f"verdicts compared {compared:>12,}\ndifferences       {len(found):>12,}")
    for line in found[:20]:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
