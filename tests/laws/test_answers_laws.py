"""The compiled answers are those of the definitions, and what is kept of a reading is nobody's."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given

from kg import terms
from kg.build.compile_decisions import decided
from kg.casing.conditions import diagnoses
from kg.casing.medications import medicines
from kg.judging.judge import candidates, judge
from kg.judging.questions import logic
from kg.judging.tables import tables
from kg.judging.three_valued import truth
from kg.judging.view import view_of
from kg.proving.trees import Trees
from kg.snapshot.decisions import CountQuestion, FactQuestion, NumberQuestion, RoleQuestion
from tests.builders import CaseBuilder, a_case
from tests.laws.test_engine_laws import bodies, few
from tests.world import world


@few
@given(bodies)
def test_the_engine_says_what_the_definitions_say(body: dict[str, Any]) -> None:
    snapshot = world()
    case = CaseBuilder(body=body).case()
    expected = Trees(snapshot).verdicts(case)
    assert {v.ready.iri: v.truth for v in judge(case, snapshot)} == expected


@few
@given(bodies)
def test_every_clause_says_what_its_part_of_the_definition_says(body: dict[str, Any]) -> None:
    snapshot = world()
    case = CaseBuilder(body=body).case()
    view, trees = view_of(case, snapshot), Trees(snapshot)
    for name in snapshot.decisions.criteria:
        node = logic(snapshot).criterion(name)
        assert truth(node.clauses, view.sure, view.possible) == trees.criterion(name, case), name


def test_the_world_asks_in_every_way() -> None:
    questions = world().decisions.questions
    assert {type(q) for q in questions} == {
        RoleQuestion,
        FactQuestion,
        NumberQuestion,
        CountQuestion,
    }
    assert any(len(entry.applies) > 1 for entry in candidates(world())["any"])
    assert any(len(c) > 1 for clauses in world().decisions.criteria.values() for c in clauses)
    assert any(profile.open for profile in world().decisions.profiles)


def test_an_item_that_was_changed_answers_for_itself() -> None:
    case = a_case().taking("quibalol").in_phase("before_dose").case()
    known = tables(world())
    (item,) = case.medications or ()
    before = known.of_item(item)
    stopped = msgspec.structs.replace(item, role=terms.STOPPED)
    unread = msgspec.structs.replace(item, drugs=None, term=None)
    assert known.of_item(stopped) != before
    assert known.of_item(unread) != before
    assert known.of_item(item) == before


def test_the_same_items_answer_another_snapshot_anew() -> None:
    case = a_case().taking("quibalol").case()
    first = {v.ready.iri: v.truth for v in judge(case, world())}
    other = decided(msgspec.structs.replace(world(), advisories={}))
    assert judge(case, other) == []
    assert {v.ready.iri: v.truth for v in judge(case, world())} == first


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("quibalol", True),
        ("Quibalol 20 mg tablets", True),
        ("quibalol 20 mg Mrs Zebra", False),
        ("quibalol 4711", False),
        ("quibalol 123456 mg", False),
        ("quibalol 12/03/1956", False),
        ("Zebra Quagga", False),
        ("quibalol\n", True),
        ("quibalol 山田", False),
        ("quibalol Иванова", False),
        ("quibalol" + " " * 80, False),
    ],
)
def test_only_what_the_catalogue_and_the_lexicon_know_is_kept(text: str, kept: bool) -> None:
    known = medicines(world())
    known.kept.clear()
    a_case().taking(text).case()
    assert [given[0] for given in known.kept] == ([text] if kept else [])


def test_a_name_beside_a_code_is_kept_only_where_it_was_read() -> None:
    known = diagnoses(world())
    known.kept.clear()
    coded = {"system": "http://hl7.org/fhir/sid/icd-10", "code": "Z01"}
    a_case().with_condition("Mrs Zebra", **coded).case()
    assert len(known.kept) == 0
