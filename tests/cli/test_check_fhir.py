"""The command line takes FHIR as it takes any request, and prints what the service answers."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import pytest

from kg.cli.check import add_check, run_check
from kg.errors import MalformedRequest
from kg.fhir.request import is_fhir
from kg.snapshot.model import Snapshot
from tests.fhir.resources import ICD10, bundle, coded, condition, observation, order, patient

WHOLE = bundle(patient(), order("citalopram"), condition(coded(ICD10, "K74.6")))


def _typed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_check(parser)
    return parser.parse_args(arguments)


def _run(snapshot: Snapshot, *arguments: str, stdin: bytes = b"") -> tuple[int, str]:
    out = io.StringIO()
    return run_check(_typed(*arguments), snapshot, io.BytesIO(stdin), out), out.getvalue()


def test_a_file_of_fhir_is_checked(snapshot: Snapshot, tmp_path: Path) -> None:
    path = tmp_path / "patient.json"
    path.write_text(json.dumps(WHOLE), encoding="utf-8")
    status, said = _run(snapshot, str(path), "--as-of", "2026-11-21", "--phase", "before_dose")
    assert status == 1
    assert "CONTRAINDICATED" in said
    assert "Cirrhosis" in said


def test_standard_input_may_be_fhir_too(snapshot: Snapshot) -> None:
    whole = json.dumps(WHOLE).encode()
    status, said = _run(snapshot, "-", "--json", "--flag", "cd22_positive", stdin=whole)
    assert status == 1
    report = json.loads(said)
    inputs = {b["input"] for f in report["findings"] for b in f["because"]}
    assert "Bundle.entry[1].resource" in inputs
    assert "CD22 positive" in {r["label"] for r in report["recognised"]}


@pytest.mark.parametrize(
    "arguments", [("--med", "aspirin"), ("--age", "40"), ("--none", "conditions")]
)
def test_what_the_document_describes_is_not_given_beside_it(
    snapshot: Snapshot, arguments: tuple[str, str]
) -> None:
    with pytest.raises(MalformedRequest, match="with a FHIR document, only flags"):
        _run(snapshot, "-", *arguments, stdin=json.dumps(WHOLE).encode())


def test_a_request_of_the_contract_is_still_one(snapshot: Snapshot) -> None:
    plain = json.dumps({"medications": [{"text": "citalopram"}]}).encode()
    assert not is_fhir(plain)
    assert not is_fhir(b"nonsense")
    assert is_fhir(json.dumps(WHOLE).encode())
    assert _run(snapshot, "-", stdin=plain)[0] == 1


def test_a_date_that_names_no_day_is_said_and_not_counted(snapshot: Snapshot) -> None:
    odd = observation("QTcF", valueQuantity={"value": 430, "unit": "ms"}, effectiveDateTime="2026")
    whole = json.dumps(bundle(patient(), odd)).encode()
    report = json.loads(_run(snapshot, "-", "--json", stdin=whole)[1])
    (line,) = report["recognised"]
    assert "names no day" in line["note"]
