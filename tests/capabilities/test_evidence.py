"""What an answer rests on: every jurisdiction's position, the grade of each passage, the values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from kg.contract.report import Finding
from kg.contract.request import request_from
from kg.explaining.advisory import explain_advisory
from kg.snapshot.jurisdictions import laws
from kg.snapshot.model import Snapshot
from tests.cases.golden import FILES, answer, golden, key
from tests.cds_hooks.calls import INDEX, a_call, by_advisory, cards, open_hooks
from tests.fhir.resources import observation, order, quantity

GRADES = {"label", "protocol", "expert", "literature", "derived", "unsupported"}
BOTH = ("EU", "UK", "US")


@pytest.fixture(scope="module")
def raised(snapshot: Snapshot) -> dict[str, tuple[str, Finding]]:
    """Give for every advisory that a golden case raises the first case, and the finding."""
    found: dict[str, tuple[str, Finding]] = {}
    for name in FILES:
        body = golden(name).request
        if body.get("context", {}).get("jurisdiction", "any") == "any":
            for finding in answer(body, snapshot).findings:
                found.setdefault(finding.advisory, (name, finding))
    assert set(found) == set(snapshot.advisories)
    return found


Raised = dict[str, tuple[str, Finding]]


# --- EX-02: labels side by side -----------------------------------------------------------------


def test_ex_02_every_finding_lists_the_position_of_each_jurisdiction(
    raised: Raised, snapshot: Snapshot
) -> None:
    assert laws(snapshot) == BOTH
    labelled = 0
    for iri, (name, finding) in raised.items():
        request = request_from(golden(name).request)
        positions = explain_advisory(request, iri, snapshot).positions
        assert list(positions)[:3] == list(BOTH), iri
        for place in BOTH:
            wanted = snapshot.advisories[iri].severities.get(place)
            assert positions[place].severity == wanted, (iri, place)
            said = f"{place}: {wanted}"
            assert (said in finding.explanation[-1]) is (wanted is not None), (iri, place)
            passages = {e.statement for e in positions[place].evidence}
            of_place = {e.statement for e in finding.evidence if e.jurisdiction == place}
            assert passages == of_place, (iri, place)
            labelled += any(e.grade == "label" for e in positions[place].evidence)
    assert labelled > len(raised)


@pytest.mark.parametrize(
    ("body", "name", "eu", "us"),
    [
        # The last table of the fact base, where the two labels differ.
        ({"conditions": [{"text": "cirrhosis"}]}, "serious-hepatic-disease", 4, 5),
        ({"medications": [{"text": "citalopram"}]}, "qt-firm-drug", 4, 7),
        ({"patient": {"age_years": 8}}, "child", 4, 8),
    ],
)
def test_ex_02_where_labels_differ_both_are_quoted_in_one_answer(
    body: dict[str, Any], name: str, eu: int, us: int, snapshot: Snapshot, client: TestClient
) -> None:
    severities = {
        "serious-hepatic-disease": ("contraindicated", "avoid"),
        "qt-firm-drug": ("caution", "avoid"),
        "child": ("avoid", "inform"),
    }
    for finding in client.post("/v1/check", json=body).json()["findings"]:
        if finding["advisory"].endswith(f"/{name}"):
            labels = [e for e in finding["evidence"] if e["grade"] == "label"]
            for place, section, wanted in zip(
                ("EU", "US"), (eu, us), severities[name], strict=True
            ):
                said = [e for e in labels if e["jurisdiction"] == place]
                assert wanted in {e["severity"] for e in said}, place
                assert any(str(section) in e["section"] for e in said), place
            return
    raise AssertionError(f"{name} was not raised")


# --- EX-03: grades ------------------------------------------------------------------------------


def test_ex_03_every_passage_has_a_grade_and_inference_says_that_it_is(raised: Raised) -> None:
    for iri, (_, finding) in raised.items():
        assert finding.evidence, iri
        for passage in finding.evidence:
            assert passage.grade in GRADES, iri
            if passage.grade in ("derived", "unsupported"):
                assert passage.jurisdiction == "derived", (iri, passage.statement)
            if passage.grade == "label":
                assert passage.jurisdiction != "derived", (iri, passage.statement)
        # A severity never hangs in the air, and never on what no source supports.
        assert [
            e
            for e in finding.evidence
            if e.severity == finding.severity and e.grade != "unsupported"
        ], iri


# The rows of the fact base's last table that are derived in the EU and the US, whole or in a step.
DERIVED = (
    "vod-suspected serious-hepatic-disease-suspected hepatotoxic-drug hepatotoxic-drug-lower "
    "qtc-prolonged qtc-prolonged-in-treatment qtc-severely-prolonged qt-history-weak "
    "myelosuppressive-drug bleeding-drug bleeding-drug-platelets-low immunosuppressive-drug "
    "tumour-lysis-active older-adult nearing-old-age indication-doubtful live-organism"
).split()


@pytest.mark.parametrize("name", DERIVED)
def test_ex_03_what_is_our_inference_is_labelled_as_such(name: str, raised: Raised) -> None:
    (finding,) = [f for _, f in raised.values() if key(f.advisory) == name]
    ours = [e for e in finding.evidence if e.grade == "derived"]
    assert finding.severity in {e.severity for e in ours}
    assert {e.jurisdiction for e in ours} == {"derived"}
    assert all("inference" in e.title for e in ours)


def test_ex_03_a_reader_sees_the_grade(client: TestClient) -> None:
    page = client.post("/check", data={"med": "warfarin"}).text
    assert "derived" in page
    assert "Our own inference" in page


# --- EX-06: values in a card --------------------------------------------------------------------


def test_ex_06_a_card_quotes_value_unit_range_and_date(
    release_folder: Path, tmp_path: Path
) -> None:
    bilirubin = observation(
        "total bilirubin",
        valueQuantity=quantity(40, "umol/L"),
        referenceRange=[{"high": quantity(21, "umol/L")}],
        effectiveDateTime="2026-11-20",
    )
    ecg = observation("QTcF", valueQuantity=quantity(505, "ms"), effectiveDateTime="2026-11-19")
    call = a_call().drafting(order("citalopram", "draft", "d1")).having("medications", INDEX)
    call = call.having("labs", bilirubin).having("ecg", ecg)
    with open_hooks(release_folder, tmp_path) as hooks:
        shown = by_advisory(cards(hooks, call))
    detail = shown["bilirubin-above-limit"]["detail"]
    assert "40 umol/L, upper limit 21, taken 2026-11-20" in detail
    assert "505 ms" in shown["qtc-severely-prolonged"]["detail"]
    assert "taken 2026-11-19" in shown["qtc-severely-prolonged"]["detail"]


# What the last table of the fact base grades as derived, or as in neither label.
NEITHER = (
    "hepatic.hepatotoxic_drug",
    "infection.immunosuppressant",
    "haem.myelosuppressive_drug",
    "bleeding.drug",
)


def test_ex_03_no_label_is_named_for_what_no_label_says(snapshot: Snapshot) -> None:
    wrong = [
        (key, said.jurisdiction, said.supports)
        for key, advisory in snapshot.advisories.items()
        if snapshot.topics[advisory.topic] in NEITHER
        for said in map(snapshot.statements.__getitem__, advisory.statements)
        if said.grade == "label" and said.supports in advisory.severities.values()
    ]
    assert not wrong
