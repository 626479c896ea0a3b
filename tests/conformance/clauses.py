"""The clauses of the standards that we follow, and which test shows each."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., None])
HERE = Path(__file__).parent
CLAUSES: dict[str, str] = tomllib.loads((HERE / "clauses.toml").read_text(encoding="utf-8"))


def clause(*names: str) -> Callable[[F], F]:
    """Mark a test with the clauses that it shows; a name that is no clause is refused."""
    unknown = set(names) - set(CLAUSES)
    assert not unknown, f"there is no clause {sorted(unknown)}"
    return lambda test: test
