"""An answer that cannot be told is open: shown for all knowledge, and faults are found."""

from __future__ import annotations

import pytest

from kg import terms
from kg.proving.exactness import exactness, inexact
from kg.proving.needed import needed
from kg.proving.prove import prove
from kg.proving.record import read_coarse
from kg.proving.solver import Solver
from kg.snapshot.criteria import AllOf, AnyOf, Expression, Has, Number
from kg.snapshot.model import Snapshot
from tests.workshop import ROOT

MOST_COARSE = 10


def test_every_advisory_is_open_only_where_it_is(snapshot: Snapshot) -> None:
    found, coarse = prove(exactness(snapshot)), read_coarse(ROOT / "ontology")
    assert [str(r) for r in found.refuted if r.subject not in coarse] == []
    assert sum(found.claimed.values()) > 200


def test_what_is_missing_matters_but_for_a_list_that_can_only_shrink(snapshot: Snapshot) -> None:
    coarse = read_coarse(ROOT / "ontology")
    found = {r.subject.split(",")[0] for r in prove(needed(snapshot)).refuted}
    assert found == {iri for iri in coarse if iri.startswith("https://")}
    assert len(coarse) <= MOST_COARSE


def _age(low: str | None, high: str | None) -> Number:
    return Number(terms.AGE_YEARS, low=low, high=high, high_open=True)


def _phases(snapshot: Snapshot) -> tuple[Has, ...]:
    return tuple(Has(terms.PHASE, value) for value in snapshot.properties[terms.PHASE].admits)


@pytest.mark.parametrize("kind", ["two phases at once", "any phase", "any age"])
def test_a_definition_that_is_not_exact_is_found(kind: str, snapshot: Snapshot) -> None:
    phases = _phases(snapshot)
    nodes: dict[str, Expression] = {
        "two phases at once": AllOf(phases[:2]),
        "any phase": AnyOf(phases),
        "any age": AnyOf((_age(None, "18"), _age("18", None))),
    }
    fault, symbols = inexact(nodes[kind], snapshot)
    assert not Solver().refutes(symbols.text(fault))


def test_a_definition_that_is_exact_is_not(snapshot: Snapshot) -> None:
    nodes: list[Expression] = [
        AnyOf(_phases(snapshot)[:2]),
        AllOf((_age("10", None), _age(None, "18"))),
    ]
    for node in nodes:
        fault, symbols = inexact(node, snapshot)
        assert Solver().refutes(symbols.text(fault))
