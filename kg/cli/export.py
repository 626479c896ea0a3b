"""The command `export`: a release in a form that another tool reads."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kg.cli.terminal import Steps, add_releases
from kg.graph.export import FORMS, export
from kg.snapshot.file import CURRENT
from kg.snapshot.releases import find_release


def add_export(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `export`."""
    parser.add_argument("format", choices=FORMS, metavar="FORMAT", help=", ".join(FORMS))
    parser.add_argument("--out", type=Path, metavar="FILE", help="write to a file, not the screen")
    parser.add_argument("--release", default=CURRENT, metavar="NAME", help="another release")
    add_releases(parser)


def run(options: argparse.Namespace) -> int:
    """Write one release."""
    with Steps(sys.stderr) as steps:
        steps(f"export {options.format}")
        data = export(find_release(options.releases, options.release), options.format)
    if options.out is None:
        sys.stdout.buffer.write(data)
    else:
        options.out.write_bytes(data)
        print(f"wrote {options.out} ({len(data):,} bytes)", file=sys.stderr)
    return 0
