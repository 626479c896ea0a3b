"""Few and short cards, whoever the patient is: whole patients, as a chart would send them."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.cds_hooks.card_text import LONGEST_DETAIL
from kg.snapshot.model import Snapshot
from tests.cds_hooks.calls import INDEX, CallBuilder, a_call, advisories_of, cards
from tests.conformance.clauses import clause
from tests.fhir.resources import Json, allergy, condition, observation, order, patient, quantity
from tests.patients.test_patients import FILES
from tests.patients.test_patients import patient as whole_patient

WHOLE = sorted(FILES)
HARMLESS = ("glucose", "BMI", "haematocrit")


def charted(name: str) -> CallBuilder:
    """Write a whole patient as the resources of a chart, with the index drug being signed."""
    request = whole_patient(name)["request"]
    given = request["patient"]
    years = int(given.get("age_years", 40))
    medications = [
        order(m["text"], "completed" if m.get("status") == "stopped" else "active", f"m{n}")
        for n, m in enumerate(request["medications"])
    ]
    conditions = [
        condition(c["text"], c.get("status", "active").replace("suspected", "active"), key=f"c{n}")
        for n, c in enumerate(request["conditions"])
    ]
    call = a_call().drafting(INDEX | {"status": "draft"})
    call = call.having("medications", *medications).having("conditions", *conditions)
    call = call.having("labs", *(_measured(o, n) for n, o in enumerate(request["observations"])))
    if request.get("allergies"):
        entries = enumerate(request["allergies"])
        call = call.having("allergies", *(allergy(a["text"], key=f"a{n}") for n, a in entries))
    born = f"{2026 - years}-01-01"
    return call.sending(patient=patient(given.get("sex", "female"), born))


def _measured(entry: dict[str, Any], number: int) -> Json:
    return observation(
        entry["text"],
        f"o{number}",
        valueQuantity=quantity(entry["value"], entry.get("unit", "1")),
        effectiveDateTime=entry.get("taken_at", "2026-11-20"),
    )


def kind(card: Json, snapshot: Snapshot) -> set[str]:
    """Say what a card is about: what excludes, what is missing, or a hazard."""
    keys = advisories_of(card)
    if keys == ["gap"]:
        return {"missing"}
    if " contraindicated: " in card["summary"]:
        return {"contraindicated"}
    known = {iri.rsplit("/", 1)[1]: a for iri, a in snapshot.advisories.items()}
    return {snapshot.reporting.hazards[known[k].topic].key for k in keys}


@clause("CH-93")
@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_patient_gets_one_card_a_hazard(
    name: str, hooks: TestClient, snapshot: Snapshot
) -> None:
    shown = cards(hooks, charted(name))
    kinds = [kind(card, snapshot) for card in shown]
    assert all(len(k) == 1 for k in kinds), kinds
    counted = Counter(next(iter(k)) for k in kinds)
    assert set(counted.values()) <= {1}
    for card in shown:
        assert len(card["detail"]) <= LONGEST_DETAIL, (len(card["detail"]), card["detail"])
        assert len(card["summary"]) < 140
        assert "inotuzumab" in card["summary"].casefold()
        assert "Decision support" in card["detail"], "the end of a detail is never cut off"
        assert card["detail"].count("`") % 2 == 0
        assert card["detail"].count("**") % 2 == 0


@clause("CH-93")
def test_there_are_at_least_twenty_whole_patients() -> None:
    assert len(WHOLE) >= 20


@clause("CH-93")
def test_signing_a_drug_with_a_disease_does_not_read_as_if_the_drug_were_excluded(
    hooks: TestClient,
) -> None:
    call = a_call().drafting(order("amiodarone 200 mg", "draft", "d1")).having("medications", INDEX)
    shown = cards(hooks, call.having("conditions", condition("Cirrhosis")))
    summaries = [card["summary"] for card in shown]
    assert "Inotuzumab contraindicated: Cirrhosis" in summaries
    assert any(re.fullmatch(r"Inotuzumab \+ amiodarone.*: QT\. Avoid", s) for s in summaries)
    for card in shown:
        if "contraindicated" in card["summary"]:
            assert "amiodarone" not in card["summary"] + card["detail"]


@clause("CH-93")
def test_a_crowded_card_says_how_much_stands_behind_its_links(hooks: TestClient) -> None:
    names = ("citalopram", "haloperidol", "ondansetron", "fluconazole", "amiodarone", "methadone")
    drafts = [order(name, "draft", f"d{n}") for n, name in enumerate(names)]
    ecg = observation("QTcF", valueQuantity=quantity(505, "ms"))
    long_qt = condition("long QT syndrome")
    call = a_call().drafting(*drafts).having("medications", INDEX).having("ecg", ecg)
    shown = cards(hooks, call.having("conditions", long_qt))
    (card,) = (c for c in shown if ": QT" in c["summary"])
    assert len(card["detail"]) <= LONGEST_DETAIL
    assert "and 3 more" in card["summary"]
    said = len(re.findall(r"^\*\*(?:Avoid|Hold|Caution|Inform)", card["detail"], re.MULTILINE))
    behind = re.search(r"(\d+) more behind the links", card["detail"])
    told = said + (int(behind[1]) if behind else 0)
    assert told == len(advisories_of(card))


@clause("CH-93")
def test_what_is_recommended_was_judged(hooks: TestClient) -> None:
    call = a_call().drafting(order("citalopram", "draft", "d1")).having("medications", INDEX)
    (card,) = (c for c in cards(hooks, call) if ": QT" in c["summary"])
    first, *others = card["suggestions"]
    assert first["isRecommended"] is True
    assert any(action["type"] == "delete" for action in first["actions"])
    assert not any(other["isRecommended"] for other in others)


@clause("CH-94")
def test_harmless_results_are_known_and_no_gap(hooks: TestClient) -> None:
    call = a_call("patient-view").having("medications", INDEX)
    results = [observation(n, f"o{i}", valueString="normal") for i, n in enumerate(HARMLESS)]
    values = [
        observation("glucose", "g", valueQuantity=quantity(5.4, "mmol/L")),
        observation("BMI", "b", valueQuantity=quantity(24, "kg/m2")),
        observation("haematocrit", "h", valueQuantity=quantity(0.31, "L/L")),
    ]
    (gap,) = (c for c in cards(hooks, call) if advisories_of(c) == ["gap"])
    for sent in (results, values):
        (card,) = (
            c for c in cards(hooks, call.having("labs", *sent)) if advisories_of(c) == ["gap"]
        )
        assert "Not recognised" not in card["detail"], card["detail"]
    assert gap["uuid"]
