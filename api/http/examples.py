"""Examples for the OpenAPI document; the tests execute each of them."""

from __future__ import annotations

from typing import Any

# By codes only, and those that the contract itself shows: no name of a drug stands here.
CHECK: dict[str, Any] = {
    "patient": {"age_years": 46, "sex": "female", "flags": ["planned_hsct"]},
    "medications": [{"system": "http://www.whocc.no/atc", "code": "J02AC04"}],
    "conditions": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "K74.6"}],
    "observations": [
        {
            "system": "http://loinc.org",
            "code": "1975-2",
            "value": 40,
            "unit": "umol/L",
            "upper_limit": 21,
            "taken_at": "2026-11-20",
        }
    ],
    "context": {"jurisdiction": "any", "phase": "before_first_dose", "as_of": "2026-11-21"},
}

BUNDLE: dict[str, Any] = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {"resource": {"resourceType": "Patient", "gender": "female", "birthDate": "1980-05-17"}},
        {
            "resource": {
                "resourceType": "MedicationRequest",
                "status": "active",
                "intent": "order",
                "subject": {"reference": "Patient/example"},
                "medicationCodeableConcept": {
                    "coding": [{"system": "http://www.whocc.no/atc", "code": "J02AC04"}]
                },
            }
        },
        {
            "resource": {
                "resourceType": "Condition",
                "subject": {"reference": "Patient/example"},
                "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "K74.6"}]},
            }
        },
    ],
}

_CARD = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
HOOK: dict[str, Any] = {
    "hook": "patient-view",
    "hookInstance": _CARD,
    "context": {"userId": "Practitioner/example", "patientId": "example"},
    "prefetch": {
        "patient": {"resourceType": "Patient", "id": "example", "gender": "female"},
        "medications": {"resourceType": "Bundle", "type": "searchset", "entry": []},
    },
}
FEEDBACK: dict[str, Any] = {
    "feedback": [
        {
            "card": _CARD,
            "outcome": "overridden",
            "outcomeTimestamp": "2026-11-21T10:00:00Z",
        }
    ]
}
