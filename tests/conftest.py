"""What many tests start from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.workshop import lay_out

# A landing must not hang on a draw: in CI the same examples are tried every time.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    """Lay out the small invented ontology, whole and sound."""
    return lay_out(tmp_path)
