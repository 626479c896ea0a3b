"""`python -m tests.gold`: what the golden cases say of the release, and build/gold.json."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from kg.contract.severity import ORDER
from kg.snapshot.file import CURRENT, read_snapshot
from kg.snapshot.releases import RELEASES
from tests.cases.golden import FILES, golden
from tests.gold.measure import ALL, JURISDICTIONS, figures
from tests.workshop import ROOT

OUT = ROOT / "build" / "gold.json"


def main(release: Path = RELEASES / CURRENT, out: Path = OUT) -> int:
    """Measure, show, write down; fail where something was told otherwise than expected."""
    snapshot, _ = read_snapshot(release)
    found = figures({name: golden(name) for name in FILES}, snapshot)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    _show(found)
    return 1 if found["wrong"] else 0


def _show(found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    sizes = found["sensitivity"][ALL]["expected"], found["specificity"]["expected"]
    console.print(
        f"{found['patients']} golden patients, {sizes[0]} expected findings, "
        f"{sizes[1]} expected silences"
    )
    told = Table("", "specificity", *(f"found: {s}" for s in ORDER), title="As expected")
    burden = Table("", *ORDER, ALL, "shown", "median", "most", title="Alerts a patient")
    for name in JURISDICTIONS:
        part = found["by_jurisdiction"][name]
        sensitivity, alerts = part["sensitivity"], part["alerts_per_patient"]
        told.add_row(name, _said(part["specificity"]), *(_said(sensitivity[s]) for s in ORDER))
        numbers = (*ORDER, ALL, "shown", "median_shown", "most_shown")
        burden.add_row(name, *(f"{alerts[n]:g}" for n in numbers))
    console.print(told)
    console.print(burden)
    for row in found["wrong"]:
        console.print(
            f"{row['case']}: {row['advisory']} in {row['jurisdiction']} is {row['told']}, "
            f"expected {row['expected']}"
        )


def _said(share: dict[str, Any]) -> str:
    return "-" if share["share"] is None else f"{share['share']:.2%} of {share['expected']}"


if __name__ == "__main__":
    sys.exit(main())
