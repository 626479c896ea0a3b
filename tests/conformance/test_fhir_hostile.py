"""FHIR that misleads or holds up: nothing is dropped in silence, and no work is endless."""

from __future__ import annotations

import time
from typing import Any

import pytest

from kg.errors import CaseError
from kg.fhir_check import check_fhir
from kg.fhir_request import read_bundle
from kg.model import Snapshot
from kg.report import Report
from tests.conformance.resources import Json

ORDER: Json = {
    "resourceType": "MedicationRequest",
    "id": "r",
    "status": "active",
    "intent": "order",
}
HARMLESS = {"text": "bisoprolol"}
RISKY = {"text": "ondansetron"}


def checked(snapshot: Snapshot, *resources: Json, **bundle: Any) -> Report:
    entries = [{"resource": r} for r in resources]
    sent = {"resourceType": "Bundle", "type": "collection", "entry": entries, **bundle}
    return check_fhir(read_bundle(sent, {}, None, snapshot), snapshot)


def raised(report: Report) -> set[str]:
    return {f.advisory.rsplit("/", 1)[-1] for f in report.findings}


def missed(report: Report) -> set[str]:
    return {u.given for u in report.unrecognised}


def of(product: Json, *others: Json) -> Json:
    reference = {"reference": "#" + product["id"]}
    return ORDER | {"contained": [product, *others], "medicationReference": reference}


def product(name: str, *ingredients: Json, **more: Any) -> Json:
    return {"resourceType": "Medication", "id": name, "ingredient": list(ingredients), **more}


@pytest.mark.parametrize(
    ("lost", "given"),
    [
        ({}, ""),
        ({"itemReference": {"reference": "Medication/elsewhere"}}, "Medication/elsewhere"),
        ({"itemReference": {"identifier": {"value": "7"}}}, ""),
        ({"itemReference": {"reference": "#x"}}, "#x"),
    ],
)
def test_an_ingredient_without_a_meaning_is_not_recognised(
    lost: Json, given: str, snapshot: Snapshot
) -> None:
    report = checked(snapshot, of(product("x", {"itemCodeableConcept": HARMLESS}, lost)))
    assert not report.complete
    assert given in missed(report)


def test_ingredients_beside_a_name_count_too(snapshot: Snapshot) -> None:
    named = product("x", {"itemCodeableConcept": RISKY}, code=HARMLESS)
    assert "qt-firm-drug" in raised(checked(snapshot, of(named)))


def test_a_medication_said_in_both_ways_counts_in_both(snapshot: Snapshot) -> None:
    both = of(product("x", code=RISKY)) | {"medicationCodeableConcept": HARMLESS}
    assert "qt-firm-drug" in raised(checked(snapshot, both))


def test_a_product_that_points_to_itself_ends(snapshot: Snapshot) -> None:
    begun = time.process_time()
    again = [{"itemReference": {"reference": "#x"}}] * 150
    report = checked(snapshot, of(product("x", *again)))
    assert not report.complete
    chain = [
        product(f"p{n}", *[{"itemReference": {"reference": f"#p{n + 1}"}}] * 60) for n in range(4)
    ]
    with pytest.raises(CaseError):
        checked(snapshot, of(*chain))
    assert time.process_time() - begun < 20


def test_more_contained_resources_than_anybody_sends_take_no_time(snapshot: Snapshot) -> None:
    begun = time.process_time()
    others = [{"resourceType": "Substance", "id": f"s{n}", "code": HARMLESS} for n in range(3000)]
    parts = [{"itemReference": {"reference": "#s2999"}}] * 190
    checked(snapshot, of(product("x", *parts), *others))
    assert time.process_time() - begun < 20


@pytest.mark.parametrize("place", ["contained", "bundle"])
def test_of_two_products_of_one_name_none_is_chosen(place: str, snapshot: Snapshot) -> None:
    twins = [
        {"resourceType": "Medication", "id": "q", "code": meaning} for meaning in (HARMLESS, RISKY)
    ]
    if place == "contained":
        report = checked(snapshot, of(*twins))
    else:
        order = ORDER | {"medicationReference": {"reference": "Medication/q"}}
        report = checked(snapshot, order, *twins)
    assert not report.complete
    assert report.unrecognised


def test_a_medication_that_nothing_points_to_is_said(snapshot: Snapshot) -> None:
    report = checked(snapshot, {"resourceType": "Medication", "id": "q", "code": RISKY})
    assert [u.input for u in report.unrecognised] == ["Bundle.entry[0].resource"]
    assert not report.complete


@pytest.mark.parametrize("name", ["modifierExtension", "implicitRules"])
def test_what_is_modified_in_an_unknown_way_is_said(name: str, snapshot: Snapshot) -> None:
    order = ORDER | {"medicationCodeableConcept": RISKY, name: [{"url": "http://example.org/not"}]}
    report = checked(snapshot, order)
    assert not report.complete
    assert "Bundle.entry[0].resource" in {u.input for u in report.unrecognised}


@pytest.mark.parametrize(
    ("resource", "left"),
    [
        (
            ORDER
            | {
                "medicationCodeableConcept": {
                    "text": "No current medications",
                    "coding": [{"system": "http://www.whocc.no/atc", "code": "A04AA01"}],
                }
            },
            "medications",
        ),
        (
            {
                "resourceType": "Condition",
                "code": {
                    "text": "no known problems",
                    "coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "K74.6"}],
                },
            },
            "conditions",
        ),
        (
            {
                "resourceType": "AllergyIntolerance",
                "code": {"text": "no known allergies"},
                "reaction": [{"substance": {"text": "polysorbate 80"}}],
            },
            "allergies",
        ),
    ],
)
def test_none_and_some_at_once_is_not_none(resource: Json, left: str, snapshot: Snapshot) -> None:
    report = checked(snapshot, resource)
    known = {r.term for r in report.recognised}
    assert not known & set(snapshot.doors.nothing), left
    assert raised(report) or report.unrecognised


SELF = "https://ehr.example/fhir/MedicationRequest?patient=p1"


@pytest.mark.parametrize(
    "url",
    [
        SELF + "&status=cancelled",
        SELF + "&status=completed,stopped",
        SELF + "&_count=0",
        SELF.replace("p1", "p2"),
        SELF.replace("patient=p1", "subject=Group/7"),
        SELF.replace("p1", "p1;date=gt2026"),
        SELF + "&date=gt2026-01-01",
    ],
)
def test_a_search_for_something_narrower_says_nothing_of_the_rest(
    url: str, snapshot: Snapshot
) -> None:
    patient = {"resource": {"resourceType": "Patient", "id": "p1"}}
    link = [{"relation": "self", "url": url}]
    empty = {"resourceType": "Bundle", "type": "searchset", "link": link, "entry": []}
    sent = {"resourceType": "Bundle", "type": "collection", "entry": [patient, {"resource": empty}]}
    asked = read_bundle(sent, {}, None, snapshot).request
    assert "medications" in (asked.partly_read or ()), url
    whole = [{"relation": "Self", "url": SELF + "&status=active,on-hold&_count=50"}]
    sent["entry"][1] = {"resource": empty | {"link": whole}}  # type: ignore[index]
    asked = read_bundle(sent, {}, None, snapshot).request
    assert asked.medications == []
    assert not asked.partly_read


def test_a_million_empty_entries_are_refused_at_once(snapshot: Snapshot) -> None:
    with pytest.raises(CaseError):
        read_bundle({"resourceType": "Bundle", "entry": [{}] * 5001}, {}, None, snapshot)


def test_a_text_without_end_is_refused(snapshot: Snapshot) -> None:
    order = ORDER | {
        "medicationCodeableConcept": HARMLESS,
        "dosageInstruction": [{"text": "1-2 mg " * 1000}],
    }
    with pytest.raises(CaseError):
        checked(snapshot, order)


def test_one_dose_without_an_end_leaves_the_end_open(snapshot: Snapshot) -> None:
    ended = {"timing": {"repeat": {"boundsPeriod": {"end": "2001-01-01"}}}}
    order = ORDER | {
        "status": "completed",
        "authoredOn": "2026-11-20",
        "medicationCodeableConcept": RISKY,
        "dosageInstruction": [ended, {"text": "as needed"}],
    }
    asked = read_bundle(
        {"resourceType": "Bundle", "entry": [{"resource": order}]}, {}, None, snapshot
    )
    (entry,) = asked.request.medications or []
    assert entry.last_taken is None
