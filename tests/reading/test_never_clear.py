"""No patient is called clear because of how an input was read."""

from __future__ import annotations

from typing import Any

import pytest

from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.request import request_from
from kg.errors import CaseError
from kg.snapshot.model import Snapshot
from tests.reading.never_clear import Pair, pairs

PAIRS = pairs()
TWINS = {str(p.twin): p for p in PAIRS}


def _clear(body: dict[str, Any], snapshot: Snapshot) -> bool:
    report = check(assemble(request_from(body), snapshot), snapshot)
    return report.complete and not report.findings


def test_the_set_is_large_and_looks_into_every_room() -> None:
    assert len(PAIRS) >= 150
    assert {p.room for p in PAIRS} >= {
        *("medicines", "conditions", "allergies", "results"),
        *("parts", "flags", "context"),
    }


@pytest.mark.parametrize("pair", TWINS.values(), ids=lambda p: p.name)
def test_a_twin_is_clear(pair: Pair, snapshot: Snapshot) -> None:
    assert _clear(pair.twin, snapshot)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda p: f"{p.room}: {p.name}")
def test_a_case_is_never_clear(pair: Pair, snapshot: Snapshot) -> None:
    try:
        assert not _clear(pair.case, snapshot)
    except CaseError:
        return  # what is refused as a whole is not called clear
