"""What a person reads beside the findings, and how much of it there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.cli.show_report import lines
from kg.contract.report import Report, encode_report
from kg.contract.request import decode_request, request_from
from kg.snapshot.model import Snapshot
from tests.builders import CaseBuilder, a_case

BENCH = Path(__file__).parents[1] / "bench" / "patient.json"
# Ten medicines as a chart lists them; three of them prolong QT or burden the liver.
LIST = (
    "citalopram 20 mg tablets",
    "ondansetron 8 mg",
    "fluconazole 200 mg capsules",
    "amlodipine 5 mg",
    "metformin 500 mg",
    "ramipril 5 mg",
    "levothyroxine 50 micrograms",
    "folic acid 5 mg",
    "lactulose",
    "allopurinol 300 mg",
)


def read(report: Report, *, full: bool = False) -> list[str]:
    return [line.text for line in lines(report, full=full)]


def text(case: CaseBuilder, *, full: bool = False) -> str:
    return " ".join(" ".join(read(case.report(), full=full)).split())


def report_of(body: dict[str, Any], snapshot: Snapshot) -> Report:
    return check(assemble(request_from(body), snapshot), snapshot)


def test_a_list_alone_is_read_at_one_glance(snapshot: Snapshot) -> None:
    report = report_of({"medications": [{"text": t} for t in LIST]}, snapshot)
    assert not report.unrecognised
    raised = {b.label for f in report.findings for b in f.because if f.severity == "avoid"}
    assert raised == {"citalopram", "ondansetron", "fluconazole"}
    assert len(report.missing) <= 20
    shown = read(report)
    assert len(shown) <= 60
    assert max(map(len, shown)) <= 100


def test_the_report_of_a_whole_patient_is_no_book(snapshot: Snapshot) -> None:
    report = check(assemble(decode_request(BENCH.read_bytes()), snapshot), snapshot)
    assert len(report.recognised) >= 52
    # A quarter more than in release 0.1.0 before summaries, hazards and checklists: 97,818 bytes.
    assert len(encode_report(report)) <= 1.25 * 97_818


def test_the_first_way_out_is_said_and_that_there_are_others() -> None:
    assert "✓ clears without quibalol" in text(a_case().taking("quibalol"))
    assert "✓ clears without karmin (or 1 more)" in text(
        a_case().taking("karmin").taking("lusitol")
    )
    assert "✓" not in text(a_case().with_condition("rumble"))
    full = text(a_case().taking("quibalol"), full=True)
    assert "clears if: Checked: it no longer applies without quibalol." in full


def test_which_side_is_new_stands_beside_the_name() -> None:
    case = a_case().taking("quibalol", status="planned").taking("ravotin")
    assert "because of quibalol (planned), ravotin" in text(case)


def test_the_burden_is_said_with_its_score_and_that_it_decides_nothing() -> None:
    said = text(a_case().taking("quibalol").patient(age_years=70))
    assert "Burden hum 2: zarolide: quibalol; old: age" in said
    assert "the score of hum 4 to 8 (low 0 to 4, high 5 to 11)" in said
    assert "it orders and decides nothing" in said
    assert "Burden" not in text(a_case())


def test_what_is_too_old_or_of_unknown_age_is_said() -> None:
    case = a_case().measuring("glow", 10, "umol/L", upper_limit=21, taken_at="2026-11-01")
    case = case.context(phase="before_dose", as_of="2026-11-21")
    assert "AGE OF RESULTS glow was taken 20 days before" in text(case)
    undated = a_case().measuring("glow", 10, "umol/L", upper_limit=21).in_phase("before_dose")
    assert "Age not known: glow; give taken_at and context.as_of." in text(undated)
    assert "AGE OF RESULTS" not in text(a_case())


def test_a_ground_that_is_overdue_is_said() -> None:
    late = a_case().taking("quibalol").context(as_of="2026-07-01", jurisdiction="EU")
    ground = "rests only on sources overdue for review: The almanac (2026-06-30)"
    assert ground in text(late)
    assert "overdue for review since 2026-06-30" in text(late, full=True)
    early = a_case().taking("quibalol").context(as_of="2026-06-30", jurisdiction="EU")
    assert "overdue" not in text(early, full=True)


def test_in_full_the_advice_stands_after_the_steps() -> None:
    shown = read(a_case().taking("quibalol").report(), full=True)
    steps = [line for line in shown if line.startswith("  → ")]
    assert steps[-1] == "  → Mind zarolide."
