"""What is known of the patient: used where a source says so, in whatever unit it comes."""

from __future__ import annotations

from typing import Any

import pytest

from kg import terms
from kg.contract.report import Report
from kg.snapshot.criteria import AllOf, AnyOf, AtLeast, Expression, Has, Named, Number
from kg.snapshot.model import Snapshot
from tests.cases.golden import FILES, answer, golden, key

SOME = sorted(FILES)[::12]


def outcome(report: Report, name: str) -> str:
    if name in {key(f.advisory) for f in report.findings}:
        return "applies"
    unsettled = {key(n.advisory) for n in report.not_evaluable}
    return "cannot tell" if name in unsettled else "does not apply"


def outcomes(report: Report, *leaving_out: str) -> dict[str, str]:
    """Give what was told, but for advisories of some topics."""
    told = {f.advisory: f.severity for f in report.findings if f.topic not in leaving_out}
    gaps = [n.advisory for n in report.not_evaluable if n.topic not in leaving_out]
    return told | dict.fromkeys(gaps, "open")


# --- PC-01: age and sex -------------------------------------------------------------------------

REPRODUCTION = ("repro.contraception", "repro.fertility", "repro.pregnancy", "repro.lactation")


def asked(snapshot: Snapshot, criterion: str) -> set[str]:
    """Give the attributes and numbers that a criterion asks, through those that it names."""
    found: set[str] = set()

    def walk(node: Expression) -> None:
        if isinstance(node, AllOf | AnyOf):
            for part in node.parts:
                walk(part)
        elif isinstance(node, AtLeast):
            walk(node.item)
        elif isinstance(node, Named):
            walk(snapshot.criteria[node.criterion].expression)
        elif isinstance(node, Has | Number):
            found.add(terms.local(node.property))

    walk(snapshot.criteria[criterion].expression)
    return found


def test_pc_01_only_rules_on_age_ask_for_the_age_and_each_is_cited(snapshot: Snapshot) -> None:
    topics = set()
    for advisory in snapshot.advisories.values():
        conditions = [advisory.applies_to, advisory.unless, *advisory.sets_aside]
        wanted = set[str]().union(*(asked(snapshot, c) for c in conditions if c))
        assert "sex" not in wanted or advisory.topic == f"{terms.BASE}topic/repro-pregnancy"
        if "ageYears" in wanted:
            topics.add(snapshot.topics[advisory.topic])
            said = [snapshot.statements[s] for s in advisory.statements]
            assert all(s.source in snapshot.sources and s.locator for s in said)
            assert set(advisory.severities.values()) <= {s.supports for s in said}
    assert topics == {"pop.paediatric", "pop.older_adult"}
    for step in (s for ladder in snapshot.ladders.values() for s in ladder.steps):
        if asked(snapshot, step.criterion) & {"sex", "ageYears"}:
            assert step.statements, step.label


@pytest.mark.parametrize("name", SOME)
def test_pc_01_sex_changes_nothing_but_what_is_about_reproduction(
    name: str, snapshot: Snapshot
) -> None:
    body = golden(name).request
    told = []
    for sex in ("female", "male", None):
        patient = {**body.get("patient", {}), "sex": sex}
        told.append(outcomes(answer({**body, "patient": patient}, snapshot), *REPRODUCTION))
    assert told[0] == told[1] == told[2]


@pytest.mark.parametrize("name", SOME)
def test_pc_01_from_18_to_54_age_changes_nothing(name: str, snapshot: Snapshot) -> None:
    """The limits are 1, 18, 55 and 65 (T-28, D-28); between them years count for nothing."""
    body = golden(name).request

    def aged(years: float) -> dict[str, str]:
        patient = {**body.get("patient", {}), "sex": "male", "age_years": years}
        return outcomes(answer({**body, "patient": patient}, snapshot))

    assert aged(18) == aged(37) == aged(54.9)
    assert aged(1) == aged(17.9) != aged(18)
    assert aged(55) == aged(64.9) != aged(54.9)
    assert aged(65) == aged(90) != aged(64.9)


# --- PC-02: units and limits --------------------------------------------------------------------


def bilirubin(value: float, unit: str, snapshot: Snapshot, **limit: float) -> str:
    entry = {"text": "total bilirubin", "value": value, "unit": unit, **limit}
    body = {"observations": [entry], "conditions": [], "context": {"phase": "before_dose"}}
    return outcome(answer(body, snapshot), "bilirubin-above-limit")


@pytest.mark.parametrize(
    ("micromoles", "milligrams", "expected"),
    [
        # 1 mg/dL is 17.1 umol/L. Laboratories' limits lie from 17 to 26: more than 1.5 times the
        # least is open from 25.5 umol/L on, more than 1.5 times the largest is sure from 39 on.
        (25, 1.46, "does not apply"),
        (25.5, 1.49, "does not apply"),
        (25.65, 1.5, "cannot tell"),
        (38.9, 2.27, "cannot tell"),
        (39, 2.28, "cannot tell"),
        (39.1, 2.29, "applies"),
        (171, 10, "applies"),
    ],
)
def test_pc_02_without_a_limit_both_units_give_one_of_three_verdicts(
    micromoles: float, milligrams: float, expected: str, snapshot: Snapshot
) -> None:
    assert bilirubin(micromoles, "umol/L", snapshot) == expected
    assert bilirubin(milligrams, "mg/dL", snapshot) == expected


@pytest.mark.parametrize(
    ("milligrams", "limit", "expected"),
    [(1.8, 1.2, "does not apply"), (1.81, 1.2, "applies"), (1.5, 1, "does not apply")],
)
def test_pc_02_with_the_laboratorys_limit_the_unit_does_not_matter(
    milligrams: float, limit: float, expected: str, snapshot: Snapshot
) -> None:
    assert bilirubin(milligrams, "mg/dL", snapshot, upper_limit=limit) == expected
    as_micromoles = {"upper_limit": round(limit * 17.1, 3)}
    value = round(milligrams * 17.1, 3)
    assert bilirubin(value, "umol/L", snapshot, **as_micromoles) == expected
    assert bilirubin(round(milligrams / limit, 4), "xULN", snapshot) == expected


@pytest.mark.parametrize(
    ("text", "name", "same", "applies"),
    [
        # One amount in several units, just beside or on the limits of T-09, T-10, T-13 to T-21.
        ("neutrophils", "cytopenia-before-first-dose", {"10*9/L": 0.99, "/uL": 990}, True),
        ("neutrophils", "cytopenia-before-first-dose", {"10*9/L": 1, "10*3/uL": 1}, False),
        ("platelets", "cytopenia-before-first-dose", {"10*9/L": 49.9, "/uL": 49_900}, True),
        ("circulating blasts", "circulating-blasts", {"10*9/L": 10, "/mm3": 10_000}, False),
        ("circulating blasts", "circulating-blasts", {"10*9/L": 10.001, "/uL": 10_001}, True),
        ("potassium", "electrolyte-low", {"mmol/L": 3.2, "meq/L": 3.2}, True),
        ("calcium", "electrolyte-low", {"mmol/L": 2, "mg/dL": 8.016, "meq/L": 4}, True),
        ("calcium", "electrolyte-low", {"mmol/L": 2.3, "mg/dL": 9.218, "meq/L": 4.6}, False),
        ("magnesium", "electrolyte-low", {"mmol/L": 0.5, "mg/dL": 1.215, "meq/L": 1}, True),
        ("QTcF", "qtc-severely-prolonged", {"ms": 501, "s": 0.501}, True),
        ("QTcF", "qtc-severely-prolonged", {"ms": 500, "s": 0.5}, False),
        ("creatinine clearance", "kidney-failure", {"mL/min": 14.9, "mL/s": 0.2483}, True),
        ("creatinine clearance", "kidney-failure", {"mL/min": 30, "mL/s": 0.5}, False),
    ],
)
def test_pc_02_the_same_amount_in_another_unit_is_told_the_same(
    text: str, name: str, same: dict[str, float], applies: bool, snapshot: Snapshot
) -> None:
    for unit, value in same.items():
        body = {
            "observations": [{"text": text, "value": value, "unit": unit}],
            "patient": {"flags": []},
            "conditions": [],
            "context": {"phase": "before_first_dose"},
        }
        report = answer(body, snapshot)
        assert report.unrecognised == ()
        assert (outcome(report, name) == "applies") is applies, unit


# --- PC-03: QTc ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "baseline", "applies"), [(441, 380, True), (440, 380, False), (441, None, False)]
)
def test_pc_03_the_change_from_baseline_is_worked_out(
    value: float, baseline: float | None, applies: bool, snapshot: Snapshot
) -> None:
    entry = {"text": "QTcF", "value": value, "unit": "ms", "baseline": baseline}
    body = {"observations": [entry], "context": {"phase": "during_treatment"}}
    assert (outcome(answer(body, snapshot), "qtc-severely-prolonged") == "applies") is applies


@pytest.mark.parametrize(
    ("value", "phase", "name"),
    [
        (450, "before_first_dose", "qtc-prolonged"),
        (481, "during_treatment", "qtc-prolonged-in-treatment"),
        (501, "before_first_dose", "qtc-severely-prolonged"),
    ],
)
def test_pc_03_numbers_of_no_label_are_said_to_be_derived(
    value: int, phase: str, name: str, snapshot: Snapshot
) -> None:
    """No label gives a number (D-31, F-062): what carries it is tagged derived, from CTCAE."""
    body = {
        "observations": [{"text": "QTcF", "value": value, "unit": "ms"}],
        "context": {"phase": phase},
    }
    (found,) = [f for f in answer(body, snapshot).findings if key(f.advisory) == name]
    derived = [e for e in found.evidence if e.jurisdiction == "derived"]
    assert {e.severity for e in derived} >= {found.severity}
    assert any("CTCAE" in e.title + e.says for e in derived)
    assert not any(str(value) in e.says for e in found.evidence if e.grade == "label")
    assert found.disagreement is not None
    assert key(found.disagreement.disagreement) == "d-31"


# --- PC-04: electrolytes ------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "low"), [("potassium", 3.4), ("magnesium", 0.6), ("calcium", 2)])
def test_pc_04_a_low_electrolyte_is_corrected_first_and_a_missing_one_is_a_gap(
    text: str, low: float, snapshot: Snapshot
) -> None:
    fine = {"potassium": (4.2, 3.5), "magnesium": (0.9, 0.7), "calcium": (2.4, 2.2)}

    def told(value: float | None) -> Report:
        entries = [
            {"text": t, "value": v, "unit": "mmol/L", "lower_limit": limit}
            for t, (v, limit) in (fine | {text: (value or 0, fine[text][1])}).items()
            if t != text or value is not None
        ]
        return answer({"observations": entries, "conditions": []}, snapshot)

    report = told(low)
    (found,) = [f for f in report.findings if f.topic == "qt.electrolytes"]
    assert found.management.startswith("Correct")
    assert [b.input for b in found.because] == [f"observations[{list(fine).index(text)}]"]
    missing = told(None)
    assert outcome(missing, "electrolyte-low") == "cannot tell"
    assert any(text in m.needs for m in missing.missing)
    assert outcome(told(fine[text][0]), "electrolyte-low") == "does not apply"


# --- PC-05: status of a condition ---------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "family history of cirrhosis",
        "FH: cirrhosis",
        "mother has cirrhosis",
        "no cirrhosis",
        "cirrhosis ruled out",
        "cirrhosis excluded",
        "? cirrhosis",
    ],
)
def test_pc_05_what_is_not_the_patients_own_disease_never_fires(
    text: str, snapshot: Snapshot
) -> None:
    """And it is not dropped either: it is asked about, so that nobody takes the list for clear."""
    report = answer({"conditions": [{"text": text}]}, snapshot)
    assert not [f for f in report.findings if f.severity in ("contraindicated", "avoid")]
    assert report.complete is False
    known = [r.input for r in report.recognised] + [u.input for u in report.unrecognised]
    assert known == ["conditions[0]"]


@pytest.mark.parametrize("text", ["cirrhosis", "veno-occlusive disease", "hepatitis B"])
def test_pc_05_a_disease_that_is_over_is_a_caution(text: str, snapshot: Snapshot) -> None:
    def worst(**fields: str) -> str | None:
        about = answer({"conditions": [{"text": text, **fields}]}, snapshot).findings
        return next((f.severity for f in about), None)

    assert worst() == "contraindicated"
    assert worst(status="suspected") == "hold"
    assert worst(status="resolved", severity="mild") == "caution"


# --- PC-06 and PC-07: transplant and phase -----------------------------------------------------


def test_pc_06_plan_and_history_of_transplant_are_read_wherever_they_stand(
    snapshot: Snapshot,
) -> None:
    def findings(**body: Any) -> set[str]:
        return {key(f.advisory) for f in answer(body, snapshot).findings}

    alkylators = [{"text": t, "status": "planned"} for t in ("busulfan", "melphalan")]
    for plan in ({"patient": {"flags": ["planned_hsct"]}}, {"context": {"hsct_planned": True}}):
        assert {"transplant-planned", "dual-alkylator"} <= findings(**plan, medications=alkylators)
    denied = {"context": {"hsct_planned": False}}
    assert not {"transplant-planned", "dual-alkylator"} & findings(**denied, medications=alkylators)
    assert "vod-risk" in findings(patient={"flags": ["prior_hsct"]})
    limit = {"text": "total bilirubin", "value": 21, "unit": "umol/L", "upper_limit": 21}
    planned = {"hsct_planned": True, "phase": "before_hsct"}
    assert "bilirubin-before-transplant" in findings(observations=[limit], context=planned)


@pytest.mark.parametrize("jurisdiction", ["any", "EU", "UK", "US"])
def test_pc_07_low_counts_hold_on_day_1_and_never_on_days_8_and_15(
    jurisdiction: str, snapshot: Snapshot
) -> None:
    low = [{"text": "neutrophils", "value": 0.5, "unit": "10*9/L", "baseline": 2}]

    def severities(**context: Any) -> dict[str, str]:
        told = {"jurisdiction": jurisdiction, "phase": "before_dose", **context}
        report = answer({"observations": low, "context": told}, snapshot)
        return {f.topic: f.severity for f in report.findings if f.topic.startswith("haem")}

    assert severities(cycle=2, day=1)["haem.dose_hold"] == "hold"
    for day in (8, 15):
        assert severities(cycle=2, day=day) == {"haem.monitor": "inform"}


@pytest.mark.parametrize(
    ("planned", "cycle", "expected"),
    [
        (True, 2, None),
        (True, 3, "inform"),
        (True, 4, "hold"),
        (False, 4, None),
        (False, 6, None),
        (False, 7, "hold"),
    ],
)
def test_pc_07_the_limit_of_cycles_follows_the_intent(
    planned: bool, cycle: int, expected: str | None, snapshot: Snapshot
) -> None:
    body = {
        "patient": {"flags": ["complete_remission"]},
        "context": {"hsct_planned": planned, "cycle": cycle, "phase": "before_dose"},
    }
    topics = {f.topic: f.severity for f in answer(body, snapshot).findings}
    topic = "hsct.cycle_limit" if planned else "regimen.cycle_limit"
    assert topics.get(topic) == expected
