"""Results are read as a biochemist reads them, or stay a question; none is read wrongly."""

from __future__ import annotations

from collections import Counter

import pytest

from kg.snapshot.model import Snapshot
from tests.reading.results import ROWS, Row, wrong_with

# Rows that are missed on purpose may not be more than this share.
_RIGHT = 0.98


@pytest.fixture(scope="module")
def faults(snapshot: Snapshot) -> dict[Row, str]:
    """Give what is wrong with each row."""
    return {row: wrong_with(row, snapshot) for row in ROWS}


def test_there_are_enough_results_of_every_kind() -> None:
    kinds = Counter("?" if row.question else row.amount == "seen" for row in ROWS)
    assert len(ROWS) >= 500
    assert min(kinds["?"], kinds[True]) >= 70
    assert len({row.read_as for row in ROWS}) > 100


def test_no_result_is_read_wrongly(faults: dict[Row, str]) -> None:
    assert [(row, why) for row, why in faults.items() if why.startswith("wrong")] == []


def test_nearly_all_results_are_read(faults: dict[Row, str]) -> None:
    missed = [(row, why) for row, why in faults.items() if why]
    assert len(missed) <= len(ROWS) * (1 - _RIGHT), missed
