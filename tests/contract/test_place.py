"""One reader and one writer of the places of a request."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.contract.parts import LIST_NAMES
from kg.contract.place import Place, as_pointer, begins_as_place, order_of, order_of_pointer
from kg.contract.request import request_from
from tests.workshop import ROOT

names = st.sampled_from(["role", "last_taken", "flags", "as_of", "taken_at"])
numbers = st.none() | st.integers(0, 9999)
lists = st.builds(Place, st.sampled_from(LIST_NAMES), numbers, names | st.just(""))
singles = st.builds(Place, st.sampled_from(["patient", "context"]), st.none(), names) | st.builds(
    Place, st.just("patient"), numbers, st.just("flags")
)


@given(lists | singles)
def test_what_is_written_is_read_again(place: Place) -> None:
    assert Place.of(str(place)) == place
    assert Place.at_head(f"{place}: and more") == (place, ": and more")


@given(singles | st.builds(Place, st.sampled_from(LIST_NAMES), numbers, st.just("")))
def test_a_pointer_leads_back(place: Place) -> None:
    assert Place.of_pointer(place.pointer) == place


@pytest.mark.parametrize(
    ("text", "place", "pointer"),
    [
        ("medications[3]", Place("medications", 3), "/medications/3"),
        ("conditions", Place("conditions"), "/conditions"),
        ("patient.flags[1]", Place("patient", 1, "flags"), "/patient/flags/1"),
        ("context.cycle", Place("context", None, "cycle"), "/context/cycle"),
        ("medications[3].role", Place("medications", 3, "role"), "/medications/3/role"),
    ],
)
def test_the_places_of_the_contract(text: str, place: Place, pointer: str) -> None:
    assert Place.of(text) == place
    assert str(place) == text
    assert place.pointer == as_pointer(text) == pointer


@pytest.mark.parametrize(
    "text",
    [
        *("", "citalopram", "medications[...]", "medications[x]", "medicationsx", "/medications/3"),
        *("Bundle.entry[3].resource", "medications[3].codings[0]", "medications[1]: role"),
    ],
)
def test_what_is_no_place_is_none(text: str) -> None:
    assert Place.of(text) is None


def test_a_head_ends_where_the_place_ends() -> None:
    assert Place.at_head("medications[3].codings[0].system") == (
        Place("medications", 3),
        ".codings[0].system",
    )
    assert Place.at_head("observationsx") is None
    assert Place.at_head("Bundle.entry[1]") is None


def test_a_place_gives_what_a_request_holds() -> None:
    request = request_from(
        {
            "medications": [{"text": "a"}, {"text": "b", "role": "premedication"}],
            "patient": {"flags": ["pregnant"], "age_years": 40},
        }
    )
    assert Place("medications", 1, "role").value(request) == "premedication"
    assert Place("medications", 2).value(request) is None
    assert Place("patient", 0, "flags").value(request) == "pregnant"
    assert Place("patient", None, "age_years").value(request) == 40
    assert Place("context", None, "cycle").value(request) is None
    assert Place("conditions").value(request) is None


def test_a_text_may_be_meant_as_a_place() -> None:
    assert begins_as_place("medications[99].nothing")
    assert begins_as_place("context.phase")
    assert not begins_as_place("conditional-qt-drug")


def test_places_stand_in_the_order_of_their_numbers() -> None:
    assert sorted(["medications[10]", "medications[9]", "conditions"], key=order_of) == [
        "conditions",
        "medications[9]",
        "medications[10]",
    ]
    assert sorted(["Bundle.entry[10].resource", "Bundle.entry[9].resource"], key=order_of)[0] == (
        "Bundle.entry[9].resource"
    )
    assert sorted(["/medications/10", "/medications/9"], key=order_of_pointer)[0].endswith("9")


# Texts by which a place would be taken apart by hand.
_BY_HAND = re.compile(r"\.(?:r?partition|r?split|index|replace)\(['\"][\[\]]['\"]")


@pytest.mark.parametrize("package", ["kg", "api"])
def test_nobody_else_takes_a_place_apart(package: str) -> None:
    found = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / package).rglob("*.py"))
        if _BY_HAND.search(path.read_text(encoding="utf-8"))
    ]
    assert found == (["kg/contract/place.py"] if package == "kg" else [])


def test_taking_apart_by_hand_is_seen() -> None:
    assert _BY_HAND.search('part, _, at = path.partition("[")')
