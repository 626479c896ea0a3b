"""Every target holds against some thousand inputs; `make fuzz` tries many more."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import ReviewSettings, Settings
from kg.snapshot.model import Snapshot
from tests.fuzz.mutants import mutants
from tests.fuzz.targets import Bench, Target, targets, tried

NUMBER = 28
_FEW, _PLANTED = int(os.environ.get("INOKG_FUZZ_CASES", "40")), 200


def _try_all(target: Target, count: int, seed: int) -> None:
    for data in mutants(target.seeds, count, seed):
        tried(target, data)


class Planted(Exception):
    """A fault that was planted, and that must be found."""


@pytest.fixture(scope="module")
def known(
    snapshot: Snapshot, release_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Target]]:
    scratch = tmp_path_factory.mktemp("fuzz")
    reviews = ReviewSettings(database=str(scratch / "reviews.sqlite"))
    settings = Settings(releases=release_folder.parent, review=reviews)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield targets(Bench(snapshot, release_folder, client, scratch))


def test_there_are_enough_targets_and_each_has_a_name_of_its_own(known: list[Target]) -> None:
    assert len({target.name for target in known}) == len(known) == NUMBER


def test_sound_inputs_are_read(known: list[Target]) -> None:
    read = {t.name: [tried(t, data) for data in t.seeds] for t in known}
    assert {name for name, found in read.items() if not all(found)} <= {"signed reviews"}


@pytest.mark.parametrize("number", range(NUMBER))
def test_a_target_refuses_in_our_words_or_reads(number: int, known: list[Target]) -> None:
    _try_all(known[number], _FEW, number)


@pytest.mark.parametrize("number", range(NUMBER))
def test_a_planted_fault_is_found(
    number: int, known: list[Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    target = known[number]
    module, _, name = target.inner.partition(":")
    sound = getattr(importlib.import_module(module), name)
    calls = 0

    def faulty(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        # Sound inputs come first and pass; a fault that every input finds would show nothing.
        if calls > 3 * len(target.seeds) + 2:
            raise Planted
        return sound(*given, **named)

    monkeypatch.setattr(module + "." + name, faulty)
    with pytest.raises((Planted, AssertionError)):
        _try_all(target, _PLANTED, number)
