"""Where the service finds what lies outside it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

_HERE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """Every setting, each from one variable of the environment."""

    releases: Path = field(
        default_factory=lambda: Path(os.environ.get("INOKG_RELEASES", _HERE / "build" / "releases"))
    )
    largest_body: int = 1_000_000
