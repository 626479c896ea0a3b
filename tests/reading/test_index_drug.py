"""The index drug under the names that systems write, through every door, with active VOD."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from kg.snapshot.model import Snapshot
from tests.cds_hooks.calls import a_call, cards
from tests.cds_hooks.conftest import hooks
from tests.fhir.resources import ICD10, ME, coded, condition, order

__all__ = ["hooks"]
NDC = "http://hl7.org/fhir/sid/ndc"
DMD = "https://dmd.nhs.uk"
NAMINGS = (
    "inotuzumab ozogamicin",
    "INOTUZUMAB OZOGAMICIN",
    "Besponsa",
    "inotuzumab",
    "inotuzumab ozogamicin (BESPONSA) 1.44 mg in sodium chloride 0.9 % 50 mL IVPB",
    "INOTUZUMAB OZOGAMICIN (BESPONSA) 0.8 MG/M2 = 1.4 MG IN NS 50 ML",
    "INOTUZUMAB OZOGAMICIN 0.9 MG IV SOLR",
    "inotuzumab ozogamicin 0.9 MG Injection [Besponsa]",
    "inotuzumab ozogamicin 0.9 MG Injection",
    "Besponsa 0.9 MG Injection",
    "inotuzumab ozogamicin 0.25 MG/ML Injectable Solution",
    "inotuzumab ozogamicin 0.25 MG/ML [Besponsa]",
    "Besponsa Injectable Product",
    "Besponsa 1mg powder for concentrate for solution for infusion vials (Pfizer Ltd)",
    "Inotuzumab ozogamicin 1mg powder for solution for infusion vials",
    "inotuzumab ozogamicin (Treatment Plan)",
    "Product containing only inotuzumab ozogamicin (medicinal product)",
    "Product containing inotuzumab ozogamicin (medicinal product)",
    "BESPONSA /07803701/",
    "INOTUZUMAB OZOGAMICIN, UNKNOWN MANUFACTURER",
    "BESPONSA® 1 mg powder for concentrate for solution for infusion",
    "inotuzumab ozogamicin 0.5 mg/m2 IV D1, D8, D15",
    "chemo inotuzumab ozogamicin 0.8 mg/m2 day 1 cycle 1",
    "Inotuzumabum ozogamicinum",
    "inotuzumab ozogamicine",
    "inotuzumab-ozogamicin",
    "CMC-544",
)
VOD = {"text": "veno-occlusive disease of the liver", "status": "active"}
INDEX = "inotuzumab-ozogamicin"


def _contraindicated(report: dict[str, Any]) -> bool:
    return any(
        f["topic"] == "contraindication.vod" and f["severity"] == "contraindicated"
        for f in report["findings"]
    )


@pytest.mark.parametrize("text", NAMINGS)
def test_the_index_drug_is_known_in_json(text: str, client: TestClient) -> None:
    body = {"medications": [{"text": text, "status": "planned"}], "conditions": [VOD]}
    report = client.post("/v1/check", json=body).json()
    read = {r["input"]: r["term"].rsplit("/", 1)[-1] for r in report["recognised"]}
    assert read["medications[0]"] == INDEX
    assert _contraindicated(report)


@pytest.mark.parametrize("text", NAMINGS)
def test_the_index_drug_is_known_in_fhir(text: str, client: TestClient) -> None:
    vod = condition(coded(ICD10, "K76.5"))
    whole = {"resourceType": "Bundle", "type": "collection",
             "entry": [{"resource": r} for r in (order(text), vod)]}  # fmt: skip
    answer = client.post(
        "/v1/check",
        content=json.dumps(whole),
        headers={"content-type": "application/fhir+json", "accept": "application/json"},
    ).json()
    assert INDEX in {r["term"].rsplit("/", 1)[-1] for r in answer["recognised"]}
    assert _contraindicated(answer)


@pytest.mark.parametrize("text", NAMINGS)
def test_signing_the_index_drug_with_active_vod_gets_the_critical_card(
    text: str, hooks: TestClient
) -> None:
    call = (
        a_call()
        .drafting(order(text, "draft", "d1"))
        .having("conditions", condition(coded(ICD10, "K76.5")))
    )
    assert "critical" in {card["indicator"] for card in cards(hooks, call)}


@pytest.mark.parametrize(("system", "code"), [(NDC, "0008-0100-01"), (DMD, "34915411000001101")])
def test_a_product_code_is_read_by_its_display(
    system: str, code: str, client: TestClient, snapshot: Snapshot
) -> None:
    concept = coded(system, code, display="inotuzumab ozogamicin 0.9 MG Injection [Besponsa]")
    drafted = order(None) | {"medicationCodeableConcept": concept}
    whole = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": drafted}]}
    answer = client.post(
        "/v1/check",
        content=json.dumps(whole),
        headers={"content-type": "application/fhir+json", "accept": "application/json"},
    ).json()
    assert {r["term"] for r in answer["recognised"]} == {snapshot.index_drug}


@pytest.mark.parametrize(
    ("status", "counts"), [("completed", "active"), ("preparation", "planned")]
)
def test_what_was_dispensed_is_read(status: str, counts: str, client: TestClient) -> None:
    dispensed = {
        "resourceType": "MedicationDispense",
        "id": "x1",
        "status": status,
        "subject": ME,
        "medicationCodeableConcept": {"text": "citalopram 20 mg tablets"},
        "whenHandedOver": "2026-11-02",
    }
    whole = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": dispensed}]}
    answer = client.post(
        "/v1/check",
        content=json.dumps(whole),
        headers={"content-type": "application/fhir+json", "accept": "application/json"},
    ).json()
    (read,) = answer["recognised"]
    assert read["label"] == "citalopram"
    assert read["read_as"]["status"]["value"] == counts
