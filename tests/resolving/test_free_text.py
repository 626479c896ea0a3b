"""Doses, forms, routes and roles are read from text, and nothing is guessed."""

from __future__ import annotations

from fractions import Fraction
from time import perf_counter

import pytest

from kg.resolving.free_text import Said, lexicons, readings, said_in
from kg.resolving.names import resolve_text
from tests.world import world
from tests.world_terms import role, value


def said(text: str, kind: str = "medication") -> Said:
    return said_in(text, lexicons(world())[kind])


@pytest.mark.parametrize(
    ("text", "milligrams"),
    [
        ("glim 1 g four times daily", 4000),
        ("glim 500 mg qds", 2000),
        ("glim 500mg 2 tablets qds", 4000),
        ("glim two tablets 500 mg qds", 4000),
        ("glim 2 x 500 mg daily", 1000),
        ("glim 2 g/day", 2000),
        ("glim 50 micrograms once daily", Fraction(1, 20)),
        ("glim 50 µg daily", Fraction(1, 20)),
        ("glim 1,000 mg daily", 1000),
        ("glim 0,5 mg daily", Fraction(1, 2)),
    ],
)
def test_how_much_and_how_often_give_the_daily_dose(text: str, milligrams: Fraction) -> None:
    daily = said(text).daily
    assert daily.stated
    assert daily.milligrams is not None
    assert daily.milligrams.low == daily.milligrams.high == milligrams


def test_a_range_of_doses_stays_a_range() -> None:
    amount = said("glim 500-1000 mg qds").daily.milligrams
    assert amount is not None
    assert (amount.low, amount.high) == (Fraction(2000), Fraction(4000))


@pytest.mark.parametrize("text", ["glim 20 mg tablets", "glim", "glim 20 mg", "glim IT"])
def test_a_strength_alone_states_no_daily_dose(text: str) -> None:
    assert not said(text).daily.stated


@pytest.mark.parametrize(
    "text",
    ["glim qds", "glim 10 mg/kg daily", "glim 30/500 mg qds", "glim 5 units daily", "glim 3 7 qds"],
)
def test_a_dose_that_cannot_be_read_is_stated_and_unknown(text: str) -> None:
    assert said(text).daily.stated
    assert said(text).daily.milligrams is None


def test_words_say_route_and_role() -> None:
    found = said("glim tablets premed")
    assert found.only("route") == value("route-systemic")
    assert found.only("role") == role("premedication")


def test_words_that_contradict_each_other_say_nothing() -> None:
    assert said("glim tablets cream").only("route") is None


def test_words_of_conditions_are_not_looked_for_in_medications() -> None:
    assert said("severe glim").phrases == ()
    assert said("severe grade 3 glim", "condition").only("grade") == 3


@pytest.mark.parametrize("piece", ["1", "1,", "1/", "1 mg/", "daily ", "(", "a/b ", "500 mg x "])
def test_no_text_takes_long_to_read(piece: str) -> None:
    text = (piece * 500)[:500]
    started = perf_counter()
    said(text)
    resolve_text(text, "medication", world())
    assert perf_counter() - started < 5


def test_fewest_words_are_taken_away_first() -> None:
    left = [
        " ".join(tokens)
        for tokens, _ in readings("oral glim tablets 5 mg", lexicons(world())["medication"])
    ]
    assert left.index("glim tablets") < left.index("glim")
    assert left[-1] == "glim"
