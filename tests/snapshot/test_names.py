"""Names are the same in any case, order, accent and punctuation, and in no other way."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.snapshot.model import Drug
from kg.snapshot.names import forms, index, normal, words
from kg.snapshot.value import Term


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Quibalol", "QUIBALOL"),
        ("Quibál", "quibal"),
        ("blight of the bark", "Bark blight"),
        ("beta-tandrix", "β-tandrix"),
        ("acid, folinic", "Folinic acid"),
        ("tandrix/quibalol", "quibalol and tandrix"),
        ("Bark's blight", "bark blight"),
        ("œdema", "oedema"),
    ],
)
def test_two_ways_of_writing_a_name_are_one(one: str, other: str) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rb+ rumble", "Rb- rumble"),
        ("quibalol", "quibalols"),
        ("vitamin b", "vitamin d"),
        ("oedema", "edema"),
        ("grain", "grain %"),
        ("tandrix 2a", "tandrix 2b"),
    ],
)
def test_names_that_mean_different_things_stay_apart(one: str, other: str) -> None:
    assert normal(one) != normal(other)


def test_a_hyphen_may_be_left_out() -> None:
    assert normal("coquibatan") in forms("co-quibatan")


def test_a_possessive_is_found_with_and_without_its_s() -> None:
    assert {normal("bark blight"), normal("barks blight")} <= forms("Bark's blight")


def test_a_label_belongs_to_its_term_whoever_else_uses_the_name() -> None:
    known = index({"a": Term(label="glim"), "b": Term(label="glom", names=("glim",))})
    assert known.proper[normal("glim")] == ("a",)


def test_a_trade_name_of_two_drugs_leads_to_both() -> None:
    drugs = {
        "a": Drug(label="glim", kind="drug", brands=("Zap",)),
        "b": Drug(label="glom", kind="drug", brands=("Zap",)),
    }
    assert index(drugs).brands[normal("zap")] == ("a", "b")


def test_a_trade_name_that_is_another_drugs_synonym_leads_to_both() -> None:
    drugs = {
        "a": Drug(label="glim", kind="drug", names=("Zap",)),
        "b": Drug(label="glom", kind="drug", brands=("Zap",)),
    }
    assert index(drugs).proper[normal("zap")] == ("a", "b")


@settings(max_examples=60)
@given(st.text(max_size=40))
def test_any_text_has_one_normal_form_that_is_its_own(text: str) -> None:
    assert normal(normal(text)) == normal(text)
    assert normal(" ".join(reversed(words(text)))) == normal(" ".join(words(text)))
