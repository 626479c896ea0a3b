"""The charts of a report: until when results count, what is due, and where a score stands."""

from __future__ import annotations

from typing import Any

import pytest

from api.pages.timeline import WIDTH, score_bands, timeline
from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.request import request_from
from kg.snapshot.model import Snapshot

PATIENT: dict[str, Any] = {
    "patient": {"age_years": 70, "sex": "female", "flags": []},
    "medications": [{"text": "citalopram 20 mg"}, {"text": "furosemide 40 mg"}],
    "observations": [
        {"text": "QTcF 462 ms", "taken_at": "2026-11-29"},
        {"text": "platelets 80 x10^9/L", "taken_at": "2026-11-29"},
    ],
    "context": {"phase": "before_first_dose", "as_of": "2026-11-30"},
}


def test_results_are_drawn_until_the_day_on_which_they_stop_counting(snapshot: Snapshot) -> None:
    request = request_from(PATIENT)
    found = timeline(check(assemble(request, snapshot), snapshot), request)
    said = {line.label: line for line in found}
    assert said["platelets"].said.startswith("until ")
    assert said["platelets"].said.endswith(" Dec 2026")
    assert all(0 <= line.start <= line.start + line.width <= WIDTH for line in found)
    widths = [line.width for line in found if line.kind == "counts"]
    assert widths == sorted(widths), "the first to end comes first"


def test_without_the_day_of_the_check_nothing_is_drawn(snapshot: Snapshot) -> None:
    request = request_from({**PATIENT, "context": {"phase": "before_first_dose"}})
    assert timeline(check(assemble(request, snapshot), snapshot), request) == []


def test_a_score_stands_among_its_bands(snapshot: Snapshot) -> None:
    report = check(assemble(request_from(PATIENT), snapshot), snapshot)
    found = score_bands(report)
    assert found is not None
    assert [band.said for band in found.bands] == list(report.burden["qt"].score_detail.bands)  # type: ignore[union-attr]
    assert sum(band.width for band in found.bands) == pytest.approx(WIDTH, abs=0.5)
    low, high = report.burden["qt"].score_range or (0, 0)
    assert found.said == f"{low} to {high}"
    assert 0 < found.start < found.start + found.width <= WIDTH + 0.5


def test_what_adds_nothing_has_no_score(snapshot: Snapshot) -> None:
    nothing = {"patient": {"age_years": 30, "sex": "male", "flags": []}, "medications": []}
    report = check(assemble(request_from(nothing), snapshot), snapshot)
    found = score_bands(report)
    assert found is None or found.said != "0"
