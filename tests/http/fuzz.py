"""Try the whole interface by its own description: `python -m tests.http.fuzz`, or `make fuzz`.

The service runs as it does in earnest, over a release; the tool makes requests that the OpenAPI
document allows and requests that it forbids, and holds every answer against the document.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from tests.serving import serving
from tests.workshop import ROOT

_CONFIG = Path(__file__).parent / "schemathesis.toml"
RELEASES = ROOT / "build" / "releases"


def fuzz(url: str, *, most: int, seed: int, phases: str) -> subprocess.CompletedProcess[str]:
    """Try a service that runs; every check the tool has, so many requests an operation at most."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(_CONFIG), "run"]
    command += [f"{url}/openapi.json", "--checks", "all", "--phases", phases]
    command += ["--max-examples", str(most), "--seed", str(seed), "--continue-on-failure"]
    command += ["--generation-database", "none", "--no-color", "--no-shrink", "--warnings", "off"]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.http.fuzz_hooks", "PYTHONPATH": str(ROOT)},
        text=True,
        capture_output=True,
        check=False,
    )


def main() -> int:
    """Try the release that was built here."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=150, help="requests an operation at most")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with serving(RELEASES, "--quiet", "--workers", "2") as service:
        phases = "examples,coverage,fuzzing,stateful"
        done = fuzz(service.url, most=options.most, seed=options.seed, phases=phases)
        print(done.stdout, done.stderr, service.raw_log, sep="\n")
    return done.returncode


if __name__ == "__main__":
    raise SystemExit(main())
