"""The report: what applies and why, what could not be told, what is missing, and nothing lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kg.checking.check import check
from kg.contract.report import Finding, Report, encode_report
from kg.contract.severity import rank
from tests.builders import CaseBuilder, a_case
from tests.world import world
from tests.world_terms import advisory, criterion, drug, flag

WELL = {"age_years": 40, "sex": "male", "flags": ["unlit"]}


def whole() -> CaseBuilder:
    """A patient of whom everything that is asked was said, and nothing is wrong."""
    return (
        a_case()
        .patient(**WELL)
        .none("medications", "conditions", "allergies")
        .measuring("glow", 10, "umol/L", upper_limit=21)
        .measuring("zeal", 10, "U/L", upper_limit=40)
        .measuring("swing A", 400, "ms", baseline=400)
        .measuring("grain", 1, "10*9/L")
        .measuring("spark", 4, "mmol/L", lower_limit=3.5)
        .context(
            phase="before_dose",
            cycle=2,
            day=1,
            as_of="2026-01-29",
            last_dose="2026-01-15",
            hsct_planned=True,
        )
    )


def named(report: Report, name: str) -> Finding:
    (found,) = [f for f in report.findings if f.advisory == advisory(name)]
    return found


def outcomes(report: Report) -> set[str]:
    return {f.advisory for f in report.findings} | {n.advisory for n in report.not_evaluable}


def test_a_whole_case_is_complete_and_finds_only_what_is_there() -> None:
    report = whole().report()
    assert report.complete
    assert [f.advisory for f in report.findings] == [advisory("moving")]
    assert not report.not_evaluable
    assert not report.missing
    assert not report.unrecognised


@pytest.mark.parametrize(
    "case",
    [
        whole().taking("zzz"),
        whole().taking("mystol"),
        whole().with_condition("zzz"),
        whole().with_condition("vague trouble"),
        whole().allergic_to("zzz"),
        whole().measuring("glow", 10),
        whole().patient(flags=["zzz", "unlit"]),
        whole().patient(flags=None),
        whole().patient(flags=[]),
        whole().patient(sex=None),
        whole().patient(age_years=None),
        *(CaseBuilder(body={**whole().body, part: None}) for part in ("medications", "conditions")),
        *(CaseBuilder(body={**whole().body, p: None}) for p in ("allergies", "observations")),
    ],
)
def test_nothing_that_is_left_out_or_misread_is_complete(case: CaseBuilder) -> None:
    report = case.report()
    assert not report.complete
    assert report.missing or report.unrecognised or not all(r.assessed for r in report.recognised)


def test_a_gap_that_asks_for_no_care_leaves_a_case_complete() -> None:
    report = whole().context(jurisdiction="US", phase=None).report()
    assert {n.severity for n in report.not_evaluable} <= {"inform"}
    assert report.complete


def test_findings_are_ordered_by_strength_then_topic_then_name() -> None:
    case = a_case().taking("quibalol").with_condition("blight").measuring("glow", 2, "xULN")
    report = case.patient(age_years=80).report()
    keys = [(rank(f.severity), f.topic, f.advisory) for f in report.findings]
    assert keys == sorted(keys)
    assert report.severity == report.findings[0].severity == "contraindicated"
    gaps = [(rank(n.severity), n.topic, n.advisory) for n in report.not_evaluable]
    assert gaps == sorted(gaps)


def test_several_inputs_of_one_matter_are_one_finding() -> None:
    report = a_case().taking("quibalol").taking("ravotin").taking("karmin").report()
    assert [b.input for b in named(report, "hum").because] == ["medications[0]", "medications[1]"]


def test_both_drugs_of_a_count_are_named() -> None:
    report = a_case().taking("karmin").taking("lusitol").taking("tandrix").report()
    assert [b.label for b in named(report, "pair").because] == ["karmin", "lusitol"]


def test_a_weaker_step_names_the_stronger_one_that_applies_too() -> None:
    case = a_case().measuring("glow", 2, "xULN").measuring("zeal", 3, "xULN")
    report = case.report()
    assert named(report, "glow").refined_by == advisory("glow-and-vigour")
    assert named(report, "vigour").refined_by == advisory("glow-and-vigour")
    assert named(report, "glow-and-vigour").refined_by is None
    alone = a_case().measuring("glow", 2, "xULN").measuring("zeal", 1, "xULN").report()
    assert named(alone, "glow").refined_by is None


def test_a_missing_step_stands_beside_the_finding_it_would_strengthen() -> None:
    report = a_case().measuring("glow", 2, "xULN").none("conditions").report()
    named(report, "glow")
    gaps = {n.advisory: n.needs for n in report.not_evaluable}
    assert gaps[advisory("first-day")] == ("context: day",)
    assert gaps[advisory("glow-and-vigour")] == ("observation: zeal or zest",)


@pytest.mark.parametrize(
    ("case", "name", "needs"),
    [
        (a_case(), "hum", ("part: medications",)),
        (a_case(), "blight", ("part: conditions",)),
        (a_case(), "allergy", ("part: allergies",)),
        (a_case(), "glow", ("part: observations",)),
        (a_case(), "no-swing", ("part: observations",)),
        (a_case(), "tired", ("part: flags",)),
        (a_case(), "staying", ("part: flags",)),
        (a_case(), "old", ("part: age",)),
        (a_case().none("observations"), "glow", ("observation: glow",)),
        (a_case().none("observations"), "swing", ("observation: swing",)),
        (a_case().measuring("glow", 30, "umol/L"), "glow", ("observations[0]: upper_limit",)),
        (a_case().measuring("glow", "<50", "umol/L"), "glow", ("observations[0]: upper_limit",)),
        (a_case().measuring("zest", 70, "U/L"), "vigour", ("observations[0]: upper_limit",)),
        (a_case().measuring("swing B", 440, "ms"), "swing-risen", ("observations[0]: baseline",)),
        (a_case().measuring("grain", ">5", "10*9/L"), "grain", ("observations[0]: value",)),
        (a_case().flagged(), "lit", ("flag: lit or unlit",)),
        (
            a_case().flagged().in_phase("before_first_dose"),
            "window",
            ("flag: faded or fertile",),
        ),
        (a_case().flagged("fertile"), "window", ("context: phase", "context: last_dose")),
        (a_case().with_condition("history of rumble", severity="mild"), "rumble",
         ("conditions[0]: status",)),
        (a_case().with_condition("rumble", status="resolved"), "rumble-milder",
         ("conditions[0]: severity",)),
        (a_case().with_condition("zzz"), "blight",
         ("conditions[0]: a name or code that is recognised",)),
        (a_case().taking("zzz"), "hum", ("medications[0]: a name or code that is recognised",)),
        (a_case().taking("mystol"), "hum", ("humming of mystol: not judged",)),
        (a_case().taking("zarolides"), "hum", ("medications[0]: the drug itself",)),
        (a_case().taking("ravotin", status="stopped"), "hum", ("medications[0]: last_taken",)),
        (a_case().taking("pellin qds"), "hum-set-aside", ("medications[0]: daily_dose",)),
        (a_case().taking("pellin"), "hum-early", ("context: phase",)),
    ],
)  # fmt: skip
def test_what_would_settle_a_gap_is_named(
    case: CaseBuilder, name: str, needs: tuple[str, ...]
) -> None:
    (gap,) = [n for n in case.report().not_evaluable if n.advisory == advisory(name)]
    assert gap.needs == needs


def test_what_is_missing_is_listed_once_with_all_it_would_settle() -> None:
    report = a_case().taking("quibalol").report()
    wanted = [m.needs for m in report.missing]
    assert len(wanted) == len(set(wanted))
    assert {n for gap in report.not_evaluable for n in gap.needs} <= set(wanted)
    for entry in report.missing:
        settled = {n.advisory for n in report.not_evaluable if entry.needs in n.needs}
        assert set(entry.settles) == settled
    ranks = [rank(m.severity) for m in report.missing]
    assert ranks == sorted(ranks)


def test_a_missing_part_says_what_in_it_is_asked_for() -> None:
    missing = {m.needs: m.among for m in a_case().report().missing}
    assert "glow" in missing["part: observations"]
    assert "tired" in missing["part: flags"]


def test_every_part_that_was_left_out_is_missing() -> None:
    wanted = {m.needs for m in a_case().report().missing}
    parts = ("age", "sex", "flags", "medications", "conditions", "allergies", "observations")
    assert {f"part: {p}" for p in parts} <= wanted


def test_what_was_set_aside_is_listed_with_its_role_and_its_ground() -> None:
    report = a_case().taking("quibalol").taking("pellin").report()
    (left_out,) = report.suppressed
    assert left_out.advisory == advisory("hum-set-aside")
    assert (left_out.input, left_out.label) == ("medications[1]", "pellin")
    assert left_out.because == "premedication"
    assert left_out.evidence[0].says.startswith("Soothers")


def test_what_would_have_raised_nothing_is_not_listed_as_set_aside() -> None:
    assert a_case().taking("pellin", route="local").report().suppressed == ()


def test_a_finding_says_it_step_by_step_from_the_input_to_the_advice() -> None:
    finding = named(a_case().with_condition("grey blight").report(), "blight")
    assert finding.explanation[0] == "conditions[0]: grey blight."
    assert "grey blight is a kind of blight." in finding.explanation
    assert world().criteria[criterion("Blighted")].definition in finding.explanation
    assert finding.explanation[-1] == "advice: blight (EU: contraindicated; US: avoid)."


def test_a_finding_carries_its_evidence_and_its_disagreement() -> None:
    finding = named(a_case().taking("quibalol").report(), "hum")
    assert finding.evidence[0].source.endswith("source/almanac")
    assert finding.evidence[0].section == "Section 1"
    assert finding.disagreement is not None
    assert finding.disagreement.resolution
    assert finding.review.status == "unreviewed"


def test_a_flag_is_named_by_its_population_and_its_place() -> None:
    (because,) = named(a_case().flagged("unlit", "tired").report(), "tired").because
    assert because.input == "patient.flags[1]"
    assert because.term.endswith("population/Tired")
    (because,) = named(a_case().context(hsct_planned=True).report(), "moving").because
    assert (because.input, because.term) == ("context.hsct_planned", flag("planned-move"))


def test_a_value_is_quoted_where_it_counted() -> None:
    case = a_case().measuring("glow", 40, "umol/L", upper_limit=21)
    (because,) = named(case.report(), "glow").because
    assert because.detail == "40 umol/L, upper limit 21"


def test_the_plan_is_that_of_the_phase_and_never_a_finding() -> None:
    def planned(case: CaseBuilder) -> list[str]:
        return [p.title for p in case.report().plan]

    assert planned(a_case().in_phase("before_dose")) == ["always", "watch"]
    assert planned(a_case().in_phase("after_treatment")) == ["always"]
    assert planned(a_case()) == ["always"]


def test_the_index_drug_raises_nothing_against_itself() -> None:
    report = whole().taking("indexumab").report()
    assert report.complete
    assert report.recognised[0].term == drug("indexumab") or any(
        r.term == drug("indexumab") for r in report.recognised
    )


def test_same_request_and_release_same_bytes() -> None:
    case = a_case().taking("quibalol").taking("zzz").with_condition("rumble").flagged("tired")
    assert encode_report(case.report()) == encode_report(case.report())


def test_the_report_has_the_fields_of_the_contract() -> None:
    body: dict[str, Any] = json.loads(encode_report(a_case().taking("quibalol").report()))
    assert list(body) == [
        "severity",
        "complete",
        "summary",
        "findings",
        "exempted",
        "suppressed",
        "not_evaluable",
        "missing",
        "to_fetch",
        "plan",
        "unrecognised",
        "recognised",
        "burden",
        "release",
        "stale",
    ]
    fields = (
        "advisory topic severity title because explanation management monitoring clears_if "
        "clears_by refined_by evidence disagreement review"
    )
    assert set(fields.split()) <= set(body["findings"][0])
    evidence = "source section jurisdiction grade says severity"
    assert set(evidence.split()) <= set(body["findings"][0]["evidence"][0])


def test_every_advisory_is_accounted_for() -> None:
    case = a_case().taking("quibalol").with_condition("rumble").case()
    report = check(case, world())
    assert outcomes(report) <= set(world().advisories)
    both = {f.advisory for f in report.findings} & {n.advisory for n in report.not_evaluable}
    assert not both
