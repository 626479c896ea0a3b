"""The service over the real release, whose faults are raised and not only answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings


@pytest.fixture(scope="session")
def client(release_folder: Path) -> Iterator[TestClient]:
    """Open the service."""
    with TestClient(create_app(Settings(releases=release_folder.parent))) as found:
        yield found
