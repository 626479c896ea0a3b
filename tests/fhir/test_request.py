"""FHIR R4 as it is read: every status, every way to say what, and nothing dropped in silence."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from kg.errors import MalformedRequest, TooLarge
from kg.fhir.request import decode_fhir, read_bundle
from kg.snapshot.model import Snapshot
from tests.conformance.clauses import clause
from tests.fhir.asking import DAY, answered, entries, only, read, set_aside
from tests.fhir.resources import (
    ICD10,
    LOINC,
    ME,
    RXNORM,
    SNOMED,
    Json,
    allergy,
    bundle,
    coded,
    condition,
    observation,
    order,
    patient,
    procedure,
    quantity,
    searchset,
    statement,
)

IK = "https://w3id.org/inokg/"
AMIODARONE = coded(RXNORM, "703")


# --- the patient -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "age"),
    [
        ("1980-11-21", 46),
        ("1980-11-22", 45),
        ("2026-11-21", 0),
        ("1980-10", 46),
        ("1980-12", 45),
        ("1980-11", None),
        ("1980", None),
        ("2027-01-01", None),
    ],
)
def test_the_age_is_counted_to_the_day_of_the_question(
    snapshot: Snapshot, born: str, age: int | None
) -> None:
    asked = read(snapshot, patient(born=born))
    who = asked.request.patient
    assert who is not None
    assert who.age_years == age
    assert [u.input for u in asked.unrecognised] == (
        [] if age is not None else ["Bundle.entry[0].resource.birthDate"]
    )


def test_without_a_day_there_is_no_age(snapshot: Snapshot) -> None:
    asked = read_bundle(bundle(patient()), {}, None, snapshot)
    assert asked.request.patient is not None
    assert asked.request.patient.age_years is None
    assert "as_of" in asked.unrecognised[0].reason


@pytest.mark.parametrize(
    ("gender", "known"), [("male", "male"), ("other", None), ("unknown", None)]
)
def test_a_sex_that_says_nothing_is_not_known(
    snapshot: Snapshot, gender: str, known: str | None
) -> None:
    asked = read(snapshot, patient(gender))
    assert asked.request.patient is not None
    assert asked.request.patient.sex == known
    assert len(asked.unrecognised) == (known is None)


def test_two_patients_are_refused(snapshot: Snapshot) -> None:
    with pytest.raises(MalformedRequest, match="more than one patient") as refusal:
        read(snapshot, patient(), patient("male") | {"id": "p2"})
    assert refusal.value.location == "Bundle.entry[1].resource"


def test_what_is_about_another_patient_is_not_counted(snapshot: Snapshot) -> None:
    other = order("citalopram") | {"subject": {"reference": "Patient/p2"}}
    asked = read(snapshot, patient(), other)
    assert entries(asked, "medications") == []
    assert "another patient" in asked.unrecognised[0].reason


@pytest.mark.parametrize(
    "reference",
    ["p1", "Patient/p1", "https://ehr.example/fhir/Patient/p1", "Patient/p1/_history/3"],
)
def test_the_patient_is_known_by_any_form_of_reference(snapshot: Snapshot, reference: str) -> None:
    mine = order("citalopram") | {"subject": {"reference": reference}}
    assert only(read(snapshot, patient(), mine), "medications")["text"] == "citalopram"


# --- medications -----------------------------------------------------------------------------

_OUT = "left out"


@clause("FH-06")
@pytest.mark.parametrize(
    ("kind", "status", "read_as"),
    [
        ("MedicationRequest", "active", "active"),
        ("MedicationRequest", "on-hold", "planned"),
        ("MedicationRequest", "draft", "planned"),
        ("MedicationRequest", "stopped", "stopped"),
        ("MedicationRequest", "completed", "stopped"),
        ("MedicationRequest", "unknown", "active"),
        ("MedicationRequest", "cancelled", _OUT),
        ("MedicationRequest", "entered-in-error", _OUT),
        ("MedicationStatement", "active", "active"),
        ("MedicationStatement", "intended", "planned"),
        ("MedicationStatement", "on-hold", "planned"),
        ("MedicationStatement", "completed", "stopped"),
        ("MedicationStatement", "stopped", "stopped"),
        ("MedicationStatement", "unknown", "active"),
        ("MedicationStatement", "not-taken", _OUT),
        ("MedicationStatement", "entered-in-error", _OUT),
        ("MedicationAdministration", "in-progress", "active"),
        ("MedicationAdministration", "completed", "stopped"),
        ("MedicationAdministration", "not-done", _OUT),
        ("MedicationAdministration", "entered-in-error", _OUT),
    ],
)
def test_the_status_of_a_medication(
    snapshot: Snapshot, kind: str, status: str, read_as: str
) -> None:
    resource = order("citalopram", status) | {"resourceType": kind}
    asked = read(snapshot, patient(), resource)
    if read_as == _OUT:
        assert entries(asked, "medications") == []
        assert set_aside(asked).because == f"its status is {status}"
    else:
        assert only(asked, "medications")["status"] == read_as
        assert asked.left_out == ()


@clause("FH-06")
def test_a_status_that_says_nothing_never_makes_a_drug_safe(snapshot: Snapshot) -> None:
    report = answered(snapshot, patient(), order("citalopram", "unknown"))
    assert "qt.drug" in {f.topic for f in report.findings}
    assert "read as active" in (report.recognised[0].note or "")


@clause("FH-06")
def test_an_order_not_to_give_is_no_medication(snapshot: Snapshot) -> None:
    asked = read(snapshot, patient(), order("citalopram", doNotPerform=True))
    assert entries(asked, "medications") == []
    assert "doNotPerform" in set_aside(asked).because


@pytest.mark.parametrize("intent", ["proposal", "plan", "option"])
def test_what_is_not_yet_ordered_is_planned(snapshot: Snapshot, intent: str) -> None:
    asked = read(snapshot, patient(), order("citalopram", intent=intent))
    assert only(asked, "medications")["status"] == "planned"


@clause("FH-06")
@pytest.mark.parametrize(
    ("more", "last"),
    [
        ({"effectivePeriod": {"start": "2026-01-02", "end": "2026-11-01"}}, "2026-11-01"),
        ({"effectiveDateTime": "2026-11-03T08:00:00Z"}, "2026-11-03T08:00:00Z"),
        ({"effectivePeriod": {"start": "2026-01-02"}}, None),
        ({"effectivePeriod": {"end": "2026-10"}}, None),
        (
            {"dosage": [{"timing": {"repeat": {"boundsPeriod": {"end": "2026-09-09"}}}}]},
            "2026-09-09",
        ),
        ({}, None),
    ],
)
def test_when_a_stopped_drug_was_last_taken(
    snapshot: Snapshot, more: Json, last: str | None
) -> None:
    asked = read(snapshot, patient(), statement("amiodarone", "stopped", **more))
    assert only(asked, "medications").get("last_taken") == last


_CONTAINED: Json = {
    "medicationReference": {"reference": "#drug"},
    "contained": [{"resourceType": "Medication", "id": "drug", "code": AMIODARONE}],
}


@clause("FH-06", "CH-33")
@pytest.mark.parametrize(
    ("reference", "address"),
    [
        ("Medication/d1", None),
        ("https://ehr.example/fhir/Medication/d1", "https://ehr.example/fhir/Medication/d1"),
        ("Medication/d1", "https://ehr.example/fhir/Medication/d1"),
        ("urn:uuid:5f0c1a52-0000-4000-8000-000000000001",) * 2,
    ],
)
def test_a_medication_is_found_by_its_reference(
    snapshot: Snapshot, reference: str, address: str | None
) -> None:
    drug = {"resourceType": "Medication", "id": "d1", "code": AMIODARONE}
    ordered = order(medicationReference={"reference": reference})
    whole = bundle(patient(), ordered)
    whole["entry"].append({"resource": drug} | ({"fullUrl": address} if address else {}))
    asked = read_bundle(whole, DAY, None, snapshot)
    (code,) = AMIODARONE["coding"]
    assert only(asked, "medications").items() >= code.items()


@clause("FH-06")
def test_a_contained_medication_is_found(snapshot: Snapshot) -> None:
    asked = read(snapshot, patient(), order(**_CONTAINED))
    (code,) = AMIODARONE["coding"]
    assert only(asked, "medications").items() >= code.items()


def test_a_medication_without_a_code_is_its_ingredients(snapshot: Snapshot) -> None:
    drug = {
        "resourceType": "Medication",
        "id": "drug",
        "ingredient": [
            {"itemCodeableConcept": {"text": "trimethoprim"}},
            {"itemReference": {"reference": "#part"}},
        ],
    }
    part = {"resourceType": "Substance", "id": "part", "code": {"text": "sulfamethoxazole"}}
    ordered = order(medicationReference={"reference": "#drug"}, contained=[drug, part])
    report = answered(snapshot, patient(), ordered)
    assert {r.label for r in report.recognised} == {"trimethoprim", "sulfamethoxazole"}


@clause("CH-33")
def test_a_medication_that_was_not_sent_is_not_recognised(snapshot: Snapshot) -> None:
    gone = order(medicationReference={"reference": "Medication/gone", "display": "some drug"})
    report = answered(snapshot, patient(), gone)
    (missed,) = [u for u in report.unrecognised if u.input == "Bundle.entry[1].resource"]
    assert missed.given == "some drug"
    assert not report.complete


@pytest.mark.parametrize(
    ("dosage", "expected"),
    [
        (
            {
                "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": quantity(500, "mg")}],
            },
            {"daily_dose": {"value": 1000.0, "unit": "mg"}},
        ),
        (
            {
                "timing": {"repeat": {"frequency": 1, "period": 8, "periodUnit": "h"}},
                "doseAndRate": [{"doseRange": {"low": quantity(1, "g"), "high": quantity(2, "g")}}],
            },
            {"daily_dose": {"value": 6.0, "unit": "g"}},
        ),
        (
            {"maxDosePerPeriod": {"numerator": quantity(4, "g"), "denominator": quantity(1, "d")}},
            {"daily_dose": {"value": 4.0, "unit": "g"}},
        ),
        (
            {"text": "1 tablet three times daily"},
            {"daily_dose": {"value": 1500.0, "unit": "mg"}, "route": "systemic"},
        ),
        ({"doseAndRate": [{"doseQuantity": quantity(500, "mg")}]}, {}),
        ({"route": coded(SNOMED, "26643006")}, {"route": "systemic"}),
        ({"route": coded(SNOMED, "72607000")}, {"route": "intrathecal"}),
        ({"route": {"text": "topical"}}, {"route": "local"}),
        ({"text": "apply topically"}, {"route": "local"}),
        ({"text": "as premedication"}, {"role": "premedication"}),
        ({"additionalInstruction": [{"text": "for prophylaxis"}]}, {"role": "prophylaxis"}),
    ],
)
def test_the_manner_of_taking(snapshot: Snapshot, dosage: Json, expected: Json) -> None:
    entry = only(
        read(snapshot, patient(), order("paracetamol 500 mg tablets", dosageInstruction=[dosage])),
        "medications",
    )
    manner = {k: entry.get(k) for k in ("daily_dose", "route", "role") if entry.get(k)}
    assert manner == expected


def test_doses_of_two_times_of_day_are_added(snapshot: Snapshot) -> None:
    once = {"frequency": 1, "period": 1, "periodUnit": "d"}
    doses = [
        {"timing": {"repeat": once}, "doseAndRate": [{"doseQuantity": quantity(mg, "mg")}]}
        for mg in (250, 500)
    ]
    entry = only(read(snapshot, patient(), order("x", dosageInstruction=doses)), "medications")
    assert entry["daily_dose"] == {"value": 750.0, "unit": "mg"}


def test_a_dose_that_cannot_be_counted_is_not_taken_for_unsaid(snapshot: Snapshot) -> None:
    once = {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}
    doses = [once | {"doseAndRate": [{"doseQuantity": quantity(500, "mg")}]}, {"text": "and more"}]
    entry = only(read(snapshot, patient(), order("x", dosageInstruction=doses)), "medications")
    assert entry["daily_dose"]["unit"] not in ("mg", "g")


def test_a_route_that_is_not_known_is_said(snapshot: Snapshot) -> None:
    odd = order("citalopram", dosageInstruction=[{"route": {"text": "by carrier pigeon"}}])
    (line,) = answered(snapshot, patient(), odd).recognised
    assert "pigeon" in (line.note or "")


@clause("FH-06")
def test_a_vaccine_that_is_not_known_is_still_a_vaccine(snapshot: Snapshot) -> None:
    given = {
        "resourceType": "Immunization",
        "status": "completed",
        "patient": ME,
        "vaccineCode": coded("http://hl7.org/fhir/sid/cvx", "999", display="some new vaccine"),
        "occurrenceDateTime": "2026-11-15",
    }
    report = answered(snapshot, patient(), order("x-unknown"), given)
    assert "some new vaccine" in [u.given for u in report.unrecognised]
    open_topics = {n.topic for n in report.not_evaluable}
    assert "vaccine.live" in open_topics
    known = given | {"vaccineCode": {"text": "Yellow fever vaccine"}}
    found = answered(snapshot, patient(), known).recognised
    assert any("ellow fever" in r.label for r in found)
    undone = answered(snapshot, patient(), given | {"status": "not-done"})
    assert isinstance(undone.left_out, tuple)
    assert undone.left_out[0].because == "its status is not-done"


# --- conditions ------------------------------------------------------------------------------


@clause("FH-06")
@pytest.mark.parametrize(
    ("clinical", "verified", "read_as"),
    [
        ("active", "confirmed", "active"),
        ("recurrence", "confirmed", "active"),
        ("relapse", None, "active"),
        ("inactive", "confirmed", "resolved"),
        ("remission", "confirmed", "resolved"),
        ("resolved", "confirmed", "resolved"),
        ("active", "unconfirmed", "suspected"),
        ("active", "provisional", "suspected"),
        ("resolved", "differential", "suspected"),
        (None, None, None),
        ("active", "refuted", _OUT),
        (None, "entered-in-error", _OUT),
    ],
)
def test_the_status_of_a_condition(
    snapshot: Snapshot, clinical: str | None, verified: str | None, read_as: str | None
) -> None:
    asked = read(snapshot, patient(), condition("Cirrhosis", clinical, verified))
    if read_as == _OUT:
        assert entries(asked, "conditions") == []
        assert set_aside(asked).because == f"its verification status is {verified}"
        assert asked.request.conditions == [], "a list that was given holds none of it"
    else:
        assert only(asked, "conditions").get("status") == read_as


@clause("FH-06")
def test_a_provisional_diagnosis_never_contraindicates(snapshot: Snapshot) -> None:
    cirrhosis = coded(ICD10, "K74.6")
    sure = answered(snapshot, patient(), condition(cirrhosis))
    unsure = answered(snapshot, patient(), condition(cirrhosis, "active", "provisional"))
    refuted = answered(snapshot, patient(), condition(cirrhosis, "active", "refuted"))
    assert sure.severity == "contraindicated"
    topics = {f.topic: f.severity for f in unsure.findings}
    assert topics["contraindication.serious_hepatic_disease"] == "hold"
    assert not any("hepatic" in f.topic for f in refuted.findings)


def test_an_end_without_a_status_is_an_end(snapshot: Snapshot) -> None:
    ended = condition("Cirrhosis", None, None, abatementDateTime="2020-01-01")
    assert only(read(snapshot, patient(), ended), "conditions")["status"] == "resolved"


@pytest.mark.parametrize(
    ("degree", "expected"),
    [
        (coded(SNOMED, "24484000"), "severe"),
        (coded(SNOMED, "255604002"), "mild"),
        ({"text": "moderate"}, "moderate"),
        ({"text": "so so"}, None),
    ],
)
def test_the_severity_of_a_condition(
    snapshot: Snapshot, degree: Json, expected: str | None
) -> None:
    entry = only(read(snapshot, patient(), condition("VOD", severity=degree)), "conditions")
    assert entry.get("severity") == expected


def test_a_grade_of_toxicity_is_read_from_the_stage(snapshot: Snapshot) -> None:
    graded = condition("Nausea", stage=[{"summary": {"text": "CTCAE grade 3"}}])
    assert only(read(snapshot, patient(), graded), "conditions")["grade"] == 3


# --- procedures ------------------------------------------------------------------------------


@clause("FH-06")
@pytest.mark.parametrize(
    ("kind", "status", "term"),
    [
        ("Procedure", "completed", "HsctProcedure"),
        ("Procedure", "preparation", "PlannedHsct"),
        ("Procedure", "in-progress", "PlannedHsct"),
        ("ServiceRequest", "active", "PlannedHsct"),
        ("ServiceRequest", "draft", "PlannedHsct"),
        ("Procedure", "not-done", None),
        ("Procedure", "unknown", None),
        ("ServiceRequest", "revoked", None),
    ],
)
def test_a_transplant_is_done_or_planned(
    snapshot: Snapshot, kind: str, status: str, term: str | None
) -> None:
    transplant = procedure("Bone marrow transplant", status) | {"resourceType": kind}
    report = answered(snapshot, patient(), transplant)
    found = [r.term for r in report.recognised]
    assert found == ([f"{IK}condition/{term}"] if term else [])
    if status == "unknown":
        assert not report.complete
        assert "whether this was done" in report.unrecognised[-1].reason


def test_an_order_for_something_else_does_no_harm(snapshot: Snapshot) -> None:
    report = answered(
        snapshot, patient(), procedure("Chest X-ray", "active") | {"resourceType": "ServiceRequest"}
    )
    assert isinstance(report.left_out, tuple)
    assert report.left_out[0].given == "Chest X-ray"


# --- allergies -------------------------------------------------------------------------------


@clause("FH-06")
@pytest.mark.parametrize("verified", ["refuted", "entered-in-error"])
def test_an_allergy_that_was_refuted_is_left_out(snapshot: Snapshot, verified: str) -> None:
    report = answered(snapshot, patient(), allergy("polysorbate 80", verified))
    assert "contraindication.hypersensitivity" not in {f.topic for f in report.findings}


@clause("FH-06")
@pytest.mark.parametrize("substance", ["inotuzumab ozogamicin", "polysorbate 80", "sucrose"])
def test_an_allergy_to_substance_or_excipient_contraindicates(
    snapshot: Snapshot, substance: str
) -> None:
    assert answered(snapshot, patient(), allergy(substance)).severity == "contraindicated"
    by_reaction = allergy("biologic") | {"reaction": [{"substance": {"text": substance}}]}
    assert answered(snapshot, patient(), by_reaction).severity == "contraindicated"


ABSENT = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"


@clause("FH-06")
@pytest.mark.parametrize(
    ("code", "says"),
    [
        (coded(SNOMED, "716186003"), "none"),
        ({"text": "No known allergies"}, "none"),
        (coded(ABSENT, "no-known-allergies"), "none"),
        (coded(SNOMED, "409137002"), "none"),
        ({"text": "NKDA"}, "none"),
        (coded(ABSENT, "no-known-food-allergies"), "some open"),
        (coded(ABSENT, "no-allergy-info"), "unknown"),
    ],
)
def test_a_coded_no_known_says_none(snapshot: Snapshot, code: Json, says: str) -> None:
    asked = read(snapshot, patient(), allergy(code))
    assert asked.request.allergies == (None if says == "unknown" else [])
    assert (asked.request.partly_read == ["allergies"]) is (says == "some open")
    report = answered(snapshot, patient(), allergy(code))
    missing = {m.needs for m in report.missing}
    assert ("part: allergies" in missing) is (says != "none")
    assert [r.input for r in report.recognised] == ["Bundle.entry[1].resource"]


def test_that_nobody_knows_leaves_a_list_open(snapshot: Snapshot) -> None:
    listed = [allergy("sucrose"), allergy(coded(ABSENT, "no-allergy-info"), key="a2")]
    assert read(snapshot, patient(), *listed).request.partly_read == ["allergies"]


def test_no_known_problems_and_no_known_medications(snapshot: Snapshot) -> None:
    asked = read(
        snapshot,
        patient(),
        condition(coded(ABSENT, "no-known-problems")),
        statement(medicationCodeableConcept=coded(ABSENT, "no-known-medications")),
        procedure(coded(ABSENT, "no-known-procedures")),
    )
    assert (asked.request.conditions, asked.request.medications) == ([], [])
    assert asked.request.partly_read is None


# --- observations ----------------------------------------------------------------------------

BILIRUBIN = coded(LOINC, "14631-6")


def _result(**more: Any) -> Json:
    return observation(BILIRUBIN, valueQuantity=quantity(40, "umol/L"), **more)


@clause("FH-06")
@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
def test_an_observation_that_was_withdrawn_is_left_out(snapshot: Snapshot, status: str) -> None:
    asked = read(snapshot, patient(), _result() | {"status": status})
    assert entries(asked, "observations") == []
    assert set_aside(asked).because == f"its status is {status}"


@clause("FH-06")
def test_the_range_of_the_laboratory_gives_the_limits(snapshot: Snapshot) -> None:
    limits = {"low": quantity(3, "umol/L"), "high": quantity(21, "umol/L")}
    entry = only(read(snapshot, patient(), _result(referenceRange=[limits])), "observations")
    assert (entry["lower_limit"], entry["upper_limit"]) == (3, 21)


@clause("FH-06")
@pytest.mark.parametrize(
    "ranges",
    [
        [{"high": quantity(1.2, "mg/dL")}],
        [{"high": quantity(21, "umol/L")}, {"high": quantity(17, "umol/L")}],
        [{"high": quantity(40, "umol/L"), "type": coded("x", "therapeutic")}],
    ],
)
def test_a_range_that_is_not_for_certain_the_limit_is_not_used(
    snapshot: Snapshot, ranges: list[Json]
) -> None:
    entry = only(read(snapshot, patient(), _result(referenceRange=ranges)), "observations")
    assert "upper_limit" not in entry


@clause("FH-06")
@pytest.mark.parametrize(
    ("comparator", "outcome"), [("<", "open"), (">", "found"), (None, "found")]
)
def test_a_comparator_makes_an_interval(
    snapshot: Snapshot, comparator: str | None, outcome: str
) -> None:
    value = observation(
        BILIRUBIN,
        valueQuantity=quantity(40, "umol/L", comparator),
        referenceRange=[{"high": quantity(21, "umol/L")}],
    )
    report = answered(snapshot, patient(), value)
    found = {f.topic for f in report.findings}
    left = {n.topic for n in report.not_evaluable}
    assert ("hepatic.lab_limit" in found) is (outcome == "found")
    assert "hepatic.lab_limit" in left | found


@clause("FH-06")
def test_components_are_read_each_for_itself(snapshot: Snapshot) -> None:
    ecg = observation(
        "ECG",
        component=[
            {"code": {"text": "QTcF"}, "valueQuantity": quantity(510, "ms")},
            {"code": {"text": "heart rate"}, "valueQuantity": quantity(70, "/min")},
        ],
    )
    report = answered(snapshot, patient(), ecg)
    (finding,) = [f for f in report.findings if f.topic == "qt.ecg" and f.severity == "hold"]
    assert finding.because[0].input == "Bundle.entry[1].resource.component[0]"


@clause("FH-06")
def test_a_value_that_is_absent_is_not_recognised(snapshot: Snapshot) -> None:
    absent = observation("QTcF", dataAbsentReason={"text": "not performed"})
    report = answered(snapshot, patient(), absent)
    (missed,) = report.unrecognised
    assert missed.reason == "the value is missing; there is no value: not performed"
    done = {"coding": [{"code": "not-performed"}]}
    left = answered(snapshot, patient(), observation("QTcF", dataAbsentReason=done))
    assert isinstance(left.left_out, tuple)
    assert [one.because for one in left.left_out] == ["it was not made: |not-performed"]


@clause("FH-06")
def test_of_several_values_the_latest_counts(snapshot: Snapshot) -> None:
    values = [
        observation("QTcF", f"o{n}", valueQuantity=quantity(ms, "ms"), effectiveDateTime=when)
        for n, (ms, when) in enumerate([(510, "2026-11-01"), (430, "2026-11-20T10:00:00+01:00")])
    ]
    topics = {f.topic for f in answered(snapshot, patient(), *values).findings}
    assert "qt.ecg" not in topics


@pytest.mark.parametrize(
    ("value", "read_as"),
    [
        ({"valueCodeableConcept": coded(SNOMED, "260385009", display="Negative")}, "Negative"),
        ({"valueString": "positive"}, "positive"),
        ({"valueBoolean": True}, True),
        ({"valueInteger": 4}, 4),
    ],
)
def test_values_that_are_no_quantities(snapshot: Snapshot, value: Json, read_as: object) -> None:
    assert only(read(snapshot, patient(), observation("hCG", **value)), "observations")[
        "value"
    ] == (read_as)


# --- what was asked, and what came -------------------------------------------------------------


@clause("CH-31", "CH-33")
def test_a_type_that_is_not_there_was_not_assessed(snapshot: Snapshot) -> None:
    asked = read(snapshot, patient())
    request = asked.request
    assert (request.medications, request.conditions) == (None, None)
    assert (request.allergies, request.observations) == (None, None)


@clause("CH-31", "CH-33")
@pytest.mark.parametrize(
    ("query", "part"),
    [
        ("MedicationRequest?patient=p1&status=active", "medications"),
        ("MedicationStatement?patient=p1", "medications"),
        ("Condition?patient=p1&_count=50", "conditions"),
        ("AllergyIntolerance?patient=p1", "allergies"),
        ("Observation?subject=p1&_sort=-date", "observations"),
    ],
)
def test_an_empty_search_says_none(snapshot: Snapshot, query: str, part: str) -> None:
    asked = read(snapshot, patient(), searchset(query))
    assert getattr(asked.request, part) == []
    assert asked.request.partly_read is None
    top = read_bundle(searchset(query), DAY, None, snapshot)
    assert getattr(top.request, part) == []


def test_an_empty_search_that_does_not_say_for_what_is_not_recognised(
    snapshot: Snapshot,
) -> None:
    asked = read(snapshot, patient(), searchset(None))
    assert "self" in asked.unrecognised[0].reason


@clause("CH-31", "CH-33")
@pytest.mark.parametrize(
    "found",
    [
        searchset("Condition?patient=p1", condition("Gout"), more_pages=True),
        searchset("Condition?patient=p1&category=problem-list-item", condition("Gout")),
        searchset("Condition?patient=p1", condition("Gout"), total=9),
        searchset(
            "Condition?patient=p1",
            {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "x"}]},
        ),
    ],
    ids=["pages", "narrowed", "total", "fault"],
)
def test_a_search_of_which_not_all_came_is_open(snapshot: Snapshot, found: Json) -> None:
    report = answered(snapshot, patient(), found, flags=[])
    open_topics = {n.topic for n in report.not_evaluable}
    assert "contraindication.serious_hepatic_disease" in open_topics
    assert "part: conditions" in {m.needs for m in report.missing}
    assert not report.complete


@clause("CH-33")
def test_of_a_part_that_came_what_is_there_counts(snapshot: Snapshot) -> None:
    page = searchset("Condition?patient=p1", condition("Cirrhosis"), more_pages=True)
    report = answered(snapshot, patient(), page)
    assert report.severity == "contraindicated"


@clause("CH-33")
def test_a_missing_ecg_is_not_said_where_not_all_results_came(snapshot: Snapshot) -> None:
    potassium = observation("potassium", valueQuantity=quantity(4, "mmol/L"))
    whole = answered(snapshot, patient(), searchset("Observation?patient=p1", potassium))
    labs = searchset("Observation?patient=p1&category=laboratory", potassium)
    narrowed = answered(snapshot, patient(), labs)
    assert "qt.ecg" in {f.topic for f in whole.findings}
    assert "qt.ecg" not in {f.topic for f in narrowed.findings}
    assert "qt.ecg" in {n.topic for n in narrowed.not_evaluable}


def test_a_remark_of_a_server_changes_nothing(snapshot: Snapshot) -> None:
    remark = {"resourceType": "OperationOutcome", "issue": [{"severity": "information"}]}
    asked = read(snapshot, patient(), searchset("Condition?patient=p1", remark))
    assert asked.request.conditions == []
    assert asked.request.partly_read is None


# --- accounting ----------------------------------------------------------------------------------


@clause("CH-23")
def test_every_entry_is_accounted_for(snapshot: Snapshot) -> None:
    resources = [
        order("citalopram"),
        order("nonsensol", key="m2"),
        order("citalopram", "cancelled", "m3"),
        condition("Cirrhosis"),
        condition("Cirrhosis", "active", "refuted", "c2"),
        observation("QTcF", valueQuantity=quantity(430, "ms")),
        observation("QTcF", "o2", dataAbsentReason={"text": "unknown"}),
        allergy(coded(SNOMED, "716186003")),
        procedure("Appendicectomy"),
        {"resourceType": "FamilyMemberHistory", "id": "f1"},
        {"resourceType": "NutritionOrder", "id": "n1"},
        {"resourceType": "Encounter", "id": "e1"},
        {"resourceType": "Observation"},
        {"resourceType": "MedicationRequest", "subject": {"reference": "Patient/p2"}},
        searchset("Condition?patient=p1", order("heparin", key="m9")),
        {"noResource": True},
        order("citalopram"),
    ]
    report = answered(snapshot, patient(), *resources)
    left_out = report.left_out if isinstance(report.left_out, tuple) else ()
    told = [r.input for r in report.recognised] + [u.input for u in report.unrecognised]
    told += [one.input for one in left_out]
    for n in range(1, len(resources) + 1):
        at = f"Bundle.entry[{n}].resource"
        assert any(t == at or t.startswith(f"{at}.") for t in told), at


@clause("CH-23")
@pytest.mark.parametrize("kind", ["DiagnosticReport", "FamilyMemberHistory", "MadeUpThing"])
def test_a_type_that_is_not_read_is_listed(snapshot: Snapshot, kind: str) -> None:
    report = answered(snapshot, patient(), {"resourceType": kind, "id": "x"})
    assert kind in [u.given for u in report.unrecognised]
    assert not report.complete


# --- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "place"),
    [
        ({"resourceType": "Condition", "code": "cirrhosis"}, ".code"),
        (order("x", status="active") | {"status": 7}, ".status"),
        (observation("x", valueQuantity={"value": "forty"}), ".valueQuantity.value"),
        (allergy("x") | {"reaction": {}}, ".reaction"),
        (patient() | {"id": "p1", "birthDate": 1980}, ".birthDate"),
        (order("x" * 600), ".text"),
    ],
)
def test_what_is_not_of_the_form_of_fhir_is_refused_where_it_stands(
    snapshot: Snapshot, resource: Json, place: str
) -> None:
    with pytest.raises((MalformedRequest, TooLarge)) as refusal:
        read(snapshot, resource)
    assert refusal.value.location == f"Bundle.entry[0].resource{place}"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"resourceType": "Patient"}', b"[" * 100_000, b"\xff"]
)
def test_a_body_that_is_no_bundle_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedRequest):
        decode_fhir(body)


def test_bundles_in_bundles_have_a_bound(snapshot: Snapshot) -> None:
    whole = bundle(patient())
    for _ in range(8):
        whole = bundle(whole)
    with pytest.raises(TooLarge):
        read_bundle(whole, DAY, None, snapshot)


def test_where_nobody_is_named_all_is_about_one_patient(snapshot: Snapshot) -> None:
    other = order("amiodarone", key="m2") | {"subject": {"reference": "Patient/p2"}}
    asked = read(snapshot, order("citalopram"), other)
    assert only(asked, "medications")["text"] == "citalopram"
    assert "another patient" in asked.unrecognised[0].reason


def test_of_very_many_results_the_latest_of_each_kind_count(snapshot: Snapshot) -> None:
    older = [
        observation(
            "potassium",
            f"o{n}",
            valueQuantity=quantity(2.0, "mmol/L"),
            effectiveDateTime=f"2025-{n % 12 + 1:02d}-{n % 28 + 1:02d}",
        )
        for n in range(700)
    ]
    last = observation(
        "potassium",
        "last",
        valueQuantity=quantity(4.2, "mmol/L"),
        effectiveDateTime="2026-11-20",
        referenceRange=[{"low": quantity(3.5, "mmol/L")}],
    )
    undated = observation("QTcF", "q", valueQuantity=quantity(505, "ms"))
    report = answered(snapshot, patient(), *older[:350], last, undated, *older[350:])
    assert "electrolyte-low" not in {f.advisory.rsplit("/", 1)[1] for f in report.findings}
    assert "qt.ecg" in {f.topic for f in report.findings}
    assert isinstance(report.left_out, tuple)
    assert {o.because for o in report.left_out} == {"there is a later result"}


def test_resources_have_a_bound(snapshot: Snapshot) -> None:
    many = [order("x", key=f"m{n}") for n in range(501)]
    with pytest.raises(TooLarge):
        read(snapshot, *many)


@pytest.mark.parametrize("name", ["subject", "contained", "category", "dosageInstruction"])
@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [None], [[]], [{}], {"x": 1}])
def test_odd_elements_are_read_or_refused_and_never_crash(
    snapshot: Snapshot, name: str, value: object
) -> None:
    odd = order("citalopram") | {name: value}
    with contextlib.suppress(MalformedRequest):
        told = answered(snapshot, patient(), odd)
        assert len(told.recognised) + len(told.unrecognised) >= 1
