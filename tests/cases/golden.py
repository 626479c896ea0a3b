"""The golden cases: what a pharmacist expects of one patient, and how a report falls short of it.

A case is a request, the clinical points that it rests on, and what must come of it. It is
written from the clinical facts, never from what the program answered.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.report import Report
from kg.contract.request import request_from
from kg.contract.severity import SeverityName, rank
from kg.snapshot.model import Snapshot

HERE = Path(__file__).parent
FILES = {p.relative_to(HERE).with_suffix("").as_posix(): p for p in sorted(HERE.rglob("*.toml"))}

NONE = "none"
Raised = SeverityName | Literal["none"]
Labelled = Literal["EU", "UK", "US"]


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the report must say; what is left out here is not looked at.

    Beside the plain ones: `because` names all inputs that made an advisory apply, `folded` the
    stronger step that a weaker one names, `at_most` the strongest severity that may be raised,
    `missing_at_most` how many lines a person is asked to read. `score` gives the QT score, or the
    lowest and the highest that is possible, `on_ladder` all that adds up on a ladder, `shown` what
    stands there and takes nothing off, `open_steps` the steps there that cannot be told, and
    `in_each` the same patient in every jurisdiction.
    """

    severity: Raised | None = None
    findings: Mapping[str, SeverityName] = {}
    silent: list[str] = []
    open: list[str] = []
    missing: list[str] = []
    suppressed: Mapping[str, str] = {}
    unrecognised: list[str] = []
    complete: bool | None = None
    exact: bool = False
    because: Mapping[str, list[str]] = {}
    folded: Mapping[str, str] = {}
    at_most: SeverityName | None = None
    missing_at_most: int | None = None
    clears: Mapping[str, list[str]] = {}
    stale: list[str] | None = None
    overdue: list[str] | None = None
    score: int | tuple[int, int] | None = None
    on_ladder: Mapping[str, list[str]] = {}
    shown: Mapping[str, list[str]] = {}
    open_steps: Mapping[str, list[str]] = {}
    in_each: Mapping[str, Mapping[Labelled, Raised]] = {}

    def named(self) -> set[str]:
        """Give every advisory that the case speaks of."""
        folds = {*self.folded, *self.folded.values()}
        told = {*self.findings, *self.silent, *self.open, *(self.overdue or ())}
        return told | folds | {*self.because, *self.in_each, *self.clears}

    def jurisdictions(self) -> list[Labelled]:
        """Give the jurisdictions in which the patient is to be judged as well."""
        return sorted({j for severities in self.in_each.values() for j in severities})


class GoldenCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One request, the clinical points that it rests on, and what must come of it."""

    title: str
    points: list[str]
    request: dict[str, Any]
    expect: Expected


@cache
def golden(name: str) -> GoldenCase:
    """Read one case, named by its folder and file."""
    return msgspec.convert(tomllib.loads(FILES[name].read_text(encoding="utf-8")), GoldenCase)


def key(iri: str) -> str:
    """Give the last part of a name."""
    return iri.rsplit("/", 1)[1]


def answer(request: Mapping[str, Any], snapshot: Snapshot) -> Report:
    """Check a request as every caller does."""
    return check(assemble(request_from(request), snapshot), snapshot)


def wrongs(case: GoldenCase, snapshot: Snapshot) -> Iterator[str]:
    """List every way in which the answers to a case are not what was expected."""
    yield from mismatches(case.expect, answer(case.request, snapshot))
    for jurisdiction in case.expect.jurisdictions():
        context = {**case.request.get("context", {}), "jurisdiction": jurisdiction}
        report = answer({**case.request, "context": context}, snapshot)
        found = {key(f.advisory): f.severity for f in report.findings}
        for name, severities in case.expect.in_each.items():
            now, wanted = found.get(name, NONE), severities.get(jurisdiction)
            if wanted and now != wanted:
                yield f"{name} in {jurisdiction} is {now}, expected {wanted}"


def mismatches(expect: Expected, report: Report) -> Iterator[str]:
    """List every way in which one report is not what was expected."""
    yield from _of_advisories(expect, report)
    yield from _of_inputs(expect, report)
    yield from _of_burden(expect, report)
    yield from _beside(expect, report)
    severity = report.severity or NONE
    if expect.severity is not None and severity != expect.severity:
        yield f"severity {severity}, expected {expect.severity}"
    if expect.at_most and report.severity and rank(report.severity) < rank(expect.at_most):
        yield f"severity {severity}, expected at most {expect.at_most}"
    if expect.complete is not None and report.complete != expect.complete:
        yield f"complete is {report.complete}, open: {sorted(map(key, _open(report)))}"


def _open(report: Report) -> set[str]:
    return {n.advisory for n in report.not_evaluable}


def _of_advisories(expect: Expected, report: Report) -> Iterator[str]:
    found = {key(f.advisory): f for f in report.findings}
    unsettled = set(map(key, _open(report)))

    def now(name: str) -> str:
        return found[name].severity if name in found else "open" if name in unsettled else "silent"

    for name, severity in expect.findings.items():
        if now(name) != severity:
            yield f"{name} is {now(name)}, expected {severity}"
    for wanted, names in (("silent", expect.silent), ("open", expect.open)):
        yield from (f"{n} is {now(n)}, expected {wanted}" for n in names if now(n) != wanted)
    if expect.exact and set(found) != set(expect.findings):
        yield f"findings are {sorted(found)}, expected exactly {sorted(expect.findings)}"
    for name, labels in expect.because.items():
        made = {b.label for b in found[name].because} if name in found else set[str]()
        if made != set(labels):
            yield (
                f"{name} rests beside on {sorted(made - set(labels))}, "
                f"and lacks {sorted(set(labels) - made)}"
            )
    for weaker, stronger in expect.folded.items():
        folded = found[weaker].refined_by if weaker in found else None
        if folded is None or key(folded) != stronger:
            yield f"{weaker} is folded under {folded}, expected {stronger}"


def _of_inputs(expect: Expected, report: Report) -> Iterator[str]:
    lines = {m.needs for m in report.missing}
    yield from (f"missing lacks {m!r}: {sorted(lines)}" for m in expect.missing if m not in lines)
    if expect.missing_at_most is not None and len(lines) > expect.missing_at_most:
        yield f"{len(lines)} lines are missing, expected at most {expect.missing_at_most}"
    aside = {(s.label, s.because) for s in report.suppressed}
    for pair in expect.suppressed.items():
        if pair not in aside:
            yield f"suppressed lacks {pair}: {sorted(aside)}"
    given = [u.given for u in report.unrecognised]
    for text in expect.unrecognised:  # `given` may add the code, or the value and its unit
        if not any(text in g for g in given):
            yield f"{text!r} is not unrecognised: {given}"


def _of_burden(expect: Expected, report: Report) -> Iterator[str]:
    for ladder, labels in expect.on_ladder.items():
        axis = report.burden[ladder]
        standing = {c.label for c in (*axis.drugs, *axis.risk_factors) if c.adds is not False}
        if standing != set(labels):
            yield f"on the ladder {ladder} stand {sorted(standing)}, expected {sorted(labels)}"
    for ladder, labels in expect.shown.items():
        axis = report.burden[ladder]
        only = {c.label for c in (*axis.drugs, *axis.risk_factors) if c.adds is False}
        if only != set(labels):
            yield f"shown on the ladder {ladder} are {sorted(only)}, expected {sorted(labels)}"
    for ladder, labels in expect.open_steps.items():
        unsettled = report.burden[ladder].open
        if set(unsettled) != set(labels):
            yield f"open on the ladder {ladder} are {list(unsettled)}, expected {labels}"
    qt = report.burden["qt"]
    score = qt.score_range if qt.score is None else qt.score
    if expect.score is not None and score != expect.score:
        yield f"the score is {score}, expected {expect.score}"


def _beside(expect: Expected, report: Report) -> Iterator[str]:
    """List what stands otherwise than expected beside the findings: ways out, age of results."""
    if expect.clears:
        said = {key(f.advisory): list(f.clearing.changes) for f in report.findings}
        for name, ways in expect.clears.items():
            if said.get(name) != ways:
                yield f"{name} clears {said.get(name)}, expected {ways}"
    old = [s.label for s in report.stale]
    if expect.stale is not None and old != expect.stale:
        yield f"stale are {old}, expected {expect.stale}"
    late = sorted(key(f.advisory) for f in report.findings if f.overdue is True)
    if expect.overdue is not None and late != sorted(expect.overdue):
        yield f"on overdue sources alone rest {late}, expected {expect.overdue}"
