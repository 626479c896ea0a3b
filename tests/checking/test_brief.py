"""The shorter answers: the same verdicts as the report, and nothing beside what they show."""

from __future__ import annotations

import json
from typing import Any

from kg.casing.assemble import assemble
from kg.casing.case import Case
from kg.checking.brief import check_in_brief, checked, verdicts
from kg.checking.check import check
from kg.contract.detail import AnyReport, encode_answer
from kg.contract.request import request_from
from kg.snapshot.model import Snapshot
from tests.builders import CaseBuilder, a_case
from tests.cases.golden import FILES, answer, golden
from tests.world import world


def as_json(report: AnyReport) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(encode_answer(report))
    return found


def patient() -> CaseBuilder:
    return a_case().taking("quibalol").taking("nothing known").in_phase("before_dose")


def test_a_brief_report_holds_what_the_contract_lists() -> None:
    told = as_json(check_in_brief(patient().case(), world()))
    assert set(told) == {
        *("severity", "complete", "summary", "findings", "exempted"),
        *("unrecognised", "missing", "release"),
    }
    (finding, *_) = told["findings"]
    assert set(finding) >= {
        *("advisory", "topic", "hazard", "severity", "asks", "title", "because", "do"),
    }
    assert finding["do"] == "Mind hum."


def test_the_details_say_the_same_of_a_patient() -> None:
    case = patient().case()
    full, brief, judged = (
        check(case, world()),
        check_in_brief(case, world()),
        verdicts(case, world()),
    )
    assert full.severity == brief.severity == judged.severity
    assert full.complete == brief.complete == judged.complete
    assert full.unrecognised == brief.unrecognised == judged.unrecognised
    assert full.summary == brief.summary
    assert [f.advisory for f in full.findings] == [f.advisory for f in brief.findings]
    assert [m.needs for m in full.missing] == [m.needs for m in brief.missing]
    by_truth = {
        truth: [v.advisory for v in judged.verdicts if v.truth == truth]
        for truth in ("applies", "cannot_tell")
    }
    assert by_truth["applies"] == [f.advisory for f in full.findings]
    assert by_truth["cannot_tell"] == [n.advisory for n in full.not_evaluable]


def test_every_advisory_of_the_jurisdiction_has_a_verdict_in_report_order() -> None:
    judged = verdicts(a_case().context(jurisdiction="EU").case(), world())
    with_severity = {i for i, a in world().advisories.items() if "EU" in a.severities}
    assert {v.advisory for v in judged.verdicts} <= with_severity
    assert len({v.advisory for v in judged.verdicts}) == len(judged.verdicts)


def test_the_detail_that_is_asked_for_is_given() -> None:
    case = patient().case()
    assert checked(case, world(), "full") == check(case, world())
    assert checked(case, world(), "brief") == check_in_brief(case, world())
    assert checked(case, world(), "verdicts") == verdicts(case, world())


def test_verdicts_look_for_nothing_that_would_settle_or_clear(monkeypatch: Any) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("verdicts need nothing of this")

    for name in ("needs", "witnesses", "Clearing", "burden", "plan", "wanting"):
        monkeypatch.setattr(f"kg.checking.check.{name}", never)
    assert verdicts(patient().case(), world()).verdicts


def test_a_brief_report_clears_and_cites_nothing(monkeypatch: Any) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a brief report shows nothing of this")

    for name in ("Clearing", "burden", "plan", "exempted", "suppressed", "finding", "to_fetch"):
        monkeypatch.setattr(f"kg.checking.check.{name}", never)
    assert check_in_brief(patient().case(), world()).findings


def test_details_agree_on_golden_cases(snapshot: Snapshot) -> None:
    for name in list(FILES)[::20]:
        request = golden(name).request
        full = answer(request, snapshot)
        case = case_of(request, snapshot)
        judged = verdicts(case, snapshot)
        applying = [v.advisory for v in judged.verdicts if v.truth == "applies"]
        assert applying == [f.advisory for f in full.findings], name
        assert check_in_brief(case, snapshot).summary == full.summary, name


def case_of(request: dict[str, Any], snapshot: Snapshot) -> Case:
    return assemble(request_from(request), snapshot)
