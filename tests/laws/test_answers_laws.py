"""All answers at once are the answers one by one, and what is kept of a reading is nobody's."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given

from kg import terms
from kg.casing.case import Case
from kg.casing.conditions import diagnoses
from kg.casing.medications import medicines
from kg.interval import FALSE, NOTHING, TRUE, UNKNOWN
from kg.judging.clauses import clauses, dockets, truth
from kg.judging.item_questions import facet_of, not_given
from kg.judging.judge import judge
from kg.judging.questions import PatientNode, asked, logic, ready
from kg.judging.three_valued import different
from kg.judging.view import view_of
from kg.snapshot.criteria import AnyOf, AtLeast, Has, Number
from kg.snapshot.model import Snapshot
from tests.builders import CaseBuilder, a_case
from tests.laws.test_engine_laws import bodies, few
from tests.world import world
from tests.world_terms import role


def plainly(node: PatientNode, case: Case, snapshot: Snapshot) -> int:
    """Answer one question by looking at every item of a case in turn."""
    expression = node.expression
    if isinstance(expression, AtLeast):
        return _along(node, expression.least, case)
    if isinstance(expression, Has):
        if expression.property == terms.HAS_FLAG:
            return case.flags[expression.value].truth
        if expression.property == terms.LACKS:
            return case.absences[expression.value].truth
        given = case.attributes.get(expression.property)
        unstated = snapshot.properties[expression.property].unstated
        if given is None:
            return TRUE if expression.value == unstated else UNKNOWN
        return TRUE if given == expression.value else FALSE
    if isinstance(expression, Number):
        number, facet = case.numbers.get(expression.property), facet_of(expression)
        known = snapshot.properties[expression.property]
        return not_given(known, facet) if number is None else number.compare(facet)
    answers = [plainly(part, case, snapshot) for part in node.parts]
    return max(answers) if isinstance(expression, AnyOf) else min(answers)


def _along(node: PatientNode, least: int, case: Case) -> int:
    assert node.role is not None
    assert node.item is not None
    families = {
        terms.HAS_MEDICATION: case.medications,
        terms.HAS_CONDITION: case.conditions,
        terms.HAS_ALLERGY: case.allergies,
        terms.HAS_OBSERVATION: case.observations or (),
    }
    items = families[node.role.family]
    if items is None:
        return UNKNOWN
    scored = [(i, min(node.role.truths.get(i.role, FALSE), node.item.judge(i))) for i in items]
    best = max([answer for _, answer in scored], default=FALSE)
    if least > 1:
        return different(least, [(i, answer) for i, answer in scored if answer != FALSE])
    given = {i.term for i in items}
    if best == FALSE and any(closing.isdisjoint(given) for _, closing in node.role.open_kinds):
        return UNKNOWN
    return best


@few
@given(bodies)
def test_all_answers_at_once_are_the_answers_one_by_one(body: dict[str, Any]) -> None:
    snapshot = world()
    case = CaseBuilder(body=body).case()
    view = view_of(case, asked(snapshot))
    for advisory in ready(snapshot):
        for node in (advisory.applies, *([advisory.unless] if advisory.unless else [])):
            expected = plainly(node, case, snapshot)
            assert node.judge(view) == expected, (advisory.iri, node.expression)
            known = clauses(node)
            assert known is not None
            assert truth(known, logic(snapshot).questions.answers(view)) == expected


def test_the_world_asks_in_every_way() -> None:
    found = {type(n.expression).__name__ for n in logic(world()).leaves.values()}
    ready(world())
    assert found == {"AtLeast", "Has", "Number"}
    assert any(isinstance(e, AtLeast) and e.least > 1 for e in logic(world()).leaves)
    assert any(len(entry.applies or ()) > 1 for entry in dockets(world())["any"])


def test_an_item_that_was_changed_answers_for_itself() -> None:
    case = a_case().taking("quibalol").in_phase("before_dose").case()
    questions = logic(world()).questions
    (item,) = case.medications or ()
    before = questions.of_item(terms.HAS_MEDICATION, item)
    for changed in (
        msgspec.structs.replace(item, role=terms.STOPPED),
        msgspec.structs.replace(item, attributes={terms.USE: role("premedication")}),
        msgspec.structs.replace(item, drugs=None, term=None),
        msgspec.structs.replace(item, numbers={terms.DAILY_DOSE_MG: NOTHING}),
    ):
        alone = msgspec.structs.replace(changed, input="medications[7]")
        expected = questions.of_item(terms.HAS_MEDICATION, alone)
        assert questions.of_item(terms.HAS_MEDICATION, changed) == expected
        assert questions.of_item(terms.HAS_MEDICATION, item) == before
    assert questions.of_item(terms.HAS_MEDICATION, changed) != before or item.numbers


def test_the_same_items_answer_another_snapshot_anew() -> None:
    case = a_case().taking("quibalol").case()
    first = {v.ready.iri: v.truth for v in judge(case, world())}
    bare = msgspec.structs.replace(world(), classes={})
    with pytest.raises(KeyError):
        judge(case, bare)
    other = msgspec.structs.replace(world(), advisories={})
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
