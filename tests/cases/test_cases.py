"""Golden clinical cases: what a pharmacist expects, written before the engine was asked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kg.assemble import assemble
from kg.check import check
from kg.model import SeverityName, Snapshot
from kg.render_beside import changes_said
from kg.report import Report
from kg.request import request_from

HERE = Path(__file__).parent
FILES = {p.relative_to(HERE).with_suffix("").as_posix(): p for p in sorted(HERE.rglob("*.toml"))}
_POINT = re.compile(r"(?:F|T|D)-\d\d\d?|(?:KC|CS|PC|EX)-\d\d")


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the report must say; what is left out here is not looked at."""

    severity: SeverityName | str | None = None
    findings: Mapping[str, SeverityName] = {}
    silent: list[str] = []
    open: list[str] = []
    missing: list[str] = []
    suppressed: Mapping[str, str] = {}
    unrecognised: list[str] = []
    complete: bool | None = None
    exact: bool = False
    clears: Mapping[str, list[str]] = {}
    stale: list[str] | None = None
    overdue: list[str] | None = None
    score: int | tuple[int, int] | None = None

    def named(self) -> set[str]:
        """Give every advisory that the case speaks of."""
        return {*self.findings, *self.silent, *self.open, *self.clears, *(self.overdue or ())}


class GoldenCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One request, the clinical points that it rests on, and what must come of it."""

    title: str
    points: list[str]
    request: dict[str, Any]
    expect: Expected


@cache
def golden(name: str) -> GoldenCase:
    return msgspec.convert(tomllib.loads(FILES[name].read_text(encoding="utf-8")), GoldenCase)


def key(iri: str) -> str:
    return iri.rsplit("/", 1)[1]


def mismatches(expect: Expected, report: Report) -> list[str]:
    """List every way in which the report is not what was expected."""
    found = {key(f.advisory): f.severity for f in report.findings}
    unsettled = {key(n.advisory) for n in report.not_evaluable}
    lines = {m.needs for m in report.missing}
    aside = {(s.label, s.because) for s in report.suppressed}
    wrong = []
    if expect.severity is not None and (report.severity or "none") != expect.severity:
        wrong.append(f"severity {report.severity or 'none'}, expected {expect.severity}")
    for name, severity in expect.findings.items():
        if found.get(name) != severity:
            now = found.get(name) or ("open" if name in unsettled else "silent")
            wrong.append(f"{name} is {now}, expected {severity}")
    for name in expect.silent:
        if name in found or name in unsettled:
            wrong.append(f"{name} is {found.get(name, 'open')}, expected silent")
    for name in expect.open:
        if name not in unsettled:
            wrong.append(f"{name} is {found.get(name, 'silent')}, expected open")
    wrong += [f"missing lacks {m!r}: {sorted(lines)}" for m in expect.missing if m not in lines]
    for pair in expect.suppressed.items():
        if pair not in aside:
            wrong.append(f"suppressed lacks {pair}: {sorted(aside)}")
    given = [u.given for u in report.unrecognised]
    for text in expect.unrecognised:  # `given` may add the code, or the value and its unit
        if not any(text in g for g in given):
            wrong.append(f"{text!r} is not unrecognised: {given}")
    if expect.complete is not None and report.complete != expect.complete:
        wrong.append(f"complete is {report.complete}, open: {sorted(unsettled)}")
    wrong += beside(expect, report)
    if expect.exact and set(found) != set(expect.findings):
        wrong.append(f"findings are {found}, expected exactly {dict(expect.findings)}")
    return wrong


def beside(expect: Expected, report: Report) -> list[str]:
    """List what stands otherwise than expected beside the findings: ways out, age, score."""
    wrong = []
    said = {key(f.advisory): changes_said(f) for f in report.findings}
    for name, ways in expect.clears.items():
        if said.get(name) != ways:
            wrong.append(f"{name} clears {said.get(name)}, expected {ways}")
    old = [s.label for s in report.stale]
    if expect.stale is not None and old != expect.stale:
        wrong.append(f"stale are {old}, expected {expect.stale}")
    late = sorted(key(f.advisory) for f in report.findings if f.overdue is True)
    if expect.overdue is not None and late != sorted(expect.overdue):
        wrong.append(f"on overdue sources alone rest {late}, expected {expect.overdue}")
    qt = report.burden["qt"]
    score = qt.score_range if qt.score is None else qt.score
    if expect.score is not None and score != expect.score:
        wrong.append(f"the score is {score}, expected {expect.score}")
    return wrong


@pytest.mark.parametrize("name", FILES)
def test_case(name: str, snapshot: Snapshot) -> None:
    case = golden(name)
    report = check(assemble(request_from(case.request), snapshot), snapshot)
    wrong = mismatches(case.expect, report)
    assert not wrong, "\n".join([f"{case.title} ({', '.join(case.points)})", *wrong])


def test_there_are_enough_cases() -> None:
    assert len(FILES) >= 160


def test_cases_name_points_and_advisories_that_exist(snapshot: Snapshot) -> None:
    known = {key(iri) for iri in snapshot.advisories}
    for name in FILES:
        case = golden(name)
        assert case.points, name
        assert all(_POINT.fullmatch(point) for point in case.points), (name, case.points)
        assert case.expect.named() <= known, (name, case.expect.named() - known)


def test_every_advisory_applies_somewhere_and_not_elsewhere_and_is_open_somewhere(
    snapshot: Snapshot,
) -> None:
    expected = [golden(name).expect for name in FILES]
    seen = {
        "applies": {a for e in expected for a in e.findings},
        "does not apply": {a for e in expected for a in e.silent},
        "cannot be told": {a for e in expected for a in e.open},
    }
    every = {key(iri) for iri in snapshot.advisories}
    lacking = {outcome: sorted(every - names) for outcome, names in seen.items() if every - names}
    assert not lacking, lacking
