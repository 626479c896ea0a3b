"""Prove every claim about a Snapshot, and name the counter-example where one fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import msgspec

from kg.proving.claims import Claim
from kg.proving.formula import NO
from kg.proving.solver import Solver

_SHOWN = 12


class Refuted(msgspec.Struct, frozen=True):
    """A claim that does not hold, with what a case would say that shows it."""

    part: str
    subject: str
    example: Mapping[str, str]

    def __str__(self) -> str:
        said = "; ".join(f"{name} = {value}" for name, value in self.example.items())
        return f"{self.part}: {self.subject}" + (f" ({said})" if said else "")


class Proof(msgspec.Struct, frozen=True):
    """What was claimed, part by part, and what of it does not hold."""

    claimed: dict[str, int]
    refuted: tuple[Refuted, ...]


def prove(claimed: Iterable[Claim], progress: Callable[[str], None] = lambda _: None) -> Proof:
    """Prove claims one by one; the same question is put to the solver once."""
    solver, counts, refuted = Solver(), Counter[str](), []
    answered: dict[str, bool] = {}
    for claim in claimed:
        if not counts[claim.part]:
            progress(f"prove {claim.part}")
        counts[claim.part] += 1
        if claim.fault == NO:
            continue
        problem = claim.symbols.text(claim.fault)
        if problem not in answered:
            answered[problem] = solver.refutes(problem)
        if not answered[problem]:
            refuted.append(Refuted(claim.part, claim.subject, _example(claim, problem, solver)))
    return Proof(dict(counts), tuple(refuted))


def _example(claim: Claim, problem: str, solver: Solver) -> dict[str, str]:
    """Say what decides a case that shows a difference: what is so, and what was said."""
    if not claim.symbols.sorts:
        return {}
    found = solver.model(problem, claim.symbols.sorts) or {"solver": "came to no end"}
    telling = {name: value for name, value in found.items() if value not in ("false", "")}
    return dict(list(telling.items())[:_SHOWN])
