"""What the tests of the proof share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proof.compare import Bench


@pytest.fixture(scope="session")
def bench(release_folder: Path) -> Bench:
    """Read the real release for the engine and for the reasoners."""
    return Bench.of_release(release_folder)
