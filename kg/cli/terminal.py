"""What every command shares: its folders, safe output, and progress on a terminal."""

from __future__ import annotations

import argparse
import unicodedata
from pathlib import Path
from typing import TextIO

from kg.snapshot.releases import ONTOLOGY, RELEASES


def visible(text: str) -> str:
    """Write signs that would steer a terminal, or turn the direction of a line, as escapes."""
    if text.isprintable():
        return text
    return "".join(
        c
        if c.isprintable() or unicodedata.category(c) == "Zs"
        else c.encode("unicode_escape").decode()
        for c in text
    )


def add_ontology(parser: argparse.ArgumentParser) -> None:
    """Let a command be told where the knowledge is."""
    parser.add_argument(
        "--ontology", type=Path, default=ONTOLOGY, metavar="DIR", help="folder of the knowledge"
    )


def add_releases(parser: argparse.ArgumentParser) -> None:
    """Let a command be told where the releases are."""
    parser.add_argument(
        "--releases", type=Path, default=RELEASES, metavar="DIR", help="folder of the releases"
    )


class Steps:
    """Shows the step at work on a terminal, and nothing in a pipe."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._status: object | None = None

    def __enter__(self) -> Steps:
        if self._out.isatty():
            from rich.console import Console

            status = Console(file=self._out).status("start")
            status.start()
            self._status = status
        return self

    def __call__(self, step: str) -> None:
        """Name the step that begins."""
        if self._status is not None:
            self._status.update(step + " …")  # type: ignore[attr-defined]

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()  # type: ignore[attr-defined]
