"""The real release, built once for all tests that look at it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.model import Snapshot
from kg.release import build
from kg.snapshot import CURRENT, read_snapshot
from tests.workshop import ONTOLOGY


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


@pytest.fixture(scope="session")
def graph(release_folder: Path) -> ox.Store:
    """Give the real release as a store of named graphs."""
    store = ox.Store()
    store.bulk_load(path=str(release_folder / "graph.nq"), format=ox.RdfFormat.N_QUADS)
    return store
