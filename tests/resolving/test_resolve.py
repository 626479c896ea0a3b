"""An item leads to one term for certain, or to a question with candidates."""

from __future__ import annotations

from typing import Any

import pytest

from kg.contract.parts import ItemKind
from kg.contract.request import ListEntry, request_from
from kg.resolving.names import Missed
from kg.resolving.resolve import Resolved, resolve
from tests.builders import a_case
from tests.world import world
from tests.world_terms import (
    ATC,
    ICD10,
    LOINC,
    RXNORM,
    ZAROLIDE,
    condition,
    drug,
    observation,
    value,
)


def found(kind: ItemKind = "medication", **fields: Any) -> Resolved | Missed:
    part = {"medication": "medications", "condition": "conditions"}.get(kind, f"{kind}s")
    part = "allergies" if kind == "allergy" else part
    (item,) = getattr(request_from({part: [fields]}), part)
    assert isinstance(item, ListEntry)
    return resolve(item, kind, world())


def terms_of(kind: ItemKind = "medication", **fields: Any) -> tuple[str, ...]:
    result = found(kind, **fields)
    assert isinstance(result, Resolved), result
    return result.terms


def missed(kind: ItemKind = "medication", **fields: Any) -> Missed:
    result = found(kind, **fields)
    assert isinstance(result, Missed), result
    return result


@pytest.mark.parametrize(
    "text",
    [
        "quibalol",
        "QUIBALOL",
        "quibalole",
        "Quibal acid",
        "acid quibál",
        "Quibex",
        "quibalol 20 mg",
        "Quibex 20mg tablets oral",
        "quibalol hydrochloride 5 mg/5 ml",
        "quibalol sodium",
        "quibalol 30/500",
        "Quibex (quibalol) 20 mg",
        "quibalol IT premed",
    ],
)
def test_a_name_leads_to_its_drug_however_it_is_dressed(text: str) -> None:
    assert terms_of(text=text) == (drug("quibalol"),)


def test_a_name_that_holds_a_form_or_a_number_is_found_whole() -> None:
    assert terms_of(text="oral rinse salts") == (drug("oral-rinse-salts"),)
    assert terms_of(text="beta-tandrix 2a 5 mg") == (drug("tandrix"),)
    assert terms_of("allergy", text="sugarine 80") == (drug("sugarine"),)


@pytest.mark.parametrize(
    "text",
    [
        "quibalal",
        "quibalol glim",
        "quibalo",
        "no quibalol",
        "quibalol (glim)",
        "quibalol?",
        "xx",
    ],
)
def test_a_near_miss_is_never_applied(text: str) -> None:
    missed(text=text)


def test_a_known_wrong_spelling_is_read_and_said() -> None:
    result = found(text="quibolol 20 mg")
    assert isinstance(result, Resolved)
    assert result.terms == (drug("quibalol"),)
    assert result.note == "'quibolol' is read as quibalol"


def test_a_near_miss_comes_with_candidates() -> None:
    assert drug("quibalol") in missed(text="quibalal 20 mg tablets").suggestions
    assert missed(text="quibalol glim").suggestions == (drug("quibalol"),)


def test_look_alikes_are_never_crossed() -> None:
    assert terms_of(text="ravotin") == (drug("ravotin"),)
    assert terms_of(text="ravolin") == (drug("ravolin"),)
    assert set(missed(text="ravodin").suggestions) >= {drug("ravotin"), drug("ravolin")}


def test_a_trade_name_of_two_drugs_is_a_question() -> None:
    result = missed(text="Duplex 5 mg")
    assert set(result.suggestions) == {drug("ravotin"), drug("tandrix")}
    assert "ravotin and of tandrix" in result.reason


@pytest.mark.parametrize(
    "text",
    [
        "co-quibatan",
        "coquibatan 30/500 tablets",
        "quibalol/tandrix",
        "tandrix 5 mg and quibalol 3 mg",
    ],
)
def test_a_combination_is_found_by_its_name_and_by_its_parts(text: str) -> None:
    assert terms_of(text=text) == (drug("co-quibatan"),)


def test_parts_without_a_combination_of_their_own_are_several_drugs() -> None:
    assert terms_of(text="ravotin + karmin tablets") == (drug("ravotin"), drug("karmin"))


def test_one_unknown_part_leaves_the_whole_unknown() -> None:
    missed(text="ravotin + glim")


def test_a_class_is_found_by_name_and_by_code() -> None:
    assert terms_of(text="zarolides") == (ZAROLIDE,)
    assert terms_of(system=ATC, code="Q01AA") == (ZAROLIDE,)


def test_an_allergen_is_no_medication() -> None:
    assert missed(text="pollenose").suggestions == (drug("pollenose"),)
    assert terms_of("allergy", text="pollenose") == (drug("pollenose"),)


@pytest.mark.parametrize(
    ("code", "term"),
    [
        ("Q74.6", "GreyBlight"),
        ("q746", "GreyBlight"),
        ("Q74.61", "GreyBlight"),
        ("Q74.9", "Blight"),
        ("R12", "Calm"),
        ("R12.3", "Calm"),
        ("R55", "Vague"),
    ],
)
def test_a_code_built_on_another_is_the_longest_listed_or_the_narrowest_range(
    code: str, term: str
) -> None:
    assert terms_of("condition", system=ICD10, code=code) == (condition(term),)


def test_a_code_that_is_wider_than_its_term_is_no_sure_sign_of_it() -> None:
    result = found("condition", system=ICD10, code="Q75.8")
    assert isinstance(result, Resolved)
    assert result.broader


def test_a_code_wider_than_its_term_narrows_nothing() -> None:
    fields: dict[str, Any] = {"text": "blight", "system": ICD10, "code": "Q75.8"}
    result = found("condition", **fields)
    assert isinstance(result, Resolved)
    assert (result.terms, result.broader) == ((condition("Blight"),), False)


def test_codes_are_whole_where_they_are_not_built_on_each_other() -> None:
    missed(system=ATC, code="Q01AA019")
    assert terms_of("observation", system=LOINC, code="1-8") == (observation("Glow"),)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"system": "urn:x", "code": "1"}, "are not known here"),
        ({"system": "urn:hidden", "code": "1"}, "are not known here"),
        ({"code": "1"}, "needs its system"),
        ({"system": ATC}, "needs a code"),
        ({"system": ATC, "code": "X99"}, "stands for no term"),
        ({"system": ICD10, "code": "Q74"}, "and no medication"),
        ({}, "neither a text nor a code"),
        ({"text": "  "}, "neither a text nor a code"),
    ],
)
def test_what_leads_nowhere_says_why(fields: dict[str, Any], reason: str) -> None:
    assert reason in missed(**fields).reason


def test_of_two_meanings_the_narrower_stands() -> None:
    both: dict[str, Any] = {"text": "blight", "system": ICD10, "code": "Q74.6"}
    assert terms_of("condition", **both) == (condition("GreyBlight"),)
    assert terms_of(text="quibalol", system=ATC, code="Q01AA") == (drug("quibalol"),)
    combined: dict[str, Any] = {"text": "co-quibatan", "system": RXNORM, "code": "11"}
    assert terms_of(**combined) == (drug("co-quibatan"),)


def test_unrelated_meanings_are_not_chosen_between() -> None:
    result = missed(text="ravotin", system=ATC, code="Q01AA01")
    assert "contradicts itself" in result.reason
    assert set(result.suggestions) == {drug("ravotin"), drug("quibalol")}
    codings = [{"system": ATC, "code": "Q01AA01"}, {"system": RXNORM, "code": "12"}]
    assert "contradicts itself" in missed(codings=codings).reason


def test_one_known_coding_among_unknown_ones_is_enough_and_says_so() -> None:
    codings = [{"system": "urn:x", "code": "1"}, {"system": ATC, "code": "Q01AA01"}]
    result = found(text="take one", codings=codings)
    assert isinstance(result, Resolved)
    assert (result.terms, result.matched) == ((drug("quibalol"),), "code")
    assert "urn:x" in result.note


def test_how_an_item_was_matched_is_told() -> None:
    ways: list[tuple[dict[str, Any], str]] = [
        ({"text": "quibalol"}, "name"),
        ({"system": ATC, "code": "Q01AA01"}, "code"),
        ({"text": "quibalol", "system": ATC, "code": "Q01AA01"}, "name_and_code"),
    ]
    for fields, matched in ways:
        result = found(**fields)
        assert isinstance(result, Resolved)
        assert result.matched == matched


def test_a_code_of_local_use_states_the_route() -> None:
    result = found(system=ATC, code="D01AA01")
    assert isinstance(result, Resolved)
    assert result.route == value("route-local")


def test_every_input_is_accounted_for() -> None:
    case = (
        a_case()
        .taking("quibalol")
        .taking("glim")
        .taking("indexumab")
        .taking("co-quibatan")
        .with_condition("blight")
        .with_condition(system=ICD10, code="Q75.8")
        .allergic_to("zzz")
        .measuring("glow", 20, "umol/L")
        .measuring("glow", 20)
        .flagged("tired", "zzz")
        .case()
    )
    paths = {r.input for r in case.recognised} | {u.input for u in case.unrecognised}
    expected = {f"medications[{n}]" for n in range(4)} | {"conditions[0]", "conditions[1]"}
    expected |= {"allergies[0]", "observations[0]", "observations[1]"}
    assert paths == expected | {"patient.flags[0]", "patient.flags[1]"}
