"""Laws that hold for every case, tried on many."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kg.contract.report import Report, encode_report
from kg.contract.request import decode_request
from kg.contract.severity import rank
from kg.errors import CaseError
from tests.builders import LISTS, CaseBuilder, a_case
from tests.world_terms import ATC, ICD10

ROOT = Path(__file__).resolve().parents[2]
DRUGS = ("quibalol", "ravotin", "pellin", "karmin", "lusitol", "mystol", "tandrix", "zarolides")
TEXTS = (*DRUGS, "co-quibatan", "indexumab", "zzz", "Duplex", "quibalal", "pellin qds")

medications = st.fixed_dictionaries(
    {"text": st.sampled_from(TEXTS)},
    optional={
        "status": st.sampled_from(("active", "planned", "stopped")),
        "last_taken": st.sampled_from(("2026-01-01", "2026-01-09")),
        "role": st.sampled_from(("premedication", "treatment")),
        "route": st.sampled_from(("systemic", "local")),
    },
)
conditions = st.fixed_dictionaries(
    {"text": st.sampled_from(("rumble", "grey blight", "calm", "zzz", "history of rumble"))},
    optional={
        "status": st.sampled_from(("active", "resolved", "suspected")),
        "severity": st.sampled_from(("mild", "severe")),
    },
)
observations = st.one_of(
    st.fixed_dictionaries(
        {
            "text": st.just("glow"),
            "value": st.sampled_from((20, 25.5, 31.5, 40, "<30")),
            "unit": st.sampled_from(("umol/L", "xULN", "furlong")),
        },
        optional={"upper_limit": st.just(21)},
    ),
    st.fixed_dictionaries(
        {
            "text": st.sampled_from(("swing A", "swing B")),
            "value": st.sampled_from((440, 450, 520)),
            "unit": st.just("ms"),
        },
        optional={"baseline": st.sampled_from((400, 450))},
    ),
)
contexts = st.fixed_dictionaries(
    {},
    optional={
        "phase": st.sampled_from(("before_dose", "after_treatment")),
        "cycle": st.just(2),
        "day": st.sampled_from((1, 8)),
        "as_of": st.just("2026-01-10"),
        "last_dose": st.just("2026-01-03"),
        "hsct_planned": st.booleans(),
        "jurisdiction": st.sampled_from(("any", "EU", "UK", "US")),
    },
)
patients = st.fixed_dictionaries(
    {},
    optional={
        "age_years": st.sampled_from((8, 30, 70)),
        "sex": st.sampled_from(("female", "male")),
        "flags": st.lists(st.sampled_from(("lit", "fertile", "tired", "zzz")), max_size=3),
    },
)
bodies: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "medications": st.lists(medications, max_size=4),
        "conditions": st.lists(conditions, max_size=3),
        "allergies": st.lists(
            st.fixed_dictionaries({"text": st.sampled_from(("pollenose", "sugarine 80", "zzz"))}),
            max_size=2,
        ),
        "observations": st.lists(observations, max_size=3),
        "context": contexts,
        "patient": patients,
    },
)
few = settings(max_examples=80, deadline=None)


def report_of(body: dict[str, Any]) -> Report:
    return CaseBuilder(body=body).report()


def findings(report: Report) -> dict[str, int]:
    return {f.advisory: rank(f.severity) for f in report.findings}


def gaps(report: Report) -> set[str]:
    return {n.advisory for n in report.not_evaluable}


@few
@given(bodies, st.sampled_from(DRUGS))
def test_adding_a_drug_never_removes_a_finding(body: dict[str, Any], text: str) -> None:
    before = report_of(body)
    after = report_of({**body, "medications": [*body.get("medications", []), {"text": text}]})
    assert findings(before).items() <= findings(after).items()


@few
@given(bodies, st.data())
def test_leaving_out_a_part_never_turns_a_finding_into_silence(
    body: dict[str, Any], data: st.DataObject
) -> None:
    if not body:
        return
    part = data.draw(st.sampled_from(sorted(body)))
    # Of what was set aside or exempted by the part, more may be told without it.
    before, after = report_of(body), report_of({k: v for k, v in body.items() if k != part})
    lost = set(findings(before)) - set(findings(after)) - gaps(after)
    said_nothing = {f.advisory for f in before.findings if _rests_on_absence(f)}
    asked_for = {f.advisory for f in after.findings} | gaps(after)
    context = body.get("context", {})
    if part == "context" and context.get("jurisdiction", "any") != "any":
        return
    # A list of flags that is given is whole: without the context it denies the plan.
    if part == "context" and "hsct_planned" in context and "flags" in body.get("patient", {}):
        return
    assert lost <= said_nothing
    assert set(findings(before)) - said_nothing <= asked_for


def _rests_on_absence(finding: Any) -> bool:
    return any("/absence/" in b.term for b in finding.because)


@few
@given(bodies, st.randoms(use_true_random=False))
def test_the_order_of_inputs_changes_positions_only(body: dict[str, Any], random: Any) -> None:
    shuffled = dict(body)
    for part in LISTS:
        if part in body:
            shuffled[part] = random.sample(body[part], len(body[part]))
    assert without_positions(report_of(body)) == without_positions(report_of(shuffled))


def without_positions(report: Report) -> Any:
    text = re.sub(r"\[\d+\]|(?<=s/)\d+(?=\")", "[]", encode_report(report).decode())
    return sorted(re.split(r"[\[\]{},]+", text))


@few
@given(bodies)
def test_every_input_is_recognised_or_listed(body: dict[str, Any]) -> None:
    report = report_of(body)
    accounted = {r.input for r in report.recognised} | {u.input for u in report.unrecognised}
    expected = {f"{part}[{n}]" for part in LISTS for n in range(len(body.get(part, [])))}
    flags = body.get("patient", {}).get("flags", [])
    assert accounted == expected | {f"patient.flags[{n}]" for n in range(len(flags))}


@few
@given(bodies)
def test_unknown_is_never_safe(body: dict[str, Any]) -> None:
    report = report_of(body)
    assert not set(findings(report)) & gaps(report)
    if report.complete:
        assert not report.unrecognised
        assert all(r.assessed for r in report.recognised)
        assert all(n.severity == "inform" for n in report.not_evaluable)
        assert all(body.get(part) is not None for part in LISTS)
    for gap in report.not_evaluable:
        assert gap.needs


@few
@given(bodies, st.text(min_size=1, max_size=20), st.sampled_from(LISTS[:3]))
def test_any_other_text_leaves_a_case_open_or_is_a_name(
    body: dict[str, Any], text: str, part: str
) -> None:
    report = report_of({**body, part: [*body.get(part, []), {"text": text}]})
    path = f"{part}[{len(body.get(part, []))}]"
    known = [r for r in report.recognised if r.input == path]
    if not known:
        assert any(u.input == path for u in report.unrecognised)
        assert not report.complete


@few
@given(bodies)
def test_a_code_and_the_name_it_stands_for_find_the_same(body: dict[str, Any]) -> None:
    def found(part: str, entry: dict[str, Any]) -> dict[str, int]:
        return findings(report_of({**body, part: [*body.get(part, []), entry]}))

    code = {"system": ATC, "code": "Q01AA01"}
    assert found("medications", code) == found("medications", {"text": "Quibex"})
    narrow = {"system": ICD10, "code": "Q74.61"}
    assert found("conditions", narrow) == found("conditions", {"text": "grey blight"})


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60))
def test_nonsense_is_refused_in_one_way(data: bytes) -> None:
    with contextlib.suppress(CaseError):
        decode_request(data)


_ELSEWHERE = """
from tests.builders import a_case
from kg.contract.report import encode_report
case = a_case().taking("zzz").taking("zarolides").taking("ravotin", status="stopped")
case = case.taking("pellin qds").with_condition("history of rumble").measuring("zest", 70, "U/L")
print(encode_report(case.allergic_to("zzz").flagged().report()).decode())
"""


def test_another_process_gives_the_same_bytes() -> None:
    def answer(seed: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", _ELSEWHERE],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert answer("1") == answer("2") != ""


def test_the_cases_tried_are_not_all_alike() -> None:
    case = a_case().taking("quibalol")
    assert replace(case, body={}).report().findings != case.report().findings
