"""What many tests start from."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from kg.build.release import build
from kg.snapshot.file import CURRENT, read_snapshot
from kg.snapshot.model import Snapshot
from tests.workshop import ONTOLOGY, lay_out


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    """Lay out the small invented ontology, whole and sound."""
    return lay_out(tmp_path)


@pytest.fixture(scope="session")
def release_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the ontology from its sources; several test processes share one build."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    out, claim = shared / "releases", shared / "building"
    try:
        claim.mkdir()
    except FileExistsError:
        while not (claim / "done").exists():
            time.sleep(0.2)
    else:
        try:
            build(ONTOLOGY, out)
        finally:
            (claim / "done").touch()
    return (out / CURRENT).resolve(strict=True)


@pytest.fixture(scope="session")
def snapshot(release_folder: Path) -> Snapshot:
    """Give the compiled form of the real release."""
    return read_snapshot(release_folder)[0]
