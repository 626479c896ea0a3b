"""What a change set promises, tried on many invented cases and on every golden one.

Every set is applied to the request as it was sent, by a patch program of our own that knows
nothing of the engine, and the whole request is checked anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import terms
from kg.casing.assemble import assemble
from kg.casing.case import Item
from kg.checking.check import check
from kg.checking.clearing_cuts import cuts, quick_cuts, truth_without
from kg.contract.report import Finding, Report
from kg.contract.request import request_from
from kg.contract.severity import rank
from kg.errors import CaseError
from kg.interval import TRUE
from kg.judging.judge import judge
from kg.snapshot.model import Snapshot
from tests.cases.test_cases import FILES, golden
from tests.laws.test_engine_laws import bodies, few
from tests.world import world

MOST_SETS = 6


def apply(body: dict[str, Any], operations: list[dict[str, Any]]) -> dict[str, Any]:
    """Apply JSON Patch as the standard says it."""
    changed: dict[str, Any] = deepcopy(body)
    for operation in operations:
        *above, last = operation["path"].split("/")[1:]
        place: Any = changed
        for name in above:
            place = place[int(name)] if isinstance(place, list) else place[name]
        kind, value = operation["op"], deepcopy(operation.get("value"))
        if isinstance(place, list):
            if kind == "add":
                place.insert(len(place) if last == "-" else int(last), value)
            elif kind == "remove":
                del place[int(last)]
            else:
                place[int(last)] = value
        elif kind == "remove":
            del place[last]
        else:
            assert kind == "add" or last in place
            place[last] = value
    return changed


def answer(body: dict[str, Any], snapshot: Snapshot) -> Report:
    return check(assemble(request_from(body), snapshot), snapshot)


def strength(report: Report) -> dict[str, int]:
    return {f.advisory: rank(f.severity) for f in report.findings}


def elements(operations: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Give the set with each of its operations left out in turn."""
    for n in range(len(operations)):
        yield operations[:n] + operations[n + 1 :]


def broken(body: dict[str, Any], finding: Finding, before: Report, snapshot: Snapshot) -> list[str]:
    """Say which promise a finding's change sets break; nothing where all are kept."""
    said = []
    sets = [msgspec.to_builtins(s) for s in finding.clears_by]
    if len(sets) > MOST_SETS:
        said.append("more sets than can be read")
    if len({str(s) for s in sets}) != len(sets):
        said.append("a set twice")
    if sets and len(finding.clears_if) < len(sets):
        said.append("a set that is not said in words")
    for operations in sets:
        after = answer(apply(body, operations), snapshot)
        if finding.advisory in strength(after):
            said.append(f"{operations} does not clear it")
        for iri, place in strength(after).items():
            if iri not in strength(before) and place <= rank(finding.severity):
                said.append(f"{operations} raises {iri}")
        gaps = {n.advisory for n in before.not_evaluable} | {finding.advisory}
        for gap in after.not_evaluable:
            known = gap.advisory in gaps or gap.advisory in strength(before)
            if not known and rank(gap.severity) <= rank(finding.severity):
                said.append(f"{operations} opens {gap.advisory}")
        for fewer in elements(operations):
            if finding.advisory not in strength(answer(apply(body, fewer), snapshot)):
                said.append(f"{fewer} is enough")
    return said


def all_broken(body: dict[str, Any], snapshot: Snapshot) -> list[str]:
    report = answer(body, snapshot)
    return [
        f"{finding.advisory}: {fault}"
        for finding in report.findings
        for fault in broken(body, finding, report, snapshot)
    ]


@settings(max_examples=150, deadline=None)
@given(bodies)
def test_every_set_keeps_its_promises_in_the_invented_world(body: dict[str, Any]) -> None:
    assert all_broken(body, world()) == []


@pytest.mark.parametrize("name", FILES)
def test_every_set_keeps_its_promises_on_golden_cases(name: str, snapshot: Snapshot) -> None:
    assert all_broken(golden(name).request, snapshot) == []


REAL = (
    "citalopram",
    "amiodarone",
    "ondansetron",
    "fluconazole",
    "ketoconazole",
    "omeprazole",
    "furosemide",
    "busulfan",
    "melphalan",
    "thiotepa",
    "warfarin",
    "prednisolone",
    "hydroxycarbamide",
    "paracetamol",
    "co-codamol 30/500",
    "MMR vaccine",
    "nonsensium",
)
real_bodies = st.fixed_dictionaries(
    {
        "medications": st.lists(
            st.fixed_dictionaries(
                {"text": st.sampled_from(REAL)},
                optional={
                    "status": st.sampled_from(("active", "planned", "stopped")),
                    "last_taken": st.sampled_from(("2026-10-01", "2026-11-14", "2026-11-20")),
                    "role": st.sampled_from(("premedication", "cytoreduction", "conditioning")),
                },
            ),
            max_size=5,
        )
    },
    optional={
        "conditions": st.lists(
            st.fixed_dictionaries(
                {"text": st.sampled_from(("heart failure", "lactation", "fatty liver", "Vod"))},
                optional={"status": st.sampled_from(("resolved", "suspected"))},
            ),
            max_size=2,
        ),
        "observations": st.just([{"text": "platelets", "value": 40, "unit": "10*9/L"}]),
        "patient": st.fixed_dictionaries(
            {
                "flags": st.lists(
                    st.sampled_from(
                        (
                            "childbearing_potential",
                            "contraception_none",
                            "breastfeeding",
                            "planned_hsct",
                            "male_with_partner_of_childbearing_potential",
                        )
                    ),
                    max_size=3,
                )
            },
            optional={"sex": st.sampled_from(("female", "male")), "age_years": st.just(30)},
        ),
        "context": st.one_of(
            st.fixed_dictionaries(
                {
                    "phase": st.sampled_from(
                        ("before_dose", "during_treatment", "after_treatment")
                    ),
                    "as_of": st.sampled_from(("2026-11-21", "2027-02-28")),
                    "last_dose": st.sampled_from(("2026-06-30", "2026-11-13", "2026-11-18")),
                },
                optional={
                    "day": st.sampled_from((1, 8)),
                    "cycle": st.just(2),
                    "dose_mg_m2": st.just(0.8),
                    "reduced_to_mg_m2": st.just(0.5),
                },
            ),
            st.fixed_dictionaries(
                {"phase": st.just("before_first_dose"), "as_of": st.just("2026-11-21")}
            ),
        ),
    },
)


@settings(max_examples=60, deadline=None)
@given(body=real_bodies)
def test_every_set_keeps_its_promises_in_the_real_release(
    body: dict[str, Any], snapshot: Snapshot
) -> None:
    assert all_broken(body, snapshot) == []


@settings(max_examples=100, deadline=None)
@given(bodies, st.data())
def test_leaving_out_a_medicine_never_raises_anything(
    body: dict[str, Any], data: st.DataObject
) -> None:
    taken = body.get("medications", [])
    if not taken:
        return
    place = data.draw(st.integers(0, len(taken) - 1))
    fewer = {**body, "medications": taken[:place] + taken[place + 1 :]}
    before, after = answer(body, world()), answer(fewer, world())
    assert strength(after).items() <= strength(before).items()
    open_before = {n.advisory for n in before.not_evaluable}
    assert {n.advisory for n in after.not_evaluable} <= open_before | set(strength(before))


@settings(max_examples=60, deadline=None)
@given(bodies)
def test_sets_come_in_one_order(body: dict[str, Any]) -> None:
    once, again = answer(body, world()), answer(deepcopy(body), world())
    assert [f.clears_by for f in once.findings] == [f.clears_by for f in again.findings]


def two_ways(body: dict[str, Any], snapshot: Snapshot) -> None:
    """By its clauses and by its tree, an advisory is cut by the same medicines."""
    case = assemble(request_from(body), snapshot)
    names = {r.input: r.label for r in case.recognised}

    def taken(item: Item) -> bool:
        return item.role in (terms.TAKES, terms.PLANS)

    for verdict in judge(case, snapshot):
        if verdict.truth == TRUE and verdict.ready.medications:
            quick = quick_cuts(verdict, taken, names)
            slow = cuts(verdict.ready.applies, verdict.view, taken, names)
            assert quick in (None, slow), verdict.ready.iri


def shorter(body: dict[str, Any], snapshot: Snapshot) -> int:
    """Judging fewer medicines of a case is judging the request without their entries."""
    case, compared = assemble(request_from(body), snapshot), 0
    for n, left_out in enumerate(body.get("medications") or ()):
        if "started" in left_out:
            # The start of treatment dates other entries too; to take it away is no change of them.
            continue
        fewer = {**body, "medications": [m for i, m in enumerate(body["medications"]) if i != n]}
        again = judge(assemble(request_from(fewer), snapshot), snapshot)
        expected = {v.ready.iri: v.truth for v in again}
        for verdict in judge(case, snapshot):
            if verdict.truth != TRUE:
                continue
            cut = frozenset({f"medications[{n}]"})
            iri = verdict.ready.iri
            assert truth_without(verdict, cut, snapshot) == expected[iri], iri
            compared += 1
    return compared


@few
@given(bodies)
def test_fewer_medicines_are_judged_as_the_shorter_request(body: dict[str, Any]) -> None:
    shorter(body, world())


def test_fewer_medicines_are_judged_as_the_shorter_golden_case(snapshot: Snapshot) -> None:
    assert sum(shorter(golden(name).request, snapshot) for name in FILES) > 100


@few
@given(bodies)
def test_both_ways_to_look_for_a_cut_agree_in_the_invented_world(body: dict[str, Any]) -> None:
    two_ways(body, world())


@few
@given(body=real_bodies)
def test_both_ways_to_look_for_a_cut_agree_in_the_real_release(
    snapshot: Snapshot, body: dict[str, Any]
) -> None:
    two_ways(body, snapshot)


def test_the_patch_program_is_strict() -> None:
    with pytest.raises(AssertionError):
        apply({"context": {}}, [{"op": "replace", "path": "/context/as_of", "value": "x"}])
    with pytest.raises(IndexError):
        apply({"medications": []}, [{"op": "remove", "path": "/medications/0"}])
    with pytest.raises(CaseError):
        answer({"patient": {"sex": "neither"}}, world())
