"""The commands `advisories` and `flags`: what the release knows, one line each."""

from __future__ import annotations

import argparse
import sys
from typing import TextIO

from kg.checking.hazards import hazard_of
from kg.cli.terminal import add_releases, visible
from kg.snapshot.catalogue import CatalogueEntry, search
from kg.snapshot.file import CURRENT, read_snapshot
from kg.snapshot.model import Snapshot

_FOUND, _NOTHING = 0, 1


def add_listing(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of a listing."""
    parser.add_argument("text", nargs="?", default="", metavar="TEXT", help="only what this names")
    add_releases(parser)


def run_advisories(options: argparse.Namespace) -> int:
    """List the advice of the current release."""
    return list_advisories(options.text, read_snapshot(options.releases / CURRENT)[0], sys.stdout)


def run_flags(options: argparse.Namespace) -> int:
    """List the flags of the current release."""
    return list_flags(options.text, read_snapshot(options.releases / CURRENT)[0], sys.stdout)


def list_advisories(text: str, snapshot: Snapshot, out: TextIO) -> int:
    """Print key, severities, hazard and title of each advisory; the plan is no advisory."""
    found = [e for e in search("advisories", text, snapshot) if e.iri in snapshot.advisories]
    return _printed([_of_advisory(e, snapshot) for e in found], out)


def _of_advisory(entry: CatalogueEntry, snapshot: Snapshot) -> str:
    advisory = snapshot.advisories[entry.iri]
    severities = ", ".join(f"{j} {s}" for j, s in sorted(advisory.severities.items()))
    hazard = hazard_of(snapshot, advisory.topic).label
    return f"{entry.key}  {entry.label} ({hazard}; {severities})"


def list_flags(text: str, snapshot: Snapshot, out: TextIO) -> int:
    """Print key and meaning of each flag."""
    found = search("flags", text, snapshot)
    return _printed([f"{e.key}  {e.definition or e.label}" for e in found], out)


def _printed(lines: list[str], out: TextIO) -> int:
    out.writelines(f"{visible(line)}\n" for line in lines)
    return _FOUND if lines else _NOTHING
