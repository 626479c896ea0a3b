"""Every hazard is held by tests that are there, and every folder of cases holds a hazard."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from tests.links import CASES, leads_nowhere
from tests.workshop import ROOT

LOG = ROOT / "tests" / "hazards" / "hazards.toml"
HAZARDS: list[dict[str, Any]] = tomllib.loads(LOG.read_text(encoding="utf-8"))["hazard"]


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda h: str(h["id"]))
def test_a_hazard_is_whole_and_its_controls_are_there(hazard: dict[str, Any]) -> None:
    assert all(hazard[part] for part in ("what", "cause", "harm", "owner", "controls"))
    assert 1 <= hazard["severity"] <= 5
    assert 1 <= hazard["likelihood"] <= 5
    assert hazard["residual"] in ("low", "medium")
    broken = {c: why for c in hazard["controls"] if (why := leads_nowhere(c))}
    assert not broken, f"{hazard['id']}: {broken}"


def test_hazards_are_numbered_and_enough() -> None:
    ids = [h["id"] for h in HAZARDS]
    assert ids == [f"H-{n:02d}" for n in range(1, len(ids) + 1)]
    assert len(ids) >= 25


def test_the_gravest_are_held_more_than_once() -> None:
    grave = [h for h in HAZARDS if h["severity"] == 5 and h["likelihood"] >= 3]
    assert grave
    assert not [h["id"] for h in grave if len(h["controls"]) < 2]


def test_every_folder_of_cases_holds_a_hazard() -> None:
    held = {c.removeprefix("cases:") for h in HAZARDS for c in h["controls"] if "cases:" in c}
    assert held == {p.parent.name for p in CASES.rglob("*.toml")}


@pytest.mark.parametrize(
    "control",
    [
        "cases:nothing",
        "cases:vod/nothing",
        "tests/checking/test_nothing.py",
        "tests/checking/test_check.py::test_that_is_not_there",
        "tests/mini",
        "tests/builders.py",
    ],
)
def test_a_link_that_leads_nowhere_is_noticed(control: str) -> None:
    assert leads_nowhere(control)
