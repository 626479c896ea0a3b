"""What many tests start from."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.build.release import build
from kg.snapshot.file import CURRENT, read_snapshot
from kg.snapshot.model import Snapshot
from tests.stores import store_elsewhere
from tests.workshop import ONTOLOGY, edit, lay_out, point


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


@pytest.fixture(scope="session")
def two_built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """Build two releases of the invented ontology; give their folder and their names."""
    folder = tmp_path_factory.mktemp("built")
    releases = folder / "releases"
    root = lay_out(folder)
    build(root, releases)
    first = os.readlink(releases / "current")
    edit(root / "release.ttl", 'owl:versionInfo "9.9.9"', 'owl:versionInfo "9.9.10"')
    build(root, releases)
    return releases, first, os.readlink(releases / "current")


@pytest.fixture
def releases(tmp_path: Path, two_built: tuple[Path, str, str]) -> Path:
    """Lay both releases out, the first as the current one, for one test to do as it likes."""
    built, first, _ = two_built
    shutil.copytree(built, tmp_path / "releases", symlinks=True)
    point(tmp_path / "releases", first)
    return tmp_path / "releases"


@pytest.fixture(scope="session")
def oxigraph(release_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of an Oxigraph server that holds the real release."""
    with store_elsewhere(release_folder, tmp_path_factory.mktemp("oxigraph")) as store:
        yield store
