"""A typical call: the patient of the benches, written as a prescribing program sends it."""

from __future__ import annotations

import json
from typing import Any

from tests.cds_hooks.calls import INDEX, CallBuilder, a_call
from tests.fhir.as_fhir import write
from tests.fhir.resources import Json
from tests.workshop import ROOT


def typical_request() -> Json:
    """Give the patient of the benches: twenty drugs, twenty conditions, a dozen results."""
    found: Json = json.loads((ROOT / "tests/bench/patient.json").read_text(encoding="utf-8"))
    return found


def typical_call() -> CallBuilder:
    """Write the same patient as a call, whose first drug is being ordered."""
    request = typical_request()
    for condition in request["conditions"]:
        condition.setdefault("status", "active")
    for observation in request["observations"]:
        observation.pop("baseline", None)  # has no place in FHIR
    parts: dict[str, list[Any]] = {
        part: [write(part, item, n) for n, item in enumerate(request[part])]
        for part in ("medications", "conditions", "observations")
    }
    first, *drugs = parts["medications"]
    return (
        a_call()
        .drafting(first)
        .having("medications", INDEX, *(d for d in drugs if d["resourceType"] != _STATED))
        .having("statements", *(d for d in drugs if d["resourceType"] == _STATED))
        .having("conditions", *parts["conditions"])
        .having("labs", *parts["observations"])
    )


_STATED = "MedicationStatement"
