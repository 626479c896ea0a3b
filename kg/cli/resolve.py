"""The command `resolve`: what names and codes stand for, one line each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TextIO

from kg.cli.terminal import add_releases, visible
from kg.contract.parts import ItemKind
from kg.resolving.names import Missed, label
from kg.resolving.resolve import Resolved, look_up
from kg.resolving.typed import item_for
from kg.snapshot.file import CURRENT, read_snapshot
from kg.snapshot.model import Snapshot

_RESOLVED, _UNRESOLVED = 0, 1
_KINDS: tuple[ItemKind, ...] = ("medication", "condition", "observation", "allergy")


def add_resolve(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `resolve`."""
    parser.add_argument("text", nargs="+", metavar="TEXT", help="a name, or SYSTEM|CODE")
    parser.add_argument("--kind", choices=_KINDS, help="look for this kind of term only")
    add_releases(parser)


def run(options: argparse.Namespace) -> int:
    """Resolve against the current release."""
    return run_resolve(options, read_snapshot(options.releases / CURRENT)[0])


def run_resolve(options: argparse.Namespace, snapshot: Snapshot, out: TextIO | None = None) -> int:
    """Print one line for each name or code: what it resolves to, or the candidates."""
    out = out or sys.stdout
    kinds: Sequence[ItemKind] = (options.kind,) if options.kind else _KINDS
    unresolved = 0
    for text in options.text:
        matches = [
            line for kind in kinds for line in [_resolved(text, kind, snapshot)] if line is not None
        ]
        unresolved += not matches
        out.writelines(
            visible(line) + "\n"
            for line in dict.fromkeys(matches or [_candidates(text, kinds, snapshot)])
        )
    return _UNRESOLVED if unresolved else _RESOLVED


def _look_up(text: str, kind: ItemKind, snapshot: Snapshot) -> Resolved | Missed:
    return look_up(item_for(text, kind, snapshot), kind, snapshot)


def _resolved(text: str, kind: ItemKind, snapshot: Snapshot) -> str | None:
    found = _look_up(text, kind, snapshot)
    if not isinstance(found, Resolved):
        return None
    names = " + ".join(f"{label(t, snapshot)} <{t}>" for t in found.terms)
    return f"{text}: {names} ({found.matched.replace('_', ' ')})"


def _candidates(text: str, kinds: Sequence[ItemKind], snapshot: Snapshot) -> str:
    missed = [m for k in kinds if isinstance(m := _look_up(text, k, snapshot), Missed)]
    terms = dict.fromkeys(t for m in missed for t in m.suggestions)
    meant = ", ".join(dict.fromkeys(label(t, snapshot) for t in terms))
    reason = missed[0].reason if missed else "no term has this name"
    return f"{text}: not recognised, {reason}" + (f"; did you mean {meant}?" if meant else "")
