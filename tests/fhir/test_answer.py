"""FHIR as it is answered: valid under the real models, and never silent about a gap."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from fastapi.testclient import TestClient
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.detectedissue import DetectedIssue
from fhir.resources.R4B.guidanceresponse import GuidanceResponse
from fhir.resources.R4B.operationoutcome import OperationOutcome

from kg.snapshot.model import Snapshot
from tests.cases.test_cases import FILES, golden
from tests.conformance.clauses import clause
from tests.fhir.as_fhir import NoFhir, as_bundle
from tests.fhir.resources import (
    ICD10,
    Json,
    bundle,
    coded,
    condition,
    observation,
    order,
    patient,
    quantity,
)

FHIR = "application/fhir+json"
IN = {"Content-Type": FHIR}
OUT = IN | {"Accept": FHIR}
MARK = "Zebra-Quagga-1867"
ISSUE_CODES = {
    *("DRG", "ALGY", "COND", "PREG", "LACT", "AGE", "LAB", "OBSA"),
    *("DOSEIVL", "DOSEDUR", "DOSECOND"),
}


def ask(client: TestClient, whole: Json, query: str = "", **headers: str) -> Any:
    """Post a bundle and give the answer."""
    return client.post(f"/v1/check{query}", content=json.dumps(whole), headers=OUT | headers)


def of(answer: Json, kind: str) -> list[Json]:
    """Give the resources of one type in a bundle."""
    return [e["resource"] for e in answer["entry"] if e["resource"]["resourceType"] == kind]


SICK = bundle(
    patient(),
    order("citalopram 20 mg tablets", "draft"),
    condition(coded(ICD10, "K74.6")),
    observation("QTcF", valueQuantity=quantity(505, "ms")),
    order("nonsensol", key="m2"),
    condition("Gout", "active", "refuted", "c2"),
)


@clause("FH-01", "FH-02", "FH-03", "CH-03")
def test_an_answer_in_fhir_is_valid_under_the_real_models(client: TestClient) -> None:
    answer = ask(client, SICK, "?as_of=2026-11-21&phase=before_dose&cycle=2&day=1")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == FHIR
    Bundle.model_validate_json(answer.content)
    found = answer.json()
    for issue in of(found, "DetectedIssue"):
        DetectedIssue.model_validate(issue)
    for outcome in of(found, "OperationOutcome"):
        OperationOutcome.model_validate(outcome)
    (guidance,) = of(found, "GuidanceResponse")
    GuidanceResponse.model_validate(guidance)
    addresses = [e["fullUrl"] for e in found["entry"]]
    assert len(set(addresses)) == len(addresses)


@clause("FH-01")
def test_every_golden_case_is_answered_in_valid_fhir(
    snapshot: Snapshot, client: TestClient
) -> None:
    seen: set[str] = set()
    for name in list(FILES)[::2]:
        try:
            whole, context, flags = as_bundle(golden(name).request)
        except NoFhir:
            continue
        beside = {**context, **({"flags": ",".join(flags)} if flags is not None else {})}
        answer = client.post("/v1/check", params=beside, content=json.dumps(whole), headers=OUT)
        assert answer.status_code == 200, (name, answer.text)
        Bundle.model_validate_json(answer.content)
        seen |= {i["reference"] for i in of(answer.json(), "DetectedIssue")}
    assert len(seen) >= 40
    assert seen <= set(snapshot.advisories)


@clause("FH-01")
def test_a_finding_has_code_severity_orders_and_evidence(client: TestClient) -> None:
    found = ask(client, SICK, "?as_of=2026-11-21").json()
    issues = {i["reference"].rsplit("/", 1)[1]: i for i in of(found, "DetectedIssue")}
    drug = next(i for i in issues.values() if i["code"]["coding"][0]["code"] == "DRG")
    assert drug["severity"] == "high"
    assert drug["status"] == "preliminary", "nobody has approved it"
    assert drug["implicated"] == [
        {"reference": "MedicationRequest/m1", "type": "MedicationRequest"}
    ]
    assert drug["patient"] == {"reference": "Patient/p1"}
    assert drug["identifiedDateTime"] == "2026-11-21"
    assert drug["mitigation"][0]["action"]["text"]
    assert "does not replace" in drug["detail"]
    liver = issues["serious-hepatic-disease"]
    assert liver["code"]["coding"][0]["code"] == "COND"
    assert liver["evidence"][0]["detail"] == [{"reference": "Condition/c1", "type": "Condition"}]
    assert "implicated" not in liver


@clause("FH-01")
def test_a_finding_points_to_the_order_of_the_index_drug_as_well(client: TestClient) -> None:
    asked = bundle(
        order("citalopram", "draft"),
        order("inotuzumab ozogamicin", key="ino"),
        condition(coded(ICD10, "K74.6")),
    )
    issues = of(ask(client, asked).json(), "DetectedIssue")
    orders = {i["reference"].rsplit("/", 1)[1]: i.get("implicated", []) for i in issues}
    assert [o["reference"] for o in orders["qt-firm-drug"]] == [
        "MedicationRequest/m1",
        "MedicationRequest/ino",
    ]
    assert [o["reference"] for o in orders["serious-hepatic-disease"]] == ["MedicationRequest/ino"]
    (drug,) = (i for i in issues if i["reference"].endswith("/qt-firm-drug"))
    assert drug["evidence"][0]["code"][0]["text"] == "citalopram (planned)", "it is the new side"


@clause("FH-02")
def test_a_day_of_birth_is_never_said_back(client: TestClient) -> None:
    answer = ask(client, bundle(patient(born="1980-02-29")))
    (outcome,) = of(answer.json(), "OperationOutcome")
    assert "birthDate" in outcome["issue"][0]["diagnostics"]
    assert "1980-02-29" not in answer.text


@clause("FH-02")
@pytest.mark.parametrize(
    ("method", "path", "status", "accept"),
    [
        ("POST", "/v1/check", 415, FHIR),
        ("DELETE", "/v1/check", 405, FHIR),
        ("DELETE", "/cds-services", 405, "*/*"),
        ("PUT", "/cds-services/inotuzumab-safety", 405, "application/json"),
        ("GET", "/cds-services/nowhere/else", 404, "*/*"),
    ],
)
def test_who_speaks_fhir_is_refused_in_fhir(
    client: TestClient, method: str, path: str, status: int, accept: str
) -> None:
    headers = {"Content-Type": "text/plain", "Accept": accept}
    refusal = client.request(method, path, content=b"x", headers=headers)
    assert refusal.status_code == status
    assert refusal.headers["content-type"] == FHIR
    OperationOutcome.model_validate_json(refusal.content)


@clause("FH-01", "CH-45")
def test_codes_and_severities_are_data_for_every_topic(snapshot: Snapshot) -> None:
    doors = snapshot.doors
    assert set(doors.issue_codes) == set(snapshot.topics)
    assert set(doors.issue_codes.values()) <= ISSUE_CODES
    assert doors.issue_severities == {
        "contraindicated": "high",
        "avoid": "high",
        "hold": "moderate",
        "caution": "moderate",
        "inform": "low",
    }


@clause("FH-02")
def test_what_was_not_recognised_or_left_out_is_in_the_outcome(client: TestClient) -> None:
    (outcome,) = of(ask(client, SICK, "?as_of=2026-11-21").json(), "OperationOutcome")
    by_place = {i["expression"][0]: i for i in outcome["issue"]}
    assert by_place["Bundle.entry[4].resource"]["severity"] == "warning"
    assert "nonsensol" in by_place["Bundle.entry[4].resource"]["diagnostics"]
    assert by_place["Bundle.entry[5].resource"]["severity"] == "information"
    assert "refuted" in by_place["Bundle.entry[5].resource"]["diagnostics"]


@clause("FH-03")
def test_what_cannot_be_told_asks_for_data(client: TestClient) -> None:
    whole = bundle(patient(), order("heparin"), condition("Gout"))
    (guidance,) = of(ask(client, whole, "?as_of=2026-11-21").json(), "GuidanceResponse")
    assert guidance["status"] == "data-required"
    wanted = {
        (d["type"], *(f["path"] for f in d.get("codeFilter", ())))
        for d in guidance["dataRequirement"]
    }
    assert ("AllergyIntolerance",) in wanted
    assert ("Observation",) in wanted
    assert ("Parameters", "parameter.name") in wanted
    text = " ".join(n["text"] for n in guidance["note"])
    assert "not complete" in text
    assert "does not mean safe" in text


@clause("FH-03", "FH-05")
def test_a_missing_measurement_is_asked_for_by_its_codes(client: TestClient) -> None:
    whole = bundle(patient(), observation("potassium", valueQuantity=quantity(4, "mmol/L")))
    (guidance,) = of(ask(client, whole).json(), "GuidanceResponse")
    codes = {
        c.get("code")
        for d in guidance["dataRequirement"]
        for f in d.get("codeFilter", ())
        for c in f["code"]
    }
    assert {"1975-2", "777-3"} <= codes
    assert "2823-3" not in codes, "potassium was given"


@clause("FH-03")
def test_an_answer_never_looks_clear_while_something_is_open(client: TestClient) -> None:
    found = ask(client, bundle(patient())).json()
    assert of(found, "DetectedIssue") == []
    (guidance,) = of(found, "GuidanceResponse")
    assert guidance["status"] == "data-required"


def test_the_context_comes_beside_the_bundle(client: TestClient) -> None:
    whole = bundle(patient(), order("citalopram"))
    by_law = {
        law: ask(client, whole, f"?as_of=2026-11-21&jurisdiction={law}").json()
        for law in ("EU", "US")
    }
    severity = {
        law: next(i["detail"] for i in of(a, "DetectedIssue") if "citalopram" in json.dumps(i))
        for law, a in by_law.items()
    }
    assert severity["EU"].startswith("caution")
    assert severity["US"].startswith("avoid")


def test_flags_come_beside_the_bundle(client: TestClient) -> None:
    plain = {"Accept": "application/json"}
    report = ask(client, bundle(patient()), "?flags=planned_hsct,cd22_positive", **plain).json()
    assert {r["label"] for r in report["recognised"]} == {"transplant planned", "CD22 positive"}
    none = ask(client, bundle(patient()), "?flags=", **plain).json()
    assert "part: flags" not in {m["needs"] for m in none["missing"]}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?phase=tomorrow", "context.phase"),
        ("?cycle=one", "cycle"),
        ("?patient=p1", "patient"),
        ("?cycle=1&cycle=2", "cycle"),
        ("?as_of=soon", "context.as_of"),
    ],
)
def test_a_context_that_cannot_be_read_is_refused(
    client: TestClient, query: str, field: str
) -> None:
    refusal = ask(client, bundle(patient()), query, Accept="application/json")
    assert refusal.status_code == 422
    assert refusal.headers["content-type"] == "application/problem+json"
    assert refusal.json()["field"] == field


@clause("FH-02")
@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        (b"nonsense", "invalid", None),
        (b'{"resourceType": "Patient"}', "invalid", "resourceType"),
        (
            json.dumps(bundle({"resourceType": "Condition", "code": MARK})).encode(),
            "invalid",
            "Bundle.entry[0].resource.code",
        ),
    ],
)
def test_a_refusal_is_an_outcome_without_a_word_of_the_patient(
    client: TestClient, content: bytes, code: str, place: str | None
) -> None:
    refusal = client.post("/v1/check", content=content, headers=OUT)
    assert refusal.status_code == 422
    assert refusal.headers["content-type"] == FHIR
    OperationOutcome.model_validate_json(refusal.content)
    (issue,) = refusal.json()["issue"]
    assert issue["severity"] == "error"
    assert issue["code"] == code
    assert issue.get("expression", [None])[0] == place
    assert "to fix it" in issue["diagnostics"]
    assert MARK not in refusal.text


def test_another_version_of_fhir_is_refused(client: TestClient) -> None:
    five = {"Content-Type": f"{FHIR}; fhirVersion=5.0"}
    assert ask(client, bundle(patient()), **five).status_code == 422
    four = {"Content-Type": f"{FHIR}; charset=utf-8; fhirVersion=4.0"}
    assert ask(client, bundle(patient()), **four).status_code == 200


def test_a_plain_request_can_be_answered_in_fhir(client: TestClient) -> None:
    answer = client.post(
        "/v1/check",
        json={"medications": [{"text": "citalopram"}]},
        headers={"Accept": FHIR},
    )
    Bundle.model_validate_json(answer.content)
    assert "qt.drug" in json.dumps(of(answer.json(), "DetectedIssue"))


def test_the_same_bundle_gives_the_same_bytes(client: TestClient) -> None:
    assert len({ask(client, SICK, "?as_of=2026-11-21").content for _ in range(3)}) == 1


def test_a_change_set_is_a_patch_of_the_bundle(client: TestClient) -> None:
    whole = bundle(patient(), order("citalopram", "draft"))
    report = ask(client, whole, Accept="application/json").json()
    finding = next(f for f in report["findings"] if f["topic"] == "qt.drug")
    removal = next(c for c in finding["clears_by"] if c[0]["op"] == "remove")
    assert [o["path"] for o in removal] == ["/entry/1"]
    del whole["entry"][1]
    after = ask(client, whole, Accept="application/json").json()
    assert "qt.drug" not in {f["topic"] for f in after["findings"]}


def test_a_large_bundle_is_taken_and_a_huge_one_refused(client: TestClient) -> None:
    large = bundle(patient() | {"text": {"status": "empty", "div": "x" * 2_000_000}})
    assert ask(client, large).status_code == 200
    huge = bundle(patient() | {"text": {"status": "empty", "div": "x" * 6_000_000}})
    refusal = ask(client, huge)
    assert refusal.status_code == 413


def test_nothing_of_a_bundle_is_logged(
    client: TestClient, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        ask(client, bundle(patient(), order(MARK)))
        ask(client, bundle({"resourceType": "Condition", "code": MARK}))
        ask(client, bundle(patient()), f"?phase={MARK}")
    # The test client is no part of the service; it logs the addresses that it calls.
    ours = "".join(r.getMessage() for r in caplog.records if not r.name.startswith("httpx"))
    assert MARK not in ours + "".join(capfd.readouterr())


def test_the_description_names_what_comes_beside_a_bundle(client: TestClient) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/v1/check"]["post"]
    names = {p["name"] for p in operation["parameters"]}
    assert {"phase", "as_of", "jurisdiction", "flags"} <= names
    assert FHIR in operation["requestBody"]["content"]
    assert FHIR in operation["responses"]["200"]["content"]
