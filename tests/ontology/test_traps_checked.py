"""The same traps, sprung on a patient: what the release answers, not how it is written."""

from __future__ import annotations

from typing import Any

import pytest

from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.report import Report
from kg.contract.request import request_from
from kg.snapshot.model import Snapshot

ATC = "http://www.whocc.no/atc"
ICD10 = "http://hl7.org/fhir/sid/icd-10"


def _report(snapshot: Snapshot, **parts: Any) -> Report:
    return check(assemble(request_from(parts), snapshot), snapshot)


def _topics(report: Report) -> dict[str, set[str]]:
    """Give the findings by topic, with the labels of what made them apply."""
    found: dict[str, set[str]] = {}
    for finding in report.findings:
        found.setdefault(finding.topic, set()).update(b.label for b in finding.because)
    return found


def _drugs(*names: str) -> list[dict[str, str]]:
    return [{"text": name} for name in names]


def test_antihistamines_hit_only_the_two_withdrawn_ones(snapshot: Snapshot) -> None:
    names = ("terfenadine", "astemizole", "chlorphenamine", "loratadine", "cetirizine")
    topics = _topics(_report(snapshot, medications=_drugs(*names)))
    assert topics["qt.drug"] == {"terfenadine", "astemizole"}


def test_ketoconazole_raises_the_heart_and_the_liver(snapshot: Snapshot) -> None:
    report = _report(snapshot, medications=_drugs("ketoconazole 200 mg tablets"))
    strong = {f.topic for f in report.findings if f.severity == "avoid"}
    assert strong == {"qt.drug", "hepatic.hepatotoxic_drug"}


@pytest.mark.parametrize(
    "item",
    [
        {"system": ATC, "code": "S01AE06"},
        {"system": ATC, "code": "D04AX01"},
        {"system": ATC, "code": "D01AC08"},
        {"text": "ketoconazole 2% cream"},
        {"text": "ciprofloxacin 0.3% eye drops"},
        {"text": "haloperidol", "route": "local"},
    ],
)
def test_eye_drops_and_creams_raise_nothing_on_a_systemic_axis(
    snapshot: Snapshot, item: dict[str, str]
) -> None:
    report = _report(snapshot, medications=[item])
    assert report.unrecognised == ()
    assert not {"qt.drug", "hepatic.hepatotoxic_drug"} & set(_topics(report))


@pytest.mark.parametrize("drug", ["palonosetron", "co-trimoxazole", "isavuconazole"])
def test_the_special_rows_raise_no_qt_finding(snapshot: Snapshot, drug: str) -> None:
    report = _report(snapshot, medications=_drugs(drug))
    assert report.unrecognised == ()
    assert "qt.drug" not in _topics(report)


def test_the_index_drug_raises_nothing_against_itself(snapshot: Snapshot) -> None:
    for name in ("inotuzumab ozogamicin", "Besponsa"):
        report = _report(snapshot, medications=_drugs(name))
        assert report.unrecognised == ()
        assert report.findings == ()


@pytest.mark.parametrize("other", ["gemtuzumab ozogamicin", "moxetumomab pasudotox"])
def test_look_alikes_are_read_as_themselves(snapshot: Snapshot, other: str) -> None:
    report = _report(snapshot, medications=_drugs(other))
    assert [r.label for r in report.recognised] == [other]


def test_the_reversed_signs_never_permit_a_dose(snapshot: Snapshot) -> None:
    def topics(ratio: str) -> set[str]:
        value = {"text": "total bilirubin", "value": float(ratio), "unit": "xULN"}
        return set(_topics(_report(snapshot, observations=[value])))

    assert "hepatic.lab_limit" not in topics("1.5")
    assert "hepatic.lab_limit" in topics("1.51")


def test_atrial_fibrillation_and_hay_fever_raise_nothing(snapshot: Snapshot) -> None:
    given = [
        {"system": ICD10, "code": "I48"},
        {"text": "hay fever"},
        {"text": "back pain"},
        {"text": "cataract"},
    ]
    report = _report(snapshot, conditions=given)
    assert report.unrecognised == ()
    assert report.findings == ()


@pytest.mark.parametrize("code", ["Q44.7", "I49.8", "N13.3", "D75.0", "O90.3", "A87.9"])
def test_a_code_near_a_topic_without_a_term_of_its_own_is_unassessed(
    snapshot: Snapshot, code: str
) -> None:
    report = _report(snapshot, conditions=[{"system": ICD10, "code": code}])
    assert [r.assessed for r in report.recognised] == [False]
    assert report.complete is False


@pytest.mark.parametrize("code", ["K74.6", "K74.60"])
def test_a_finer_code_is_what_its_wider_code_is(snapshot: Snapshot, code: str) -> None:
    report = _report(snapshot, conditions=[{"system": ICD10, "code": code}])
    assert report.severity == "contraindicated"
    us = _report(
        snapshot,
        conditions=[{"system": ICD10, "code": code}],
        context={"jurisdiction": "US"},
    )
    assert us.severity == "avoid"
