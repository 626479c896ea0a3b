"""Every advisory has a patient to whom it applies, and one like it to whom it does not."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from kg.interval import FALSE, TRUE
from kg.proving.entries import differing
from kg.proving.witnesses import truth
from kg.snapshot.advice import own_advisories
from kg.snapshot.model import Snapshot
from kg.snapshot.proof import FOLDER, WITNESSES, Witnesses, read_witnesses
from tests.workshop import ROOT

MOST_DIFFERENCES = 3


@pytest.fixture(scope="module")
def pairs() -> dict[str, Witnesses]:
    return read_witnesses(ROOT / "ontology" / FOLDER / WITNESSES)


def test_every_advisory_has_a_pair(pairs: dict[str, Witnesses], snapshot: Snapshot) -> None:
    assert pairs.keys() == own_advisories(snapshot).keys()


def test_the_engine_judges_each_as_it_is_said(
    pairs: dict[str, Witnesses], snapshot: Snapshot
) -> None:
    applies = {iri: truth(iri, pair.applies, snapshot) for iri, pair in pairs.items()}
    assert {iri for iri, found in applies.items() if found != TRUE} == set()
    fails = {iri: truth(iri, pair.does_not_apply, snapshot) for iri, pair in pairs.items()}
    assert {iri for iri, found in fails.items() if found != FALSE} == set()


def test_the_two_are_alike(pairs: dict[str, Witnesses]) -> None:
    for iri, pair in pairs.items():
        assert pair.differ_in == tuple(differing(pair.applies, pair.does_not_apply)), iri
        assert 1 <= len(pair.differ_in) <= MOST_DIFFERENCES, iri
    alone = [pair for pair in pairs.values() if len(pair.differ_in) == 1]
    assert len(alone) > len(pairs) * 0.8


def test_the_page_of_an_advisory_shows_its_two_patients(
    client: TestClient, snapshot: Snapshot
) -> None:
    iri = min(own_advisories(snapshot))
    told = client.get("/id/advisory/" + iri.rsplit("/", 1)[1], headers={"Accept": "text/html"})
    assert told.status_code == 200
    assert "Two patients" in told.text
