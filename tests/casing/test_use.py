"""What is understood of how a medicine is taken, where it was read, and what stands."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import to_builtins

from kg.casing.assemble import assemble
from kg.contract.request import request_from
from kg.snapshot.model import Snapshot
from tests.world import world


def read_as(snapshot: Snapshot, **fields: Any) -> dict[str, Any]:
    case = assemble(request_from({"medications": [fields]}), snapshot)
    (entry,) = case.recognised
    read: dict[str, Any] = to_builtins(entry)["read_as"]
    return read


ACTIVE = {"value": "active", "from": "default"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"text": "quibalol"}, {"status": ACTIVE}),
        (
            {"text": "quibalol", "status": "active"},
            {"status": {"value": "active", "from": "field"}},
        ),
        (
            {"text": "quibalol", "status": "stopped", "last_taken": "2026-01-02"},
            {
                "status": {"value": "stopped", "from": "field"},
                "date": {"value": "2026-01-02", "from": "field"},
            },
        ),
        (
            {"text": "quibalol oral 20 mg daily"},
            {
                "status": ACTIVE,
                "route": {"value": "systemic", "from": "text"},
                "daily_dose": {"value": 20, "unit": "mg", "from": "text"},
            },
        ),
        (
            {"text": "quibalol 20 mg daily", "daily_dose": {"value": 40, "unit": "mg"}},
            {
                "status": ACTIVE,
                "daily_dose": {
                    "value": 40.0,
                    "unit": "mg",
                    "from": "field",
                    "contradictory": True,
                },
            },
        ),
        (
            {"text": "quibalol 60 mg daily", "daily_dose": {"value": 40, "unit": "mg"}},
            {
                "status": ACTIVE,
                "daily_dose": {"value": 60, "unit": "mg", "from": "text", "contradictory": True},
            },
        ),
        (
            {"text": "quibalol oral", "route": "local"},
            {
                "status": ACTIVE,
                "route": {"value": "systemic", "from": "text", "contradictory": True},
            },
        ),
    ],
)
def test_each_reading_says_where_it_comes_from(
    fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert read_as(world(), **fields) == expected
