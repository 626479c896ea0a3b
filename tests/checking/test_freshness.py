"""How old what was given is: dates beside values, results too old to count, sources overdue."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.report import Report, encode_report
from kg.contract.request import request_from
from kg.snapshot.model import Snapshot
from tests.builders import CaseBuilder, a_case
from tests.world_terms import advisory

AS_OF = date(2026, 11, 21)


def reported(snapshot: Snapshot, body: dict[str, Any]) -> dict[str, Any]:
    report = check(assemble(request_from(body), snapshot), snapshot)
    found: dict[str, Any] = msgspec.json.decode(encode_report(report))
    return found


def state(report: Report, path: str = "observations[0]") -> object:
    (found,) = [r.state for r in report.recognised if r.input == path]
    return found


# --- results: present, stale, undated ------------------------------------------------------------


def measured(taken: str | None, as_of: str | None = "2026-11-21") -> CaseBuilder:
    case = a_case().measuring("glow", 40, "umol/L", upper_limit=21, taken_at=taken)
    return case.context(phase="before_dose", as_of=as_of)


@pytest.mark.parametrize(
    ("taken", "as_of", "expected"),
    [
        ("2026-11-21", "2026-11-21", "present"),
        ("2026-11-20", "2026-11-21", "present"),
        ("2026-11-19", "2026-11-21", "stale"),
        ("2026-11-20T08:00", "2026-11-21T08:00", "present"),
        ("2026-11-20T07:59", "2026-11-21T08:00", "present"),
        ("2026-11-19T23:59", "2026-11-21T00:01", "stale"),
        ("2026-11-20T07:59", "2026-11-21", "present"),
        ("2026-11-20T23:30+02:00", "2026-11-21T21:30Z", "present"),
        ("2026-11-20T01:29+02:00", "2026-11-21T21:30Z", "stale"),
        (None, "2026-11-21", "undated"),
        ("2026-11-20", None, "undated"),
    ],
)
def test_c_26_a_result_counts_on_the_day_of_the_question_and_the_day_before(
    taken: str | None, as_of: str | None, expected: str
) -> None:
    report = measured(taken, as_of).report()
    assert state(report) == expected
    assert len(report.stale) == (expected == "stale")


def test_c_26_what_is_stale_makes_advice_apply_and_is_said() -> None:
    report = measured("2026-11-10").report()
    (found,) = [f for f in report.findings if f.advisory == advisory("glow")]
    assert found.stale is True
    assert [r.stale for r in report.recognised] == [True]
    (stale,) = report.stale
    assert (stale.input, stale.taken_at, stale.valid_hours) == ("observations[0]", "2026-11-10", 24)
    assert stale.says == (
        "glow was taken 11 days before; a result counts for 1 day here. "
        "It settles nothing; repeat it."
    )


def test_c_26_what_is_stale_never_makes_advice_not_apply() -> None:
    def told(taken: str) -> tuple[bool, set[str]]:
        case = a_case().measuring("glow", 10, "umol/L", upper_limit=21, taken_at=taken)
        report = case.context(phase="before_dose", as_of="2026-11-21").report()
        found = [n for n in report.not_evaluable if n.advisory == advisory("glow")]
        return advisory("glow") in {f.advisory for f in report.findings}, {
            need for n in found for need in n.needs
        }

    assert told("2026-11-21") == (False, set())
    assert told("2026-11-10") == (False, {"observation: glow"})


def test_a_kind_or_a_phase_without_a_period_is_simply_there() -> None:
    other = a_case().measuring("zeal", 10, "U/L", upper_limit=40, taken_at="2020-01-01")
    assert state(other.context(phase="before_dose", as_of="2026-11-21").report()) == "present"
    late = measured("2020-01-01").in_phase("after_treatment").report()
    assert (state(late), late.stale) == ("present", ())


def test_of_two_results_the_current_one_has_the_state() -> None:
    case = measured("2026-11-10").measuring("glow", 20, "umol/L", taken_at="2026-11-21")
    report = case.report()
    assert state(report, "observations[1]") == "present"
    assert state(report, "observations[0]") is msgspec.UNSET
    assert report.stale == ()


PLATELETS = {"text": "platelets", "value": 80, "unit": "10*9/L"}


@pytest.mark.parametrize(
    ("phase", "days", "expected"),
    [
        ("before_first_dose", 6, "present"),
        ("before_first_dose", 7, "present"),
        ("before_first_dose", 8, "stale"),
        ("before_dose", 0, "present"),
        ("before_dose", 1, "present"),
        ("before_dose", 2, "stale"),
        ("during_treatment", 2, "stale"),
        ("after_treatment", 30, "present"),
        ("after_treatment", 31, "stale"),
    ],
)
def test_pc_08_bloods_count_for_seven_days_before_the_first_cycle_and_a_day_before_a_dose(
    phase: str, days: int, expected: str, snapshot: Snapshot
) -> None:
    taken = (AS_OF - timedelta(days=days)).isoformat()
    body = {
        "observations": [{**PLATELETS, "taken_at": taken}],
        "context": {"phase": phase, "as_of": AS_OF.isoformat()},
    }
    report = reported(snapshot, body)
    assert report["recognised"][0]["state"] == expected
    assert [s["label"] for s in report["stale"]] == ["platelet count"] * (expected == "stale")


def test_pc_08_missing_is_not_stale(snapshot: Snapshot) -> None:
    body = {"observations": [], "context": {"phase": "before_first_dose", "as_of": "2026-11-21"}}
    report = reported(snapshot, body)
    assert report["stale"] == []
    assert "observation: platelet count" in {m["needs"] for m in report["missing"]}


# --- what a finding quotes -----------------------------------------------------------------------


def detail(snapshot: Snapshot, name: str, *entries: dict[str, Any], **context: Any) -> str:
    body = {"observations": list(entries), "context": context}
    (found,) = [f for f in reported(snapshot, body)["findings"] if f["advisory"].endswith(name)]
    (because,) = [b for b in found["because"] if b["input"].startswith("observations")]
    quoted: str = because["label"] + ": " + because["detail"]
    return quoted


def test_ex_06_a_value_is_quoted_with_unit_range_and_date(snapshot: Snapshot) -> None:
    bilirubin = {
        "text": "total bilirubin",
        "value": 40,
        "unit": "umol/L",
        "upper_limit": 21,
        "taken_at": "2026-11-20",
    }
    quoted = detail(snapshot, "/bilirubin-above-limit", bilirubin, phase="before_dose")
    assert quoted == "total bilirubin: 40 umol/L, upper limit 21, taken 2026-11-20"


def test_ex_06_the_range_that_stands_in_for_the_laboratory_is_named(snapshot: Snapshot) -> None:
    bilirubin = {"text": "total bilirubin", "value": 60, "unit": "umol/L"}
    quoted = detail(snapshot, "/bilirubin-above-limit", bilirubin, phase="before_dose")
    assert quoted == (
        "total bilirubin: 60 umol/L, no limits given; usual upper limit 17 to 26 umol/L"
    )


def test_pc_03_the_formula_and_the_baseline_of_a_qtc_are_kept(snapshot: Snapshot) -> None:
    qtc = {"text": "QTcB", "value": 520, "unit": "ms", "baseline": 430, "taken_at": "2026-11-20"}
    quoted = detail(snapshot, "/qtc-severely-prolonged", qtc)
    assert quoted == "QTcB interval: 520 ms, before treatment 430, taken 2026-11-20"
    unsaid = detail(snapshot, "/qtc-severely-prolonged", {**qtc, "text": "QTc"})
    assert unsaid.startswith("QTc interval, formula not stated: ")


def test_cs_04_each_medicine_says_which_side_it_is_on(snapshot: Snapshot) -> None:
    body = {
        "medications": [
            {"text": "citalopram", "status": "planned"},
            {"text": "haloperidol"},
            {"text": "amiodarone", "status": "stopped", "last_taken": "2026-11-14"},
        ],
        "conditions": [{"text": "long QT syndrome"}],
        "context": {"as_of": "2026-11-21"},
    }
    found = reported(snapshot, body)["findings"]
    (drug,) = [f for f in found if f["advisory"].endswith("/qt-firm-drug")]
    assert [b["status"] for b in drug["because"]] == ["planned", "active", "stopped"]
    (history,) = [f for f in found if f["advisory"].endswith("/qt-history")]
    assert "status" not in history["because"][0]


# --- sources overdue for review ------------------------------------------------------------------


def finding(snapshot: Snapshot, body: dict[str, Any], name: str, **context: Any) -> dict[str, Any]:
    found = reported(snapshot, {**body, "context": context})["findings"]
    (one,) = [f for f in found if f["advisory"].endswith(f"/{name}")]
    return dict(one)


def overdue(found: dict[str, Any]) -> dict[str, bool]:
    """Give, of each source of a finding, whether it is said to be overdue."""
    return {
        e["source"].rsplit("/", 1)[1]: e["overdue"] for e in found["evidence"] if "overdue" in e
    }


CITALOPRAM = {"medications": [{"text": "citalopram"}]}


def test_ex_08_a_source_is_overdue_from_the_day_after_its_review(snapshot: Snapshot) -> None:
    on = finding(snapshot, CITALOPRAM, "qt-firm-drug", as_of="2026-06-30")
    after = finding(snapshot, CITALOPRAM, "qt-firm-drug", as_of="2026-07-01")
    assert overdue(on) == {"leukaemia-care-page": False, "uk-protocol": True}
    assert overdue(after) == {"leukaemia-care-page": True, "uk-protocol": True}
    early = finding(snapshot, CITALOPRAM, "qt-firm-drug", as_of="2020-11-30")
    assert overdue(early) == {"leukaemia-care-page": False, "uk-protocol": False}
    dates = {e["review_due"] for e in after["evidence"] if "review_due" in e}
    assert dates == {"2020-11-30", "2026-06-30"}


def test_ex_08_without_a_day_of_the_question_nothing_is_said(snapshot: Snapshot) -> None:
    found = finding(snapshot, CITALOPRAM, "qt-firm-drug")
    assert overdue(found) == {}
    assert "overdue" not in found


def test_ex_08_a_finding_that_rests_on_overdue_sources_alone_says_so(snapshot: Snapshot) -> None:
    # In the UK only its own protocol and the charity page ask to avoid; in the US the label does.
    for jurisdiction, alone in (("UK", True), ("US", False), ("any", False), ("EU", False)):
        found = finding(
            snapshot, CITALOPRAM, "qt-firm-drug", as_of="2026-11-21", jurisdiction=jurisdiction
        )
        assert found["overdue"] is alone, jurisdiction
    early = finding(snapshot, CITALOPRAM, "qt-firm-drug", as_of="2020-01-01", jurisdiction="UK")
    assert early["overdue"] is False


def test_ex_08_our_own_inference_is_no_source(snapshot: Snapshot) -> None:
    clearance = {"observations": [{"text": "creatinine clearance", "value": 15, "unit": "mL/min"}]}
    found = finding(snapshot, clearance, "creatinine-clearance-at-limit", as_of="2026-11-21")
    grades = {e["grade"] for e in found["evidence"] if e["severity"] == found["severity"]}
    assert found["overdue"] is True
    assert "protocol" in grades


def test_ex_08_a_source_that_was_reviewed_since_is_not_overdue(snapshot: Snapshot) -> None:
    name = "https://w3id.org/inokg/source/uk-protocol"
    source = msgspec.structs.replace(snapshot.sources[name], review_due="2030-11-30")
    newer = msgspec.structs.replace(snapshot, sources=snapshot.sources | {name: source})
    found = finding(newer, CITALOPRAM, "qt-firm-drug", as_of="2026-11-21", jurisdiction="UK")
    assert found["overdue"] is False


# --- the plan ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "there"),
    [("2026-02-27", True), ("2026-02-28", True), ("2026-03-01", False), (None, True)],
)
def test_an_entry_of_the_plan_ends_with_its_last_day(as_of: str | None, there: bool) -> None:
    case = a_case().context(phase="before_dose", last_dose="2026-01-03", as_of=as_of)
    plan = {p.title: p.until for p in case.report().plan}
    assert ("watch" in plan) is there
    if there:
        assert plan["watch"] == "2026-02-28"


def test_the_watch_for_56_days_has_a_last_day(snapshot: Snapshot) -> None:
    def plan(as_of: str) -> dict[str, str | None]:
        context = {"phase": "after_treatment", "last_dose": "2024-01-05", "as_of": as_of}
        found = reported(snapshot, {"context": context})["plan"]
        return {p["advisory"].rsplit("/", 1)[1]: p.get("until") for p in found}

    # Over the leap day of 2024.
    assert plan("2024-03-01")["plan-vod-56-days"] == "2024-03-01"
    assert "plan-vod-56-days" not in plan("2024-03-02")
