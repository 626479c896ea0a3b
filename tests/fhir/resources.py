"""FHIR resources for tests: short to write, whole enough for the real models."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
ATC = "http://www.whocc.no/atc"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
UCUM = "http://unitsofmeasure.org"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
ALLERGY = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
ALLERGY_VERIFIED = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
ME = {"reference": "Patient/p1"}


def coded(system: str, code: str, text: str | None = None, display: str | None = None) -> Json:
    """Write a concept with one code."""
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return {"coding": [coding]} | ({"text": text} if text else {})


def patient(gender: str = "female", born: str | None = "1980-05-04", **more: Any) -> Json:
    """Write a patient."""
    found = {"resourceType": "Patient", "id": "p1", "gender": gender, **more}
    return found | ({"birthDate": born} if born else {})


def order(text: str | None = None, status: str = "active", key: str = "m1", **more: Any) -> Json:
    """Write an order of a medication."""
    named = {} if text is None else {"medicationCodeableConcept": {"text": text}}
    return {
        "resourceType": "MedicationRequest",
        "id": key,
        "status": status,
        "intent": "order",
        "subject": ME,
        **named,
        **more,
    }


def statement(
    text: str | None = None, status: str = "active", key: str = "s1", **more: Any
) -> Json:
    """Write a statement that a medication is or was taken."""
    named = {} if text is None else {"medicationCodeableConcept": {"text": text}}
    return {
        "resourceType": "MedicationStatement",
        "id": key,
        "status": status,
        "subject": ME,
        **named,
        **more,
    }


def condition(
    code: Json | str,
    clinical: str | None = "active",
    verified: str | None = "confirmed",
    key: str = "c1",
    **more: Any,
) -> Json:
    """Write a condition."""
    found: Json = {
        "resourceType": "Condition",
        "id": key,
        "subject": ME,
        "code": {"text": code} if isinstance(code, str) else code,
        **more,
    }
    if clinical:
        found["clinicalStatus"] = coded(CLINICAL, clinical)
    if verified:
        found["verificationStatus"] = coded(VERIFIED, verified)
    return found


def quantity(value: float, unit: str, comparator: str | None = None) -> Json:
    """Write an amount in UCUM."""
    found: Json = {"value": value, "unit": unit, "system": UCUM, "code": unit}
    return found | ({"comparator": comparator} if comparator else {})


def observation(code: Json | str, key: str = "o1", status: str = "final", **more: Any) -> Json:
    """Write a measurement."""
    return {
        "resourceType": "Observation",
        "id": key,
        "status": status,
        "subject": ME,
        "code": {"text": code} if isinstance(code, str) else code,
        **more,
    }


def allergy(
    code: Json | str, verified: str | None = "confirmed", key: str = "a1", **more: Any
) -> Json:
    """Write an allergy."""
    found: Json = {
        "resourceType": "AllergyIntolerance",
        "id": key,
        "patient": ME,
        "code": {"text": code} if isinstance(code, str) else code,
        **more,
    }
    if verified:
        found["verificationStatus"] = coded(ALLERGY_VERIFIED, verified)
    return found


def procedure(code: Json | str, status: str = "completed", key: str = "x1", **more: Any) -> Json:
    """Write a procedure."""
    return {
        "resourceType": "Procedure",
        "id": key,
        "status": status,
        "subject": ME,
        "code": {"text": code} if isinstance(code, str) else code,
        **more,
    }


def bundle(*resources: Json, kind: str = "collection", **more: Any) -> Json:
    """Put resources into a bundle."""
    entries = [{"resource": r} for r in resources]
    found: Json = {"resourceType": "Bundle", "type": kind, **more}
    return found | ({"entry": entries} if entries else {})


def searchset(query: str | None, *resources: Json, more_pages: bool = False, **more: Any) -> Json:
    """Write the answer of a server to a search."""
    links = [{"relation": "self", "url": f"https://ehr.example/fhir/{query}"}] if query else []
    if more_pages:
        links.append({"relation": "next", "url": "https://ehr.example/fhir?page=2"})
    return bundle(*resources, kind="searchset", **({"link": links} if links else {}), **more)
