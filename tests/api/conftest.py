"""What tests of the service start from: releases of the small invented ontology."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from kg.build.release import build
from tests.workshop import edit, lay_out


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


def point(releases: Path, name: str) -> None:
    """Make another release the current one, in one step."""
    pointer = releases / ".next"
    pointer.symlink_to(name)
    os.replace(pointer, releases / "current")
