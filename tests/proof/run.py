"""The whole proof: thousands of cases in batches, two at a time, with a table at the end."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from kg.snapshot.model import Snapshot
from tests.proof.axioms import key
from tests.proof.compare import Bench, Body, differences, shares
from tests.proof.mutants import SLIPS, Engine, engine
from tests.proof.slips import definition_slips
from tests.proof.verdicts import Verdicts

BATCH = 100
_WORKERS = 2
_at_work: dict[Path, Bench] = {}


@dataclass(frozen=True)
class Judged:
    """One batch as all three judged it."""

    hermit: list[Verdicts]
    shares: Mapping[str, int]
    differences: dict[str, list[str]]
    seconds: dict[str, float]


@dataclass
class Outcome:
    """What the proof found."""

    cases: int
    pairs_shown: float
    verdicts: int = 0
    shares: Counter[str] = field(default_factory=Counter)
    differences: dict[str, list[str]] = field(default_factory=dict)
    slips: dict[str, dict[str, int]] = field(default_factory=dict)
    survivors: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Say whether nothing differed and every named slip was noticed."""
        return not any(self.differences.values()) and not any(
            counts["noticed"] == 0 for counts in self.slips.values()
        )

    def as_json(self) -> dict[str, Any]:
        """Write what was found as plain values."""
        share = {k: round(n / self.verdicts, 4) for k, n in sorted(self.shares.items())}
        return {
            "cases": self.cases,
            "verdicts": self.verdicts,
            "pairs_of_levels_shown": round(self.pairs_shown, 4),
            "shares": share,
            "differences": {k: len(v) for k, v in self.differences.items()},
            "first_differences": {k: v[:50] for k, v in self.differences.items()},
            "slips": self.slips,
            "slips_not_noticed": self.survivors,
            "seconds": {k: round(v, 1) for k, v in self.seconds.items()},
            "holds": self.holds,
        }


def judged(folder: Path, bodies: Sequence[Body]) -> Judged:
    """Let all three judge one batch; each process reads the release once."""
    bench = _at_work.get(folder) or _at_work.setdefault(folder, Bench.of_release(folder))
    seconds = {}

    def timed(name: str, judge: Callable[[Sequence[Body]], list[Verdicts]]) -> list[Verdicts]:
        start = time.perf_counter()
        found = judge(bodies)
        seconds[name] = time.perf_counter() - start
        return found

    ours = timed("engine", bench.engine)
    sparql, hermit = timed("SPARQL", bench.sparql), timed("HermiT", bench.hermit)
    return Judged(
        hermit,
        shares(ours),
        {
            "engine and HermiT": [str(d) for d in differences(ours, hermit)],
            "engine and SPARQL": [str(d) for d in differences(ours, sparql)],
            "HermiT and SPARQL": [str(d) for d in differences(hermit, sparql)],
        },
        seconds,
    )


def prove(folder: Path, cases: int, progress: Callable[[str], None]) -> Outcome:
    """Try so many cases, then every slip of the engine on them."""
    start = time.perf_counter()
    bench = Bench.of_release(folder)
    bodies, shown = bench.bodies(cases)
    outcome = Outcome(len(bodies), shown)
    batches = [bodies[n : n + BATCH] for n in range(0, len(bodies), BATCH)]
    truth: list[Verdicts] = []
    with ProcessPoolExecutor(_WORKERS) as pool:
        for n, batch in enumerate(pool.map(judged, [folder] * len(batches), batches)):
            _count(outcome, batch, n * BATCH)
            truth += batch.hermit
            progress(f"{len(truth)} of {len(bodies)} cases judged by engine, HermiT and SPARQL")
    outcome.seconds["all judged"] = time.perf_counter() - start
    for n, (name, noticed, place) in enumerate(_slips(bench, bodies, truth)):
        counts = outcome.slips.setdefault(name, {"made": 0, "noticed": 0})
        counts["made"] += 1
        counts["noticed"] += noticed
        outcome.survivors += [] if noticed else [place]
        if n % 20 == 0:
            progress(f"{n} slips of the engine tried")
    outcome.seconds["in all"] = time.perf_counter() - start
    return outcome


def _count(outcome: Outcome, batch: Judged, first: int) -> None:
    outcome.verdicts += sum(batch.shares.values())
    outcome.shares.update(batch.shares)
    for name, found in batch.differences.items():
        told = [f"cases from {first}: {d}" for d in found]
        outcome.differences.setdefault(name, []).extend(told)
    for name, spent in batch.seconds.items():
        outcome.seconds[name] = outcome.seconds.get(name, 0.0) + spent


def _slips(
    bench: Bench, bodies: Sequence[Body], truth: Sequence[Verdicts]
) -> Iterator[tuple[str, bool, str]]:
    """Make every slip in the engine, and say of each whether the comparison notices it."""

    def noticed(slipped: Engine) -> bool:
        pairs = zip(bodies, truth, strict=True)
        return any(slipped(body, bench.snapshot) != told for body, told in pairs)

    for name, prepare in SLIPS.items():
        yield name, noticed(prepare(bench.snapshot)), name
    for slip in definition_slips(bench.axioms):
        other = slip.compiled(bench.snapshot)
        told = noticed(partial(_slipped, other))
        yield slip.name, told, f"{slip.name}: {key(slip.of)}{slip.place}"


def _slipped(other: Snapshot, body: Body, _: Snapshot) -> Verdicts:
    return engine(body, other)


def table(outcome: Outcome) -> str:
    """Write what was found for a person."""
    rows = [
        ("cases", f"{outcome.cases:,}"),
        ("pairs of levels shown", f"{outcome.pairs_shown:.1%}"),
        ("verdicts", f"{outcome.verdicts:,}"),
        *((f"  {k}", f"{n / outcome.verdicts:.1%}") for k, n in sorted(outcome.shares.items())),
        *((f"differences, {k}", str(len(v))) for k, v in outcome.differences.items()),
        *((f"slip: {k}", f"{c['noticed']} of {c['made']}") for k, c in outcome.slips.items()),
        *((f"seconds, {k}", f"{v:,.0f}") for k, v in outcome.seconds.items()),
        ("the proof holds", "yes" if outcome.holds else "NO"),
    ]
    width = max(len(name) for name, _ in rows) + 2
    return "\n".join(name.ljust(width) + value for name, value in rows)


def write(outcome: Outcome, path: Path) -> None:
    """Keep what was found."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(outcome.as_json(), indent=2) + "\n", encoding="utf-8")
