"""The few names by which a notebook uses the engine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import kg
from api.app import create_app
from api.settings import Settings
from kg.build.release import build
from kg.errors import UnknownSubject
from kg.resolving.names import Missed
from kg.resolving.resolve import Resolved
from tests.workshop import ROOT, lay_out
from tests.world import world

NAMES = [
    *("Explanation", "KgError", "Report", "Request", "Snapshot"),
    *("check", "explain", "open_release", "resolve", "to_json"),
]
REQUEST = {"medications": [{"text": "hummol"}, {"text": "hummle"}], "conditions": []}


def test_the_names_are_these() -> None:
    assert sorted(kg.__all__) == NAMES
    assert all(getattr(kg, name) is not None for name in NAMES)
    with pytest.raises(AttributeError):
        _ = kg.nothing


def test_no_room_has_the_name_of_a_function() -> None:
    rooms = {path.stem for path in (ROOT / "kg").iterdir()}
    assert not rooms & set(NAMES)


def test_importing_the_package_loads_nothing_else() -> None:
    code = (
        "import sys; before = set(sys.modules); import kg; print(sorted(set(sys.modules)-before))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = done.stdout
    assert "'kg'" in loaded
    assert "kg." not in loaded
    assert "msgspec" not in loaded


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notebook")
    build(lay_out(folder), folder / "releases")
    return folder / "releases"


def test_a_dictionary_is_checked_as_the_service_does(releases: Path) -> None:
    release = kg.open_release(releases=releases)
    assert kg.open_release(releases=releases) is release, "read once"
    with TestClient(create_app(Settings(releases=releases))) as client:
        answered = client.post("/v1/check", json=REQUEST)
        explained = client.post("/v1/explain", json=REQUEST | {"explain": "medications[0]"})
    assert answered.status_code == explained.status_code == 200
    assert kg.to_json(kg.check(REQUEST, release=release)) == answered.content
    why = kg.explain("medications[0]", REQUEST, release=release)
    assert kg.to_json(why) == explained.content


def test_without_a_release_the_current_one_answers(
    releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.snapshot.releases.RELEASES", releases)
    kg._current.cache_clear()
    try:
        first = kg.check(REQUEST)
        monkeypatch.setattr("kg.snapshot.releases.RELEASES", releases / "gone")
        assert kg.check(REQUEST) == first
    finally:
        kg._current.cache_clear()


def test_names_are_resolved_and_explained() -> None:
    known = world()
    assert isinstance(kg.resolve("quibalol", release=known), Resolved)
    assert isinstance(kg.resolve("quibalool", release=known), Missed)
    advisory = next(iter(known.advisories))
    assert kg.explain(advisory, release=known).about == advisory
    drug = next(iri for iri, d in known.drugs.items() if d.kind == "drug")
    assert kg.explain(drug, release=known).about == drug
    assert kg.explain(advisory, REQUEST, release=known).about == advisory
    with pytest.raises(UnknownSubject):
        kg.explain("nothing of the kind", release=known)
