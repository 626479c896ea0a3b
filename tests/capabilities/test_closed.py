"""Without sound knowledge there is no answer at any door, and never an empty one."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from kg.cli.main import main
from kg.snapshot.file import CURRENT
from tests.run.test_mark import BUNDLE, HOOK

FHIR = {"Content-Type": "application/fhir+json"}
LINES = {"Content-Type": "application/x-ndjson"}
BODY = {"medications": [{"text": "hummol"}]}
DOORS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "check": ("POST", "/v1/check", {"json": BODY}),
    "check of nothing": ("POST", "/v1/check", {"json": {}}),
    "fhir": ("POST", "/v1/check", {"content": json.dumps(BUNDLE), "headers": FHIR}),
    "batch": ("POST", "/v1/check/batch", {"content": json.dumps(BODY), "headers": LINES}),
    "explain": ("POST", "/v1/explain", {"json": {**BODY, "explain": "medications[0]"}}),
    "why not": ("GET", "/v1/explain?drug=hummol", {}),
    "hook": ("POST", "/cds-services/inotuzumab-safety", {"json": HOOK}),
    "form": ("POST", "/check", {"data": {"med": "hummol"}}),
    "page": ("GET", "/", {}),
    "drugs": ("GET", "/v1/drugs", {}),
    "resolve": ("GET", "/v1/resolve?text=hummol", {}),
    "release": ("GET", "/v1/release", {}),
    "ready": ("GET", "/readyz", {}),
}


def _absent(folder: Path) -> None:
    shutil.rmtree(folder)


def _altered(folder: Path) -> None:
    path = folder / "snapshot.json"
    path.write_bytes(path.read_bytes().replace(b"60.5", b"99.5"))


def _cut_short(folder: Path) -> None:
    path = folder / "snapshot.json"
    path.write_bytes(path.read_bytes()[:-200])


def _emptied(folder: Path) -> None:
    (folder / "snapshot.json").write_bytes(b"{}")


def _without_its_manifest(folder: Path) -> None:
    (folder / "release.json").unlink()


def _with_another_hash(folder: Path) -> None:
    path = folder / "release.json"
    made = json.loads(path.read_text(encoding="utf-8"))
    made["hash"] = "sha256:" + "0" * 64
    path.write_text(json.dumps(made), encoding="utf-8")


def _altered_with_its_entry(folder: Path) -> None:
    _altered(folder)
    made = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    data = (folder / "snapshot.json").read_bytes()
    made["files"]["snapshot.json"] = "sha256:" + hashlib.sha256(data).hexdigest()
    (folder / "release.json").write_text(json.dumps(made), encoding="utf-8")


FAULTS = (
    *(_absent, _altered, _cut_short, _emptied, _without_its_manifest),
    *(_with_another_hash, _altered_with_its_entry),
)


@pytest.fixture
def releases(mini_releases: Path) -> Path:
    """Give a small release, whole and sound, for one test to break."""
    return mini_releases


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.__name__.strip("_"))
def test_sf_02_no_door_answers_from_knowledge_that_is_absent_or_corrupt(
    releases: Path, fault: Callable[[Path], None]
) -> None:
    fault(releases / os.readlink(releases / CURRENT))
    with TestClient(create_app(Settings(releases)), raise_server_exceptions=False) as client:
        assert client.get("/healthz").status_code == 200, "the process lives, and says so"
        for name, (method, address, sent) in DOORS.items():
            answer = client.request(method, address, **sent)
            assert answer.status_code == 503, (name, answer.text[:200])
            told = answer.json()
            for word in ("cards", "findings", "complete", "severity", "entry", "items"):
                assert word not in told, (name, word)
            assert "Nothing found" not in answer.text


def test_sf_02_the_same_doors_answer_where_it_is_sound(releases: Path) -> None:
    """Otherwise the refusals above would say nothing about the faults."""
    with TestClient(create_app(Settings(releases)), raise_server_exceptions=False) as client:
        for name, (method, address, sent) in DOORS.items():
            status = client.request(method, address, **sent).status_code
            # The small release names no service for hooks, and no drug of this bundle.
            assert status == (404 if name == "hook" else 200), name


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.__name__.strip("_"))
def test_sf_02_the_command_line_says_so_and_finds_nothing_clear(
    releases: Path, fault: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    fault(releases / os.readlink(releases / CURRENT))
    status = main(["check", "--med", "hummol", "--releases", str(releases)])
    said = capsys.readouterr()
    assert status not in (0, 1, 3), "neither clear, nor found, nor merely incomplete"
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
