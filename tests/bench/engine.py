"""The engine against writing its own report, and against a catalogue a hundred times as large."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec

from kg.casing.allergies import substances
from kg.casing.assemble import assemble
from kg.casing.conditions import diagnoses
from kg.casing.medications import medicines
from kg.casing.observed import measurements
from kg.checking.check import check
from kg.contract.report import encode_report
from kg.contract.request import Request, decode_request, request_from
from kg.judging.judge import judge
from kg.snapshot.file import read_snapshot
from kg.snapshot.model import Names, Snapshot
from tests.bench.measure import Row, at_most, percentile, ratio, seconds

PATIENT = Path(__file__).with_name("patient.json")
_TIMES = 100
_MISSPELT, _LONG = 500, 6


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

    def anew() -> None:
        forget(snapshot)
        engine()

    yield Row(
        "the same, every name and code read anew",
        round(ratio(anew, lambda: json.dumps(plain)), 4),
        note="nothing kept of what names and codes were read as",
    )
    spent = [seconds(lambda: check(assemble(request, snapshot), snapshot)) for _ in range(200)]
    whole = percentile(spent, 0.95) * 1000
    yield Row("whole check with its report, p95 in ms", round(whole, 3), "", None, "for a reader")
    wrong = misspelt(snapshot, _MISSPELT)
    assert len(assemble(wrong, snapshot).unrecognised) == _MISSPELT
    slowest = min(seconds(lambda: assemble(wrong, snapshot)) for _ in range(3))
    yield at_most(f"{_MISSPELT} misspelt names with what was meant, in s", slowest, 2.0)
    larger = enlarged(snapshot, _TIMES)
    assert encode_report(check(assemble(request, larger), larger)) == data
    yield at_most(
        "the same with a catalogue x 100",
        ratio(lambda: judge(assemble(request, larger), larger), engine),
        1.2,
        f"{len(larger.drugs):,} drugs instead of {len(snapshot.drugs):,}",
    )


def misspelt(snapshot: Snapshot, times: int) -> Request:
    """Give a list of names that are all spelt wrongly, by two letters that changed places."""
    known = sorted(d.label for d in snapshot.drugs.values() if len(d.label) > _LONG)
    chosen = known[:: max(len(known) // times, 1)][:times]
    entries = [{"text": f"{name[:2]}{name[3]}{name[2]}{name[4:]} q"} for name in chosen]
    return request_from({"medications": entries})


def forget(snapshot: Snapshot) -> None:
    """Drop what names and codes were read as, so that the next check reads them anew."""
    for known in (medicines, substances, diagnoses, measurements):
        known(snapshot).kept.clear()


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
    from api.http.examples import CHECK

    return msgspec.json.encode(CHECK)


def read(body: bytes) -> Request:
    """Read a request."""
    return decode_request(body)
