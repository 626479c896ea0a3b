"""The mistakes that published examples make: our rules find each, and our answers make none."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.cds_hooks.calls import INDEX, a_call, by_advisory, cards, post
from tests.cds_hooks.rules import problems_of_answer, problems_of_discovery
from tests.conformance.clauses import clause
from tests.fhir.resources import Json, bundle, order

Spoil = Callable[[Json], Any]


def _answer(client: TestClient) -> Json:
    call = a_call().drafting(order("citalopram", "draft", "d1")).having("medications", INDEX)
    found: Json = post(client, call).json()
    found["cards"].sort(key=lambda c: "Remove" not in str(c))
    return found


def _first(answer: Json) -> Json:
    card: Json = answer["cards"][0]
    return card


def _action(answer: Json, kind: str) -> Json:
    actions = (a for s in _first(answer)["suggestions"] for a in s["actions"])
    return next(a for a in actions if a["type"] == kind)


def _move_suggestions(answer: Json) -> None:
    card = _first(answer)
    card["source"]["suggestions"] = card.pop("suggestions")


def _procedure_request(answer: Json) -> None:
    _action(answer, "create")["resource"]["resourceType"] = "ProcedureRequest"


def _both_recommended(answer: Json) -> None:
    card = _first(answer)
    card["selectionBehavior"] = "at-most-one"
    for suggestion in card["suggestions"]:
        suggestion["isRecommended"] = True


SPOILT: dict[str, tuple[Spoil, str]] = {
    "suggestions in the source": (_move_suggestions, "CH-41: cards[0].source has"),
    "no selection behaviour": (lambda a: _first(a).pop("selectionBehavior"), "cds-resp-6"),
    "another behaviour": (lambda a: _first(a).update(selectionBehavior="all"), "cds-resp-7"),
    "two recommended": (_both_recommended, "cds-resp-1"),
    "delete without id": (lambda a: _action(a, "delete").pop("resourceId"), "cds-resp-2"),
    "delete with a resource": (
        lambda a: _action(a, "delete").update(resource={"resourceType": "MedicationRequest"}),
        "cds-resp-2",
    ),
    "delete of a bare id": (lambda a: _action(a, "delete").update(resourceId="d1"), "cds-resp-2"),
    "a resource R4 has not": (_procedure_request, "R4 has no ProcedureRequest"),
    "a resource that is not whole": (
        lambda a: (
            _action(a, "create")["resource"].pop("subject", None)
            or _action(a, "create")["resource"].update(status=[1])
        ),
        "CH-42",
    ),
    "a bare id as reference": (
        lambda a: _action(a, "create")["resource"].update(subject={"reference": "p1"}),
        "is a bare id",
    ),
    "no description of an action": (
        lambda a: _action(a, "delete").pop("description"),
        "cds-resp-5",
    ),
    "no display of a reason": (
        lambda a: _first(a)["overrideReasons"][0].pop("display"),
        "cds-resp-4",
    ),
    "context for no app": (
        lambda a: _first(a)["links"][0].update(appContext="x"),
        "cds-resp-3",
    ),
    "a link that is not absolute": (
        lambda a: _first(a)["links"][0].update(url="/why"),
        "is absolute",
    ),
    "a placeholder": (lambda a: _first(a).update(summary="Avoid: unknown"), "PD-05"),
    "a long summary": (lambda a: _first(a).update(summary="x" * 140), "CH-41"),
    "no source": (lambda a: _first(a).pop("source"), "CH-41"),
    "another urgency": (lambda a: _first(a).update(indicator="hard-stop"), "CH-41"),
    "a null": (lambda a: _first(a).update(detail=None), "CH-02"),
    "an empty list": (lambda a: _first(a).update(links=[]), "CH-02"),
    "HTML": (lambda a: _first(a).update(detail="<script>"), "HTML"),
    "the same card twice": (lambda a: a["cards"].append(a["cards"][0]), "CH-46"),
    "system actions": (lambda a: a.update(systemActions=[{"type": "delete"}]), "CH-40"),
    "behaviour of actions": (
        lambda a: _first(a)["suggestions"][0].update(actionSelectionBehavior="any"),
        "CH-01",
    ),
    "no id of a suggestion": (lambda a: _first(a)["suggestions"][0].pop("uuid"), "CH-42"),
    "no cards": (lambda a: a.pop("cards"), "CH-40"),
}


@clause("PD-05", "CH-43", "FH-07")
@pytest.mark.parametrize("name", SPOILT)
def test_the_rules_find_what_published_examples_do_wrong(hooks: TestClient, name: str) -> None:
    answer = _answer(hooks)
    assert list(problems_of_answer(answer)) == []
    spoil, said = SPOILT[name]
    spoilt = copy.deepcopy(answer)
    spoil(spoilt)
    problems = list(problems_of_answer(spoilt))
    assert any(said in p for p in problems), problems


@clause("PD-05", "CH-11")
@pytest.mark.parametrize("name", ["description", "hook", "id"])
def test_a_service_that_does_not_say_what_it_is_is_found(hooks: TestClient, name: str) -> None:
    answer = hooks.get("/cds-services").json()
    del answer["services"][0][name]
    assert any("CH-11" in p for p in problems_of_discovery(answer))


@clause("PD-05", "CH-30")
@pytest.mark.parametrize(
    "query",
    [
        "Condition?patient={{context.patientId}}&_include=Condition:encounter",
        "Condition?patient={{today()}}",
        "Condition?patient={{context.draftOrders.MedicationRequest.subject}}",
    ],
)
def test_a_template_that_asks_too_much_is_found(hooks: TestClient, query: str) -> None:
    answer = hooks.get("/cds-services").json()
    answer["services"][0]["prefetch"]["conditions"] = query
    assert any("CH-30" in p for p in problems_of_discovery(answer))


@clause("PD-05", "CH-23")
@pytest.mark.parametrize(
    "draft",
    [
        {"resourceType": "ProcedureRequest", "id": "x", "status": "draft"},
        order("citalopram", "draft", "d1") | {"subject": {"reference": "p1"}},
        {"resourceType": "MedicationRequest", "id": "x"},
        {"resourceType": "MedicationRequest"},
    ],
)
def test_orders_as_examples_write_them_do_no_harm(hooks: TestClient, draft: Json) -> None:
    """They are read as far as they can be, and what cannot be read is said."""
    shown = by_advisory(cards(hooks, a_call().drafting(draft).having("medications", INDEX)))
    if "medicationCodeableConcept" in draft:
        assert "qt-firm-drug" in shown
    else:
        assert "gap" in shown


@clause("PD-05")
def test_a_patient_whose_orders_are_empty_gets_no_card(hooks: TestClient) -> None:
    assert cards(hooks, a_call().saying(draftOrders=bundle() | {"entry": []})) == []
