"""What a release advises, as FHIR R5: one ClinicalUseDefinition for each advisory.

R4 has no resource for this (it came with R4B and R5), so this is R5 and says so. What R5 has no
place for (the exact criterion, the exemption) stands as text beside it.
"""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from kg import terms
from kg.snapshot.criteria import Of
from kg.snapshot.criteria_walk import leaves_of
from kg.snapshot.hl7 import OutsideCode
from kg.snapshot.model import Advisory, Snapshot

VERSION = "5.0.0"
_TYPES = "http://hl7.org/fhir/clinical-use-definition-type"
_ISSUE_CODES = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_VERSIONS = "http://hl7.org/fhir/FHIR-version"
_DRUG_ISSUE = "DRG"
_STATUS = "http://hl7.org/fhir/publication-status"

ClinicalUseJson = dict[str, Any]


def knowledge_bundle(snapshot: Snapshot) -> ClinicalUseJson:
    """Write the advice of a release as one bundle of FHIR R5."""
    about = {drug for advisory in snapshot.advisories.values() for drug in advisory.about}
    drugs = [snapshot.index_drug, *sorted(about - {snapshot.index_drug})]
    resources = [
        *(_subject(drug, snapshot) for drug in drugs),
        *(_definition(iri, snapshot) for iri in sorted(snapshot.advisories)),
    ]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "meta": {"tag": [{"system": _VERSIONS, "code": VERSION}]},
        "identifier": {"system": f"{terms.BASE}release", "value": snapshot.version},
        "entry": [{"fullUrl": f"urn:uuid:{r['id']}", "resource": r} for r in resources],
    }


def _id(iri: str) -> str:
    return str(uuid5(NAMESPACE_URL, iri))


def _subject(drug: str, snapshot: Snapshot) -> ClinicalUseJson:
    """Describe a drug that definitions are about."""
    label = snapshot.drugs[drug].label
    codings = [{"system": c.system, "code": c.code} for c in _codes(drug, snapshot)]
    return {
        "resourceType": "Medication",
        "id": _id(drug),
        "code": {"coding": codings, "text": label} if codings else {"text": label},
        "status": "active",
    }


def _definition(iri: str, snapshot: Snapshot) -> ClinicalUseJson:
    advisory = snapshot.advisories[iri]
    kind = kind_of(advisory, snapshot)
    topic = snapshot.topics.get(advisory.topic, advisory.topic)
    code = snapshot.doors.issue_codes.get(advisory.topic)
    codings = [{"system": _ISSUE_CODES, "code": code}] if code else []
    codings.append({"system": f"{terms.BASE}topic", "code": topic})
    definition: ClinicalUseJson = {
        "resourceType": "ClinicalUseDefinition",
        "id": _id(iri),
        "meta": {"tag": [{"system": f"{terms.BASE}release", "code": snapshot.version}]},
        "text": _narrative(advisory),
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": iri}],
        "type": kind,
        "category": [{"coding": codings, "text": advisory.label}, {"text": _strength(advisory)}],
        "subject": [
            {"reference": f"urn:uuid:{_id(drug)}", "type": "Medication"} for drug in advisory.about
        ],
        "status": {"coding": [{"system": _STATUS, "code": "draft"}], "text": "not reviewed"},
    }
    return definition | _PARTS[kind](advisory, snapshot)


def kind_of(advisory: Advisory, snapshot: Snapshot) -> str:
    """Say what kind of definition an advisory is, by its topic and its strength."""
    if snapshot.doors.issue_codes.get(advisory.topic) == _DRUG_ISSUE:
        return "interaction"
    if "contraindicated" in advisory.severities.values():
        return "contraindication"
    return "warning"


def _whom(advisory: Advisory, snapshot: Snapshot) -> str:
    criterion = snapshot.criteria[advisory.applies_to]
    return criterion.definition or criterion.label


def _strength(advisory: Advisory) -> str:
    return "; ".join(f"{law}: {s}" for law, s in sorted(advisory.severities.items()))


def _interaction(advisory: Advisory, snapshot: Snapshot) -> ClinicalUseJson:
    effect = snapshot.mechanisms.get(advisory.mechanism or "")
    interaction: ClinicalUseJson = {
        "interactant": [
            {"itemCodeableConcept": _concept(c, snapshot)} for c in _classes(advisory, snapshot)
        ]
        or [{"itemCodeableConcept": {"text": _whom(advisory, snapshot)}}],
        "type": {"text": "drug to drug"},
        "management": [{"text": advisory.management}],
    }
    if effect is not None:
        interaction["effect"] = {"concept": {"text": effect.definition or effect.label}}
    return {"interaction": interaction}


def _contraindication(advisory: Advisory, snapshot: Snapshot) -> ClinicalUseJson:
    return {
        "contraindication": {
            "diseaseSymptomProcedure": {"concept": {"text": _whom(advisory, snapshot)}}
        }
    }


def _warning(advisory: Advisory, snapshot: Snapshot) -> ClinicalUseJson:
    text = f"{_whom(advisory, snapshot)} {advisory.management}"
    return {"warning": {"description": text, "code": {"text": advisory.label}}}


_PARTS = {
    "interaction": _interaction,
    "contraindication": _contraindication,
    "warning": _warning,
}


def _classes(advisory: Advisory, snapshot: Snapshot) -> list[str]:
    """Give the drugs and classes of drugs that a criterion asks for."""
    asked = leaves_of(snapshot.criteria[advisory.applies_to].expression, snapshot)
    of_drugs = {n.term for n in asked if isinstance(n, Of) and n.property == terms.OF_DRUG}
    return sorted(of_drugs & (snapshot.classes.keys() | snapshot.drugs.keys()))


def _concept(iri: str, snapshot: Snapshot) -> ClinicalUseJson:
    known = snapshot.classes.get(iri) or snapshot.drugs[iri]
    codings = [{"system": c.system, "code": c.code} for c in _codes(iri, snapshot)]
    codings.append({"system": terms.BASE.rstrip("/"), "code": iri.removeprefix(terms.BASE)})
    return {"coding": codings, "text": known.label}


def _codes(iri: str, snapshot: Snapshot) -> list[OutsideCode]:
    """Give the codes of the systems that requests use and that stand exactly for a term."""
    return [
        OutsideCode(system.uri, notation)
        for system in snapshot.systems.values()
        if system.accepted
        for notation, code in sorted(system.codes.items())
        if code.term == iri and code.match == "exact" and not code.former
    ]


def _narrative(advisory: Advisory) -> ClinicalUseJson:
    text = f"{advisory.label}. {advisory.definition}".strip()
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{safe}</div>'}
