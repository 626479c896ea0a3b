"""The two ways to the same tools."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.app import create_app
from api.settings import Settings
from tests.serving import in_a_thread


@pytest.fixture(scope="package")
def served(release_folder: Path) -> Iterator[str]:
    """Give the address of the service over the real release."""
    with in_a_thread(create_app(Settings(releases=release_folder.parent))) as url:
        yield url


@pytest.fixture
def places(served: str, release_folder: Path) -> dict[str, str]:
    """Give where each way leads: an address, or the folder that a process of its own serves."""
    return {"http": served, "stdio": str(release_folder.parent)}
