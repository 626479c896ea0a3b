"""The harness tells a promise that holds from one that does not; it promises no time itself."""

from __future__ import annotations

import time

from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.report import encode_report
from kg.contract.request import decode_request
from kg.snapshot.model import Snapshot
from tests.bench.engine import PATIENT, enlarged, typical
from tests.bench.measure import at_least, at_most, percentile, ratio


def test_a_promise_that_is_broken_is_shown_as_broken() -> None:
    assert [at_most("x", v, 1.0).holds for v in (0.5, 1.0, 1.01)] == [True, True, False]
    assert [at_least("x", v, 0.4).holds for v in (0.5, 0.4, 0.39)] == [True, True, False]


def test_what_takes_longer_has_the_larger_ratio() -> None:
    value = ratio(lambda: time.sleep(0.004), lambda: time.sleep(0.001), pairs=5, times=2)
    assert value > 1.5
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.99) == 4.0


def test_the_patient_is_as_large_as_promised(snapshot: Snapshot) -> None:
    request = decode_request(PATIENT.read_bytes())
    parts = (request.medications, request.conditions, request.observations)
    assert [len(p or ()) for p in parts] == [20, 20, 12]
    report = check(assemble(request, snapshot), snapshot)
    assert len(report.findings) >= 5
    assert not report.unrecognised


def test_a_larger_catalogue_gives_the_same_report(snapshot: Snapshot) -> None:
    larger = enlarged(snapshot, 2)
    assert len(larger.drugs) == 2 * len(snapshot.drugs)
    request = decode_request(typical())
    one, other = (encode_report(check(assemble(request, s), s)) for s in (snapshot, larger))
    assert one == other
