"""Cards: what they say, how urgent, what they offer to do, and why one may go on."""

from __future__ import annotations

import re
from uuid import UUID, uuid5

import pytest
from fastapi.testclient import TestClient
from fhir.resources.R4B.detectedissue import DetectedIssue
from fhir.resources.R4B.medicationrequest import MedicationRequest
from fhir.resources.R4B.servicerequest import ServiceRequest

from api.cds_hooks.words import escaped, quoted, shortened
from kg.snapshot.model import Snapshot
from tests.cds_hooks.calls import INDEX, CallBuilder, a_call, by_advisory, cards, post
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
    statement,
)

NON_ADHERENCE = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
CIRRHOSIS = condition(coded(ICD10, "K74.6"))
LONG_QT = observation("QTcF", valueQuantity=quantity(505, "ms"))


def _sick() -> CallBuilder:
    """A patient with much to say about: a drug, a disease, a measurement, a gap."""
    return (
        a_call()
        .drafting(order("citalopram 20 mg tablets", "draft", "d1"))
        .having("medications", INDEX)
        .having("conditions", CIRRHOSIS)
        .having("ecg", LONG_QT)
    )


# --- what a card says -------------------------------------------------------------------------


@clause("CH-02", "CH-41", "CH-42", "CH-43", "FH-07")
def test_every_kind_of_finding_keeps_to_the_rules(hooks: TestClient) -> None:
    """The builder of calls holds every answer against every rule; here is one of each kind."""
    many = (
        _sick()
        .drafting(
            *(
                order(name, "draft", f"d{n}")
                for n, name in enumerate(
                    ("citalopram", "fluconazole", "busulfan", "melphalan", "aspirin", "heparin")
                )
            ),
            order("Yellow fever vaccine", "draft", "v1"),
        )
        .having(
            "conditions",
            CIRRHOSIS,
            condition("VOD", "resolved", key="c2", severity={"text": "severe"}),
            condition("pregnancy", key="c3"),
            condition("sepsis", key="c4"),
            condition("long QT syndrome", key="c5"),
        )
        .sending(patient=patient(born="1950-01-01"))
    )
    shown = by_advisory(cards(hooks, many))
    assert len(shown) >= 15


@clause("CH-41", "PD-02")
def test_the_summary_names_the_index_drug_and_the_culprit(hooks: TestClient) -> None:
    shown = by_advisory(cards(hooks, _sick()))
    assert shown["qt-firm-drug"]["summary"] == "Inotuzumab + citalopram: QT. Avoid"
    excluded = shown["serious-hepatic-disease"]["summary"]
    assert excluded == "Inotuzumab contraindicated: Cirrhosis"


@clause("CH-41")
@pytest.mark.parametrize("text", ["x" * 500, "word " * 60, "a\nb\tc", "ok"])
def test_a_summary_is_one_line_of_fewer_than_140_characters(text: str) -> None:
    short = shortened(text)
    assert len(short) < 140
    assert "\n" not in short
    assert short
    assert (short == "ok") is (text == "ok")


@clause("CH-41", "PD-02")
def test_the_detail_has_values_both_laws_and_the_disagreement(hooks: TestClient) -> None:
    shown = by_advisory(cards(hooks, _sick()))
    ecg = next(c for key, c in shown.items() if key.startswith("qtc-"))
    assert "`505 ms`" in ecg["detail"]
    drug = shown["qt-firm-drug"]["detail"]
    assert "EU: **caution**; UK: **avoid**; US: **avoid**" in drug
    assert "Sources disagree: " in drug
    assert "review: unreviewed" in drug
    assert "does not replace their judgement" in drug


@clause("CH-44", "PD-02")
def test_the_source_is_a_document_and_the_link_leads_to_the_explanation(
    hooks: TestClient, snapshot: Snapshot
) -> None:
    titles = {s.label for s in snapshot.sources.values()}
    for key, card in by_advisory(cards(hooks, _sick())).items():
        if key == "gap":
            continue
        assert card["source"]["label"] in titles
        assert "/id/source/" in card["source"]["url"], "the source is no drill-down"
        why = [link for link in card["links"] if "/id/advisory/" in link["url"]]
        cited = card["links"][len(why) :]
        assert f"https://cds.example/id/advisory/{key}" in [link["url"] for link in why]
        assert not any(link["autolaunchable"] for link in card["links"])
        assert all(link["type"] == "absolute" for link in card["links"])
        assert 1 <= len(cited) <= 2
        assert cited[0]["label"].startswith(f"{card['source']['label']}, ")
        for link in [*card["links"], card["source"]]:
            path = link["url"].removeprefix("https://cds.example")
            assert hooks.get(path, headers={"Accept": "text/html"}).status_code == 200


@clause("CH-44")
def test_the_source_is_a_label_where_a_label_carries_the_strength(hooks: TestClient) -> None:
    shown = by_advisory(cards(hooks, _sick()))
    assert shown["qt-firm-drug"]["source"]["label"] == "US label"
    assert shown["serious-hepatic-disease"]["source"]["label"] == "EU label"


@clause("CH-45")
def test_the_urgency_follows_the_strength_by_data(hooks: TestClient, snapshot: Snapshot) -> None:
    assert snapshot.doors.indicators == {
        "contraindicated": "critical",
        "avoid": "warning",
        "hold": "warning",
        "caution": "warning",
        "inform": "info",
    }
    pregnant = _sick().having("conditions", CIRRHOSIS, condition("pregnancy", key="c3"))
    shown = by_advisory(cards(hooks, pregnant))
    indicators = {key: card["indicator"] for key, card in shown.items()}
    assert indicators["serious-hepatic-disease"] == "critical"
    assert indicators["pregnancy"] == "critical", "avoid, and yet the most urgent"
    assert indicators["qt-firm-drug"] == "warning"
    older = _sick().sending(patient=patient(born="1967-01-01"))
    assert "nearing-old-age" not in by_advisory(cards(hooks, older)), "that asks for nothing"


@clause("CH-45", "CH-33")
def test_a_gap_is_a_warning_only_where_it_blocks_a_contraindication(hooks: TestClient) -> None:
    related = a_call("patient-view").having("medications", INDEX)
    assert by_advisory(cards(hooks, related))["gap"]["indicator"] == "warning"
    whole = {
        "context": {"phase": "before_dose", "cycle": 2, "day": 8, "last_dose": "2026-11-14"},
        "flags": ["postmenopausal", "cd22_positive", "no_prior_tki"],
    }
    told = related.with_fields(extension={"org.w3id.inokg": whole})
    assert by_advisory(cards(hooks, told))["gap"]["indicator"] == "info"


@clause("CH-46")
def test_the_id_of_a_card_follows_from_the_call_and_what_it_is_about(hooks: TestClient) -> None:
    body = _sick().json()
    shown = by_advisory(cards(hooks, body))
    call = UUID(body["hookInstance"])
    keys = {"gap": "missing", "serious-hepatic-disease": "contraindicated", "qt-firm-drug": "qt"}
    for key, what in keys.items():
        assert shown[key]["uuid"] == str(uuid5(call, what))
    again = by_advisory(cards(hooks, body))
    assert {k: c["uuid"] for k, c in again.items()} == {k: c["uuid"] for k, c in shown.items()}
    other = by_advisory(cards(hooks, _sick()))
    assert not {c["uuid"] for c in other.values()} & {c["uuid"] for c in shown.values()}


@clause("CH-46", "CH-12")
def test_the_same_id_of_service_lets_newer_cards_replace_older_ones(hooks: TestClient) -> None:
    chosen = a_call("order-select").drafting(order("citalopram", "draft", "d1"))
    chosen = chosen.choosing("MedicationRequest/d1").having("medications", INDEX)
    call = "9b2c7a10-5a51-4a6c-8f1e-1f1a5b0a7d11"
    first = by_advisory(cards(hooks, chosen.with_fields(hookInstance=call)))
    signed = _sick().with_fields(hookInstance=call)
    second = by_advisory(cards(hooks, signed))
    assert first["qt-firm-drug"]["uuid"] == second["qt-firm-drug"]["uuid"]


# --- words of a record are no markup ----------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    "[click](https://evil.example)",
    "`` ` code ``",
    "**bold** _it_ # head",
    "a\n\n# head\n- item",
    "www.evil.example http://evil.example",
    "\u202egnp.exe",
    "|a|b|\n|-|-|",
]


@clause("CH-01", "CH-41")
@pytest.mark.parametrize("text", HOSTILE)
def test_words_of_a_record_cannot_become_markup(hooks: TestClient, text: str) -> None:
    call = _sick().having("conditions", condition(text)).having("labs", observation(text))
    for card in cards(hooks, call):
        detail = card["detail"]
        outside = re.sub(r"`[^`\n]*`", "", detail)
        assert "<" not in outside
        assert "evil" not in outside
        assert "\u202e" not in detail
        assert not re.search(r"^(?:# head|- item|\|a\|)", detail, re.MULTILINE)


@clause("CH-41")
def test_quotes_and_our_own_words_are_made_safe() -> None:
    assert quoted("a`b`c") == "`a'b'c`"
    assert quoted("x" * 200).endswith("…`")
    assert quoted("") == "(empty)"
    assert escaped("a < b & *c* _d_") == "a &lt; b &amp; \\*c\\* \\_d\\_"


# --- what a card offers -----------------------------------------------------------------------


def _actions(card: Json) -> dict[str, list[Json]]:
    return {s["label"]: s["actions"] for s in card.get("suggestions", ())}


@clause("CH-42", "CH-43", "PD-02")
def test_a_draft_order_can_be_taken_back(hooks: TestClient) -> None:
    drug = by_advisory(cards(hooks, _sick()))["qt-firm-drug"]
    (action,) = _actions(drug)["Remove the order: citalopram"]
    assert action == {
        "type": "delete",
        "description": "Remove the order for citalopram",
        "resourceId": "MedicationRequest/d1",
    }
    assert drug["selectionBehavior"] == "any"


@clause("CH-42")
def test_an_order_that_is_no_draft_is_not_taken_back(hooks: TestClient) -> None:
    call = a_call("patient-view").having("medications", INDEX, order("citalopram"))
    card = by_advisory(cards(hooks, call))["qt-firm-drug"]
    assert not any(a["type"] == "delete" for acts in _actions(card).values() for a in acts)


@clause("CH-42", "CH-45")
def test_what_excludes_the_treatment_offers_to_take_back_its_order(hooks: TestClient) -> None:
    call = a_call().drafting(INDEX | {"status": "draft"}).having("conditions", CIRRHOSIS)
    card = by_advisory(cards(hooks, call))["serious-hepatic-disease"]
    (action,) = _actions(card)["Remove the order: inotuzumab ozogamicin"]
    assert action["resourceId"] == "MedicationRequest/i1"


@clause("CH-42", "CH-43")
def test_an_ecg_and_electrolytes_can_be_ordered(hooks: TestClient) -> None:
    offered = _actions(by_advisory(cards(hooks, _sick()))["qt-firm-drug"])
    (ecg,) = offered["Order an ECG"]
    assert ecg["type"] == "create"
    ServiceRequest.model_validate(ecg["resource"])
    assert ecg["resource"]["status"] == "draft"
    assert ecg["resource"]["subject"] == {"reference": "Patient/p1"}
    assert {c["system"] for c in ecg["resource"]["code"]["coding"]} == {
        "http://loinc.org",
        "http://snomed.info/sct",
    }
    salts = offered["Order electrolytes"]
    assert {a["resource"]["code"]["coding"][0]["code"] for a in salts} == {
        *("2000-8", "2601-3", "2823-3")
    }
    for action in salts:
        ServiceRequest.model_validate(action["resource"])
        assert len(action["resource"]["code"]["coding"]) == 1, "one order, one measurement"


@clause("CH-42")
def test_a_gap_offers_to_measure_what_is_missing(hooks: TestClient) -> None:
    call = a_call("patient-view").having("medications", INDEX)
    offered = _actions(by_advisory(cards(hooks, call))["gap"])
    assert {"Order a blood count", "Order liver tests"} <= set(offered)


@clause("CH-42", "CH-43", "PD-02")
def test_an_alternative_is_offered_where_it_was_itself_checked(
    hooks: TestClient, snapshot: Snapshot
) -> None:
    named = {i: a for i, a in snapshot.advisories.items() if a.alternatives}
    if not named:
        pytest.skip("no advice of this release names an alternative")
    call = a_call().drafting(order("fluconazole", "draft", "d1")).having("medications", INDEX)
    shown = by_advisory(cards(hooks, call))
    offers = [
        (label, actions)
        for card in shown.values()
        for label, actions in _actions(card).items()
        if " instead of " in label
    ]
    assert offers
    for _, (gone, new) in offers:
        assert gone["type"] == "delete"
        MedicationRequest.model_validate(new["resource"])
        assert new["resource"]["status"] == "draft"
        after = a_call().drafting(new["resource"] | {"id": "n1"}).having("medications", INDEX)
        again = by_advisory(cards(hooks, after))
        assert "hepatotoxic-azole" not in again


@clause("PD-03", "FH-01")
def test_every_finding_can_be_put_on_record(hooks: TestClient) -> None:
    for key, card in by_advisory(cards(hooks, _sick())).items():
        if key == "gap":
            continue
        actions = _actions(card)["Put this on record as a detected issue"]
        (action,) = (a for a in actions if a["resource"]["reference"].endswith(f"/{key}"))
        assert action["type"] == "create"
        issue = action["resource"]
        DetectedIssue.model_validate(issue)
        assert "id" not in issue, "the client's server names it"
        assert issue["patient"] == {"reference": "Patient/p1"}


# --- why one may go on ------------------------------------------------------------------------


@clause("CH-54", "CH-41")
def test_the_reasons_to_go_on_are_coded_and_ours_in_words(
    hooks: TestClient, snapshot: Snapshot
) -> None:
    shown = by_advisory(cards(hooks, _sick()))
    drug = shown["qt-firm-drug"]["overrideReasons"]
    codes = {r["code"]: r for r in drug}
    assert codes["mitigate-risk-negative-outcome"]["display"] == "Will monitor"
    assert codes["action-performed-no-adverse-effect"]["display"] == "Tolerated before"
    assert {r["system"] for r in drug} <= {NON_ADHERENCE, "https://w3id.org/inokg/override"}
    known = {
        *("action-completed", "action-performed-no-adverse-effect", "cds-not-applicable"),
        *("expert-contradicts", "mitigate-risk-negative-outcome", "need-more-info"),
        *("patient-refuses", "policy-contradicts", "risk-benefit-ratio", "service-not-available"),
    }
    offered = {r for reasons in snapshot.doors.reasons.values() for r in reasons}
    assert {r.code for r in offered if r.system == NON_ADHERENCE} <= known
    assert {r.system for r in offered} == {NON_ADHERENCE, "https://w3id.org/inokg/override"}


@clause("CH-54")
def test_two_kinds_of_finding_offer_different_reasons(
    hooks: TestClient, snapshot: Snapshot
) -> None:
    shown = by_advisory(cards(hooks, _sick()))
    drug = {r["code"] for r in shown["qt-firm-drug"]["overrideReasons"]}
    disease = {r["code"] for r in shown["serious-hepatic-disease"]["overrideReasons"]}
    assert drug != disease
    assert "diagnosis-not-current" in disease - drug
    assert set(snapshot.doors.reasons) == set(snapshot.topics)
    assert len({frozenset(r) for r in snapshot.doors.reasons.values()}) >= 6


# --- folding and quiet ------------------------------------------------------------------------


@clause("PD-02")
def test_a_weaker_step_stands_in_the_card_of_the_stronger(hooks: TestClient) -> None:
    low = observation("platelet count", valueQuantity=quantity(20, "10*9/L"))
    call = a_call().drafting(order("heparin", "draft", "d1")).having("medications", INDEX)
    shown = by_advisory(cards(hooks, call.having("labs", low)))
    assert "bleeding-drug-platelets-low" in shown
    assert "bleeding-drug" not in shown
    assert (
        "Also: Medicine that increases bleeding risk"
        in (shown["bleeding-drug-platelets-low"]["detail"])
    )


def test_premedication_raises_no_card(hooks: TestClient) -> None:
    reason = [{"text": "premedication"}]
    drafts = [
        order(name, "draft", f"d{n}", reasonCode=reason)
        for n, name in enumerate(("paracetamol 1 g", "chlorphenamine", "dexamethasone 8 mg"))
    ]
    shown = by_advisory(cards(hooks, a_call().drafting(*drafts).having("medications", INDEX)))
    assert not any("drug" in key for key in shown)


def test_nothing_of_the_patient_is_in_a_refusal(hooks: TestClient) -> None:
    mark = "Zebra-Quagga-1867"
    body = _sick().saying(patientId=mark + "!").json()
    assert mark not in post(hooks, body).text
    broken = _sick().drafting(INDEX | {"status": {"x": mark}})
    assert mark not in post(hooks, broken).text
    lacking = _sick().keeping_back("medications").having("conditions", condition(mark))
    assert mark not in post(hooks, lacking).text


def test_a_statement_of_a_past_drug_counts(hooks: TestClient) -> None:
    past = statement("amiodarone", "stopped", effectivePeriod={"end": "2026-11-10"})
    call = a_call("patient-view").having("medications", INDEX).having("statements", past)
    assert "qt-firm-drug" in by_advisory(cards(hooks, call))


def test_a_bundle_within_the_context_is_not_read_twice(hooks: TestClient) -> None:
    drafted = order("citalopram", "active", "d1")
    call = a_call().drafting(drafted).having("medications", INDEX, drafted)
    card = by_advisory(cards(hooks, call))["qt-firm-drug"]
    assert card["summary"].count("citalopram") == 1
