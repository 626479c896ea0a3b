"""What an answer means: applies is so under every way of filling in what was not given.

One to three facts of a whole case are blanked, and every way of filling them in is tried.
Exemptions, roles and severities are not blanked here: that they were not said is itself a fact.
"""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import CaseBuilder, a_case

OPTIONS: dict[str, tuple[Any, ...]] = {
    "phase": ("before_first_dose", "before_dose", "during_treatment", "after_treatment"),
    "day": (1, 8),
    "age": (30, 64, 65),
    "lit": ("lit", "unlit"),
    "limit": (17, 18, 20, 22, 24, 26),
    "baseline": (400, 439, 440, 441),
    "move": (True, False),
    "glow": (20, 30, 36),
    "zeal": (1, 2.5, 3),
    "route": ("systemic", "local"),
}
# These count as something when they are not said, so only their values are varied.
_ALWAYS_SAID = {"route"}


def case_of(facts: dict[str, Any]) -> CaseBuilder:
    case = a_case().none("allergies").with_condition("rumble", status="resolved", severity="mild")
    case = case.taking("pellin", route=facts["route"]).patient(
        age_years=facts.get("age"), sex="male", flags=[facts["lit"]] if "lit" in facts else []
    )
    if "glow" in facts:
        case = case.measuring("glow", facts["glow"], "umol/L", upper_limit=facts.get("limit"))
    if "zeal" in facts:
        case = case.measuring("zeal", facts["zeal"], "xULN")
    case = case.measuring("swing A", 500, "ms", baseline=facts.get("baseline"))
    # A move that is denied in context stays open in the flags only where they were not given.
    planned = {} if "move" in facts else {"flags": None}
    case = case.patient(**planned) if planned else case
    return case.context(
        phase=facts.get("phase"), day=facts.get("day"), hsct_planned=facts.get("move")
    )


def outcomes(case: CaseBuilder) -> dict[str, str]:
    report = case.report()
    found = dict.fromkeys(case.snapshot.advisories, "does not apply")
    found |= {n.advisory: "cannot tell" for n in report.not_evaluable}
    return found | {f.advisory: "applies" for f in report.findings}


wholes = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in OPTIONS.items()})
blanks = st.sets(st.sampled_from(sorted(set(OPTIONS) - _ALWAYS_SAID)), min_size=1, max_size=3)


@settings(max_examples=60, deadline=None)
@given(wholes, blanks)
def test_an_answer_holds_under_every_completion(facts: dict[str, Any], blank: set[str]) -> None:
    # Before the first dose a value is its own baseline, so none is missing there.
    if "baseline" in blank and ("phase" in blank or facts["phase"] == "before_first_dose"):
        return
    # With the flags left out their contraries are open too; fill those in as well.
    if "move" in blank:
        blank = blank | {"lit"}
    partial = outcomes(case_of({k: v for k, v in facts.items() if k not in blank}))
    filled = [
        outcomes(case_of({**facts, **dict(zip(sorted(blank), values, strict=True))}))
        for values in itertools.product(*(OPTIONS[name] for name in sorted(blank)))
    ]
    for advisory, answer in partial.items():
        seen = {f[advisory] for f in filled}
        if answer == "applies":
            assert seen == {"applies"}, advisory
        if answer == "does not apply":
            assert seen == {"does not apply"}, advisory
