"""The same patient in either format gets the same answer."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest

from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.report import Report, encode_report
from kg.contract.request import request_from
from kg.fhir.asked import FhirRequest
from kg.fhir.check import check_fhir
from kg.fhir.request import read_bundle
from kg.snapshot.model import Snapshot
from tests.cases.test_cases import FILES, golden
from tests.conformance.clauses import clause
from tests.fhir.as_fhir import NoFhir, as_bundle

# A place in the request of the contract: in an answer to FHIR there is none.
_OWN_PATH = re.compile(r'"(?:medications|conditions|allergies|observations)\[\d+\]')


@cache
def _writable() -> tuple[str, ...]:
    """Name the golden cases that can be said in FHIR at all."""
    found = []
    for name in FILES:
        try:
            as_bundle(golden(name).request)
        except NoFhir:
            continue
        found.append(name)
    return tuple(found)


def _plain(report: Report, asked: FhirRequest | None = None) -> Any:
    """Write a report for comparison, inputs by their places in the request of the contract."""
    text = encode_report(report).decode()
    for part, lines in (asked.lines if asked else {}).items():
        for n, line in enumerate(lines):
            text = text.replace(f'"{line.path}"', f'"{part}[{n}]"')
            text = text.replace(f'"{line.path}:', f'"{part}[{n}]:')
    for name, place in (asked.places if asked else {}).items():
        text = text.replace(place, str(name))
    found = json.loads(text)
    found.pop("left_out", None)
    for entry in found["recognised"]:
        # A resource of FHIR cannot leave out its status, where an entry of the contract may.
        entry.get("read_as", {}).get("status", {}).pop("from", None)
    for finding in found["findings"]:
        # The same changes, as patches of two different documents.
        finding["clears_by"] = len(finding["clears_by"])
    return found


@clause("FH-05", "FH-06")
@pytest.mark.parametrize("name", _writable())
def test_a_golden_case_in_fhir_gets_the_same_report(name: str, snapshot: Snapshot) -> None:
    request = golden(name).request
    plain = check(assemble(request_from(request), snapshot), snapshot)
    whole, context, flags = as_bundle(request)
    asked = read_bundle(whole, context, flags, snapshot)
    assert not _OWN_PATH.search(encode_report(check_fhir(asked, snapshot)).decode())
    assert _plain(check_fhir(asked, snapshot), asked) == _plain(plain)


def test_most_cases_can_be_said_in_fhir() -> None:
    assert len(_writable()) >= 350
