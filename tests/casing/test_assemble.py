"""What was said, what was left out, and what silence means."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from kg import terms
from kg.casing.patient import completed_months
from kg.interval import FALSE, NOTHING, TRUE, UNKNOWN, point
from tests.builders import CaseBuilder, a_case
from tests.world_terms import absence, condition, drug, flag, phase, role, value


def truth(case: CaseBuilder, name: str) -> int:
    return case.case().flags[flag(name)].truth


def lacking(case: CaseBuilder, name: str) -> int:
    return case.case().absences[absence(name)].truth


# --- flags ----------------------------------------------------------------------------------------


def test_a_flag_that_is_not_listed_is_false_and_without_a_list_unknown() -> None:
    assert truth(a_case(), "tired") == UNKNOWN
    assert truth(a_case().flagged(), "tired") == FALSE
    assert truth(a_case().flagged("tired"), "tired") == TRUE


def test_of_two_contraries_neither_listed_is_unknown() -> None:
    assert truth(a_case().flagged(), "lit") == UNKNOWN
    assert truth(a_case().flagged("lit"), "lit") == TRUE
    assert truth(a_case().flagged("unlit"), "lit") == FALSE


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        ({"sex": "female", "age_years": 10}, UNKNOWN),
        ({"sex": "female", "age_years": 55}, UNKNOWN),
        ({"sex": "female"}, UNKNOWN),
        ({"sex": "female", "age_years": 9.9}, FALSE),
        ({"sex": "female", "age_years": 56}, FALSE),
        ({"sex": "male", "age_years": 30}, FALSE),
        ({"age_years": 30}, UNKNOWN),
        ({"age_years": 60}, FALSE),
    ],
)
def test_a_group_of_flags_is_open_only_for_those_it_is_about(
    patient: dict[str, Any], expected: int
) -> None:
    assert truth(a_case().flagged().patient(**patient), "fertile") == expected


def test_one_flag_of_a_group_settles_it() -> None:
    assert truth(a_case().flagged("faded").patient(sex="female"), "fertile") == FALSE


def test_another_field_that_says_the_same_makes_a_flag_so() -> None:
    for planned, flags, expected in (
        (True, (), TRUE),
        (False, (), FALSE),
        (False, ("planned_move",), TRUE),
    ):
        case = a_case().context(hsct_planned=planned).flagged(*flags)
        assert truth(case, "planned-move") == expected
    assert truth(a_case().context(hsct_planned=False), "planned-move") == FALSE
    assert truth(a_case(), "planned-move") == UNKNOWN


def test_a_condition_that_says_the_same_makes_a_flag_so() -> None:
    assert truth(a_case().with_condition("move ahead").flagged(), "planned-move") == TRUE
    suspected = a_case().with_condition("move ahead", status="suspected").flagged()
    assert truth(suspected, "planned-move") == UNKNOWN
    past = a_case().with_condition("move ahead", status="resolved").flagged()
    assert truth(past, "planned-move") == FALSE


# --- absences -------------------------------------------------------------------------------------


def test_no_observation_of_a_kind_is_a_fact_only_where_observations_were_given() -> None:
    assert lacking(a_case(), "no-swing") == UNKNOWN
    assert lacking(a_case().none("observations"), "no-swing") == TRUE
    assert lacking(a_case().measuring("glow", 20, "umol/L"), "no-swing") == TRUE
    assert lacking(a_case().measuring("swing B", 400, "ms"), "no-swing") == FALSE
    worked_out = a_case().measuring("gap", 400, "ms").measuring("beat", 60, "/min")
    assert lacking(worked_out, "no-swing") == FALSE


def test_a_field_left_out_is_a_fact() -> None:
    assert lacking(a_case(), "day-unstated") == TRUE
    assert lacking(a_case().context(day=3), "day-unstated") == FALSE


def test_a_plan_can_be_unsaid_or_denied() -> None:
    for case, unsaid, denied in (
        (a_case(), TRUE, UNKNOWN),
        (a_case().flagged(), FALSE, TRUE),
        (a_case().context(hsct_planned=False), FALSE, TRUE),
        (a_case().context(hsct_planned=True), FALSE, FALSE),
    ):
        assert lacking(case, "move-unstated") == unsaid
        assert lacking(case, "move-denied") == denied


# --- medications ----------------------------------------------------------------------------------


def test_a_combination_is_all_its_drugs_and_a_class_is_one_of_its_members() -> None:
    items = a_case().taking("co-quibatan").taking("zarolides").case().medications or ()
    assert [i.drugs for i in items] == [
        frozenset({drug("quibalol")}),
        frozenset({drug("tandrix")}),
        frozenset({drug("quibalol"), drug("tandrix")}),
    ]


def test_the_index_drug_is_recognised_and_no_medication_of_the_case() -> None:
    case = a_case().taking("indexumab").case()
    assert case.medications == ()
    assert case.recognised[0].assessed


def test_what_a_field_says_goes_before_what_the_text_says() -> None:
    (item,) = a_case().taking("quibalol cream premed", route="systemic").case().medications or ()
    assert item.attributes[terms.ROUTE] == value("route-systemic")
    assert item.attributes[terms.USE] == role("premedication")


def test_text_and_code_that_differ_on_the_route_state_none() -> None:
    fields = {"system": "http://www.whocc.no/atc", "code": "D01AA01"}
    (item,) = a_case().taking("quibalol tablets", **fields).case().medications or ()
    assert terms.ROUTE not in item.attributes
    (item,) = a_case().taking("quibalol cream", **fields).case().medications or ()
    assert item.attributes[terms.ROUTE] == value("route-local")


@pytest.mark.parametrize(
    ("dose", "expected"),
    [
        ({"value": 4, "unit": "g"}, point(4000)),
        ({"value": 50, "unit": "ug"}, point(Fraction(1, 20))),
        ({"value": 50, "unit": "mg/d"}, point(50)),
        ({"value": 50, "unit": "[IU]"}, None),
    ],
)
def test_a_daily_dose_is_counted_in_milligrams(dose: dict[str, Any], expected: Any) -> None:
    (item,) = a_case().taking("quibalol", daily_dose=dose).case().medications or ()
    assert item.numbers.get(terms.DAILY_DOSE_MG) == expected
    assert terms.STATED_DOSE in item.attributes


def test_a_dose_that_cannot_be_counted_is_told() -> None:
    case = a_case().taking("quibalol", daily_dose={"value": 50, "unit": "[IU]"}).case()
    assert "[IU]" in (case.recognised[0].note or "")


def since(**fields: Any) -> Any:
    builder = a_case().context(as_of=fields.pop("as_of", None))
    (item,) = builder.taking(fields.pop("text", "ravotin"), **fields).case().medications or ()
    return item


def test_a_stopped_drug_counts_in_half_lives_by_the_upper_figure() -> None:
    item = since(status="stopped", last_taken="2026-01-01", as_of="2026-01-03")
    assert item.numbers[terms.HALF_LIVES_SINCE_LAST_TAKEN] == point(4)
    assert item.numbers[terms.DAYS_SINCE_LAST_TAKEN] == point(2)


@pytest.mark.parametrize(
    ("fields", "need"),
    [
        ({"as_of": "2026-01-03"}, "medications[0]: last_taken"),
        ({"last_taken": "2026-01-01"}, "context: as_of"),
        (
            {"text": "quibalol", "last_taken": "2026-01-01", "as_of": "2026-01-03"},
            "medications[0]: a known half-life",
        ),
    ],
)
def test_without_date_question_or_half_life_the_washout_is_unknown(
    fields: dict[str, Any], need: str
) -> None:
    item = since(status="stopped", **fields)
    assert terms.HALF_LIVES_SINCE_LAST_TAKEN not in item.numbers
    assert item.needs[terms.HALF_LIVES_SINCE_LAST_TAKEN] == need


def test_what_was_not_stopped_was_not_last_taken_at_any_time() -> None:
    assert since().numbers[terms.HALF_LIVES_SINCE_LAST_TAKEN] == NOTHING


def test_a_drug_last_taken_in_the_future_is_an_error_on_that_item() -> None:
    builder = a_case().context(as_of="2026-01-01")
    case = builder.taking("ravotin", status="stopped", last_taken="2026-01-02").case()
    assert "dated after" in case.unrecognised[0].reason
    assert (case.medications or ())[0].drugs == frozenset({drug("ravotin")})


# --- conditions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fields", "hangs_by", "certainty", "severity"),
    [
        ("rumble", {}, terms.HAS_ONGOING, "confirmed", None),
        ("rumble", {"status": "resolved"}, terms.HAS_PAST, "confirmed", None),
        ("rumble", {"status": "suspected"}, terms.HAS_CONDITION, "suspected", None),
        ("severe rumble", {}, terms.HAS_ONGOING, "confirmed", "severe"),
        ("severe rumble", {"severity": "mild"}, terms.HAS_ONGOING, "confirmed", "severe"),
        ("severe mild rumble", {}, terms.HAS_ONGOING, "confirmed", "severe"),
        ("previous rumble", {}, terms.HAS_PAST, "confirmed", None),
        ("previous rumble", {"status": "active"}, terms.HAS_ONGOING, "confirmed", None),
        ("history of rumble", {}, terms.HAS_CONDITION, "confirmed", None),
        ("?rumble", {}, terms.HAS_CONDITION, "suspected", None),
        ("suspected rumble", {}, terms.HAS_CONDITION, "suspected", None),
        ("previous severe rumble", {}, terms.HAS_PAST, "confirmed", "severe"),
        ("previous severe rumble", {"status": "active"}, terms.HAS_PAST, "confirmed", "severe"),
        ("previous severe rumble", {"severity": "mild"}, terms.HAS_PAST, "confirmed", "severe"),
    ],
)
def test_course_certainty_and_severity_are_as_given_else_as_the_words_say(
    text: str, fields: dict[str, Any], hangs_by: str, certainty: str, severity: str | None
) -> None:
    (item,) = a_case().with_condition(text, **fields).case().conditions or ()
    assert item.role == hangs_by
    assert item.attributes[terms.CERTAINTY] == value(certainty)
    assert item.attributes.get(terms.SEVERITY) == (value(severity) if severity else None)


def test_a_grade_is_given_or_read() -> None:
    for case in (
        a_case().with_condition("rumble", grade=3),
        a_case().with_condition("rumble grade 3"),
    ):
        (item,) = case.case().conditions or ()
        assert item.numbers[terms.CTCAE_GRADE] == point(3)


def test_a_condition_that_nobody_judged_is_not_assessed_and_says_what_it_touches() -> None:
    (recognised,) = a_case().with_condition("vague trouble").case().recognised
    assert not recognised.assessed
    assert "blight" in (recognised.note or "")


def test_a_code_wider_than_its_term_raises_nothing_and_leaves_the_case_open() -> None:
    fields = {"system": "http://hl7.org/fhir/sid/icd-10", "code": "Q75.8"}
    case = a_case().with_condition(**fields).case()
    assert case.conditions == ()
    assert not case.recognised[0].assessed
    assert case.recognised[0].term == condition("GreyBlight")


# --- dates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2026-01-15", "2026-09-14", 7),
        ("2026-01-15", "2026-09-15", 8),
        ("2026-01-31", "2026-09-29", 7),
        ("2026-01-31", "2026-09-30", 8),
        ("2026-01-31", "2026-02-28", 1),
        ("2024-01-31", "2024-02-28", 0),
        ("2024-01-31", "2024-02-29", 1),
        ("2024-02-29", "2025-02-28", 12),
        ("2025-12-31", "2026-01-01", 0),
    ],
)
def test_months_are_calendar_months_cut_to_the_months_last_day(
    start: str, end: str, months: int
) -> None:
    assert completed_months(date.fromisoformat(start), date.fromisoformat(end)) == months


def numbers(**context: Any) -> Any:
    return a_case().context(**context).case().numbers


def test_without_a_day_of_the_question_nothing_is_counted_from_a_date() -> None:
    assert terms.MONTHS_SINCE_LAST_DOSE not in numbers(last_dose="2026-01-01")


def test_before_the_first_dose_there_is_nothing_to_count_from() -> None:
    found = numbers(phase="before_first_dose", as_of="2026-01-01")
    assert found[terms.MONTHS_SINCE_LAST_DOSE] == NOTHING


def test_a_dose_within_a_cycle_is_due_a_week_after_the_last() -> None:
    dates = {"last_dose": "2026-01-01", "as_of": "2026-01-10"}
    assert numbers(**dates, day=8)[terms.DAYS_SINCE_DOSE_DUE] == point(2)
    assert terms.DAYS_SINCE_DOSE_DUE not in numbers(**dates, day=1)
    assert terms.DAYS_SINCE_DOSE_DUE not in numbers(**dates)
    due = numbers(**dates, day=1, dose_due="2026-01-09")
    assert due[terms.DAYS_SINCE_DOSE_DUE] == point(1)


def test_a_dose_is_compared_with_an_earlier_reduction() -> None:
    found = numbers(dose_mg_m2=0.8, reduced_to_mg_m2=0.5)
    assert found[terms.DOSE_TIMES_REDUCED] == point(Fraction(8, 5))


def test_cycles_completed_are_those_before_the_one_in_question() -> None:
    assert numbers(cycle=4)[terms.COMPLETED_CYCLES] == point(3)


def test_the_phase_is_never_guessed() -> None:
    assert terms.PHASE not in a_case().context(cycle=1, day=1).case().attributes
    given = a_case().in_phase("before_dose").case().attributes
    assert given[terms.PHASE] == phase("before-dose")


def test_parts_that_were_left_out_are_listed() -> None:
    assert a_case().none("conditions").case().not_assessed == (
        "age",
        "sex",
        "flags",
        "medications",
        "allergies",
        "observations",
    )
