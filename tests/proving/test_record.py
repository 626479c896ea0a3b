"""A proof is of one release: a stale one is noticed, and a build lets only its own in."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from kg.build.kept_proof import let_in
from kg.proving.solver import SOLVER
from kg.snapshot.file import read_manifest
from kg.snapshot.model import Snapshot
from kg.snapshot.proof import FOLDER, PROOF, in_use, logic_hash, read_record
from tests.workshop import ROOT

ONTOLOGY = ROOT / "ontology"


def test_the_proof_is_of_the_ontology_as_it_stands(snapshot: Snapshot) -> None:
    record = read_record(ONTOLOGY / FOLDER / PROOF)
    assert record is not None, "nothing was proved; make prove"
    assert record.logic == logic_hash(snapshot), "the proof is stale; make prove renews it"
    assert record.solver.split(".")[0] == SOLVER.split(".")[0]


def test_the_release_says_that_it_is_proved(release_folder: Path) -> None:
    assert in_use(read_manifest(release_folder)).proof == "proved"
    record = read_record(release_folder / PROOF)
    assert record is not None
    assert record.claims["advisories"] > 80


@pytest.fixture
def ontology(tmp_path: Path) -> Path:
    (tmp_path / FOLDER).mkdir()
    shutil.copy(ONTOLOGY / FOLDER / PROOF, tmp_path / FOLDER)
    return tmp_path


def test_a_build_lets_in_the_proof_of_its_own_release(
    ontology: Path, snapshot: Snapshot, tmp_path: Path
) -> None:
    draft = tmp_path / "draft"
    draft.mkdir()
    assert let_in(snapshot, ontology, draft)
    assert (draft / PROOF).exists()


def test_a_stale_proof_and_a_broken_one_are_as_good_as_none(
    ontology: Path, snapshot: Snapshot, tmp_path: Path
) -> None:
    draft = tmp_path / "draft"
    draft.mkdir()
    name, clauses = next(iter(snapshot.decisions.criteria.items()))
    criteria = {**snapshot.decisions.criteria, name: clauses[1:]}
    table = msgspec.structs.replace(snapshot.decisions, criteria=criteria)
    assert not let_in(msgspec.structs.replace(snapshot, decisions=table), ontology, draft)
    (ontology / FOLDER / PROOF).write_text("{}")
    assert not let_in(snapshot, ontology, draft)
    assert not (draft / PROOF).exists()


def test_words_for_people_leave_a_proof_as_it_is(snapshot: Snapshot) -> None:
    iri, advisory = next(iter(snapshot.advisories.items()))
    said = msgspec.structs.replace(advisory, management="Something else.")
    other = msgspec.structs.replace(snapshot, advisories={**snapshot.advisories, iri: said})
    assert logic_hash(other) == logic_hash(snapshot)
    weaker = msgspec.structs.replace(advisory, severities={})
    other = msgspec.structs.replace(snapshot, advisories={**snapshot.advisories, iri: weaker})
    assert logic_hash(other) != logic_hash(snapshot)
