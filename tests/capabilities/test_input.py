"""What is read: codes of every system, names as they are written, and nothing by guess."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from kg.contract.report import Report
from kg.snapshot.model import Snapshot
from tests.cases.golden import answer, key
from tests.fhir.resources import (
    ATC,
    ICD10,
    LOINC,
    RXNORM,
    SNOMED,
    Json,
    bundle,
    coded,
    condition,
    observation,
    order,
    patient,
    quantity,
)

ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
INDEX = "inotuzumab ozogamicin"


def read(text: str, snapshot: Snapshot) -> Report:
    return answer({"medications": [{"text": text}]}, snapshot)


def labels(report: Report) -> list[str]:
    return [r.label for r in report.recognised]


# --- IT-01: systems -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "system", "code", "label"),
    [
        ("medications", RXNORM, "703", "amiodarone"),
        ("medications", ATC, "J02AC04", "posaconazole"),
        ("medications", ATC, "L01FB01", INDEX),
        ("medications", SNOMED, "387517004", "paracetamol"),
        ("conditions", SNOMED, "19943007", "Cirrhosis"),
        ("conditions", ICD10, "K74.6", "Cirrhosis"),
        ("conditions", ICD10CM, "K74.60", "Cirrhosis"),
        ("observations", LOINC, "1975-2", "total bilirubin"),
    ],
)
def test_it_01_a_code_of_every_system_is_read_plainly_and_in_fhir(
    part: str, system: str, code: str, label: str, client: TestClient, snapshot: Snapshot
) -> None:
    given: dict[str, Any] = {"system": system, "code": code}
    value = {"value": 40, "unit": "umol/L"} if part == "observations" else {}
    plain = answer({part: [given | value]}, snapshot)
    assert [(r.label, r.matched) for r in plain.recognised] == [(label, "code")]
    concept = coded(system, code)
    resources: dict[str, Json] = {
        "medications": order(medicationCodeableConcept=concept),
        "conditions": condition(concept),
        "observations": observation(concept, valueQuantity=quantity(40, "umol/L")),
    }
    sent = json.dumps(bundle(patient(), resources[part]))
    headers = {"Content-Type": "application/fhir+json", "Accept": "application/json"}
    found = client.post("/v1/check", content=sent, headers=headers)
    assert found.status_code == 200, found.text
    terms = {r.term for r in plain.recognised}
    assert terms <= {r["term"] for r in found.json()["recognised"]}


# --- IT-02: names -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "inotuzumab ozogamicin",
        "INOTUZUMAB OZOGAMICIN",
        "inotuzumab ozogamacin",
        "inotuzumab",
        "Besponsa",
        "BESPONSA 1 mg powder for concentrate for solution for infusion",
        "Besponsa (inotuzumab ozogamicin)",
    ],
)
def test_it_02_the_index_drug_is_known_by_brand_and_misspelling_and_shown_by_its_name(
    text: str, snapshot: Snapshot
) -> None:
    assert labels(read(text, snapshot)) == [INDEX]


@pytest.mark.parametrize(
    "names",
    [
        "paracetamol acetaminophen",
        "ciclosporin cyclosporine",
        "rifampicin rifampin",
        "salbutamol albuterol",
        "aciclovir acyclovir",
        "epinephrine adrenaline",
        "hydroxycarbamide hydroxyurea",
        "chlorphenamine chlorpheniramine",
        "pethidine meperidine",
        "furosemide frusemide",
        "amoxicillin amoxycillin",
        "cefalexin cephalexin",
    ],
)
def test_it_02_international_and_american_names_are_one_drug(
    names: str, snapshot: Snapshot
) -> None:
    found = [r.term for name in names.split() for r in read(name, snapshot).recognised]
    assert len(found) == 2
    assert len(set(found)) == 1


# --- IT-03: near misses -------------------------------------------------------------------------


def test_it_03_no_drug_with_a_letter_lost_or_swapped_is_taken_for_one(snapshot: Snapshot) -> None:
    """Misspell every drug of the catalogue in two ways; all together, as one list."""
    spelled = set()
    known = set()
    for drug in snapshot.drugs.values():
        known |= {n.casefold() for n in (drug.label, *drug.names, *drug.brands, *drug.misspellings)}
    meant = {}
    for iri, drug in sorted(snapshot.drugs.items()):
        name, half = drug.label, len(drug.label) // 2
        if name.isalpha() and len(name) >= 6:
            swapped = name[:half] + name[half + 1] + name[half] + name[half + 2 :]
            for wrong in (name[:half] + name[half + 1 :], swapped):
                if wrong.casefold() not in known and wrong not in spelled:
                    spelled.add(wrong)
                    meant[wrong] = iri
    assert len(meant) > 3000
    given = list(meant)
    offered = 0
    for start in range(0, len(given), 200):
        some = given[start : start + 200]
        report = answer({"medications": [{"text": t} for t in some]}, snapshot)
        assert not report.recognised
        assert report.complete is False
        assert [u.given for u in report.unrecognised] == some
        for entry in report.unrecognised:
            offered += meant[entry.given] in {s.term for s in entry.suggestions}
    assert offered > 0.95 * len(given), "what was meant is nearly always among the candidates"


# --- IT-04: look-alikes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("gemtuzumab ozogamicin", "gemtuzumab ozogamicin"),
        ("gemtuzumab ozogamacin", "gemtuzumab ozogamicin"),
        ("gemtuzumab", "gemtuzumab ozogamicin"),
        ("Mylotarg", "gemtuzumab ozogamicin"),
        ("moxetumomab pasudotox", "moxetumomab pasudotox"),
        ("moxetumomab", "moxetumomab pasudotox"),
        ("Lumoxiti", "moxetumomab pasudotox"),
        ("inotuzumab ozogamicin", INDEX),
        ("Besponsa", INDEX),
    ],
)
def test_it_04_each_of_the_look_alikes_is_read_as_itself(
    text: str, label: str, snapshot: Snapshot
) -> None:
    assert labels(read(text, snapshot)) == [label]


@pytest.mark.parametrize(
    "text", ["ozogamicin", "ozogamacin", "inotuzumab pasudotox", "gemtuzumab/inotuzumab", "tuzumab"]
)
def test_it_04_what_may_be_either_is_never_one_of_them(text: str, snapshot: Snapshot) -> None:
    report = read(text, snapshot)
    assert labels(report) in ([], ["gemtuzumab ozogamicin", INDEX])
    assert report.complete is False


def test_it_04_a_look_alike_is_judged_as_the_other_drug_that_it_is(snapshot: Snapshot) -> None:
    """Gemtuzumab is another antileukaemic drug; the index drug is none beside itself."""
    other = {key(f.advisory) for f in read("Mylotarg", snapshot).findings}
    assert "antileukaemic-combination" in other
    assert read("Besponsa", snapshot).findings == ()
    allergic = {"allergies": [{"text": "Mylotarg"}]}
    assert "hypersensitivity" not in {key(f.advisory) for f in answer(allergic, snapshot).findings}


# --- IT-05: salts, combinations, doses ----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "ingredients"),
    [
        ("co-codamol 30/500", {"codeine", "paracetamol"}),
        ("Co-codamol 30mg/500mg effervescent tablets", {"codeine", "paracetamol"}),
        ("co-amoxiclav 500/125", {"amoxicillin", "clavulanic acid"}),
        ("co-trimoxazole 480 mg", {"sulfamethoxazole", "trimethoprim"}),
    ],
)
def test_it_05_a_combination_stands_for_its_ingredients(
    text: str, ingredients: set[str], snapshot: Snapshot
) -> None:
    (found,) = read(text, snapshot).recognised
    parts = {snapshot.drugs[c].label for c in snapshot.drugs[found.term].components}
    assert parts == ingredients


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("haloperidol 5 mg tab", "haloperidol"),
        ("Haloperidol 5mg tablets", "haloperidol"),
        ("citalopram hydrobromide 20 mg od", "citalopram"),
        ("morphine sulfate 10 mg", "morphine"),
        ("amitriptyline hydrochloride 10mg nocte", "amitriptyline"),
        ("voriconazole 200mg powder for solution for infusion vials", "voriconazole"),
        ("azacitidine 100mg powder for suspension for injection vials", "azacitidine"),
        ("enoxaparin 40mg/0.4ml solution for injection pre-filled syringes", "enoxaparin"),
        ("warfarin 3mg tablets as directed", "warfarin"),
        ("paracetamol 500mg soluble tablets", "paracetamol"),
    ],
)
def test_it_05_salt_and_dose_are_read_past(text: str, label: str, snapshot: Snapshot) -> None:
    assert labels(read(text, snapshot)) == [label]


def test_it_05_what_an_ingredient_raises_the_combination_raises(snapshot: Snapshot) -> None:
    def raised(text: str) -> set[str]:
        body = {"medications": [{"text": text, "role": "treatment"}]}
        return {key(f.advisory) for f in answer(body, snapshot).findings}

    assert raised("co-codamol 30/500") == raised("codeine") | raised("paracetamol")
    assert raised("paracetamol")
