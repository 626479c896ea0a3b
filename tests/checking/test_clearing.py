"""What would clear a finding, change by change, in the invented world and in the real one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kg import terms
from kg.build.compile_decisions import decided
from kg.casing.assemble import assemble
from kg.casing.case import Case
from kg.checking.check import check
from kg.checking.clearing_quiet import alternatives
from kg.contract.report import Finding, encode_report
from kg.contract.request import request_from
from kg.snapshot.criteria import AllOf, AtLeast, Criterion, Number, Of
from kg.snapshot.model import Change, Snapshot
from tests.builders import CaseBuilder, a_case
from tests.world import world
from tests.world_terms import PAIRED, ZAROLIDE, advisory, criterion, flag

NO_CHANGE = "No change of treatment that could be checked clears it now."


def finding(case: CaseBuilder, name: str) -> Finding:
    return next(f for f in case.report().findings if f.advisory == advisory(name))


def sets(case: CaseBuilder, name: str) -> list[list[tuple[Any, ...]]]:
    """Give the change sets as tuples: operation, path, and the value where there is one."""
    return [
        [tuple(msgspec.to_builtins(o).values()) for o in operations]
        for operations in finding(case, name).clears_by
    ]


def words(case: CaseBuilder, name: str) -> tuple[str, ...]:
    found = finding(case, name)
    return found.clears_if[-max(1, len(found.clears_by)) :]


# --- medicines ----------------------------------------------------------------------------------


def test_a_medicine_is_left_out() -> None:
    case = a_case().taking("mystol").taking("quibalol")
    assert sets(case, "hum") == [[("remove", "/medications/1")]]
    assert words(case, "hum") == ("Checked: it no longer applies without quibalol.",)


def test_all_of_them_go_and_from_the_end_so_that_each_place_still_holds() -> None:
    case = a_case().taking("ravotin").taking("quibalol", status="planned").taking("quibalol")
    gone = [("remove", f"/medications/{n}") for n in (2, 1, 0)]
    assert sets(case, "hum") == [gone]
    assert words(case, "hum") == ("Checked: it no longer applies without quibalol and ravotin.",)


def test_the_other_drug_of_a_combination_goes_with_it() -> None:
    case = a_case().taking("co-quibatan").taking("quibalol")
    assert sets(case, "hum") == [[("remove", "/medications/1"), ("remove", "/medications/0")]]


def test_of_two_that_count_together_either_may_go() -> None:
    case = a_case().taking("lusitol").taking("karmin")
    assert sets(case, "pair") == [[("remove", "/medications/1")], [("remove", "/medications/0")]]
    assert words(case, "pair") == (
        "Checked: it no longer applies without karmin.",
        "Checked: it no longer applies without lusitol.",
    )


def test_an_unread_medicine_beside_it_does_not_hide_what_can_be_done() -> None:
    case = a_case().taking("zzz").taking("quibalol")
    assert sets(case, "hum") == [[("remove", "/medications/1")]]


def test_what_was_stopped_cannot_be_taken_back_only_waited_for() -> None:
    case = a_case().taking("ravotin", status="stopped", last_taken="2026-01-09")
    case = case.context(as_of="2026-01-10")
    # Half-lives of 12 hours: five of them are over on the third day.
    assert sets(case, "hum") == [[("replace", "/context/as_of", "2026-01-12")]]
    assert words(case, "hum") == ("Checked: it no longer applies from 2026-01-12 on.",)


def test_what_is_taken_goes_and_what_was_stopped_is_waited_for() -> None:
    case = a_case().taking("ravotin", status="stopped", last_taken="2026-01-09").taking("quibalol")
    case = case.context(as_of="2026-01-10")
    wait = ("replace", "/context/as_of", "2026-01-12")
    assert sets(case, "hum") == [[wait, ("remove", "/medications/1")]]
    assert words(case, "hum") == (
        "Checked: it no longer applies without quibalol, from 2026-01-12 on.",
    )


def test_without_a_half_life_no_day_is_named() -> None:
    case = a_case().taking("pellin", status="stopped", last_taken="2026-01-09")
    report = case.taking("ravotin").context(as_of="2026-01-10").report()
    hum = next(f for f in report.findings if f.advisory == advisory("hum"))
    assert [o.path for s in hum.clears_by for o in s] == ["/medications/1"]


# --- alternatives -------------------------------------------------------------------------------


def test_an_alternative_that_the_advice_names_is_offered_after_the_check() -> None:
    case = a_case().taking("quibalol", role="prophylaxis").otherwise_well()
    entry = {"text": "karmin", "status": "planned", "role": "prophylaxis"}
    assert sets(case, "zarolide")[1] == [("replace", "/medications/0", entry)]
    assert words(case, "zarolide")[1] == (
        "Checked: it no longer applies with karmin instead of quibalol."
    )


def test_an_alternative_that_would_raise_as_much_for_this_patient_is_not_offered() -> None:
    case = a_case().taking("quibalol").taking("lusitol").otherwise_well()
    # Together with lusitol, karmin would make a pair; lusitol is in the list already.
    assert [o[0] for s in sets(case, "zarolide") for o in s] == ["remove"]


def test_an_alternative_that_may_not_be_tolerated_is_not_offered() -> None:
    case = a_case().taking("quibalol").otherwise_well()

    def offered(case: CaseBuilder) -> list[str]:
        return [o[-1]["text"] for s in sets(case, "zarolide") for o in s if o[0] == "replace"]

    assert offered(case) == ["karmin", "lusitol"]
    assert offered(a_case().taking("quibalol").allergic_to("karmin")) == ["lusitol"]
    # An allergy that was not read may be to anything.
    assert offered(a_case().taking("quibalol").allergic_to("zzz")) == []


def test_other_culprits_go_while_one_is_replaced() -> None:
    case = a_case().taking("quibalol").taking("tandrix").otherwise_well()
    swap = ("replace", "/medications/0", {"text": "karmin", "status": "planned"})
    assert sets(case, "zarolide")[1] == [swap, ("remove", "/medications/1")]


# --- flags and fields ---------------------------------------------------------------------------


def test_a_flag_takes_the_place_of_its_contrary() -> None:
    case = a_case().flagged("tired", "lit")
    assert sets(case, "lit") == [[("replace", "/patient/flags/1", "unlit")]]
    assert words(case, "lit") == ("Checked: it no longer applies with unlit.",)


def test_a_flag_is_removed_wherever_it_is_listed() -> None:
    case = a_case().flagged("tired", "lit", "tired")
    assert sets(case, "tired") == [[("remove", "/patient/flags/2"), ("remove", "/patient/flags/0")]]


def test_a_flag_whose_absence_is_advised_on_is_judged_as_a_whole() -> None:
    change = Change(
        label="stay",
        operation="remove",
        field="patient.flags",
        wording="without {what}",
        flag=flag("planned-move"),
    )
    other = msgspec.structs.replace(world(), changes={"stay": change})
    case = CaseBuilder(snapshot=other).flagged("planned_move")
    # Once the move is no longer planned it is denied, and that is advised on as strongly.
    assert sets(case, "moving") == []
    mild = msgspec.structs.replace(
        other.advisories[advisory("staying")], severities={"EU": "inform"}
    )
    milder = msgspec.structs.replace(
        other, advisories=other.advisories | {advisory("staying"): mild}
    )
    case = CaseBuilder(snapshot=milder).flagged("planned_move")
    assert sets(case, "moving") == [[("remove", "/patient/flags/0")]]


def test_a_dose_is_the_one_that_stands_in_the_request() -> None:
    case = a_case().in_phase("during_treatment").context(dose_mg_m2=0.8, reduced_to_mg_m2=0.5)
    assert sets(case, "dose-too-high") == [[("replace", "/context/dose_mg_m2", 0.5)]]
    assert words(case, "dose-too-high") == ("Checked: it no longer applies at 0.5 instead of 0.8.",)


# --- waiting ------------------------------------------------------------------------------------


def test_waiting_names_the_first_day_on_which_the_window_is_closed() -> None:
    case = a_case().in_phase("before_dose").context(as_of="2026-01-05", last_dose="2026-01-03")
    assert sets(case, "too-soon") == [[("replace", "/context/as_of", "2026-01-09")]]


def test_waiting_is_not_offered_where_something_as_strong_would_come() -> None:
    case = a_case().flagged("fertile").patient(sex="female")
    case = case.in_phase("after_treatment").context(as_of="2026-01-31", last_dose="2026-01-31")
    assert sets(case, "window") == []
    assert words(case, "window") == (NO_CHANGE,)


def test_without_a_day_of_the_question_there_is_no_waiting() -> None:
    case = a_case().taking("ravotin", status="stopped", last_taken="2026-01-09").taking("ravotin")
    assert sets(case, "hum") == [[("remove", "/medications/1")]]


def test_without_waiting_what_was_stopped_stays() -> None:
    never = {k: c for k, c in world().changes.items() if c.field != "context.as_of"}
    case = CaseBuilder(snapshot=msgspec.structs.replace(world(), changes=never))
    case = case.taking("ravotin", status="stopped", last_taken="2026-01-09")
    assert sets(case.context(as_of="2026-01-10"), "hum") == []


def test_of_two_windows_that_both_have_to_be_open_the_earlier_end_is_enough() -> None:
    def recent(group: str) -> AtLeast:
        bound = Number(terms.DAYS_SINCE_LAST_TAKEN, high="14", high_open=True)
        return AtLeast(terms.STOPPED, 1, AllOf((Of(terms.OF_DRUG, group), bound)))

    both = Criterion("both", "", AllOf((recent(ZAROLIDE), recent(PAIRED))))
    advice = msgspec.structs.replace(
        world().advisories[advisory("pair")], applies_to=criterion("Both")
    )
    other = msgspec.structs.replace(
        world(),
        criteria=world().criteria | {criterion("Both"): both},
        advisories=world().advisories | {advisory("pair"): advice},
    )
    other = decided(other)
    case = CaseBuilder(snapshot=other).taking("quibalol", status="stopped", last_taken="2026-01-01")
    case = case.taking("karmin", status="stopped", last_taken="2026-01-09")
    found = sets(case.context(as_of="2026-01-10"), "pair")
    assert found == [[("replace", "/context/as_of", "2026-01-15")]]


# --- what cannot be changed ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["rumble", "old", "swing", "allergy"])
def test_a_diagnosis_an_age_a_value_or_an_allergy_is_nothing_to_change(name: str) -> None:
    case = a_case().with_condition("rumble").patient(age_years=70, sex="female")
    case = case.measuring("swing A", 500, "ms").allergic_to("sugarine 80")
    assert sets(case, name) == []
    assert words(case, name) == (NO_CHANGE,)


def test_nothing_is_offered_that_the_release_does_not_know() -> None:
    bare = msgspec.structs.replace(world(), changes={})
    case = CaseBuilder(snapshot=bare).taking("quibalol").flagged("tired", "lit")
    assert [f.clears_by for f in case.report().findings] == [()] * len(case.report().findings)


def test_a_case_without_its_request_has_no_change_sets() -> None:
    case = a_case().taking("quibalol").case()
    alone: Case = msgspec.structs.replace(case, request=None)
    assert all(f.clears_by == () for f in check(alone, world()).findings)


# --- the real release ---------------------------------------------------------------------------


def checked(snapshot: Snapshot, body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    report = check(assemble(request_from(body), snapshot), snapshot)
    plain = msgspec.json.decode(encode_report(report))
    return {f["advisory"].rsplit("/", 1)[1]: f for f in plain["findings"]}


def test_an_azole_gives_way_to_an_echinocandin_that_was_checked(snapshot: Snapshot) -> None:
    body = {"medications": [{"text": "fluconazole", "role": "prophylaxis"}]}
    found = checked(snapshot, body)["hepatotoxic-azole"]["clears_by"]
    assert found[0] == [{"op": "remove", "path": "/medications/0"}]
    offered = {s[0]["value"]["text"] for s in found[1:]}
    echinocandins = snapshot.classes["https://w3id.org/inokg/class/Echinocandin"].members
    assert offered
    assert offered <= {snapshot.drugs[d].label for d in echinocandins}


def test_the_alternative_weighs_least_on_the_liver_first(snapshot: Snapshot) -> None:
    (drugs,) = alternatives(snapshot).values()
    assert snapshot.drugs[drugs[-1]].label == "micafungin"


def test_ongoing_severe_veno_occlusive_disease_has_no_way_out(snapshot: Snapshot) -> None:
    body = {"conditions": [{"text": "veno-occlusive disease of the liver", "severity": "severe"}]}
    found = checked(snapshot, body)["vod"]
    assert found["clears_by"] == []
    assert found["clears_if"][-1] == NO_CHANGE


def test_contraception_ends_its_finding_by_use_or_by_time(snapshot: Snapshot) -> None:
    flags = ["childbearing_potential"]
    body: dict[str, Any] = {
        "patient": {"age_years": 30, "sex": "female", "flags": flags},
        "context": {"phase": "after_treatment", "as_of": "2026-11-21", "last_dose": "2026-06-30"},
    }
    found = checked(snapshot, body)["contraception-woman"]
    assert found["clears_by"] == [
        [{"op": "add", "path": "/patient/flags/-", "value": "contraception_effective"}],
        [{"op": "replace", "path": "/context/as_of", "value": "2027-02-28"}],
    ]
    flags.append("contraception_none")
    found = checked(snapshot, body)["contraception-woman"]
    assert found["clears_by"][0] == [
        {"op": "replace", "path": "/patient/flags/1", "value": "contraception_effective"}
    ]


def test_a_flag_that_a_condition_says_as_well_is_not_enough_to_remove(snapshot: Snapshot) -> None:
    body: dict[str, Any] = {
        "patient": {"flags": ["breastfeeding"]},
        "context": {"phase": "before_dose"},
    }
    assert checked(snapshot, body)["breastfeeding"]["clears_by"] != []
    body["conditions"] = [{"text": "lactation"}]
    assert checked(snapshot, body)["breastfeeding"]["clears_by"] == []


def test_one_of_two_alkylators_is_enough_to_leave_out(snapshot: Snapshot) -> None:
    body = {
        "patient": {"flags": ["planned_hsct"]},
        "medications": [{"text": t, "status": "planned"} for t in ("busulfan", "melphalan")],
    }
    found = checked(snapshot, body)["dual-alkylator"]["clears_by"]
    assert [[o["path"] for o in s] for s in found] == [["/medications/0"], ["/medications/1"]]


def test_the_changes_of_the_release_are_all_tried_somewhere(snapshot: Snapshot) -> None:
    body = {
        "patient": {"age_years": 30, "sex": "female", "flags": ["breastfeeding"]},
        "context": {
            "phase": "before_dose",
            "as_of": "2026-11-21",
            "last_dose": "2026-11-17",
            "dose_mg_m2": 0.8,
            "reduced_to_mg_m2": 0.5,
        },
    }
    found = checked(snapshot, body)
    assert found["breastfeeding"]["clears_by"] == [[{"op": "remove", "path": "/patient/flags/0"}]]
    dose = [{"op": "replace", "path": "/context/dose_mg_m2", "value": 0.5}]
    assert found["dose-above-reduction"]["clears_by"] == [dose]
    wait = [{"op": "replace", "path": "/context/as_of", "value": "2026-11-23"}]
    assert found["dose-too-early"]["clears_by"] == [wait]
