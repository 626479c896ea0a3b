"""What many tests start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workshop import lay_out


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    """Lay out the small invented ontology, whole and sound."""
    return lay_out(tmp_path)
