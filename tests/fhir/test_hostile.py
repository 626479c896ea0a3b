"""FHIR that misleads or holds up: nothing is dropped in silence, and no work is endless."""

from __future__ import annotations

import time
from typing import Any

import pytest

from kg.contract.report import Report
from kg.errors import CaseError
from kg.fhir.check import check_fhir
from kg.fhir.request import read_bundle
from kg.snapshot.model import Snapshot
from tests.fhir.resources import (
    SNOMED,
    Json,
    allergy,
    bundle,
    coded,
    observation,
    order,
    patient,
    quantity,
    searchset,
)

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
    none = [r for r in report.recognised if r.term in snapshot.doors.nothing]
    assert all(r.note and "something else" in r.note for r in none), left
    assert report.complete is False
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


NO_ALLERGY = coded(SNOMED, "716186003")


@pytest.mark.parametrize(
    "contradicted",
    [
        allergy(NO_ALLERGY | {"text": "polysorbate 80"}),
        allergy(NO_ALLERGY | {"text": "something nobody knows"}),
        allergy(NO_ALLERGY, reaction=[{"manifestation": [{"text": "rash"}]}]),
        allergy({"text": "no known allergies", "coding": [{"display": "polysorbate 80"}]}),
    ],
)
def test_a_none_that_contradicts_itself_says_so(contradicted: Json, snapshot: Snapshot) -> None:
    report = checked(snapshot, contradicted)
    told = [*(u.reason for u in report.unrecognised), *(r.note or "" for r in report.recognised)]
    assert any("it says that there is none, and it says something else" in t for t in told)
    assert not report.complete


def test_the_wording_of_a_code_contradicts_nothing(snapshot: Snapshot) -> None:
    wording = "No known allergy (situation)"
    said = coded(SNOMED, "716186003", text=wording, display=wording)
    asked = read_bundle(bundle(allergy(said)), {}, None, snapshot)
    assert asked.request.allergies == []
    assert not asked.request.partly_read


@pytest.mark.parametrize(
    ("query", "whole"),
    [
        ("MedicationRequest", False),
        ("MedicationRequest?status=active", False),
        ("MedicationRequest?patient=p1&_count=00", False),
        ("Patient/p2/MedicationRequest", False),
        ("Patient/p1/MedicationRequest", True),
        ("MedicationRequest?subject=Patient/p1", True),
    ],
)
def test_a_search_says_none_of_whom_it_names(query: str, whole: bool, snapshot: Snapshot) -> None:
    asked = read_bundle(bundle(patient(), searchset(query)), {}, None, snapshot).request
    assert asked.medications == []
    assert ("medications" not in (asked.partly_read or ())) is whole


def test_a_reference_to_nothing_beside_a_name_stays_in_sight(snapshot: Snapshot) -> None:
    both = order("bisoprolol", medicationReference={"reference": "Medication/gone"})
    assert missed(checked(snapshot, both)) == {"Medication/gone"}


def test_of_two_products_at_one_address_none_is_chosen(snapshot: Snapshot) -> None:
    address = "urn:uuid:5f0c1a52-0000-4000-8000-000000000001"
    sent = bundle(order(medicationReference={"reference": address}))
    sent["entry"] += [
        {"fullUrl": address, "resource": product(name, code=meaning)}
        for name, meaning in (("a", HARMLESS), ("b", RISKY))
    ]
    report = check_fhir(read_bundle(sent, {}, None, snapshot), snapshot)
    assert "Bundle.entry[0].resource" in {u.input for u in report.unrecognised}


def test_a_contained_medication_that_nothing_points_to_is_said(snapshot: Snapshot) -> None:
    report = checked(snapshot, order("bisoprolol", contained=[product("z", code=RISKY)]))
    places = {u.input for u in report.unrecognised}
    assert "Bundle.entry[0].resource.contained[0]" in places


TWISTED: Json = {"modifierExtension": [{"url": "http://example.org/not", "valueBoolean": True}]}
ECG = {"code": {"text": "QTcF"}, "valueQuantity": quantity(410, "ms")}


@pytest.mark.parametrize(
    ("resource", "lost"),
    [
        (order("bisoprolol", dosageInstruction=[TWISTED]), "bisoprolol"),
        (of(product("x", code=HARMLESS) | TWISTED), "bisoprolol"),
        (observation("ECG", component=[ECG | TWISTED]), "QTcF interval"),
    ],
)
def test_a_part_that_is_modified_holds_the_whole_back(
    resource: Json, lost: str, snapshot: Snapshot
) -> None:
    report = checked(snapshot, resource)
    reasons = {u.input: u.reason for u in report.unrecognised}
    assert "modified" in reasons["Bundle.entry[0].resource"]
    assert lost not in {r.label for r in report.recognised}


def test_a_modified_patient_has_neither_age_nor_sex(snapshot: Snapshot) -> None:
    context = {"as_of": "2026-11-21"}
    asked = read_bundle(bundle(patient(**TWISTED)), context, None, snapshot)
    assert asked.request.patient is None
    assert "modified" in asked.unrecognised[0].reason


def test_a_modified_product_has_no_meaning(snapshot: Snapshot) -> None:
    named = order(medicationReference={"reference": "Medication/q"})
    report = checked(snapshot, named, product("q", code=HARMLESS) | TWISTED)
    assert "bisoprolol" not in {r.label for r in report.recognised}
    assert {f"Bundle.entry[{n}].resource" for n in (0, 1)} <= {u.input for u in report.unrecognised}


def test_a_bundle_or_an_entry_that_is_modified_is_said(snapshot: Snapshot) -> None:
    ruled = checked(snapshot, order("bisoprolol"), implicitRules="http://example.org/rules")
    assert "Bundle" in {u.input for u in ruled.unrecognised}
    sent = bundle(order("bisoprolol"))
    sent["entry"][0] |= TWISTED
    report = check_fhir(read_bundle(sent, {}, None, snapshot), snapshot)
    assert "Bundle.entry[0].resource" in {u.input for u in report.unrecognised}
    assert not report.recognised


def _orders(many: int, **more: Any) -> list[Json]:
    to = {"reference": "Medication/q"}
    return [order(key=f"m{n}", medicationReference=to, **more) for n in range(many)]


_PARTS = [{"itemCodeableConcept": HARMLESS}] * 490
_GONE = {"status": "cancelled"}
_SUBSTANCE = {"resourceType": "Substance", "id": "s", "code": {"coding": [{"code": "x"}] * 51}}


@pytest.mark.parametrize(
    "sent",
    [
        [product("q", *_PARTS), *_orders(12)],
        [product("q", *_PARTS), *_orders(12, status="cancelled")],
        [of(product("x", {"itemReference": {"reference": "#s"}}), _SUBSTANCE) | _GONE],
        [allergy("x", reaction=[{"substance": {"text": "y"}}] * 501)],
        [{"resourceType": "Bundle", "entry": [{}] * 2600}] * 2,
    ],
    ids=["lines", "parts", "codings", "reactions", "entries"],
)
def test_what_multiplies_is_refused_before_the_work(sent: list[Json], snapshot: Snapshot) -> None:
    with pytest.raises(CaseError) as refusal:
        read_bundle(bundle(*sent), {}, None, snapshot)
    assert refusal.value.location.startswith("Bundle.entry") or "resources" in str(refusal.value)


def test_a_product_is_read_once_however_many_point_to_it(snapshot: Snapshot) -> None:
    begun = time.process_time()
    large = product("q", code=HARMLESS) | {f"x{n}": n for n in range(200_000)}
    read_bundle(bundle(large, *_orders(2000, status="cancelled")), {}, None, snapshot)
    assert time.process_time() - begun < 3


def test_words_that_are_long_only_together_are_not_read(snapshot: Snapshot) -> None:
    doses = [{"text": "as premedication " + "1-2 mg " * 500}] * 3
    asked = read_bundle(bundle(order("x", dosageInstruction=doses)), {}, None, snapshot)
    (line,) = asked.lines["medications"]
    assert "role" not in line.entry
    assert line.entry["daily_dose"]["unit"] not in ("mg", "g")
    assert "too long" in asked.notes[line.path][0]


def test_codes_of_a_status_that_disagree_refute_nothing(snapshot: Snapshot) -> None:
    system = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    both = [{"system": system, "code": code} for code in ("refuted", "confirmed")]
    sent = {
        "resourceType": "Condition",
        "code": {"text": "cirrhosis of the liver"},
        "verificationStatus": {"coding": both},
    }
    assert "serious-hepatic-disease" in raised(checked(snapshot, sent))
    refuted = sent | {"verificationStatus": {"coding": both[:1]}}
    assert "serious-hepatic-disease" not in raised(checked(snapshot, refuted))
