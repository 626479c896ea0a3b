"""What many tests start from."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from kg.snapshot.file import CURRENT, read_snapshot
from kg.snapshot.model import Snapshot
from tests.kept import released, released_twice
from tests.sharing import place, scheduler
from tests.workshop import ONTOLOGY, lay_out, point


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Hand the tests out by what they share."""
    return scheduler(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes longest begin first."""
    items.sort(key=lambda item: place(item.nodeid))


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    """Lay out the small invented ontology, whole and sound."""
    return lay_out(tmp_path)


@pytest.fixture(scope="session")
def release_folder() -> Path:
    """Give the release of the ontology as it is here."""
    return (released(ONTOLOGY) / CURRENT).resolve(strict=True)


@pytest.fixture(scope="session")
def snapshot(release_folder: Path) -> Snapshot:
    """Give the compiled form of the real release."""
    return read_snapshot(release_folder)[0]


@pytest.fixture(scope="session")
def client(release_folder: Path) -> Iterator[TestClient]:
    """Open the service over the real release, once in each process."""
    app = create_app(Settings(releases=release_folder.parent))
    with TestClient(app, raise_server_exceptions=False) as found:
        yield found


@pytest.fixture(scope="session")
def mini_built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder in which the release of the invented ontology is the current one."""
    return released(lay_out(tmp_path_factory.mktemp("mini")))


@pytest.fixture
def mini_releases(mini_built: Path, tmp_path: Path) -> Path:
    """Lay the release of the invented ontology out, for one test to do as it likes."""
    return Path(shutil.copytree(mini_built, tmp_path / "releases", symlinks=True))


@pytest.fixture(scope="session")
def two_built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """Give two releases of the invented ontology: their folder and their names."""
    folder = released_twice(lay_out(tmp_path_factory.mktemp("two")))
    later = os.readlink(folder / CURRENT)
    (first,) = (p.name for p in folder.iterdir() if p.name not in (later, CURRENT))
    return folder, first, later


@pytest.fixture
def releases(tmp_path: Path, two_built: tuple[Path, str, str]) -> Path:
    """Lay both releases out, the first as the current one, for one test to do as it likes."""
    built, first, _ = two_built
    shutil.copytree(built, tmp_path / "releases", symlinks=True)
    point(tmp_path / "releases", first)
    return tmp_path / "releases"
