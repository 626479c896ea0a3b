"""The definitions, walked as trees, and the engine give the same verdict on every golden case."""

from __future__ import annotations

from typing import Any

import msgspec

from kg.build.compile_decisions import decided
from kg.casing.assemble import assemble
from kg.contract.request import request_from
from kg.judging.judge import judge
from kg.proving.trees import Trees
from kg.snapshot.model import Snapshot
from tests.cases.golden import FILES, golden


def _disagreements(snapshot: Snapshot, engine: Snapshot, body: dict[str, Any]) -> list[str]:
    case = assemble(request_from(body), snapshot)
    expected = Trees(snapshot).verdicts(case)
    given = {v.ready.iri: v.truth for v in judge(case, engine)}
    assert given.keys() == expected.keys()
    return sorted(iri for iri, truth in expected.items() if given[iri] != truth)


def test_the_engine_says_what_the_definitions_say_of_every_third_golden_case(
    snapshot: Snapshot,
) -> None:
    names = sorted(FILES)[::3]
    assert len(names) > 300
    found = {name: _disagreements(snapshot, snapshot, golden(name).request) for name in names}
    assert {name: iris for name, iris in found.items() if iris} == {}


def test_a_fault_in_the_clauses_of_the_table_is_noticed(snapshot: Snapshot) -> None:
    table = snapshot.decisions
    # Without its last clause a criterion asks for less.
    weaker = {name: clauses[:-1] or clauses for name, clauses in table.criteria.items()}
    planted = msgspec.structs.replace(
        snapshot, decisions=msgspec.structs.replace(table, criteria=weaker)
    )
    names = sorted(FILES)[::40]
    assert any(_disagreements(snapshot, planted, golden(name).request) for name in names)


def test_the_table_of_a_release_is_made_of_its_criteria(snapshot: Snapshot) -> None:
    assert decided(snapshot).decisions == snapshot.decisions
