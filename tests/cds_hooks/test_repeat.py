"""Repeated cards are held back only where the client asks for it, and only for the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.cds_hooks.calls import INDEX, CallBuilder, a_call, by_advisory, cards
from tests.conformance.clauses import clause
from tests.fhir.resources import Json, observation, order, quantity

CACHE: Json = {"pddi-configuration-items": {"cache-for-order-sign-filtering": True}}
FILTER: Json = {"pddi-configuration-items": {"filter-out-repeated-alerts": True}}
DRAFT = order("citalopram", "draft", "d1")


def _selecting(**fields: Any) -> CallBuilder:
    call = a_call("order-select").drafting(DRAFT).choosing("MedicationRequest/d1")
    return call.having("medications", INDEX).with_fields(**fields)


def _signing(**fields: Any) -> CallBuilder:
    return a_call().drafting(DRAFT).having("medications", INDEX).with_fields(**fields)


@clause("PD-04")
def test_without_the_items_nothing_is_held_back(hooks: TestClient) -> None:
    cards(hooks, _selecting())
    assert "qt-firm-drug" in by_advisory(cards(hooks, _signing()))
    assert "qt-firm-drug" in by_advisory(cards(hooks, _signing(extension=FILTER)))
    cards(hooks, _selecting(extension=CACHE))
    assert "qt-firm-drug" in by_advisory(cards(hooks, _signing()))


@clause("PD-04")
def test_with_both_items_a_repeated_card_is_left_out(hooks: TestClient) -> None:
    assert "qt-firm-drug" in by_advisory(cards(hooks, _selecting(extension=CACHE)))
    signed = by_advisory(cards(hooks, _signing(extension=FILTER)))
    assert "qt-firm-drug" not in signed
    assert "gap" in signed, "what could not be judged is always said"


@clause("PD-04")
@pytest.mark.parametrize(
    "change",
    [
        {"userId": "Practitioner/other"},
        {"encounterId": "e2"},
    ],
)
def test_another_person_or_encounter_sees_the_card(
    hooks: TestClient, change: dict[str, str]
) -> None:
    cards(hooks, _selecting(extension=CACHE))
    other = _signing(extension=FILTER).saying(**change)
    assert "qt-firm-drug" in by_advisory(cards(hooks, other))


@clause("PD-04")
def test_another_patient_sees_the_card(hooks: TestClient) -> None:
    cards(hooks, _selecting(extension=CACHE))
    text = json.dumps(_signing(extension=FILTER).json())
    for one, another in (('"p1"', '"p2"'), ("Patient/p1", "Patient/p2"), ("=p1", "=p2")):
        text = text.replace(one, another)
    other = json.loads(text)
    assert other["context"]["patientId"] == "p2"
    assert "qt-firm-drug" in by_advisory(cards(hooks, other))


@clause("PD-04")
def test_stronger_advice_or_another_cause_is_another_card(hooks: TestClient) -> None:
    cards(hooks, _selecting(extension=CACHE))
    two = _signing(extension=FILTER).drafting(DRAFT, order("haloperidol", "draft", "d2"))
    assert "qt-firm-drug" in by_advisory(cards(hooks, two))
    law = {"org.w3id.inokg": {"context": {"jurisdiction": "EU"}}}
    weaker = _signing(extension=FILTER | law)
    assert "qt-firm-drug" in by_advisory(cards(hooks, weaker))


@clause("PD-04")
@pytest.mark.parametrize("value", [False, "true", 1, None])
def test_only_a_true_item_counts(hooks: TestClient, value: object) -> None:
    cards(hooks, _selecting(extension=CACHE))
    odd = {"pddi-configuration-items": {"filter-out-repeated-alerts": value}}
    assert "qt-firm-drug" in by_advisory(cards(hooks, _signing(extension=odd)))


@clause("PD-04")
def test_what_was_shown_is_forgotten_after_an_hour(hooks: TestClient) -> None:
    clock = [0.0]
    repeats = hooks.app.state.hooks.repeats  # type: ignore[attr-defined]
    repeats._clock = lambda: clock[0]
    cards(hooks, _selecting(extension=CACHE))
    clock[0] = 3500.0
    assert "qt-firm-drug" not in by_advisory(cards(hooks, _signing(extension=FILTER)))
    clock[0] = 3700.0
    assert "qt-firm-drug" in by_advisory(cards(hooks, _signing(extension=FILTER)))


@clause("PD-04")
def test_what_was_never_shown_is_shown(hooks: TestClient) -> None:
    cards(hooks, _selecting(extension=CACHE))
    ecg = observation("QTcF", valueQuantity=quantity(520, "ms"))
    signed = by_advisory(cards(hooks, _signing(extension=FILTER).having("ecg", ecg)))
    assert any(key.startswith("qtc-") for key in signed)
