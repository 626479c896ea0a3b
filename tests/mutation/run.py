"""The whole run: every mutant there is, the case that notices it, and those that nobody notices."""

from __future__ import annotations

import json
import multiprocessing
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NamedTuple

from kg import terms
from kg.errors import KnowledgeError
from kg.snapshot.criteria import Is, Of
from tests.mutation.advice import advisory_mutants
from tests.mutation.change import Mutant, made
from tests.mutation.closure import Closure, followed
from tests.mutation.criteria import CriterionMutants
from tests.mutation.memberships import membership_mutants
from tests.mutation.quick import Workshop
from tests.mutation.suite import Suite, asked_about

BAR = 0.95
# Of each kind of membership so many are drawn, of those that some advice asks about.
DRAWN = 40
# How many more than that are looked at in search of them.
_LOOKED_AT = 8
_EQUIVALENT = Path(__file__).parent / "equivalent.toml"

Fate = Literal["caught", "survived", "refused"]


class Judged(NamedTuple):
    """What became of one mutant: who noticed it, or why it never was a release."""

    kind: str
    name: str
    fate: Fate
    by: str = ""


@dataclass
class Outcome:
    """What became of all mutants."""

    judged: list[Judged] = field(default_factory=list)
    justified: dict[str, str] = field(default_factory=dict)
    whole: dict[str, bool | None] = field(default_factory=dict)
    seconds: float = 0.0

    def of(self, fate: Fate) -> list[Judged]:
        """Give the mutants of one fate."""
        return [j for j in self.judged if j.fate == fate]

    @property
    def survivors(self) -> list[Judged]:
        """Give the mutants that no case notices and nobody has justified."""
        return [j for j in self.of("survived") if j.name not in self.justified]

    @property
    def stale(self) -> list[str]:
        """Give the justifications of mutants that do not survive."""
        return sorted(set(self.justified) - {j.name for j in self.of("survived")})

    @property
    def share(self) -> float:
        """Give the share that is caught, those that change nothing counted as not caught."""
        caught, survived = len(self.of("caught")), len(self.of("survived"))
        return caught / (caught + survived) if caught else 0.0

    @property
    def holds(self) -> bool:
        """Say whether enough are caught and the short way of compiling is as good as the long."""
        return (
            self.share >= BAR
            and not self.stale
            and all(v is not False for v in self.whole.values())
        )

    def as_json(self) -> dict[str, Any]:
        """Write what was found as plain values."""
        return {
            "mutants": len(self.judged),
            "fates": dict(sorted(Counter(j.fate for j in self.judged).items())),
            "share_caught": round(self.share, 4),
            "bar": BAR,
            "kinds": {k: dict(sorted(c.items())) for k, c in sorted(self.kinds().items())},
            "survivors": [{"kind": j.kind, "name": j.name} for j in self.survivors],
            "change_nothing": {
                j.name: self.justified[j.name]
                for j in self.of("survived")
                if j.name in self.justified
            },
            "justified_but_not_surviving": self.stale,
            "refused_by_the_build": dict(Counter(j.by for j in self.of("refused"))),
            "same_snapshot_as_the_whole_build": self.whole,
            "seconds": round(self.seconds, 1),
            "holds": self.holds,
        }

    def kinds(self) -> dict[str, Counter[str]]:
        """Count the fates of each kind of mutant."""
        counts: dict[str, Counter[str]] = {}
        for one in self.judged:
            counts.setdefault(one.kind, Counter())[one.fate] += 1
        return counts


def all_mutants(shop: Workshop) -> list[Mutant]:
    """Give every mutant of criteria that are asked about, of advice, and of memberships."""
    snapshot, knowledge = shop.snapshot, shop.knowledge
    found = [
        mutant
        for criterion in sorted(asked_about(snapshot))
        for mutant in CriterionMutants(knowledge, snapshot.properties, criterion).mutants()
    ]
    found += advisory_mutants(knowledge)
    kinds: dict[str, list[Mutant]] = {}
    for mutant in membership_mutants(knowledge):
        kinds.setdefault(mutant.kind, []).append(mutant)
    for mutants in kinds.values():
        found += drawn(mutants, shop)
    return found


def drawn(mutants: Sequence[Mutant], shop: Workshop) -> Iterator[Mutant]:
    """Draw from mutants of membership those that change what some advice asks about."""
    leaves = shop.snapshot.decisions.leaves
    names = {leaf.asks.term for leaf in leaves if isinstance(leaf.asks, Is | Of)}
    looked_at = islice(mutants, DRAWN * _LOOKED_AT)
    yield from islice((m for m in looked_at if _concerns(m, shop, names)), DRAWN)


def _concerns(mutant: Mutant, shop: Workshop, names: Set[str]) -> bool:
    """Say whether anything belongs, or no longer belongs, to a class that a criterion names."""
    before, kind = shop.inferred, terms.kind(mutant.of)
    with made(shop.knowledge, mutant.changes):
        if kind == "drug":
            now = Closure(shop.knowledge).drug(mutant.of)[0]
            return now & names != before.classes_of[mutant.of] & names
        if kind == "condition":
            closure = Closure(shop.knowledge)
            pairs = ((closure.above(i), before.superclasses[i]) for i in shop.snapshot.conditions)
            return any(now & names != was & names for now, was in pairs)
        after = followed(shop.knowledge, before).classes_of
    return any(after[d] & names != was & names for d, was in before.classes_of.items())


def judged(mutant: Mutant, shop: Workshop, suite: Suite) -> Judged:
    """Say what becomes of one mutant."""
    try:
        snapshot = shop.compiled(mutant)
    except KnowledgeError as error:
        return Judged(mutant.kind, mutant.name, "refused", error.code)
    by = suite.notices(snapshot, suite.likeliest(mutant, shop.snapshot))
    return Judged(mutant.kind, mutant.name, "caught" if by else "survived", by or "")


class _AtWork(NamedTuple):
    shop: Workshop
    suite: Suite
    mutants: list[Mutant]


_at_work: list[_AtWork] = []


def _judged_at(place: int) -> Judged:
    work = _at_work[0]
    return judged(work.mutants[place], work.shop, work.suite)


def try_all(
    shop: Workshop, mutants: list[Mutant], processes: int, progress: Callable[[str], None]
) -> Outcome:
    """Try every mutant, in several processes at a time."""
    outcome = Outcome(justified=justified())
    _at_work[:] = [_AtWork(shop, Suite.whole(), mutants)]
    # What was loaded is shared with the workers, not sent to them.
    with ProcessPoolExecutor(processes, multiprocessing.get_context("fork")) as pool:
        for one in pool.map(_judged_at, range(len(mutants)), chunksize=8):
            outcome.judged.append(one)
            progress(f"{len(outcome.judged)} of {len(mutants)} mutants")
    return outcome


def justified() -> dict[str, str]:
    """Read which mutants change nothing that anybody could see, and why."""
    return tomllib.loads(_EQUIVALENT.read_text(encoding="utf-8"))


def table(outcome: Outcome) -> str:
    """Write what was found for a person."""
    rows = [("kind of mutant", "made", "refused", "caught", "survived", "share")]
    for kind, counts in sorted(outcome.kinds().items()):
        caught, survived = counts["caught"], counts["survived"]
        share = f"{caught / (caught + survived):.1%}" if caught + survived else "-"
        made = sum(counts.values())
        rows.append((kind, str(made), str(counts["refused"]), str(caught), str(survived), share))
    fates = Counter(j.fate for j in outcome.judged)
    rows.append(
        (
            "all",
            str(len(outcome.judged)),
            str(fates["refused"]),
            str(fates["caught"]),
            str(fates["survived"]),
            f"{outcome.share:.1%}",
        )
    )
    widths = [max(len(row[n]) for row in rows) + 2 for n in range(len(rows[0]))]
    lines = ["".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines += ["", f"survivors ({len(outcome.survivors)}):"]
    lines += [f"  {j.kind}: {j.name}" for j in outcome.survivors]
    lines += [f"  justified, but caught: {name}" for name in outcome.stale]
    alike = [v for v in outcome.whole.values() if v is not None]
    if alike:
        lines.append(f"same Snapshot as the whole build: {sum(alike)} of {len(alike)} tried")
    lines.append(f"at least {BAR:.0%} caught: {'yes' if outcome.holds else 'NO'}")
    return "\n".join(lines)


def write(outcome: Outcome, path: Path) -> None:
    """Keep what was found."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(outcome.as_json(), indent=2) + "\n", encoding="utf-8")
