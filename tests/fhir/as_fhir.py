"""A request of the contract written as FHIR, so that both can be asked the same."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.fhir.resources import (
    SNOMED,
    Json,
    allergy,
    bundle,
    coded,
    condition,
    observation,
    order,
    patient,
    statement,
)

# How the roles are written in words, and routes and degrees in codes of records.
_ROLES = {
    "premedication": "premedication",
    "cytoreduction": "cytoreduction",
    "urate_lowering": "urate lowering",
    "conditioning": "conditioning",
    "prophylaxis": "prophylaxis",
}
_ROUTES = {"systemic": "26643006", "local": "6064005", "intrathecal": "72607000"}
_DEGREES = {"mild": "255604002", "moderate": "6736007", "severe": "24484000"}
_LISTS = {
    "medications": "MedicationRequest",
    "conditions": "Condition",
    "allergies": "AllergyIntolerance",
    "observations": "Observation",
}


class NoFhir(Exception):
    """FHIR has no place for this."""


def _without_start(request: Json) -> None:
    if any(m.get("started") for m in request.get("medications") or ()):
        raise NoFhir("the day on which a medicine was begun, which an order does not hold")


def as_bundle(request: Json) -> tuple[Json, dict[str, Any], list[str] | None]:
    """Write a request as a bundle, with the context and the flags that come beside it."""
    _without_start(request)
    context = dict(request.get("context") or {})
    who = request.get("patient") or {}
    entries = [{"resource": _patient(who, context)}]
    for part, kind in _LISTS.items():
        given = request.get(part)
        if given is None:
            continue
        writer = _WRITERS[part]
        entries += [{"resource": writer(item, n)} for n, item in enumerate(given)]
        if not given:
            link = [{"relation": "self", "url": f"https://ehr.example/fhir/{kind}?patient=p1"}]
            empty = {"resourceType": "Bundle", "type": "searchset", "total": 0, "link": link}
            entries.append({"resource": empty})
    whole = {**bundle(), "entry": entries}
    return whole, {k: v for k, v in context.items() if v is not None}, who.get("flags")


def _patient(who: Json, context: Json) -> Json:
    if who.get("height_cm") or who.get("weight_kg"):
        raise NoFhir("height and weight, which are no fields of a patient there")
    found = patient(who.get("sex") or "", born=None)
    if not who.get("sex"):
        del found["gender"]
    age = who.get("age_years")
    if age is None:
        return found
    if "as_of" not in context or age != int(age):
        raise NoFhir("an age without a day, or in parts of a year")
    asked = date.fromisoformat(context["as_of"][:10])
    try:
        born = asked.replace(year=asked.year - int(age))
    except ValueError:
        born = date(asked.year - int(age), 2, 28)
    return found | {"birthDate": born.isoformat()}


def _concept(item: Json) -> Json:
    codings = [*item.get("codings", ())]
    if item.get("code"):
        codings.insert(0, {"system": item.get("system"), "code": item["code"]})
    found: Json = {"coding": codings} if codings else {}
    return found | ({"text": item["text"]} if item.get("text") else {})


def _medication(item: Json, n: int) -> Json:
    status = item.get("status") or "active"
    concept = _concept(item)
    more: Json = {"medicationCodeableConcept": concept} if concept else {}
    dose: Json = {}
    if item.get("route"):
        dose["route"] = coded(SNOMED, _ROUTES[item["route"]])
    if item.get("daily_dose"):
        amount = {"value": item["daily_dose"]["value"], "unit": item["daily_dose"]["unit"]}
        dose["maxDosePerPeriod"] = {"numerator": amount, "denominator": {"value": 1, "code": "d"}}
    role = item.get("role")
    if role is not None and role not in _ROLES:
        raise NoFhir(f"the role {role} has no words")
    if status == "stopped":
        if role:
            more["reasonCode"] = [{"text": _ROLES[role]}]
        period = {"start": item.get("started"), "end": item.get("last_taken")}
        kept = {k: v for k, v in period.items() if v}
        more |= {"dosage": [dose]} if dose else {}
        more |= {"effectivePeriod": kept} if kept else {}
        return statement(status="stopped", key=f"m{n}", **more)
    if role:
        more["category"] = [{"text": _ROLES[role]}]
    more |= {"dosageInstruction": [dose]} if dose else {}
    return order(status="draft" if status == "planned" else "active", key=f"m{n}", **more)


def _condition(item: Json, n: int) -> Json:
    status = item.get("status") or "unsaid"
    if status == "unsaid" and item.get("text"):
        # Words of a text may give the course, which a status of FHIR would override.
        raise NoFhir("a course that only the text may give")
    more: Json = {}
    if item.get("severity"):
        more["severity"] = coded(SNOMED, _DEGREES[item["severity"]])
    if item.get("grade"):
        more["stage"] = [{"summary": {"text": f"CTCAE grade {item['grade']}"}}]
    if item.get("onset"):
        more["onsetDateTime"] = item["onset"]
    clinical = "resolved" if status == "resolved" else "active"
    verified = "provisional" if status == "suspected" else "confirmed"
    return condition(_concept(item), clinical, verified, key=f"c{n}", **more)


def _allergy(item: Json, n: int) -> Json:
    return allergy(_concept(item), key=f"a{n}")


def _observation(item: Json, n: int) -> Json:
    if item.get("baseline") is not None:
        raise NoFhir("a value before treatment beside a value")
    value = item.get("value")
    more: Json = {}
    if isinstance(value, bool):
        more["valueBoolean"] = value
    elif isinstance(value, str):
        more["valueString"] = value
    elif value is not None:
        more["valueQuantity"] = {"value": value}
        if item.get("unit"):
            more["valueQuantity"]["unit"] = item["unit"]
    if isinstance(value, str) and item.get("unit"):
        raise NoFhir("a number in words with a unit")
    limits = {
        name: {"value": item[key], "unit": item["unit"]}
        for name, key in (("low", "lower_limit"), ("high", "upper_limit"))
        if item.get(key) is not None and item.get("unit")
    }
    if limits:
        more["referenceRange"] = [limits]
    if item.get("taken_at"):
        more["effectiveDateTime"] = item["taken_at"]
    return observation(_concept(item), key=f"o{n}", **more)


_WRITERS = {
    "medications": _medication,
    "conditions": _condition,
    "allergies": _allergy,
    "observations": _observation,
}


def write(part: str, item: Json, n: int) -> Json:
    """Write one entry of one list as a resource."""
    return _WRITERS[part](item, n)
