"""What outlives a request: so much and no more, and nothing of a patient."""

from __future__ import annotations

import gc
import sys
from types import BuiltinFunctionType, FrameType, ModuleType
from typing import Any

import pytest

from kg.casing.assemble import assemble
from kg.casing.medications import medicines
from kg.checking.check import check
from kg.contract.request import ListEntry, request_from
from kg.errors import KgError
from kg.resolving.remembered import MOST_KEPT
from kg.snapshot.cache import BoundedCache, cached_per_snapshot
from kg.snapshot.model import Snapshot
from tests.world import world

MANY = 100_000


def test_the_first_to_come_goes_first() -> None:
    kept: BoundedCache[int, str] = BoundedCache(3)
    for n in range(5):
        assert kept.keep(n, str(n)) == str(n)
    assert list(kept) == [2, 3, 4]
    assert kept.get(1) is None
    kept.keep(2, "again")
    assert list(kept) == [2, 3, 4]


def test_a_function_keeps_so_many_answers_for_each_snapshot() -> None:
    asked = []

    @cached_per_snapshot(100)
    def double(snapshot: Snapshot, n: int) -> int | None:
        asked.append(n)
        return None if n == 0 else 2 * n

    snapshot = world()
    assert [double(snapshot, n) for n in (0, 0, 4, 4)] == [None, None, 8, 8]
    assert asked == [0, 4]
    for n in range(MANY):
        double(snapshot, n)
    cache = next(v for k, v in snapshot.__dict__.items() if k.endswith("double"))
    assert isinstance(cache, BoundedCache)
    assert len(cache) == 100


def test_readings_of_very_many_texts_stay_few() -> None:
    known = medicines(world())
    for n in range(MANY):
        known.of(ListEntry(text=f"quibalol {n} mg"))
        assert len(known.kept) <= MOST_KEPT
    assert len(known.kept) == MOST_KEPT


# --- nothing of a patient -------------------------------------------------------------------------


def _texts_kept() -> set[str]:
    """Walk from what lives on, the Snapshot and our modules, to every text and number there."""
    ours = [m for name, m in sys.modules.items() if name.split(".")[0] in ("kg", "api")]
    todo: list[Any] = [world(), world().__dict__, *(vars(module) for module in ours)]
    seen: set[int] = set()
    found: set[str] = set()
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, ModuleType | FrameType | BuiltinFunctionType):
            continue
        seen.add(id(one))
        if isinstance(one, str | int | float):
            found.add(str(one))
            continue
        if isinstance(one, dict) and "__builtins__" in one and one.get("__name__") not in _OURS:
            continue
        todo += gc.get_referents(one)
    return found


_OURS = {name for name in sys.modules if name.split(".")[0] in ("kg", "api")}


def _bodies(mark: str, number: float) -> list[dict[str, Any]]:
    """Put a mark wherever a caller can write anything."""
    text = {"text": f"quibalol {mark}"}
    return [
        {"medications": [text, {"text": mark}, {"text": "quibalol", "last_taken": "1961-03-07"}]},
        {"conditions": [{"text": mark}, {"system": mark, "code": mark}]},
        {"allergies": [{"system": "http://loinc.org", "code": mark}, text]},
        {"observations": [{"text": mark, "value": number, "unit": mark}]},
        {
            "observations": [
                {"text": o.label, "value": number, "unit": o.unit}
                for o in world().observations.values()
            ]
        },
        {"patient": {"age_years": 43.218765, "weight_kg": number, "flags": [mark]}},
        {"context": {"as_of": "1961-03-08", "dose_mg_m2": number, "reduced_to_mg_m2": number}},
        {"context": {"phase": mark}},
        {"medications": [{"text": "quibalol", "role": mark}]},
    ]


@pytest.mark.parametrize("mark", ["Zq7Quagga", "山田太郎", "Иванова", "Zq8 1867031"])
def test_a_marked_patient_never_stays(mark: str) -> None:
    number = 57.618034
    for body in _bodies(mark, number):
        for _ in range(2):
            try:
                check(assemble(request_from(body), world()), world())
            except KgError:
                continue
    stayed = {t for t in _texts_kept() if mark in t or str(number) in t or "1961-03-0" in t}
    assert stayed == set()


def test_the_walk_finds_what_is_kept() -> None:
    assemble(request_from({"medications": [{"text": "quibalol 17 mg"}]}), world())
    assert "quibalol 17 mg" in _texts_kept()
