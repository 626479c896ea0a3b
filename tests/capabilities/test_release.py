"""A release names everything that it consists of, and what was proven of it."""

from __future__ import annotations

import hashlib
import json
from html import unescape
from pathlib import Path

from fastapi.testclient import TestClient

from kg.build.load import knowledge_files
from kg.graph.questions import read_questions
from kg.snapshot.file import read_snapshot
from tests.workshop import ONTOLOGY


def test_op_03_the_hash_of_a_release_covers_every_byte_of_it(release_folder: Path) -> None:
    made = json.loads((release_folder / "release.json").read_text(encoding="utf-8"))
    there = {
        p.name: "sha256:" + hashlib.sha256(p.read_bytes()).hexdigest()
        for p in release_folder.iterdir()
        if p.name != "release.json"
    }
    assert made["files"] == there
    listed = json.dumps(there, sort_keys=True, separators=(",", ":")).encode()
    assert made["hash"] == "sha256:" + hashlib.sha256(listed).hexdigest()
    assert read_snapshot(release_folder)[0].knowledge_hash == made["hash"]
    assert made["hash"].removeprefix("sha256:")[:12] in release_folder.name


def test_op_03_a_release_carries_the_reports_of_shapes_and_reasoners(release_folder: Path) -> None:
    def report(name: str) -> object:
        return json.loads((release_folder / name).read_text(encoding="utf-8"))

    shapes = report("validation.json")
    assert isinstance(shapes, dict)
    # As many files as there are, every one of which passed: otherwise nothing is built.
    assert shapes["files"] == len(knowledge_files(ONTOLOGY))
    assert shapes["shapes"] > 50
    reasoners = report("reasoning.json")
    assert isinstance(reasoners, list)
    assert {r["reasoner"] for r in reasoners} == {"HermiT", "rustdl"}
    assert all(r["consistent"] is True and r["unsatisfiable"] == 0 for r in reasoners)
    assert len({(r["classes"], r["subsumptions"]) for r in reasoners}) == 1


def test_op_03_a_release_carries_its_changelog(release_folder: Path) -> None:
    changelog = (release_folder / "CHANGELOG.md").read_text(encoding="utf-8")
    assert read_snapshot(release_folder)[0].version in changelog


def test_sp_04_every_question_is_shown_in_the_page(client: TestClient) -> None:
    page = client.get("/sparql", headers={"Accept": "text/html"}).text
    questions = read_questions(ONTOLOGY)
    assert len(questions) >= 30
    for name, question in questions.items():
        assert f'href="/sparql?question={name}"' in page, name
        begun = client.get(f"/sparql?question={name}", headers={"Accept": "text/html"}).text
        assert question.query.strip() in unescape(begun).replace("\r", ""), name
