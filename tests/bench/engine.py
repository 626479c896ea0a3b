"""The engine against writing its own report, and against a catalogue a hundred times as large."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec

from kg.assemble import assemble
from kg.check import check
from kg.judge import judge
from kg.model import Names, Snapshot
from kg.report import encode_report
from kg.request import Request, decode_request
from kg.snapshot import read_snapshot
from tests.bench.measure import Row, at_most, percentile, ratio, seconds

PATIENT = Path(__file__).with_name("patient.json")
_TIMES = 100


def rows(release: Path) -> Iterator[Row]:
    """Measure one large check inside the process."""
    snapshot, _ = read_snapshot(release)
    request = decode_request(PATIENT.read_bytes())
    data = encode_report(check(assemble(request, snapshot), snapshot))
    plain = json.loads(data)

    def engine() -> None:
        judge(assemble(request, snapshot), snapshot)

    yield at_most(
        "resolve and judge / json.dumps of the report",
        ratio(engine, lambda: json.dumps(plain)),
        1.0,
        f"20 medications, 20 conditions, 12 observations; {len(plain['findings'])} findings",
    )
    yield at_most("size of that report in kB", len(data) / 1000, 100)
    spent = [seconds(lambda: check(assemble(request, snapshot), snapshot)) for _ in range(200)]
    whole = percentile(spent, 0.95) * 1000
    yield Row("whole check with its report, p95 in ms", round(whole, 3), "", None, "for a reader")
    larger = enlarged(snapshot, _TIMES)
    assert encode_report(check(assemble(request, larger), larger)) == data
    yield at_most(
        "the same with a catalogue x 100",
        ratio(lambda: judge(assemble(request, larger), larger), engine),
        1.2,
        f"{len(larger.drugs):,} drugs instead of {len(snapshot.drugs):,}",
    )


def enlarged(snapshot: Snapshot, times: int) -> Snapshot:
    """Give the same knowledge with a catalogue so many times as large, by names nobody uses."""
    drugs, proper = dict(snapshot.drugs), dict(snapshot.names["drug"].proper)
    for iri, drug in snapshot.drugs.items():
        for n in range(1, times):
            other = f"{iri}-x{n}"
            drugs[other] = msgspec.structs.replace(
                drug, label=f"{drug.label} x{n}", names=(), brands=(), misspellings=()
            )
            proper[f"{drug.label} x{n}"] = (other,)
    known = msgspec.structs.replace(snapshot.names["drug"], proper=proper)
    names: dict[str, Names] = {**snapshot.names, "drug": known}
    return msgspec.structs.replace(snapshot, drugs=drugs, names=names)


def typical() -> bytes:
    """Give a request of the usual size: the one that the contract shows, by codes."""
    from api.examples import CHECK

    return msgspec.json.encode(CHECK)


def read(body: bytes) -> Request:
    """Read a request."""
    return decode_request(body)
