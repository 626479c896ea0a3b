"""What every command shares: its folders, safe output, and progress on a terminal."""

from __future__ import annotations

import argparse
import time
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from kg.snapshot.releases import ONTOLOGY, RELEASES

if TYPE_CHECKING:
    from rich.status import Status


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
    """Add the option for the folder of the ontology."""
    parser.add_argument(
        "--ontology", type=Path, default=ONTOLOGY, metavar="DIR", help="folder of the knowledge"
    )


def add_releases(parser: argparse.ArgumentParser) -> None:
    """Add the option for the folder of the releases."""
    parser.add_argument(
        "--releases", type=Path, default=RELEASES, metavar="DIR", help="folder of the releases"
    )


class Steps:
    """Shows the current step on a terminal, and nothing in a pipe.

    With `lines` each step leaves a line on the terminal; with `piped` it does so in a pipe, too.
    """

    def __init__(self, out: TextIO, *, lines: bool = False, piped: bool = False) -> None:
        self._out = out
        self._lines = lines
        self._piped = piped
        self._status: Status | None = None
        self._step = ""
        self._began = 0.0

    def __enter__(self) -> Steps:
        if self._out.isatty():
            from rich.console import Console

            self._status = Console(file=self._out).status("start")
            self._status.start()
        return self

    def __call__(self, step: str) -> None:
        """Name the step that begins."""
        if self._status is not None:
            self._leave_line(self._status)
            self._status.update(step + " …")
        elif self._piped:
            print(f"{step} …", file=self._out, flush=True)
        self._step, self._began = step, time.monotonic()

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if self._status is not None:
            if error is None:
                self._leave_line(self._status)
            self._status.stop()

    def _leave_line(self, status: Status) -> None:
        if self._lines and self._step:
            status.console.print(f"{self._step}: {time.monotonic() - self._began:.1f} s")
