"""A list of which only a portion was read: what is in it counts, what is not in it is open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kg.contract.parts import ListedPart
from kg.contract.report import Report
from kg.contract.request import request_from
from kg.errors import CaseError
from tests.builders import CaseBuilder, a_case


def _partly(case: CaseBuilder, *parts: str) -> CaseBuilder:
    return replace(case, body={**case.body, "partly_read": list(parts)})


def _told(report: Report) -> set[str]:
    return {f.advisory for f in report.findings}


def _open(report: Report) -> set[str]:
    return {n.advisory for n in report.not_evaluable}


@pytest.mark.parametrize("part", ["medications", "conditions", "allergies", "observations"])
def test_what_may_stand_in_the_unread_portion_is_open(part: ListedPart) -> None:
    whole = a_case().patient(age_years=40, sex="male").flagged().otherwise_well()
    partly, unknown = (
        _partly(whole, part).report(),
        replace(whole, body={k: v for k, v in whole.body.items() if k != part}).report(),
    )
    assert _open(partly) >= _open(whole.report())
    assert _open(partly) == _open(unknown)
    assert _told(partly) == _told(unknown)
    assert f"part: {part}" in {m.needs for m in partly.missing}
    assert not partly.complete


def test_what_was_read_counts_all_the_same() -> None:
    case = a_case().taking("quibalol").with_condition("blight").otherwise_well()
    read = case.report()
    partly = _partly(case, "medications", "conditions").report()
    assert _told(partly) == _told(read)
    assert _told(read)


def test_a_list_that_was_not_read_at_all_stays_so() -> None:
    case = a_case().flagged()
    assert _partly(case, "medications").report() == case.report()


def test_only_lists_can_be_read_in_part() -> None:
    with pytest.raises(CaseError):
        request_from({"partly_read": ["patient"]})
