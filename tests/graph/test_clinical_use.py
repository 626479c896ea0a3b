"""The advice of a release as FHIR R5, valid under the real models of R5 and of no other."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from fhir.resources.bundle import Bundle
from fhir.resources.clinicalusedefinition import ClinicalUseDefinition

from kg.graph.clinical_use import knowledge_bundle
from kg.graph.export import export
from kg.snapshot.model import Snapshot
from tests.conformance.clauses import clause
from tests.fhir.resources import Json


@pytest.fixture(scope="module")
def definitions(snapshot: Snapshot) -> dict[str, Json]:
    """Give every definition by the advisory that it says."""
    found = (e["resource"] for e in knowledge_bundle(snapshot)["entry"])
    return {
        r["identifier"][0]["value"]: r
        for r in found
        if r["resourceType"] == "ClinicalUseDefinition"
    }


@clause("FH-04")
def test_the_export_is_valid_r5_and_says_so(snapshot: Snapshot) -> None:
    whole = knowledge_bundle(snapshot)
    Bundle.model_validate_json(json.dumps(whole))
    assert whole["meta"]["tag"][0]["code"] == "5.0.0"
    assert json.dumps(whole) == json.dumps(knowledge_bundle(snapshot))


@clause("FH-04")
def test_the_command_writes_it(release_folder: Path, snapshot: Snapshot) -> None:
    assert json.loads(export(release_folder, "fhir-r5")) == knowledge_bundle(snapshot)


@clause("FH-04")
def test_every_advisory_is_one_definition(snapshot: Snapshot, definitions: dict[str, Json]) -> None:
    assert set(definitions) == set(snapshot.advisories)
    for definition in definitions.values():
        ClinicalUseDefinition.model_validate(definition)
        assert definition[definition["type"]], "the part named by the type is there"
    kinds = Counter(d["type"] for d in definitions.values())
    assert set(kinds) == {"interaction", "contraindication", "warning"}
    assert min(kinds.values()) >= 5


@clause("FH-04")
def test_an_interaction_names_its_class_and_what_to_do(definitions: dict[str, Json]) -> None:
    drug = definitions["https://w3id.org/inokg/advisory/hepatotoxic-azole"]["interaction"]
    codes = {c["code"] for i in drug["interactant"] for c in i["itemCodeableConcept"]["coding"]}
    assert any("Azole" in code for code in codes)
    assert drug["management"][0]["text"]


@clause("FH-04")
def test_it_is_about_the_index_drug_by_its_codes(snapshot: Snapshot) -> None:
    subject = knowledge_bundle(snapshot)["entry"][0]["resource"]
    assert subject["code"]["text"] == "inotuzumab ozogamicin"
    assert "L01FB01" in {c["code"] for c in subject["code"]["coding"]}
