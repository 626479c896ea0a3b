"""The service over the real release, for the rows that are shown at a door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings


@pytest.fixture(scope="package")
def client(release_folder: Path) -> Iterator[TestClient]:
    """Open the service."""
    app = create_app(Settings(releases=release_folder.parent))
    with TestClient(app, raise_server_exceptions=False) as found:
        yield found
