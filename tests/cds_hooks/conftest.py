"""The service with its hooks, for the tests of the standards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.cds_hooks.calls import open_hooks


@pytest.fixture
def hooks(release_folder: Path, tmp_path: Path) -> Iterator[TestClient]:
    """Open the service, trusting every caller."""
    with open_hooks(release_folder, tmp_path) as client:
        yield client
