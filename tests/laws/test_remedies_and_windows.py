"""What no report may say: that a remedy be removed, or that a medicine matters after its time.

Tried on every golden case, and on random lists of medicines of the whole catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.report import Report
from kg.contract.request import request_from
from kg.snapshot.model import Snapshot
from tests.cases.golden import FILES, golden

TODAY = date(2026, 12, 1)
PHASES = (
    *("before_first_dose", "before_dose", "during_treatment"),
    *("before_hsct", "after_hsct", "after_treatment"),
)
AFTER = PHASES[3:]
# Classes whose drugs treat or prevent a harm that inotuzumab ozogamicin brings (C-04).
REMEDIES = (
    *("VodTreatmentDrug", "VodProphylaxisDrug", "UrateLoweringDrug", "ColonyStimulatingFactor"),
    *("PotassiumSupplementProduct", "MagnesiumSupplement", "CalciumSupplement"),
)
KEEPERS = ("GraftVersusHostDrug",)
# C-02: these end 62 days after the last dose, those with treatment.
WITH_THE_DRUG = {"qt.drug", "hepatic.hepatotoxic_drug", "bleeding.drug"}
WITH_TREATMENT = {
    *("haem.myelosuppressive_drug", "infection.immunosuppressant", "eligibility.combination"),
}


def _answer(body: dict[str, Any], snapshot: Snapshot) -> Report:
    return check(assemble(request_from(body), snapshot), snapshot)


def _members(names: tuple[str, ...], snapshot: Snapshot) -> set[str]:
    classes = (c for iri, c in snapshot.classes.items() if iri.rsplit("/", 1)[1] in names)
    return {drug for known in classes for drug in known.members}


def _changed(report: Report) -> Iterator[tuple[str, set[str]]]:
    """Give each entry of the list that a report offers to change, with the drugs it was read as."""
    for finding in report.findings:
        for operations in finding.clears_by:
            for operation in operations:
                _, part, *rest = operation.path.split("/")
                if part == "medications":
                    path = f"medications[{rest[0]}]"
                    yield path, {r.term for r in report.recognised if r.input == path}


def _random_bodies(snapshot: Snapshot, count: int) -> Iterator[dict[str, Any]]:
    random = Random(4)  # noqa: S311 - the same cases on every machine
    known = snapshot.drugs.values()
    drugs = sorted(d.label for d in known if d.kind == "drug" and d.liabilities)
    remedies = sorted(snapshot.drugs[d].label for d in _members(REMEDIES + KEEPERS, snapshot))
    for _ in range(count):
        names = [*random.sample(drugs, 6), *random.sample(remedies, 2)]
        last = TODAY - timedelta(days=random.choice((1, 30, 62, 63, 64, 200, 1000)))
        phase = random.choice(PHASES)
        context = {"phase": phase, "as_of": TODAY.isoformat()}
        if phase != PHASES[0]:
            context["last_dose"] = last.isoformat()
        yield {
            "medications": [{"text": name} for name in names],
            "conditions": random.choice(([], [{"text": "sepsis"}], [{"text": "VOD"}])),
            "patient": {"flags": random.choice(([], ["prior_hsct"]))},
            "context": context,
        }


def _remedies_offered(report: Report, snapshot: Snapshot) -> list[str]:
    never = _members(REMEDIES, snapshot)
    return [path for path, drugs in _changed(report) if drugs & never]


@pytest.mark.parametrize("name", FILES)
def test_no_remedy_is_offered_to_be_removed_in_a_golden_case(name: str, snapshot: Snapshot) -> None:
    assert not _remedies_offered(_answer(golden(name).request, snapshot), snapshot)


def test_no_remedy_is_offered_to_be_removed_in_random_cases(snapshot: Snapshot) -> None:
    kept = _members(KEEPERS, snapshot)
    for body in _random_bodies(snapshot, 300):
        report = _answer(body, snapshot)
        assert not _remedies_offered(report, snapshot), body
        behind = body["context"]["phase"] == "after_hsct" or body["patient"]["flags"]
        if behind:
            assert not [p for p, drugs in _changed(report) if drugs & kept], body


def test_no_advice_on_medicines_after_its_window(snapshot: Snapshot) -> None:
    around = _members(("HepatotoxicAzole", "SinusoidalObstructionDrug"), snapshot)
    seen = set()
    for body in _random_bodies(snapshot, 300):
        context = body["context"]
        if context["phase"] not in AFTER:
            continue
        report = _answer(body, snapshot)
        gone = (TODAY - date.fromisoformat(context["last_dose"])).days > 62
        for finding in report.findings:
            seen.add((finding.topic, gone))
            assert finding.topic not in WITH_TREATMENT, (finding.advisory, body)
            if gone and finding.topic in WITH_THE_DRUG:
                terms = {b.term for b in finding.because}
                assert context["phase"] != "after_treatment", (finding.advisory, body)
                assert finding.topic == "hepatic.hepatotoxic_drug", (finding.advisory, body)
                assert terms <= around, (finding.advisory, body)
    assert {(topic, False) for topic in WITH_THE_DRUG} <= seen, "the law was not tried"
