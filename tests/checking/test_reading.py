"""What people read of a report: hazards, a summary, what was exempted, what to fetch, the dose."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from kg.casing.assemble import assemble
from kg.checking.brief import check_in_brief
from kg.checking.check import check
from kg.checking.words import blocks, noted, noted_said
from kg.contract.detail import encode_answer
from kg.contract.report import Asks, Could, Planned, Report
from kg.contract.request import request_from
from kg.snapshot.model import Snapshot
from tests.builders import a_case
from tests.cases.golden import FILES, answer, golden
from tests.world import world

HAZARDS = {
    *("liver", "qt", "marrow", "infection", "bleeding", "transplant", "tumour-lysis"),
    *("reproduction", "vaccine", "hypersensitivity", "infusion", "kidney", "pancreas"),
    *("eligibility", "dosing", "age"),
}
WELL: dict[str, Any] = {
    "patient": {"age_years": 46, "sex": "male", "weight_kg": 70, "height_cm": 168, "flags": []},
    "medications": [],
    "conditions": [],
    "allergies": [],
    "observations": [],
}


def told(snapshot: Snapshot, **parts: Any) -> Report:
    return check(assemble(request_from(WELL | parts), snapshot), snapshot)


def planned(report: Report, word: str) -> Planned:
    (entry,) = [p for p in report.plan if word in p.advisory]
    return entry


# --- asks, hazards, blocks ----------------------------------------------------------------------


def test_every_finding_says_what_it_asks_for_and_its_hazard(snapshot: Snapshot) -> None:
    seen = set()
    for name in FILES:
        for finding in answer(golden(name).request, snapshot).findings:
            assert finding.asks in get_args(Asks), (name, finding.advisory)
            assert finding.hazard.key in HAZARDS, (name, finding.advisory)
            assert finding.asks != "know" or finding.severity == "inform", (name, finding.advisory)
            seen.add(finding.hazard.key)
    assert len(seen) > 12


def test_a_person_sees_one_block_for_each_hazard_and_what_asks_for_nothing_in_one_line(
    snapshot: Snapshot,
) -> None:
    report = told(snapshot, medications=[{"text": t} for t in ("fluconazole", "citalopram")])
    shown = blocks(report.findings)
    assert len({b.hazard.key for b in shown}) == len(shown)
    for block in shown:
        inputs = [(b.input, b.label) for b in block.because]
        assert len(inputs) == len(set(inputs))
    quiet = told(snapshot, medications=[{"text": "omeprazole"}])
    assert all(f.asks == "know" for f in noted(quiet.findings))
    if noted(quiet.findings):
        assert noted_said(quiet.findings).startswith("Also noted: ")


# --- the summary --------------------------------------------------------------------------------


def test_a_summary_names_each_input_once_at_its_strongest(snapshot: Snapshot) -> None:
    report = told(
        snapshot,
        conditions=[{"text": "cirrhosis"}],
        medications=[{"text": "fluconazole"}, {"text": "citalopram"}],
    )
    assert report.summary.startswith(
        "Contraindicated: Cirrhosis. Avoid fluconazole (liver, QT) and citalopram (QT)."
    )


def test_a_summary_has_one_to_four_sentences(snapshot: Snapshot) -> None:
    for name in list(FILES)[::10]:
        report = answer(golden(name).request, snapshot)
        assert report.summary.endswith("."), name
        assert 1 <= report.summary.count(". ") + 1 <= 4, report.summary


def test_nothing_found_is_said_of_a_complete_report_only() -> None:
    assert "Nothing found" not in a_case().report().summary
    assert a_case().report().summary.startswith("Cannot be judged yet.") or (
        a_case().report().findings
    )


def test_what_was_not_read_is_counted() -> None:
    assert "1 entry not read." in a_case().taking("zzz").report().summary


# --- exemptions ---------------------------------------------------------------------------------


def test_what_silenced_an_advisory_is_shown(snapshot: Snapshot) -> None:
    high = {"text": "total bilirubin", "value": 36, "unit": "umol/L", "upper_limit": 20}
    dose = {"phase": "before_dose", "cycle": 1, "day": 8}
    spared = told(
        snapshot,
        conditions=[{"text": "Gilbert's syndrome"}],
        observations=[high],
        context=dose,
    )
    (entry,) = [e for e in spared.exempted if "bilirubin-above" in e.advisory]
    assert entry.exemption.label == "Gilbert's syndrome"
    assert {b.input for b in entry.because} >= {"observations[0]", "conditions[0]"}
    assert entry.evidence
    held = told(snapshot, observations=[high], context=dose)
    assert not held.exempted
    assert not told(snapshot, conditions=[{"text": "Gilbert's syndrome"}], context=dose).exempted


# --- what is missing ----------------------------------------------------------------------------


def test_what_is_missing_is_grouped_as_a_ward_fetches_it(snapshot: Snapshot) -> None:
    body = {k: v for k, v in WELL.items() if k != "allergies"}
    body |= {"context": {"phase": "before_first_dose"}}
    report = check(assemble(request_from(body), snapshot), snapshot)
    assert report.to_fetch.title == "Before dose 1"
    labels = [label for group in report.to_fetch.groups for label in group.labels]
    assert {"ALT or AST", "platelets", "CD22", "allergies"} <= set(labels)
    assert len(labels) == len(set(labels))
    for entry in report.missing:
        assert entry.label
        assert entry.could == Could(raises=len(entry.settles), worst=entry.severity)


def test_only_what_was_read_asks_for_more() -> None:
    bare = a_case().none("conditions", "allergies", "medications").flagged()
    unread = a_case().none("conditions", "allergies").flagged().taking("zzz")
    asked = {m.needs for m in bare.report().missing}
    more = {m.needs for m in unread.report().missing} - asked
    assert {needs.partition(": ")[0] for needs in more} <= {"medications[0]"}
    assert "zzz" not in str(unread.report().to_fetch)


# --- the dose -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cycle", "day", "flags", "wanted"),
    [
        (1, 1, [], [0.8]),
        (1, 8, [], [0.5]),
        (2, 1, ["complete_remission"], [0.5]),
        (2, 1, [], [0.8]),
        (2, 15, [], [0.5]),
        (2, 9, [], []),
    ],
)
def test_the_dose_of_the_day_follows_the_scheme(
    cycle: int, day: int, flags: list[str], wanted: list[float], snapshot: Snapshot
) -> None:
    patient = {**WELL["patient"], "flags": flags}
    context = {"phase": "before_dose", "cycle": cycle, "day": day}
    scheme = planned(told(snapshot, patient=patient, context=context), "dosing-scheme")
    doses = scheme.doses or ()
    assert [d.mg_per_m2 for d in doses] == wanted
    for dose in doses:
        # The square root of 168 x 70 / 3600 is 1.807.
        assert (dose.body_surface_m2, dose.formula) == (1.81, "Mosteller")
        assert dose.mg == {0.8: 1.45, 0.5: 0.91}[dose.mg_per_m2]


def test_where_the_response_is_not_known_both_doses_stand_with_their_case(
    snapshot: Snapshot,
) -> None:
    patient = {"age_years": 46, "sex": "male"}
    context = {"phase": "before_dose", "cycle": 2, "day": 1}
    scheme = planned(told(snapshot, patient=patient, context=context), "dosing-scheme")
    doses = scheme.doses or ()
    assert {d.mg_per_m2: d.when for d in doses} == {0.5: "CR or CRi", 0.8: "neither CR nor CRi"}
    assert all(d.mg is msgspec.UNSET for d in doses)


def test_a_dose_that_was_reduced_stays_reduced(snapshot: Snapshot) -> None:
    context = {"phase": "before_dose", "cycle": 2, "day": 1, "reduced_to_mg_m2": 0.4}
    scheme = planned(told(snapshot, context=context), "dosing-scheme")
    assert [d.mg_per_m2 for d in scheme.doses or ()] == [0.4]


@pytest.mark.parametrize(
    ("as_of", "state"),
    [
        ("2026-11-15", "ahead"),
        ("2026-11-18", "due"),
        ("2026-11-22", "due"),
        ("2026-11-23", "overdue"),
    ],
)
def test_the_days_of_a_dose(as_of: str, state: str, snapshot: Snapshot) -> None:
    context = {"phase": "before_dose", "cycle": 1, "day": 8, "last_dose": "2026-11-13"}
    scheme = planned(told(snapshot, context=context | {"as_of": as_of}), "dosing-scheme")
    days = {d.label: d for d in scheme.days or ()}
    assert days["not before"].day == "2026-11-19"
    assert (days["due"].day, days["due"].state) == ("2026-11-20", state)
    assert days["at the latest"].day == "2026-11-22"
    assert days["next cycle"].day == "2026-12-04"


def test_the_checklist_says_what_is_there_what_is_due_and_the_bounds(snapshot: Snapshot) -> None:
    observations = [
        {"text": "ALT", "value": 150, "unit": "U/L", "upper_limit": 40, "taken_at": "2026-11-20"},
        {"text": "total bilirubin", "value": 10, "unit": "umol/L", "upper_limit": 20,
         "taken_at": "2026-11-01"},
    ]  # fmt: skip
    context = {"phase": "before_dose", "cycle": 1, "day": 8, "as_of": "2026-11-20"}
    report = told(snapshot, observations=observations, context=context)
    items = {i.label: i for i in planned(report, "liver-tests").items or ()}
    assert items["ALT or AST"].state == "done"
    assert items["bilirubin"].state == "overdue"
    assert items["alkaline phosphatase"].state == "due"
    bounds = {(x.severity, x.says): x.passed for x in items["ALT or AST"].limits}
    assert bounds[("hold", "above 2.5 times the upper limit")] is True


# --- who reads what -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("jurisdiction", "there", "absent"),
    [
        ("US", "the licence covers children", "INO2"),
        ("UK", "INO2", "the licence covers children"),
        ("EU", "outside the licence", "INO2"),
        ("any", "INO2", "nothing of the kind"),
    ],
)
def test_a_sentence_is_read_where_it_holds(
    jurisdiction: str, there: str, absent: str, snapshot: Snapshot
) -> None:
    child = {**WELL["patient"], "age_years": 9}
    context = {"phase": "before_first_dose", "jurisdiction": jurisdiction}
    report = told(snapshot, patient=child, context=context)
    text = " ".join(f.management for f in report.findings)
    assert there in text
    assert absent not in text


def test_a_sentence_is_read_by_whom_it_is_about(snapshot: Snapshot) -> None:
    line = {"phase": "before_first_dose", "salvage_line": 3}
    without = told(snapshot, context=line)
    past = [{"text": "veno-occlusive disease of the liver", "status": "resolved",
             "severity": "mild", "onset": "2020-01-01"}]  # fmt: skip
    with_it = told(snapshot, conditions=past, context=line)
    for report, read in ((without, False), (with_it, True)):
        risk = [f for f in report.findings if f.advisory.endswith("/vod-risk-factors")]
        risk = risk or [f for f in report.findings if "Weigh benefit and risk" in f.management]
        assert risk
        assert any("even if it has resolved" in f.management for f in risk) is read


# --- how much there is --------------------------------------------------------------------------


def test_a_brief_report_of_twenty_entries_is_short(snapshot: Snapshot) -> None:
    whole = json.loads((Path(__file__).parents[1] / "bench" / "patient.json").read_bytes())
    twenty = whole | {
        "medications": whole["medications"][:10],
        "conditions": whole["conditions"][:3],
        "observations": whole["observations"][:6],
    }
    case = assemble(request_from(twenty), snapshot)
    assert len(encode_answer(check_in_brief(case, snapshot))) <= 6 * 1024
    listed = {"medications": whole["medications"]}
    case = assemble(request_from(listed), snapshot)
    assert len(encode_answer(check_in_brief(case, snapshot))) <= 6 * 1024


def test_the_world_needs_no_words_of_a_release() -> None:
    assert world().reporting.groups == ()
    assert a_case().taking("quibalol").report().to_fetch.groups


def test_a_summary_does_not_turn_on_the_order_of_the_entries(snapshot: Snapshot) -> None:
    names = ["fluconazole", "citalopram", "amiodarone", "ondansetron", "haloperidol", "omeprazole"]
    one, other = (
        told(snapshot, medications=[{"text": t} for t in order]) for order in (names, names[::-1])
    )
    assert one.summary == other.summary
