"""The compiled engine, HermiT and SPARQL say the same of every advisory of every case.

A small number of cases here; `make prove` tries two thousand.
"""

from __future__ import annotations

import os
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kg.interval import point
from tests.proof.axioms import IK
from tests.proof.compare import Bench, differences
from tests.proof.covering import settled
from tests.proof.hermit import Hermit, Impossible
from tests.proof.shown import Portrait

CASES = int(os.environ.get("INOKG_PROOF_CASES", "160"))
SHARDS = 2
# Many small parts of a case drawn one by one are slow to begin with; that is no fault of a test.
_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


@pytest.mark.parametrize("shard", range(SHARDS))
def test_engine_hermit_and_sparql_agree(bench: Bench, shard: int) -> None:
    bodies = bench.bodies(CASES)[0][shard::SHARDS]
    engine = bench.engine(bodies)
    assert [str(d) for d in differences(engine, bench.sparql(bodies))] == []
    assert [str(d) for d in differences(engine, bench.hermit(bodies))] == []


def test_definitions_written_for_hermit_mean_what_the_release_says(bench: Bench) -> None:
    """What is written anew for each batch entails of definitions what the release's build found."""
    named = set(bench.axioms.definitions)
    found = Hermit(bench.painter).definitions()
    assert found == {iri: bench.axioms.entailed[iri] & named for iri in named}
    assert sum(map(len, found.values())) > 100


def test_an_impossible_case_is_refused_and_not_below_everything(bench: Bench) -> None:
    half_a_cycle = Portrait((), ((IK + "cycle", point(Fraction(5, 2))),), ())
    with pytest.raises(Impossible, match="nothing can be"):
        Hermit(bench.painter).members({"half": half_a_cycle})


def test_random_cases_agree_with_sparql(bench: Bench) -> None:
    @settings(
        max_examples=8,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=_SLOW,
        phases=[Phase.generate, Phase.shrink],
    )
    @given(st.lists(_requests(bench), min_size=2, max_size=4))
    def agree(bodies: list[dict[str, Any]]) -> None:
        found = differences(bench.engine(bodies), bench.sparql(bodies))
        assert [str(d) for d in found] == []

    agree()


def test_random_cases_agree_with_hermit(bench: Bench) -> None:
    @settings(
        max_examples=1,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=_SLOW,
        phases=[Phase.generate],
    )
    @given(st.lists(_requests(bench), min_size=12, max_size=12))
    def agree(bodies: list[dict[str, Any]]) -> None:
        found = differences(bench.engine(bodies), bench.hermit(bodies))
        assert [str(d) for d in found] == []

    agree()


def _requests(bench: Bench) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a few factors and a level of each; the rest is left out."""
    factors = bench.requests.factors
    sizes = {f.name: len(f.levels) for f in factors}

    @st.composite
    def request(draw: st.DrawFn) -> dict[str, Any]:
        varied = draw(st.sets(st.sampled_from(sorted(sizes)), min_size=1, max_size=14))
        row = {
            name: draw(st.integers(0, size - 1)) if name in varied else 0
            for name, size in sizes.items()
        }
        return bench.requests.body(settled(factors, row), draw(st.randoms()))

    return request()
