"""The first answer at the command line, against starting Python at all."""

from __future__ import annotations

import compileall
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.measure import Row, at_most, seconds
from tests.workshop import ROOT

_PAIRS = 15


def rows(release: Path) -> Iterator[Row]:
    """Measure a check from a cold start."""
    environment = {**os.environ, "INOKG_RELEASES": str(release.parent)}
    command = [str(Path(sys.executable).with_name("inokg")), "check", "--condition", "K74.6"]

    def ours() -> None:
        done = subprocess.run(command, env=environment, capture_output=True)
        assert done.returncode == 1, done.stderr

    def least() -> None:
        subprocess.run([sys.executable, "-c", "import json"], check=True)

    # As installed: sources that were edited since are not compiled anew in every start.
    for name in ("kg", "api"):
        compileall.compile_dir(str(ROOT / name), quiet=1)
    ours()
    pairs = [(seconds(ours), seconds(least)) for _ in range(_PAIRS)]
    spent, base = (statistics.median(column) for column in zip(*pairs, strict=True))
    note = f"{spent * 1000:.0f} ms against {base * 1000:.0f} ms"
    yield at_most("inokg check / (3 x import json + 150 ms)", spent / (3 * base + 0.15), 1.0, note)
