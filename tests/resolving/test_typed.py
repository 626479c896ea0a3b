"""Measurements as people type them, with an equals sign or without."""

from __future__ import annotations

import argparse
import time
from typing import Any

import pytest

from kg.errors import MalformedRequest
from kg.resolving.typed import body_of
from kg.snapshot.model import Snapshot

NOTHING: dict[str, Any] = {
    "med": [], "condition": [], "allergy": [], "obs": [], "flag": [], "none": [], "age": None,
    "sex": None, "phase": None, "cycle": None, "day": None, "as_of": None, "last_dose": None,
    "jurisdiction": None, "salvage_line": None,
}  # fmt: skip


def measured(text: str, snapshot: Snapshot) -> dict[str, Any]:
    (found,) = body_of(argparse.Namespace(**{**NOTHING, "obs": [text]}), snapshot)["observations"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("QTcF = 512 ms", {"text": "QTcF", "value": 512, "unit": "ms"}),
        ("QTcF 512 ms", {"text": "QTcF", "value": 512, "unit": "ms"}),
        ("QTcF:  512 ms", {"text": "QTcF", "value": 512, "unit": "ms"}),
        ("QTcF >= 512 ms", {"text": "QTcF", "value": ">= 512", "unit": "ms"}),
        ("CD22 expression 30 %", {"text": "CD22 expression", "value": 30, "unit": "%"}),
        ("bilirubin 40 umol/L (<21)", {"value": 40, "unit": "umol/L", "upper_limit": 21}),
        ("potassium = 3.1 mmol/L (3.5-5.1)", {"lower_limit": 3.5, "upper_limit": 5.1}),
        ("1975-2 = 40 umol/L", {"value": 40}),
    ],
)
def test_a_measurement_is_read(text: str, wanted: dict[str, Any], snapshot: Snapshot) -> None:
    found = measured(text, snapshot)
    assert wanted.items() <= found.items()


@pytest.mark.parametrize(
    "text", ["sodium", "", "= 4", "40 umol/L", "no such thing 3,1 mmol/L (about 4)"]
)
def test_what_is_none_is_refused_with_the_way_to_write_it(text: str, snapshot: Snapshot) -> None:
    with pytest.raises(MalformedRequest) as refused:
        measured(text, snapshot)
    assert "=" in refused.value.repair


@pytest.mark.parametrize("text", ["potassium 3,1 mmol/L (LLN 3.5)", "potassium=3.1 mmol/L (L)"])
def test_a_result_as_a_laboratory_prints_it_is_read_as_a_whole(
    text: str, snapshot: Snapshot
) -> None:
    assert measured(text, snapshot) == {"text": text.replace("=", " ")}


def test_many_blanks_take_no_time(snapshot: Snapshot) -> None:
    begun = time.process_time()
    with pytest.raises(MalformedRequest):
        measured("a" + " :" * 20_000 + "x", snapshot)
    assert time.process_time() - begun < 5
