"""A report on a whole patient says what a specialist would, and is no longer than it has to be.

Each patient was written from the clinical pages before the program was asked: the paragraph
first, then the findings that follow from it. All findings are compared, notes included.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from kg import terms
from kg.build.load import Knowledge, load
from kg.contract.report import Finding, Report
from kg.snapshot.model import Snapshot
from kg.terms import ik
from tests.cases.golden import answer, key
from tests.workshop import ONTOLOGY

HERE = Path(__file__).parent
FILES = {p.stem: p for p in sorted(HERE.glob("*.toml"))}
_MOST_BLOCKS = 3.5
_NOTHING_TO_DO = re.compile(r"no change|nothing (is )?to (be )?d(o|one)|no action", re.IGNORECASE)
_JURISDICTIONS = {"any", "EU", "UK", "US"}
_PHASES = {
    "before_first_dose",
    "before_dose",
    "during_treatment",
    "before_hsct",
    "after_hsct",
    "after_treatment",
}


@cache
def patient(name: str) -> dict[str, Any]:
    return tomllib.loads(FILES[name].read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load(ONTOLOGY)


def shown(report: Report, knowledge: Knowledge) -> list[Finding]:
    """Give the findings that ask for something."""
    return [f for f in report.findings if asked(f, knowledge) != "know"]


def asked(finding: Finding, knowledge: Knowledge) -> str:
    if finding.severity == "inform" and (
        note := knowledge.iri(finding.advisory, ik("asksIfInform"))
    ):
        return terms.local(note)
    return terms.local(knowledge.iri(finding.advisory, ik("asks")))


def blocks(report: Report, knowledge: Knowledge) -> set[str]:
    """Give the hazards of which a person sees a block."""
    topics = {t: knowledge.text(t, terms.NOTATION) for t in knowledge.of_type(ik("Topic"))}
    hazard = {key: knowledge.iri(topic, ik("hazard")) for topic, key in topics.items()}
    return {hazard[f.topic] for f in shown(report, knowledge)}


@pytest.mark.parametrize("name", FILES)
def test_the_findings_are_those_of_the_specialist(name: str, snapshot: Snapshot) -> None:
    report = answer(patient(name)["request"], snapshot)
    found = {key(f.advisory): str(f.severity) for f in report.findings}
    assert found == patient(name)["findings"]


@pytest.mark.parametrize("name", FILES)
def test_the_patients_are_whole_and_read(name: str, snapshot: Snapshot) -> None:
    request = patient(name)["request"]
    assert len(request["medications"]) >= 10
    assert len(request["conditions"]) >= 5
    assert len(request["observations"]) >= 10
    assert len(patient(name)["specialist"].split()) >= 10
    assert [u.given for u in answer(request, snapshot).unrecognised] == []


def test_there_are_enough_patients_of_every_kind() -> None:
    contexts = [patient(name)["request"]["context"] for name in FILES]
    assert len(FILES) >= 40
    assert {c["jurisdiction"] for c in contexts} == _JURISDICTIONS
    assert {c["phase"] for c in contexts} == _PHASES


def test_a_person_sees_few_blocks(snapshot: Snapshot, knowledge: Knowledge) -> None:
    seen = {name: blocks(answer(patient(name)["request"], snapshot), knowledge) for name in FILES}
    assert mean(map(len, seen.values())) <= _MOST_BLOCKS, seen


def test_nothing_that_is_shown_says_that_nothing_is_to_be_done(
    snapshot: Snapshot, knowledge: Knowledge
) -> None:
    for name in FILES:
        for finding in shown(answer(patient(name)["request"], snapshot), knowledge):
            first = finding.management.split(". ")[0]
            assert not _NOTHING_TO_DO.search(first), (name, finding.advisory, first)
