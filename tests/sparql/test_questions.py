"""The competency questions: each gives what its file expects, from either store."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import httpx2
import pytest

from kg.errors import KnowledgeError
from kg.graph.questions import (
    FOLDER,
    USERS,
    Expected,
    declared,
    differences,
    read_question,
    read_questions,
)
from tests.sparql.asking import asked
from tests.workshop import ONTOLOGY

QUESTIONS = read_questions(ONTOLOGY)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_has_its_answer(
    http: httpx2.Client, endpoint: str, known: Mapping[str, str], name: str
) -> None:
    question = QUESTIONS[name]
    found = asked(http, endpoint, question.query, known)
    assert differences(question.expect, found) == []


@pytest.mark.parametrize("name", QUESTIONS)
def test_both_stores_give_the_same_answer(
    http: httpx2.Client, embedded: str, remote: str, known: Mapping[str, str], name: str
) -> None:
    query = QUESTIONS[name].query
    here = asked(http, embedded + "/sparql", query, known)
    there = asked(http, remote + "/sparql", query, known)
    if isinstance(here, bool) or isinstance(there, bool):
        assert here is there
    else:
        # What a query leaves open (the order of equal rows, of names in one cell) may differ.
        assert sorted(map(_settled, here)) == sorted(map(_settled, there))


def _settled(row: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(", ".join(sorted(cell.split(", "))) for cell in row)


def test_every_kind_of_user_has_questions() -> None:
    assert len(QUESTIONS) >= 30
    for user in USERS:
        assert sum(q.user == user for q in QUESTIONS.values()) >= 10
    assert len({q.question for q in QUESTIONS.values()}) == len(QUESTIONS)
    assert len(QUESTIONS) == len(list((ONTOLOGY / FOLDER).iterdir()))


def test_every_question_expects_something() -> None:
    for name, question in QUESTIONS.items():
        assert question.expect != Expected(), name
        assert question.question.endswith("?"), name
        assert question.why.endswith("."), name


def test_all_forms_of_query_are_shown() -> None:
    shown = " ".join(q.query for q in QUESTIONS.values())
    for word in ("ASK", "CONSTRUCT", "GRAPH graph:inferred", "OPTIONAL", "MINUS", "GROUP BY"):
        assert word in shown


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (Expected(answer=True), False),
        (Expected(rows=(("a",),)), [("a",), ("b",)]),
        (Expected(rows=(("a",),)), [("a",), ("a",)]),
        (Expected(rows=(("a",), ("b",))), [("a",)]),
        (Expected(rows=()), [("a",)]),
        (Expected(contains=(("a",),)), [("b",)]),
        (Expected(lacks=(("a",),)), [("a",)]),
        (Expected(count=2), [("a",)]),
        (Expected(at_least=2), [("a",)]),
        (Expected(answer=True), [("a",)]),
    ],
)
def test_a_wrong_answer_is_seen(expected: Expected, found: bool | list[tuple[str, ...]]) -> None:
    assert differences(expected, found)


def test_a_question_declares_what_it_uses() -> None:
    prefixes = {"ik": "https://e.org/ik/", "class": "https://e.org/class/", "k": "https://e.org/k/"}
    query = "PREFIX ik: <https://e.org/ik/>\nASK { ?s a class:X ; ik:p ?o }"
    assert declared(query, prefixes) == f"PREFIX class: <https://e.org/class/>\n{query}"


@pytest.mark.parametrize(
    "text",
    [
        "question = 1",
        'question = "?"\nuser = "nobody"\nwhy = "."\nquery = "ASK {}"\n[expect]\nanswer = true',
        'question = "?"\nuser = "reviewer"\nwhy = "."\nquery = "ASK {}"\n[expect]\nrow = 1',
        "[[[",
    ],
)
def test_a_question_that_cannot_be_read_names_its_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"odd\.toml"):
        read_question(path)
