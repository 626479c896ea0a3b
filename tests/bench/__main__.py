"""`make bench`: every promise of speed in a table, and in build/bench.json."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from kg.snapshot.file import CURRENT
from kg.snapshot.releases import RELEASES
from tests.bench import doors, engine, hostile, peers, reading, service, sparql, start
from tests.bench.measure import Row
from tests.workshop import ROOT

BENCHES: dict[str, Callable[[Path], Iterator[Row]]] = {
    "engine": engine.rows,
    "reading": reading.rows,
    "start": start.rows,
    "service": service.rows,
    "hostile": hostile.rows,
    "doors": doors.rows,
    "sparql": sparql.rows,
    "peers": peers.rows,
}


def main(wanted: list[str]) -> int:
    """Measure, show, write down."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    release = (RELEASES / CURRENT).resolve(strict=True)
    found: list[Row] = []
    for name in wanted or BENCHES:
        with console.status(f"measuring: {name}"):
            found += BENCHES[name](release)
    table = Table("what", "value", "bound", "holds", "note", title="Promises, measured in this run")
    for row in found:
        held = {True: "[green]yes[/green]", False: "[red]no[/red]", None: ""}[row.holds]
        value = "" if row.value is None else f"{row.value:g}"
        table.add_row(row.name, value, row.bound, held, row.note)
    console.print(table)
    out = ROOT / "build" / "bench.json"
    out.write_text(json.dumps([r.as_json() for r in found], indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
