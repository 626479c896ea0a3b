"""The second reasoner agrees only by a complete answer, and is asked again for one cut short."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import rustdl

from kg.build import second_reasoner
from kg.build.load import load
from kg.build.reason import logical_axioms, rdf_xml
from kg.build.release import build
from kg.build.second_reasoner import classify
from kg.errors import Inconsistency

_whole = rustdl.classify_bytes


class _Busy:
    """The real reasoner on a machine so busy that a number of its answers are cut short."""

    def __init__(self, cut: int) -> None:
        self.cut, self.calls = cut, 0
        self.clocks: list[str | None] = []

    def __call__(self, data: bytes, **options: Any) -> Any:
        self.calls += 1
        self.clocks.append(os.environ.get("RUSTDL_LABEL_CACHE_TIMEOUT_MS"))
        if self.calls <= self.cut:
            options["global_timeout_ms"] = 1
            # Part of a real answer: what it leaves out is not said not to be.
            answer = _whole(data, **options)
            assert not answer.complete
            return answer
        return _whole(data, **options)


@pytest.fixture
def document(mini: Path) -> bytes:
    """Give the axioms of the small ontology, as both reasoners read them."""
    return rdf_xml(logical_axioms(load(mini)))


@pytest.mark.parametrize("cut", [0, 1, 2])
def test_an_answer_that_is_cut_short_is_asked_for_again(
    document: bytes, monkeypatch: pytest.MonkeyPatch, cut: int
) -> None:
    wanted = classify(document)
    busy = _Busy(cut)
    said: list[str] = []
    monkeypatch.setattr(rustdl, "classify_bytes", busy)
    assert classify(document, said.append) == wanted
    assert busy.calls == cut + 1
    assert said == [f"second reasoner: cut short, attempt {n} of 3" for n in range(1, cut + 1)]


def test_an_answer_that_stays_cut_short_is_never_taken_for_agreement(
    mini: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = _Busy(99)
    monkeypatch.setattr(rustdl, "classify_bytes", busy)
    with pytest.raises(Inconsistency) as caught:
        build(mini, tmp_path / "out")
    error = caught.value
    assert busy.calls == 3
    assert error.code == "second-reasoner-cut-short"
    # Where in its work the clock stops the reasoner is chance.
    assert any(reason in error.message for reason in ("ran out of time", "undecided"))
    assert error.repair.startswith("build again when the machine is less busy")
    assert not list(tmp_path.glob("out/*"))


def test_the_clocks_of_the_package_are_off_and_the_environment_stays(
    document: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUSTDL_LABEL_CACHE_TIMEOUT_MS", "7")
    before = dict(os.environ)
    busy = _Busy(0)
    monkeypatch.setattr(rustdl, "classify_bytes", busy)
    classify(document)
    assert busy.clocks == ["0"]
    assert dict(os.environ) == before


def test_the_package_still_knows_the_clocks_that_are_switched_off() -> None:
    (library,) = Path(rustdl.__file__).parent.glob("*.so")
    text = library.read_bytes()
    assert [n for n in second_reasoner._CLOCKS_OFF if n.encode() not in text] == []
