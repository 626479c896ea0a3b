"""The comparison can fail: every slip in the engine, a Case or an axiom is noticed.

The cases on which a slip bites are looked for among the generated ones; HermiT and SPARQL then
judge just those, and what they say must differ from the engine's word.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nsmallest
from itertools import islice
from random import Random

import pytest

from tests.proof.compare import Bench, Body, differences
from tests.proof.mutants import SLIPS, engine
from tests.proof.questions import MEDICATION
from tests.proof.relational import random_bodies
from tests.proof.slips import Slip, class_slips, definition_slips, drug_slips
from tests.proof.verdicts import Verdicts

BITING = 2
SORTS = [
    "a class moved",
    "a drug taken out of a class",
    "a lower bound taken the other way",
    "a part left out",
    "an upper bound taken the other way",
    "and read as or",
    "one fewer counted",
    "one more counted",
    "or read as and",
]
# What is tried on HermiT, too; each takes a Java start of its own.
FOR_HERMIT = {"a class moved", "a lower bound taken the other way", "and read as or"}


@pytest.fixture(scope="module")
def bank(bench: Bench) -> list[tuple[Body, Verdicts]]:
    """Make cases to search, with the engine's verdicts."""
    # Rows show many pairs; what needs two of a few drugs is found in cases about one advisory.
    bodies = [*bench.bodies(300)[0], *islice(random_bodies(bench, 5), 300)]
    return list(zip(bodies, bench.engine(bodies), strict=True))


@pytest.fixture(scope="module")
def judged(bench: Bench, bank: list[tuple[Body, Verdicts]]) -> dict[str, tuple[list[Body], ...]]:
    """Find the cases on which each slip of the engine bites, and judge them all at once."""
    found = {}
    for name, prepare in SLIPS.items():
        slipped = prepare(bench.snapshot)
        bites = [b for b, verdicts in bank if slipped(b, bench.snapshot) != verdicts]
        found[name] = nsmallest(BITING, bites, key=lambda b: len(str(b)))
    every = [b for bodies in found.values() for b in bodies]
    hermit, sparql = iter(bench.hermit(every)), iter(bench.sparql(every))
    return {
        name: (bodies, [next(hermit) for _ in bodies], [next(sparql) for _ in bodies])
        for name, bodies in found.items()
    }


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_of_the_engine_is_noticed(
    bench: Bench, judged: dict[str, tuple[list[Body], list[Verdicts], list[Verdicts]]], name: str
) -> None:
    bodies, hermit, sparql = judged[name]
    assert bodies, "no generated case shows this slip"
    slipped = SLIPS[name](bench.snapshot)
    theirs = [slipped(body, bench.snapshot) for body in bodies]
    for reasoner in (hermit, sparql):
        assert list(differences(bench.engine(bodies), reasoner)) == []
        assert list(differences(theirs, reasoner)) != []


def test_a_changed_axiom_is_noticed(bench: Bench, bank: list[tuple[Body, Verdicts]]) -> None:
    """One slip of each sort is made in what the reasoners read; the engine keeps its Snapshot."""
    seen: dict[str, tuple[Slip, list[Body]]] = {}
    for slip in _one_after_another(bench, bank):
        if slip.name not in seen:
            bites = list(islice(_bitten(slip, bench, bank), BITING))
            if bites:
                seen[slip.name] = slip, bites
    assert sorted(seen) == SORTS
    for name, (slip, bodies) in seen.items():
        other = bench.reading(slip.applied(bench.axioms))
        ours = bench.engine(bodies)
        told = list(differences(ours, other.sparql(bodies)))
        assert told != [], name
        if name in FOR_HERMIT:
            assert list(differences(ours, other.hermit(bodies))) == told


def _bitten(slip: Slip, bench: Bench, bank: list[tuple[Body, Verdicts]]) -> Iterator[Body]:
    snapshot = slip.compiled(bench.snapshot)
    return (body for body, verdicts in bank if engine(body, snapshot) != verdicts)


def _one_after_another(bench: Bench, bank: list[tuple[Body, Verdicts]]) -> Iterator[Slip]:
    """Give slips about what the cases hold, in an order that is the same every time."""
    given = bench.terms([body for body, _ in bank])
    asked = bench.painter.questions.asked[MEDICATION].drugs
    every: list[Slip] = [
        *definition_slips(bench.axioms),
        *(s for s in class_slips(bench.axioms) if s.of in given),
        *(s for s in drug_slips(bench.axioms, asked) if s.of in given),
    ]
    random = Random(7)  # noqa: S311 - the same order every time
    random.shuffle(every)
    yield from every
