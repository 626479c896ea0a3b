"""The table in SQL gives the verdicts of the engine, and notices a fault on either side."""

from __future__ import annotations

from itertools import islice

import msgspec
import pytest

from kg.proving.relational import Relational
from kg.snapshot.decisions import masks_of_reach, reach
from tests.proof.compare import Bench, Body
from tests.proof.relational import differing, random_bodies

CASES = 2000


@pytest.fixture(scope="module")
def bodies(bench: Bench) -> list[Body]:
    return list(islice(random_bodies(bench, 16), CASES))


def test_engine_and_sql_agree(bench: Bench, bodies: list[Body]) -> None:
    compared, found = differing(bodies, bench.snapshot, Relational(bench.snapshot))
    assert found == []
    assert compared > CASES * 60


def test_a_fault_in_the_table_that_sql_runs_is_noticed(bench: Bench, bodies: list[Body]) -> None:
    table = bench.snapshot.decisions
    roles = {}
    for role, known in table.roles.items():
        sure, possible = masks_of_reach(known)
        roles[role] = reach(sure & (sure - 1), possible)
    faulty = msgspec.structs.replace(table, roles=roles)
    sql = Relational(msgspec.structs.replace(bench.snapshot, decisions=faulty))
    assert differing(bodies[:400], bench.snapshot, sql)[1]


def test_every_verdict_is_among_those_compared(bench: Bench, bodies: list[Body]) -> None:
    verdicts = bench.engine(bodies[:600])
    assert {v.truth for case in verdicts for v in case.values()} == {0, 1, 2}
