"""Sensitivity, specificity and burden of alerts over the golden cases.

Only what a case expects in so many words is counted: a finding that it names is to be raised
with the severity that it names, in each jurisdiction for which it names one; an advisory that it
names as silent is neither to be raised nor to be left open. A case whose findings are exactly
those it names says of every other advisory that it is not raised. The burden of alerts is that
of every patient in every jurisdiction, whatever was expected.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kg.contract.report import Report
from kg.contract.severity import ORDER
from kg.snapshot.model import Snapshot
from tests.cases.golden import NONE, GoldenCase, answer, key

JURISDICTIONS = ("any", "EU", "UK", "US")
OPEN = "open"
ALL = "all"


class Row(NamedTuple):
    """One expectation of one patient in one jurisdiction, and what was told."""

    case: str
    jurisdiction: str
    advisory: str
    expected: str
    told: str

    @property
    def right(self) -> bool:
        """Say whether it was told as expected."""
        return self.told == self.expected


class Patient(NamedTuple):
    """One golden case, judged in every jurisdiction."""

    name: str
    case: GoldenCase
    reports: Mapping[str, Report]


def patients(cases: Mapping[str, GoldenCase], snapshot: Snapshot) -> list[Patient]:
    """Judge every case in every jurisdiction."""
    found = []
    for name, case in cases.items():
        reports = {}
        for jurisdiction in JURISDICTIONS:
            context = {**case.request.get("context", {}), "jurisdiction": jurisdiction}
            reports[jurisdiction] = answer({**case.request, "context": context}, snapshot)
        found.append(Patient(name, case, reports))
    return found


def rows(patient: Patient, snapshot: Snapshot) -> Iterator[Row]:
    """Hold what was told of one patient against every expectation."""
    expect = patient.case.expect
    own = patient.case.request.get("context", {}).get("jurisdiction", "any")
    wanted: dict[tuple[str, str], str] = {}
    for advisory, severities in expect.in_each.items():
        wanted |= {(j, advisory): severity for j, severity in severities.items()}
    if expect.exact:
        wanted |= {(own, advisory): NONE for advisory in map(key, snapshot.advisories)}
    wanted |= {(own, a): severity for a, severity in expect.findings.items()}
    silent = {(own, a): NONE for a in expect.silent}
    told = {j: _told(report) for j, report in patient.reports.items()}
    for (jurisdiction, advisory), expected in (wanted | silent).items():
        now = told[jurisdiction].get(advisory, NONE)
        # Where a case only says that something is not raised, it may be open.
        if now != OPEN or expected != NONE or (jurisdiction, advisory) in silent:
            yield Row(patient.name, jurisdiction, advisory, expected, now)


def _told(report: Report) -> dict[str, str]:
    unsettled = {key(n.advisory): OPEN for n in report.not_evaluable}
    return unsettled | {key(f.advisory): f.severity for f in report.findings}


def figures(cases: Mapping[str, GoldenCase], snapshot: Snapshot) -> dict[str, Any]:
    """Give all that is published, in the order in which it is read."""
    judged = patients(cases, snapshot)
    every = [row for patient in judged for row in rows(patient, snapshot)]
    return {
        "release": {"version": snapshot.version, "hash": snapshot.knowledge_hash},
        "patients": len(judged),
        "sensitivity": _sensitivity(every),
        "specificity": _share(r for r in every if r.expected == NONE),
        "by_jurisdiction": {
            j: {
                "sensitivity": _sensitivity([r for r in every if r.jurisdiction == j]),
                "specificity": _share(
                    r for r in every if r.jurisdiction == j and r.expected == NONE
                ),
                "alerts_per_patient": _burden([p.reports[j] for p in judged]),
            }
            for j in JURISDICTIONS
        },
        "wrong": [row._asdict() for row in every if not row.right],
    }


def _sensitivity(told: Sequence[Row]) -> dict[str, Any]:
    """Give, for each severity and for all, how many expected findings were raised as expected."""
    expected = [r for r in told if r.expected != NONE]
    found = {ALL: _share(expected)}
    return found | {s: _share(r for r in expected if r.expected == s) for s in ORDER}


def _share(told: Iterable[Row]) -> dict[str, Any]:
    """Give how many of so many expectations were met; of none there is no share."""
    met = Counter(row.right for row in told)
    share = round(met[True] / met.total(), 4) if met else None
    return {"expected": met.total(), "met": met[True], "share": share}


def _burden(reports: Sequence[Report]) -> dict[str, Any]:
    """Give how many alerts a patient gets.

    By severity they are findings. `shown` leaves out the weaker steps, which every interface folds
    under the stronger; half of the patients are shown no more than `median_shown`.
    """
    shown = [sum(f.refined_by is None for f in r.findings) for r in reports]
    return {
        ALL: _mean([len(r.findings) for r in reports]),
        **{s: _mean([_raised(r, s) for r in reports]) for s in ORDER},
        "shown": _mean(shown),
        "median_shown": statistics.median(shown),
        "most_shown": max(shown),
        "patients_without": sum(not r.findings for r in reports),
    }


def _raised(report: Report, severity: str) -> int:
    return sum(f.severity == severity for f in report.findings)


def _mean(numbers: Sequence[int]) -> float:
    return round(statistics.fmean(numbers), 3)
