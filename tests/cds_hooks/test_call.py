"""Discovery and calls: their form, the four states of what was sent, and what is relevant."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from fastapi.testclient import TestClient

from kg.snapshot.model import Snapshot
from tests.cds_hooks.calls import (
    INDEX,
    SERVICE,
    TYPES,
    CallBuilder,
    a_call,
    by_advisory,
    cards,
    found,
    post,
)
from tests.cds_hooks.rules import problems_of_discovery
from tests.conformance.clauses import clause
from tests.fhir.resources import (
    ICD10,
    Json,
    coded,
    condition,
    observation,
    order,
    patient,
    quantity,
    searchset,
    statement,
)

HOOKS = {"order-select", "order-sign", "patient-view", "medication-verify"}
FAULT = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
CIRRHOSIS = condition(coded(ICD10, "K74.6"))


# --- discovery -------------------------------------------------------------------------------


@clause("CH-01", "CH-02", "CH-10", "CH-11", "CH-30")
def test_discovery_keeps_to_the_rules(hooks: TestClient) -> None:
    answer = hooks.get("/cds-services")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert list(problems_of_discovery(answer.json())) == []


@clause("CH-12", "CH-22")
def test_each_hook_has_an_id_of_its_own(hooks: TestClient, snapshot: Snapshot) -> None:
    services = hooks.get("/cds-services").json()["services"]
    assert {s["hook"] for s in services} == HOOKS
    assert len(services) == len(HOOKS)
    assert {s["hook"]: s["id"] for s in services} == {h: f"{SERVICE}-{h}" for h in HOOKS}
    assert snapshot.doors.service == SERVICE


@clause("CH-13", "PD-04")
def test_configuration_items_are_offered_where_they_mean_something(hooks: TestClient) -> None:
    services = {s["hook"]: s for s in hooks.get("/cds-services").json()["services"]}
    for hook in ("order-select", "order-sign"):
        (items,) = services[hook]["extension"].values()
        assert {i["code"] for i in items} == {
            "cache-for-order-sign-filtering",
            "filter-out-repeated-alerts",
        }
        assert all(set(i) == {"code", "type", "name", "description"} for i in items)
        assert {i["type"] for i in items} == {"boolean"}
    assert "extension" not in services["patient-view"]


@clause("CH-34", "PD-01")
def test_the_templates_ask_for_all_that_checks_need(hooks: TestClient) -> None:
    for service in hooks.get("/cds-services").json()["services"]:
        kinds = {q.partition("?")[0].partition("/")[0] for q in service["prefetch"].values()}
        assert kinds == {"Patient", *TYPES.values()}
        assert service["prefetch"]["patient"] == "Patient/{{context.patientId}}"


# --- calls -----------------------------------------------------------------------------------


@clause("CH-20", "CH-40")
def test_a_call_is_answered_with_cards(hooks: TestClient) -> None:
    answer = post(
        hooks, a_call().drafting(order("citalopram", "draft")).having("medications", INDEX)
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.json()) == {"cards"}


@clause("CH-22")
@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_every_hook_is_served(hooks: TestClient, hook: str) -> None:
    call = a_call(hook).having("medications", INDEX).having("conditions", CIRRHOSIS)
    if hook == "order-select":
        call = call.drafting(INDEX | {"status": "draft"}).choosing("MedicationRequest/i1")
    if hook == "medication-verify":
        call = call.saying(medication=INDEX)
    assert "serious-hepatic-disease" in by_advisory(cards(hooks, call))


def _without(*names: str, **context: Any) -> Json:
    """Write a call of order-select that lacks something, or says it wrongly."""
    call = a_call("order-select").drafting(INDEX).choosing("MedicationRequest/i1")
    body = call.saying(**context).json()
    for name in names:
        body.pop(name, None)
        body.get("context", {}).pop(name, None)
    return body


@clause("CH-20", "CH-22", "CH-23", "CH-24", "FH-02")
@pytest.mark.parametrize(
    ("body", "place"),
    [
        (_without("hook"), "hook"),
        (_without("context"), "context"),
        (_without() | {"hook": "medication-prescribe"}, "hook"),
        (_without() | {"hook": "order-review"}, "hook"),
        (_without("patientId"), "context.patientId"),
        (_without(patientId="../../x"), "context.patientId"),
        (_without("draftOrders"), "context.draftOrders"),
        (_without(draftOrders=[]), "context.draftOrders"),
        (_without() | {"prefetch": {"patient": patient() | {"id": "p2"}}}, "prefetch.patient"),
        (_without() | {"extension": {"org.w3id.inokg": 1}}, "extension.org.w3id.inokg"),
        (a_call("medication-verify").json(), "context.medication"),
        (a_call("medication-verify").saying(medication=patient()).json(), "context.medication"),
    ],
)
def test_what_is_no_call_is_refused_at_its_place(hooks: TestClient, body: Json, place: str) -> None:
    answer = post(hooks, body)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/fhir+json"
    (issue,) = answer.json()["issue"]
    assert place in issue["expression"][0] or place in issue["diagnostics"]
    assert "cards" not in answer.json()


_TOKEN: Json = {
    "access_token": "x",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "user/*.read",
    "subject": "s",
}


def _answers(**context: Any) -> Json:
    """Write a call of order-select whose data were all sent, with something said another way."""
    call = a_call("order-select").drafting(INDEX).choosing("MedicationRequest/i1")
    return call.having("conditions", CIRRHOSIS).saying(**context).json()


def _said_otherwise(**fields: Any) -> Json:
    body = _answers()
    return {k: v for k, v in (body | fields).items() if v is not ...}


def _with_prefetch(**keys: Any) -> Json:
    body = _answers()
    return body | {"prefetch": body["prefetch"] | keys}


@clause("CH-90", "CH-23")
@pytest.mark.parametrize(
    ("body", "about"),
    [
        (_said_otherwise(hookInstance=...), "hookInstance"),
        (_said_otherwise(hookInstance="visit 17 of today"), "hookInstance"),
        (_answers(userId=None), "context.userId"),
        (_answers(userId="https://ehr.example/fhir/Practitioner/u1"), "context.userId"),
        (_answers(userId="u1"), "context.userId"),
        (_answers(encounterId=None), "context.encounterId"),
        (_answers(encounterId=7), "context.encounterId"),
        (_answers(patientId="Patient/p1"), "context.patientId"),
        (_answers(selections=["i1"]), "context.selections"),
        (_answers(selections=[]), "context.selections"),
        (_answers(selections=["MedicationRequest/other"]), "context.selections"),
        (
            _said_otherwise(
                fhirServer="https://ehr.example/fhir",
                fhirAuthorization=_TOKEN | {"token_type": "bearer"},
            ),
            "fhirAuthorization",
        ),
        (
            _said_otherwise(
                fhirServer="https://ehr.example/fhir",
                fhirAuthorization=_TOKEN | {"expires_in": "300"},
            ),
            "fhirAuthorization",
        ),
        (
            _said_otherwise(
                fhirServer="https://ehr.example/fhir",
                fhirAuthorization={k: v for k, v in _TOKEN.items() if k != "subject"},
            ),
            "fhirAuthorization",
        ),
        (_said_otherwise(fhirAuthorization=_TOKEN), "fhirAuthorization"),
        (_with_prefetch(labs={}), "prefetch.labs"),
        (_with_prefetch(labs="none"), "prefetch.labs"),
        (
            _with_prefetch(
                medications={"resourceType": "Bundle", "type": "searchset", "entry": None}
            ),
            "prefetch.medications",
        ),
        (_with_prefetch(patient=patient() | {"birthDate": "04.05.1980"}), None),
        (_with_prefetch(patient=patient() | {"birthDate": 1980}), None),
        (_said_otherwise(extension="x"), "extension"),
    ],
)
def test_what_the_advice_does_not_need_refuses_no_call(
    hooks: TestClient, body: Json, about: str | None
) -> None:
    answer = post(hooks, body)
    assert answer.status_code == 200, answer.text
    written = by_advisory(answer.json()["cards"])
    assert "serious-hepatic-disease" in written
    if about is None:
        assert "date of birth" in written["gap"]["detail"] or "Patient" in written["gap"]["detail"]
    else:
        notes = answer.json()["extension"]["org.w3id.inokg"]["notes"]
        assert any(note.startswith(about) for note in notes), notes


@clause("CH-90")
def test_notes_have_an_end(hooks: TestClient) -> None:
    answer = post(hooks, _with_prefetch(**{f"k{n}": {} for n in range(500)}))
    assert answer.status_code == 200
    notes = answer.json()["extension"]["org.w3id.inokg"]["notes"]
    assert len(notes) == 21
    assert notes[-1].startswith("480 ")


@clause("CH-90")
def test_an_id_with_an_underscore_is_one(hooks: TestClient) -> None:
    call = a_call("order-select").drafting(INDEX | {"id": "i_1"}).choosing("MedicationRequest/i_1")
    answer = post(hooks, call.having("conditions", CIRRHOSIS))
    assert answer.status_code == 200
    assert "serious-hepatic-disease" in by_advisory(answer.json()["cards"])
    assert "extension" not in answer.json()


@clause("CH-46", "CH-90")
def test_the_same_call_has_the_same_cards_whatever_form_its_id_has(hooks: TestClient) -> None:
    first, again, other = (
        [c["uuid"] for c in post(hooks, _said_otherwise(hookInstance=text)).json()["cards"]]
        for text in ("visit 17", "visit 17", "visit 18")
    )
    assert first == again
    assert not set(first) & set(other)


@clause("CH-12", "CH-24")
def test_a_service_answers_under_its_own_hook_alone(hooks: TestClient) -> None:
    call = a_call().drafting(INDEX).having("conditions", CIRRHOSIS)
    assert post(hooks, call, f"{SERVICE}-order-sign").status_code == 200
    refused = post(hooks, call, f"{SERVICE}-patient-view")
    assert refused.status_code == 400
    assert "order-sign" in refused.json()["issue"][0]["diagnostics"]


@clause("CH-24", "FH-02")
def test_an_unknown_service_is_not_found(hooks: TestClient) -> None:
    answer = post(hooks, a_call(), "something-else")
    assert answer.status_code == 404
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert answer.json()["issue"][0]["code"] == "not-found"
    feedback = hooks.post("/cds-services/something-else/feedback", json={"feedback": []})
    assert feedback.status_code == 404


@pytest.mark.parametrize("content", [b"", b"[]", b"nonsense", b"[" * 50_000, b"\xff\xfe"])
def test_a_body_that_is_no_json_object_is_refused(hooks: TestClient, content: bytes) -> None:
    answer = hooks.post(f"/cds-services/{SERVICE}", content=content)
    assert answer.status_code == 400
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_a_body_beyond_the_bound_is_refused(hooks: TestClient) -> None:
    answer = hooks.post(f"/cds-services/{SERVICE}", content=b"x" * 6_000_000)
    assert answer.status_code == 413
    assert answer.json()["issue"][0]["code"] == "too-long"


@clause("CH-23")
def test_other_orders_do_no_harm(hooks: TestClient) -> None:
    others: list[Json] = [
        {"resourceType": kind, "id": f"x{n}", "status": "draft", "intent": "order"}
        for n, kind in enumerate(
            ("NutritionOrder", "DeviceRequest", "ServiceRequest", "VisionPrescription", "Task")
        )
    ]
    assert cards(hooks, a_call().drafting(*others)) == []
    with_index = a_call().drafting(*others, INDEX).having("conditions", CIRRHOSIS)
    assert "serious-hepatic-disease" in by_advisory(cards(hooks, with_index))


@clause("CH-23")
@pytest.mark.parametrize("status", ["draft", "active", "on-hold"])
def test_an_order_signed_again_may_have_any_status(hooks: TestClient, status: str) -> None:
    call = a_call().drafting(order("citalopram", status)).having("medications", INDEX)
    assert "qt-firm-drug" in by_advisory(cards(hooks, call))


@clause("CH-25")
def test_an_answer_comes_in_time(hooks: TestClient) -> None:
    call = a_call().drafting(order("citalopram", "draft")).having("medications", INDEX)
    cards(hooks, call)
    begun = time.perf_counter()
    cards(hooks, call)
    assert time.perf_counter() - begun < 5


# --- the four states of what was sent ------------------------------------------------------------


def _relevant() -> CallBuilder:
    return a_call("patient-view").having("medications", INDEX)


def _gap(shown: list[Json]) -> str:
    return str(by_advisory(shown)["gap"]["detail"])


@clause("CH-31", "CH-33")
@pytest.mark.parametrize("key", sorted(TYPES))
def test_the_four_states_of_a_key_are_four_answers(hooks: TestClient, key: str) -> None:
    """An EHR that failed to read is never taken for a patient who has nothing."""
    call = _relevant()
    answers = {
        "absent": post(hooks, call.keeping_back(key)),
        "error": post(hooks, call.sending(**{key: FAULT})),
        "null": post(hooks, call.sending(**{key: None})),
        "empty": post(hooks, call.having(key)),
        "paged": post(hooks, call.sending(**{key: searchset(None, more_pages=True)})),
    }
    if key == "medications":
        assert answers["absent"].status_code == 412
        assert answers["error"].status_code == 412
        assert answers["null"].json()["cards"] == []
        assert answers["empty"].json()["cards"] == []
        return
    label = {"ecg": "Electrocardiograms", "labs": "Laboratory results"}.get(key, key.capitalize())
    label = {"immunizations": "Vaccinations", "statements": "Statements about medicines"}.get(
        key, label
    )
    details = {name: _gap(a.json()["cards"]) for name, a in answers.items()}
    assert f"{label}: it was not sent along" in details["absent"]
    assert f"{label}: the program that called could not read it" in details["error"]
    assert f"{label}: there are further pages" in details["paged"]
    for name in ("null", "empty"):
        assert f"{label}:" not in details[name]
    assert details["null"] == details["empty"]


@clause("CH-31", "CH-33")
def test_what_was_not_read_is_not_judged_and_what_is_none_is(hooks: TestClient) -> None:
    nothing = by_advisory(cards(hooks, _relevant().sending(labs=None, ecg=None)))
    unread = by_advisory(cards(hooks, _relevant().keeping_back("labs", "ecg")))
    partly = by_advisory(cards(hooks, _relevant().keeping_back("ecg")))
    assert {"qtc-missing", "electrolytes-missing"} <= set(nothing)
    assert not {"qtc-missing", "electrolytes-missing"} & set(unread)
    assert "qtc-missing" not in partly, "the ECG may be among what was not read"


@clause("CH-32", "FH-02")
@pytest.mark.parametrize("key", ["patient", "medications"])
@pytest.mark.parametrize("state", ["absent", "error"])
def test_without_required_data_the_precondition_fails(
    hooks: TestClient, key: str, state: str
) -> None:
    call = a_call().drafting(INDEX)
    call = call.keeping_back(key) if state == "absent" else call.sending(**{key: FAULT})
    answer = post(hooks, call)
    assert answer.status_code == 412
    (issue,) = answer.json()["issue"]
    assert issue["code"] == "required"
    assert issue["expression"] == [f"prefetch.{key}"]
    assert f"prefetch.{key}" in issue["diagnostics"]


@clause("CH-32")
def test_a_call_without_any_prefetch_names_all_that_is_required(hooks: TestClient) -> None:
    body = a_call().drafting(INDEX).json()
    del body["prefetch"]
    answer = post(hooks, body)
    assert answer.status_code == 412
    assert answer.json()["issue"][0]["expression"] == ["prefetch.medications", "prefetch.patient"]


@clause("CH-31")
def test_a_null_is_no_failure_even_of_required_data(hooks: TestClient) -> None:
    call = a_call("patient-view").sending(patient=None, medications=None)
    assert cards(hooks, call) == []
    related = a_call().drafting(INDEX).sending(patient=None, medications=None)
    assert "part: age" in _gap(cards(hooks, related))


@clause("CH-31", "CH-33")
@pytest.mark.parametrize("query", ["Condition?patient=p1", "MedicationRequest?patient=p2"])
def test_another_search_under_a_key_is_no_answer(hooks: TestClient, query: str) -> None:
    """A bundle that says that it searched something else says nothing of what was asked."""
    other = searchset(query)
    required = post(hooks, a_call("patient-view").sending(medications=other))
    assert required.status_code == 412
    assert "something else was searched" in required.json()["issue"][0]["diagnostics"]
    optional = cards(hooks, _relevant().sending(statements=other, conditions=searchset("Flag?a=b")))
    assert _gap(optional).count("something else was searched") == 2


@clause("CH-31", "CH-33")
@pytest.mark.parametrize(
    ("key", "query"),
    [
        ("medications", "MedicationRequest?patient=p1&status=cancelled"),
        ("medications", "MedicationRequest?patient=p1&status=active&date=gt2027"),
        ("statements", "MedicationStatement?patient=p1&status=completed"),
        ("labs", "Observation?patient=p1&category=vital-signs"),
        ("ecg", "Observation?patient=p1&code=http://loinc.org|8480-6"),
        ("ecg", "Observation?patient=p1&code=http://loinc.org|8636-3&_count=0"),
    ],
)
def test_a_search_narrower_than_its_template_leaves_a_gap(
    hooks: TestClient, key: str, query: str
) -> None:
    call = a_call("patient-view") if key == "medications" else _relevant()
    shown = cards(hooks, call.sending(**{key: searchset(query)}))
    assert "leaves out some of what was asked for" in _gap(shown)
    if key in ("labs", "ecg"):
        assert "qtc-missing" not in by_advisory(shown), "it may be among what was left out"


@clause("CH-31", "CH-34")
@pytest.mark.parametrize(
    ("key", "query"),
    [
        ("medications", "MedicationRequest?patient=Patient/p1&status=active,on-hold"),
        ("medications", "MedicationRequest?status=active"),
        ("medications", "MedicationRequest?patient:Patient=p1&status=active&_offset=0"),
        ("medications", "MedicationRequest/_search"),
        ("labs", "Observation?patient=p1&category=laboratory&_sort=-date&_count=100"),
        ("ecg", "Observation?patient=p1&code=http%3A%2F%2Floinc.org%7C8636-3&_count=5"),
    ],
)
def test_a_search_as_wide_as_its_template_leaves_none(
    hooks: TestClient, key: str, query: str
) -> None:
    shown = by_advisory(cards(hooks, _relevant().sending(**{key: searchset(query)})))
    assert "Not read" not in str(shown.get("gap", {}).get("detail"))
    assert key == "medications" or "qtc-missing" in shown


@clause("CH-33")
@pytest.mark.parametrize("key", ["conditions", "allergies", "procedures"])
def test_an_empty_bundle_under_a_key_means_none_as_null_does(hooks: TestClient, key: str) -> None:
    bare = {"resourceType": "Bundle", "type": "searchset", "total": 0}
    said = [
        [(card["summary"], card["detail"]) for card in cards(hooks, call)]
        for call in (_relevant().sending(**{key: bare}), _relevant().sending(**{key: None}))
    ]
    assert said[0] == said[1]


@clause("CH-33")
def test_a_further_page_is_seen_however_it_is_spelt(hooks: TestClient) -> None:
    page = searchset("Condition?patient=p1")
    page["link"].append({"relation": "Next", "url": "https://ehr.example/fhir?page=2"})
    assert "there are further pages" in _gap(cards(hooks, _relevant().sending(conditions=page)))


@clause("CH-33")
def test_an_unknown_key_changes_nothing(hooks: TestClient) -> None:
    call = a_call("patient-view").sending(weather=found("Observation"))
    assert cards(hooks, call) == []


@clause("CH-33", "CH-40")
@pytest.mark.parametrize(
    "call",
    [
        a_call().drafting({**INDEX, "subject": {"reference": "Patient/somebody-else"}}),
        a_call("patient-view").having(
            "medications", {**INDEX, "subject": {"reference": "Patient/somebody-else"}}
        ),
    ],
)
def test_an_order_for_somebody_else_is_no_silence(hooks: TestClient, call: CallBuilder) -> None:
    assert "another patient" in _gap(cards(hooks, call))


@clause("CH-41")
def test_a_card_says_which_side_is_new(hooks: TestClient) -> None:
    said = {
        side: by_advisory(cards(hooks, call))["qt-firm-drug"]["detail"]
        for side, call in {
            "new order": a_call()
            .drafting(order("citalopram", "draft"))
            .having("medications", INDEX),
            "current": a_call().drafting(INDEX).having("medications", order("citalopram")),
        }.items()
    }
    for side, detail in said.items():
        assert f"citalopram, {side}" in detail, detail


# --- relevance -----------------------------------------------------------------------------------

STOPPED: Json = {"effectivePeriod": {"end": "2026-10-01"}}
LONG_STOPPED: Json = {"effectivePeriod": {"end": "2025-01-01"}}


@clause("CH-33")
@pytest.mark.parametrize(
    ("call", "related"),
    [
        (a_call().drafting(INDEX), True),
        (a_call().drafting(order("citalopram")).having("medications", INDEX), True),
        (a_call("patient-view").having("statements", statement("Besponsa")), True),
        (
            a_call("patient-view").having(
                "statements", statement("Besponsa", "stopped", **STOPPED)
            ),
            True,
        ),
        (a_call("patient-view").having("statements", statement("Besponsa", "stopped")), True),
        (
            a_call("patient-view").having(
                "statements", statement("Besponsa", "stopped", **LONG_STOPPED)
            ),
            False,
        ),
        (a_call("patient-view").having("statements", statement("Besponsa", "not-taken")), False),
        (a_call().drafting(order("citalopram"), order("fluconazole", key="m2")), False),
        (a_call().drafting(order("citalopram")).having("conditions", CIRRHOSIS), False),
        (a_call(), False),
        (a_call().drafting(order("citalopram")).keeping_back("conditions", "labs"), False),
        (a_call().drafting(order("citalopram")).keeping_back("statements"), False),
        (a_call("patient-view").having("medications", order("glucose test strips")), False),
        (a_call().drafting(order("Zyxoprine 20 mg tablet")), False),
        (a_call().drafting(order("multivitamin with iron chewable")), False),
    ],
)
def test_only_what_has_to_do_with_the_index_drug_gets_cards(
    hooks: TestClient, call: CallBuilder, related: bool
) -> None:
    shown = cards(hooks, call)
    assert bool(shown) is related
    if not related:
        assert shown == []


@clause("CH-33", "CH-91")
@pytest.mark.parametrize(
    "call",
    [
        a_call().drafting(order("citalopram")).sending(statements=FAULT),
        a_call("patient-view").sending(
            medications=searchset("MedicationRequest?patient=p1", order("heparin"), more_pages=True)
        ),
        a_call("patient-view").having("medications", order("inotuzmab ozogamycin")),
        a_call("patient-view").having(
            "medications", order(medicationReference={"reference": "Medication/gone"})
        ),
        a_call("patient-view").having(
            "medications",
            order(
                medicationCodeableConcept={
                    "coding": [{"system": "urn:oid:1.2.840.114350.1.13.0", "code": "4711"}]
                }
            ),
        ),
        a_call("patient-view").having("medications", order("CHEMOTHERAPY (see treatment plan)")),
        a_call("patient-view").having("medications", order("Study drug 10 mg")),
        a_call("patient-view").having("medications", order("IV infusion 500 mL")),
        a_call("patient-view").having("medications", order("INO-VATE study drug 1 vial")),
        a_call("patient-view").having("medications", order("mini-HCVD-InO day 3")),
        a_call("patient-view").having("medications", order("anti-CD22 antibody")),
    ],
    ids=[
        "fault",
        "pages",
        "misspelt",
        "dangling",
        "coded",
        "unnamed",
        "study",
        "without",
        "trial",
        "short",
        "kind",
    ],
)
def test_where_the_list_was_not_read_relevance_is_open_and_said(
    hooks: TestClient, call: CallBuilder
) -> None:
    (gap,) = cards(hooks, call)
    assert gap["summary"].startswith("Not known whether inotuzumab ozogamicin")
    assert gap["indicator"] == "info"
    assert "suggestions" not in gap


@clause("CH-33")
def test_a_misspelt_name_is_asked_about(hooks: TestClient) -> None:
    (gap,) = cards(hooks, a_call("patient-view").having("medications", order("inotuzumb")))
    assert "did you mean inotuzumab ozogamicin?" in gap["detail"]


@clause("CH-33")
def test_the_answer_is_never_empty_while_something_was_unread(hooks: TestClient) -> None:
    call = _relevant().with_fields(
        extension={"org.w3id.inokg": {"context": {"phase": "before_dose"}, "flags": []}}
    )
    for key in TYPES:
        if key != "medications":
            assert "gap" in by_advisory(cards(hooks, call.keeping_back(key))), key
    strange = call.having("conditions", condition("a disease nobody knows"))
    assert "`a disease nobody knows`" in _gap(cards(hooks, strange))


@clause("CH-22", "CH-33")
def test_of_several_orders_the_chosen_one_is_in_focus(hooks: TestClient) -> None:
    two = a_call("order-select").drafting(order("citalopram"), order("fluconazole", key="m2"))
    two = two.having("medications", INDEX).having("conditions", CIRRHOSIS)
    first = set(by_advisory(cards(hooks, two.choosing("MedicationRequest/m1"))))
    second = set(by_advisory(cards(hooks, two.choosing("MedicationRequest/m2"))))
    assert "qt-firm-drug" in first
    assert "hepatotoxic-azole" in second - first
    assert "serious-hepatic-disease" not in first | second, "that is about no chosen order"
    drug = a_call("order-select").drafting(INDEX).choosing("MedicationRequest/i1")
    every = by_advisory(cards(hooks, drug.having("conditions", CIRRHOSIS)))
    assert "serious-hepatic-disease" in every


# --- our own extension --------------------------------------------------------------------------


@clause("CH-13")
def test_the_context_that_hooks_lack_comes_as_an_extension(hooks: TestClient) -> None:
    bilirubin = observation(
        "total bilirubin",
        valueQuantity=quantity(25, "umol/L"),
        referenceRange=[{"high": quantity(21, "umol/L")}],
    )
    call = _relevant().having("labs", bilirubin)
    plain = by_advisory(cards(hooks, call))
    own = {"context": {"phase": "before_hsct", "jurisdiction": "EU"}, "flags": ["planned_hsct"]}
    told = by_advisory(cards(hooks, call.with_fields(extension={"org.w3id.inokg": own})))
    assert "bilirubin-before-transplant" in set(told) - set(plain)


@clause("CH-13")
def test_an_extension_of_somebody_else_changes_nothing(hooks: TestClient) -> None:
    call = _relevant().json()
    other = {**call, "extension": {"com.example.ehr": {"x": 1}}}
    assert cards(hooks, other) == cards(hooks, call)


def test_the_day_of_the_call_gives_the_age(hooks: TestClient) -> None:
    child = _relevant().sending(patient=patient(born="2015-01-01"))
    assert "child" in by_advisory(cards(hooks, child))


def test_one_bad_resource_does_not_silence_the_rest(hooks: TestClient) -> None:
    broken: Json = {"resourceType": "Condition", "id": "c9", "code": "cirrhosis"}
    shown = by_advisory(cards(hooks, _relevant().having("conditions", CIRRHOSIS, broken)))
    assert "serious-hepatic-disease" in shown
    assert "Condition" in shown["gap"]["detail"]
    late = observation("QTcF", valueQuantity=quantity(430, "ms"), effectiveDateTime="yesterday")
    assert "gap" in by_advisory(cards(hooks, _relevant().having("ecg", late)))


def test_a_broken_order_of_the_context_is_refused(hooks: TestClient) -> None:
    broken = INDEX | {"medicationCodeableConcept": "inotuzumab"}
    answer = post(hooks, a_call().drafting(broken))
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["expression"] == [
        "context.draftOrders.entry[0].resource.medicationCodeableConcept"
    ]


def test_the_same_call_gets_the_same_bytes(hooks: TestClient) -> None:
    body = _relevant().having("conditions", CIRRHOSIS).json()
    assert len({post(hooks, body).content for _ in range(3)}) == 1
    assert json.loads(post(hooks, body).content)["cards"]


def test_a_name_that_stands_twice_is_refused(hooks: TestClient) -> None:
    """Of two prefetch keys of one name a reader would drop one, and with it what was sent."""
    body = json.dumps(_relevant().json())
    assert '"prefetch": {' in body
    twice = body.replace('"prefetch": {', '"prefetch": {"medications": null, ', 1)
    answer = hooks.post(
        f"/cds-services/{SERVICE}", content=twice, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert "medications" in answer.text
