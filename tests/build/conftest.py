"""How the small releases of these tests are built."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def short_runs_of_java(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Java begin quickly: a reasoner that runs for a second gains nothing from more."""
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
