"""The command `diff`: what changed between two releases, for a reviewer to read."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kg.cli.terminal import add_releases
from kg.snapshot.diff import ReleaseDiff, diff
from kg.snapshot.file import encode, read_snapshot
from kg.snapshot.model import Snapshot
from kg.snapshot.releases import find_release

SAME, DIFFERENT = 0, 1


def add_diff(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `diff`."""
    for name in ("older", "newer"):
        what = f"the {name} release: current, a version, the start of a hash, or a folder"
        parser.add_argument(name, metavar=name.upper(), help=what)
    parser.add_argument("--json", action="store_true", help="print JSON, as the service returns it")
    add_releases(parser)


def run(options: argparse.Namespace) -> int:
    """Compare two releases; the status says whether they differ."""
    older, newer = (_read(options.releases, name) for name in (options.older, options.newer))
    differences = diff(older, newer)
    if options.json:
        print(encode(differences).decode())
    else:
        _show(differences)
    return DIFFERENT if differences.effects or differences.changes else SAME


def _read(releases: Path, name: str) -> Snapshot:
    folder = Path(name)
    return read_snapshot(folder if folder.is_dir() else find_release(releases, name))[0]


def _show(found: ReleaseDiff) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    for word, name in (("from", found.older), ("to", found.newer)):
        console.print(f"{word:4} {name.version} {name.hash}")
    if not found.effects and not found.changes:
        console.print("The two say the same.")
    if found.effects:
        console.print("\n[bold]What the advice now does otherwise[/bold]")
    for effect in found.effects:
        console.print(f"  [bold]{escape(effect.title)}[/bold]")
        for said in effect.says:
            console.print(f"    {escape(said)}")
    if found.changes:
        console.print("\n[bold]What changed in the knowledge[/bold]")
    signs = {
        "added": "[green]+[/green]",
        "removed": "[red]-[/red]",
        "changed": "[yellow]~[/yellow]",
    }
    for change in found.changes:
        rests = f" (advice that rests on it: {len(change.advisories)})" if change.advisories else ""
        console.print(f"  {signs[change.change]} {change.kind}: {escape(change.label)}{rests}")
        for said in change.says:
            console.print(f"      {escape(said)}")
