"""The real release as a graph, for the tests that query it."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest


@pytest.fixture(scope="session")
def graph(release_folder: Path) -> ox.Store:
    """Give the real release as a store of named graphs."""
    store = ox.Store()
    store.bulk_load(path=str(release_folder / "graph.nq"), format=ox.RdfFormat.N_QUADS)
    return store
