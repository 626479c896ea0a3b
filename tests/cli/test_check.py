"""What is typed is checked as any request is; the answer reads well and its status is exact."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path
from typing import Any

import pytest

from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.cli.check import add_check, requested, run_check
from kg.cli.resolve import add_resolve, run_resolve
from kg.cli.show_report import WIDTH, lines, show
from kg.contract.report import encode_report
from kg.errors import MalformedRequest
from tests.builders import a_case
from tests.checking.test_check import whole
from tests.world import world
from tests.world_terms import ATC, ICD10, drug


def options(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_check(parser)
    return parser.parse_args(arguments)


def checked(*arguments: str, stdin: bytes = b"") -> tuple[int, str]:
    out = io.StringIO()
    return run_check(options(*arguments), world(), io.BytesIO(stdin), out), out.getvalue()


def resolved(*arguments: str) -> tuple[int, list[str]]:
    parser = argparse.ArgumentParser()
    add_resolve(parser)
    out = io.StringIO()
    status = run_resolve(parser.parse_args(arguments), world(), out)
    return status, out.getvalue().splitlines()


def body(*arguments: str) -> Any:
    return requested(options(*arguments), world())


def test_names_and_codes_are_told_apart() -> None:
    given = body("--med", "Quibex 5 mg", "--med", "Q01AA02", "--med", "atc|Q01AA01")
    assert given.medications[0].text == "Quibex 5 mg"
    assert [(c.system, c.code) for c in given.medications[1].all_codings()] == [(ATC, "Q01AA02")]
    assert [(c.system, c.code) for c in given.medications[2].all_codings()] == [(ATC, "Q01AA01")]
    coded = body("--condition", "Q74.61").conditions[0]
    assert [(c.system, c.code) for c in coded.all_codings()] == [(ICD10, "Q74.61")]
    assert body("--med", "zzz").medications[0].text == "zzz"


@pytest.mark.parametrize(
    ("typed", "value", "unit", "lower", "upper"),
    [
        ("1-8=40 umol/L", 40, "umol/L", None, None),
        ("glow = 40 umol/L (<21)", 40, "umol/L", None, 21),
        ("spark=3.1 mmol/L (3.5-5.1)", 3.1, "mmol/L", 3.5, 5.1),
        ("spark=3.1mmol/L (>3.5)", 3.1, "mmol/L", 3.5, None),
        ("grain=<0.5 10*9/L", "<0.5", "10*9/L", None, None),
        ("glow=1.6 xULN", 1.6, "xULN", None, None),
        ("signal=negative", "negative", None, None, None),
    ],
)
def test_a_measurement_is_typed_as_a_laboratory_prints_it(
    typed: str, value: Any, unit: str | None, lower: float | None, upper: float | None
) -> None:
    (entry,) = body("--obs", typed).observations
    assert (entry.value, entry.unit) == (value, unit)
    assert (entry.lower_limit, entry.upper_limit) == (lower, upper)


@pytest.mark.parametrize("typed", ["glow", "glow=", "=", "unheard of=40 umol/L (about 21)"])
def test_what_is_no_measurement_is_refused(typed: str) -> None:
    with pytest.raises(MalformedRequest):
        body("--obs", typed)


def test_what_was_not_typed_is_not_assessed_and_none_is_none() -> None:
    assert body("--med", "quibalol").conditions is None
    given = body("--none", "conditions", "--none", "flags", "--age", "40")
    assert given.conditions == []
    assert given.patient.flags == []
    assert given.medications is None
    with pytest.raises(MalformedRequest):
        body("--none", "medications", "--med", "quibalol")


def test_the_context_is_typed_by_its_own_names() -> None:
    given = body("--phase", "before_dose", "--cycle", "2", "--day", "8", "--as-of", "2026-01-01")
    assert given.context.phase == "before_dose"
    assert (given.context.cycle, given.context.day) == (2, 8)
    assert given.context.as_of == "2026-01-01"


def test_the_status_says_found_clear_or_incomplete(tmp_path: Path) -> None:
    assert checked("--med", "quibalol")[0] == 1
    assert checked("--med", "tandrix", "--jurisdiction", "UK")[0] == 1
    assert checked("--med", "karmin")[0] == 3
    clear = whole().context(hsct_planned=None).patient(flags=["unlit"]).context(jurisdiction="US")
    file = tmp_path / "case.json"
    file.write_text(json.dumps(clear.body))
    status, text = checked(str(file))
    assert status == 0
    assert "Nothing found" in text


def test_nothing_found_is_said_of_a_complete_case_only() -> None:
    status, text = checked("--med", "karmin")
    assert status == 3
    assert "nothing found" not in text.casefold()


def test_json_is_exactly_what_the_service_answers() -> None:
    case = a_case().taking("quibalol")
    wanted = encode_report(check(assemble(body("--med", "quibalol"), world()), world()))
    assert checked("--med", "quibalol", "--json")[1].encode() == wanted
    assert encode_report(case.report()) == wanted


def test_a_request_is_read_from_a_file_or_from_standard_input() -> None:
    data = json.dumps({"medications": [{"text": "quibalol"}]}).encode()
    assert checked("-", "--json", stdin=data) == checked("--med", "quibalol", "--json")
    with pytest.raises(MalformedRequest):
        checked("-", "--med", "quibalol", stdin=data)
    with pytest.raises(MalformedRequest):
        checked("no/such/file.json")


def test_weaker_steps_are_folded_into_the_stronger() -> None:
    report = a_case().measuring("glow", 2, "xULN").measuring("zeal", 3, "xULN").report()
    text = [line.text for line in lines(report)]
    assert "  hold: advice: glow-and-vigour" in text
    assert "HOLD  advice: glow" not in text
    assert any(t.startswith("  also: advice: glow") for t in text)


def test_a_long_list_stays_readable() -> None:
    case = a_case()
    for name in ("quibalol", "ravotin", "pellin", "karmin", "lusitol", "tandrix", "mystol"):
        case = case.taking(name)
    report = case.taking("zzz").taking("Duplex").taking("quibalal").report()
    found = lines(report)
    assert len(found) <= 60
    assert all(len(line.text) <= WIDTH for line in found)
    text = "\n".join(line.text for line in found)
    for part in ("NOT RECOGNISED", "did you mean quibalol", "NOT FULLY JUDGED", "MISSING"):
        assert part in text
    assert "Set aside by role: pellin (premedication)" in text


def test_everything_missing_is_named_however_long_the_list() -> None:
    report = a_case().taking("zzz").none("observations", "conditions").flagged().report()
    text = " ".join(line.text.strip() for line in lines(report))
    for entry in report.missing:
        unread = entry.needs.partition(": ")[0] in {u.input for u in report.unrecognised}
        assert unread or entry.label in text


def test_a_report_in_full_shows_each_step_and_source() -> None:
    report = a_case().taking("quibalol").report()
    text = "\n".join(line.text for line in lines(report, full=True))
    assert "belongs to: drugs that hum" in text
    assert "The almanac, Section 1 (label)" in text


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_is_for_terminals() -> None:
    report = a_case().taking("quibalol").report()
    plain, coloured = io.StringIO(), _Terminal()
    show(report, plain)
    show(report, coloured)
    assert "\x1b[" not in plain.getvalue()
    assert "AVOID" in coloured.getvalue()


def test_resolve_prints_one_line_each() -> None:
    status, found = resolved("Quibex", "Q01AA01", "co-quibatan")
    assert status == 0
    assert found == [
        f"Quibex: quibalol <{drug('quibalol')}> (name)",
        f"Q01AA01: quibalol <{drug('quibalol')}> (code)",
        f"co-quibatan: co-quibatan <{drug('co-quibatan')}> (name)",
    ]


def test_resolve_gives_candidates_where_it_does_not() -> None:
    status, found = resolved("quibalal", "--kind", "medication")
    assert status == 1
    assert found == ["quibalal: not recognised, no term has this name; did you mean quibalol?"]
