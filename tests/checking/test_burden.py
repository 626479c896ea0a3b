"""The ladders and the score: what stands where, on what ground, and what never moves them."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest

from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.report import Burden, encode_report
from kg.contract.request import request_from
from kg.snapshot.model import Snapshot
from tests.builders import CaseBuilder, a_case


def hum(case: CaseBuilder) -> Burden:
    return case.report().burden["hum"]


def test_each_drug_stands_once_on_its_heaviest_step() -> None:
    found = hum(a_case().taking("ravotin").taking("quibalol").taking("karmin").taking("ravotin"))
    assert [(d.label, d.step, d.input) for d in found.drugs] == [
        ("quibalol", "zarolide", "medications[1]"),
        ("ravotin", "hums", "medications[0]"),
        ("karmin", "paired, shown only", "medications[2]"),
    ]


def test_what_is_shown_only_adds_nothing() -> None:
    without, with_it = (
        hum(a_case().taking("ravotin")),
        hum(a_case().taking("ravotin").taking("karmin")),
    )
    assert (without.height, with_it.height) == (1, 1)
    assert with_it.drugs[-1].adds is False


def test_what_is_set_aside_on_a_step_does_not_stand_there() -> None:
    case = a_case().taking("pellin")
    assert [d.label for d in hum(case.in_phase("before_dose")).drugs] == ["pellin"]
    assert hum(case.in_phase("before_first_dose")).drugs == ()


def test_facts_of_the_patient_are_risk_factors_with_their_value() -> None:
    case = a_case().measuring("spark", 3, "mmol/L", lower_limit=3.5).patient(age_years=70)
    (spark, age) = hum(case).risk_factors
    assert (spark.input, spark.step, spark.detail) == (
        "observations[0]",
        "dull spark",
        "3 mmol/L, lower limit 3.5",
    )
    assert (age.input, age.step) == ("patient.age_years", "old")


def test_every_contributor_names_its_statements() -> None:
    for contributor in hum(a_case().taking("quibalol").patient(age_years=70)).drugs:
        assert contributor.statements


def test_what_cannot_be_told_is_named() -> None:
    assert hum(a_case().none("medications")).open == ("dull spark", "wide swing", "old")


def test_the_score_is_whole_or_a_range() -> None:
    known = a_case().none("medications").patient(age_years=70)
    known = known.measuring("spark", 3, "mmol/L", lower_limit=3.5).measuring("swing A", 400, "ms")
    found = hum(known)
    assert (found.score, found.score_range) == (3, None)
    part = hum(a_case().taking("quibalol").patient(age_years=30))
    assert (part.score, part.score_range) == (None, (3, 7))
    detail = msgspec.json.decode(msgspec.json.encode(part.score_detail))
    assert detail["bands"] == ["low 0 to 4", "high 5 to 11"]
    assert detail["note"] == "Made elsewhere."
    assert [(p["label"], p["points"], p["counts"], p["inputs"]) for p in detail["parts"]] == [
        ("old", 1, "no", []),
        ("dull spark", 2, "unknown", []),
        ("wide swing", 2, "unknown", []),
        ("hums", 3, "yes", ["medications[0]"]),
        ("two paired", 3, "no", []),
    ]


def test_a_ladder_without_a_score_has_none() -> None:
    found = a_case().report().burden["move"]
    assert (found.score, found.score_range, found.score_detail) == (None, None, msgspec.UNSET)


# --- the real release: the published score -------------------------------------------------------

# What each item of the score is worth, and the least that a patient must be to have it.
ITEMS: dict[str, tuple[int, dict[str, Any]]] = {
    "age": (1, {"patient": {"age_years": 68}}),
    "female": (1, {"patient": {"sex": "female"}}),
    "loop diuretic": (1, {"medications": [{"text": "furosemide"}]}),
    "potassium": (2, {"observations": [{"text": "potassium", "value": 3.5, "unit": "mmol/L"}]}),
    "QTc": (2, {"observations": [{"text": "QTcF", "value": 450, "unit": "ms"}]}),
    "infarction": (2, {"conditions": [{"text": "acute myocardial infarction"}]}),
    "sepsis": (3, {"conditions": [{"text": "sepsis"}]}),
    "heart failure": (3, {"conditions": [{"text": "heart failure"}]}),
    "QT drug": (3, {"medications": [{"text": "haloperidol"}]}),
    "second QT drug": (3, {"medications": [{"text": "clarithromycin"}]}),
}
# The nearest that a patient can be without having it.
NEAR: dict[str, dict[str, Any]] = {
    "age": {"patient": {"age_years": 67.9}},
    "female": {"patient": {"sex": "male"}},
    "loop diuretic": {"medications": [{"text": "bendroflumethiazide"}]},
    "potassium": {"observations": [{"text": "potassium", "value": 3.51, "unit": "mmol/L"}]},
    "QTc": {"observations": [{"text": "QTcF", "value": 449, "unit": "ms"}]},
    "infarction": {"conditions": [{"text": "old myocardial infarction"}]},
    "sepsis": {"conditions": [{"text": "sepsis", "status": "resolved"}]},
    "heart failure": {"conditions": [{"text": "hypertension"}]},
    "QT drug": {"medications": [{"text": "inotuzumab ozogamicin"}]},
    "second QT drug": {"medications": [{"text": "haloperidol"}]},
}
NOTHING: dict[str, Any] = {
    "patient": {"age_years": 40, "sex": "male", "flags": []},
    "medications": [],
    "conditions": [],
    "observations": [
        {"text": "potassium", "value": 4, "unit": "mmol/L"},
        {"text": "QTcF", "value": 400, "unit": "ms"},
    ],
}


def body_of(*parts: dict[str, Any]) -> dict[str, Any]:
    """Lay facts over a patient who has nothing; a measurement takes the place of its like."""
    body = {name: part.copy() for name, part in NOTHING.items()}
    for name, part in (pair for p in parts for pair in p.items()):
        if name == "observations":
            texts = {o["text"] for o in part}
            body[name] = [o for o in body[name] if o["text"] not in texts] + part
        elif name == "patient":
            body[name] = body[name] | part
        else:
            body[name] = body[name] + part
    return body


def burden(body: dict[str, Any], snapshot: Snapshot) -> dict[str, Any]:
    report = check(assemble(request_from(body), snapshot), snapshot)
    found: dict[str, Any] = msgspec.json.decode(encode_report(report))["burden"]
    return found


def score(body: dict[str, Any], snapshot: Snapshot) -> int | None:
    found: int | None = burden(body, snapshot)["qt"]["score"]
    return found


def test_nobody_with_nothing_scores(snapshot: Snapshot) -> None:
    assert score(NOTHING, snapshot) == 0


@pytest.mark.parametrize("name", ITEMS)
def test_each_item_counts_its_points_at_its_limit_and_none_beside_it(
    name: str, snapshot: Snapshot
) -> None:
    points, facts = ITEMS[name]
    before = [ITEMS["QT drug"][1]] if name == "second QT drug" else []
    ground = 3 if before else 0
    assert score(body_of(*before, facts), snapshot) == ground + points
    assert score(body_of(*before, NEAR[name]), snapshot) == ground


def test_all_items_together_make_the_whole_score(snapshot: Snapshot) -> None:
    assert score(body_of(*(facts for _, facts in ITEMS.values())), snapshot) == 21


def test_of_a_list_alone_the_score_is_a_range(snapshot: Snapshot) -> None:
    qt = burden({"medications": [{"text": "haloperidol"}]}, snapshot)["qt"]
    assert (qt["score"], qt["score_range"]) == (None, [3, 17])
    assert burden({}, snapshot)["qt"]["score_range"] == [0, 21]


def test_a_third_drug_adds_nothing_and_the_same_drug_twice_is_one(snapshot: Snapshot) -> None:
    drugs = [{"text": t} for t in ("haloperidol", "clarithromycin", "amiodarone")]
    assert score(body_of({"medications": drugs}), snapshot) == 6
    assert score(body_of({"medications": [drugs[0], drugs[0]]}), snapshot) == 3


def test_a_drug_not_yet_washed_out_still_counts(snapshot: Snapshot) -> None:
    stopped = {"text": "amiodarone", "status": "stopped", "last_taken": "2026-11-14"}
    body = {**body_of({"medications": [stopped]}), "context": {"as_of": "2026-11-21"}}
    assert score(body, snapshot) == 3
    assert score({**body, "medications": [stopped, {"text": "haloperidol"}]}, snapshot) == 6


def test_the_score_says_where_it_was_made_and_that_it_awaits_confirmation(
    snapshot: Snapshot,
) -> None:
    detail = burden(NOTHING, snapshot)["qt"]["score_detail"]
    assert detail["name"] == "Tisdale score"
    assert "await confirmation" in detail["note"]
    assert "cardiac in-patients" in detail["note"]
    assert detail["bands"] == ["low 0 to 6", "moderate 7 to 10", "high 11 to 21"]
    kinds = {snapshot.statements[s].verification for s in detail["statements"]}
    assert "awaiting-confirmation" in kinds


def test_the_score_changes_no_severity(snapshot: Snapshot) -> None:
    def found(body: dict[str, Any]) -> dict[str, str]:
        report = check(assemble(request_from(body), snapshot), snapshot)
        return {f.advisory: f.severity for f in report.findings}

    bare = msgspec.structs.replace(snapshot, ladders={})
    body = body_of(*(facts for _, facts in ITEMS.values()))
    report = check(assemble(request_from(body), bare), bare)
    assert found(body) == {f.advisory: f.severity for f in report.findings}


# --- the real release: the ladders ---------------------------------------------------------------


def test_every_step_of_a_ladder_stands_on_a_statement(snapshot: Snapshot) -> None:
    assert set(snapshot.ladders) == {"qt", "hepatic"}
    for ladder in snapshot.ladders.values():
        for step in ladder.steps:
            assert step.statements, step.label
            assert set(step.statements) <= set(snapshot.statements), step.label


def test_a_drug_shows_its_grade_and_its_own_statement(snapshot: Snapshot) -> None:
    (drug,) = burden({"medications": [{"text": "citalopram"}]}, snapshot)["qt"]["drugs"]
    assert drug["grade"] == (
        "QT prolongation, known torsades tier; named in a document on inotuzumab ozogamicin"
    )
    about = [snapshot.statements[s].about for s in drug["statements"]]
    assert all(a == ("https://w3id.org/inokg/drug/citalopram",) for a in about)


def test_correcting_potassium_lowers_the_burden(snapshot: Snapshot) -> None:
    def heights(value: float) -> tuple[int, int]:
        measured = {"text": "potassium", "value": value, "unit": "mmol/L", "lower_limit": 3.5}
        qt = burden(body_of({"observations": [measured]}), snapshot)["qt"]
        return qt["height"], qt["score"]

    assert heights(3.1) == (1, 2)
    assert heights(4.0) == (0, 0)


def test_what_spares_potassium_is_shown_and_takes_nothing_off(snapshot: Snapshot) -> None:
    low = {"text": "potassium", "value": 3.1, "unit": "mmol/L", "lower_limit": 3.5}
    without = body_of({"observations": [low], "medications": [{"text": "furosemide"}]})
    with_it = body_of(without, {"medications": [{"text": "spironolactone"}]})
    before, after = (burden(b, snapshot)["qt"] for b in (without, with_it))
    assert after["height"] == before["height"] == 2
    assert after["score"] == before["score"] == 3
    (shown,) = [d for d in after["drugs"] if d["label"] == "spironolactone"]
    assert shown["adds"] is False


def test_without_its_only_drug_a_history_stays(snapshot: Snapshot) -> None:
    history = {"conditions": [{"text": "long QT syndrome"}]}
    both = burden(body_of(history, {"medications": [{"text": "haloperidol"}]}), snapshot)["qt"]
    assert [d["label"] for d in both["drugs"]] == ["haloperidol"]
    alone = burden(body_of(history), snapshot)["qt"]
    assert alone["drugs"] == []
    assert [f["step"] for f in alone["risk_factors"]] == [
        "history of or predisposition to QT prolongation"
    ]


def test_the_liver_ladder_holds_what_the_fact_base_names(snapshot: Snapshot) -> None:
    body = {
        "patient": {"age_years": 70, "sex": "male", "flags": ["prior_hsct", "planned_hsct"]},
        "medications": [
            {"text": "fluconazole"},
            {"text": "busulfan"},
            {"text": "methotrexate"},
            {"text": "paracetamol", "role": "premedication"},
            {"text": "clotrimazole", "route": "local"},
        ],
        "conditions": [
            {"text": "fatty liver"},
            {
                "text": "veno-occlusive disease of the liver",
                "status": "resolved",
                "severity": "mild",
            },
        ],
        "observations": [
            {"text": "total bilirubin", "value": 2, "unit": "xULN"},
            {"text": "ALT", "value": 3, "unit": "xULN"},
        ],
        "context": {"salvage_line": 2},
    }
    liver = burden(body, snapshot)["hepatic"]
    assert [(d["label"], d["step"]) for d in liver["drugs"]] == [
        ("fluconazole", "azole antifungal"),
        ("busulfan", "alkylating agent for conditioning"),
        ("methotrexate", "high concern for the liver"),
    ]
    assert [f["step"] for f in liver["risk_factors"]] == [
        "bilirubin above the limit for a dose",
        "AST or ALT above the limit for a dose",
        "past veno-occlusive disease, not severe",
        "past or non-serious liver disease",
        "earlier transplant",
        "planned transplant",
        "later salvage line",
        "older age",
    ]
    assert liver["height"] == 11


MONOTONE = ["haloperidol", "furosemide", "spironolactone", "bisoprolol", "fluconazole", "metformin"]


@pytest.mark.parametrize("pair", list(itertools.permutations(MONOTONE, 2)))
def test_adding_a_medicine_never_lowers_a_burden(pair: tuple[str, str], snapshot: Snapshot) -> None:
    first, both = ({"medications": [{"text": t} for t in pair[:n]]} for n in (1, 2))
    before, after = burden(first, snapshot), burden(both, snapshot)
    turned = burden({"medications": [{"text": t} for t in reversed(pair)]}, snapshot)
    for axis, found in before.items():
        steps = {(d["label"], d["step"]) for d in found["drugs"]}
        assert steps <= {(d["label"], d["step"]) for d in after[axis]["drugs"]}
        assert found["height"] <= after[axis]["height"] == turned[axis]["height"]
        same = [(d["label"], d["step"]) for d in turned[axis]["drugs"]]
        assert same == [(d["label"], d["step"]) for d in after[axis]["drugs"]]
    low, high = (b["qt"]["score_range"] for b in (before, after))
    assert low[0] <= high[0]
