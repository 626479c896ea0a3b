"""Golden clinical cases: what a pharmacist expects, written before the engine was asked."""

from __future__ import annotations

import re

import pytest

from kg.snapshot.model import Snapshot
from tests.cases.golden import FILES, golden, key, wrongs

__all__ = ["FILES", "golden"]

_POINT = re.compile(r"(?:F|T|D)-\d\d\d?|C-\d\d[ab]?|(?:KC|CS|PC|EX)-\d\d")


@pytest.mark.parametrize("name", FILES)
def test_case(name: str, snapshot: Snapshot) -> None:
    case = golden(name)
    wrong = list(wrongs(case, snapshot))
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


def test_every_advisory_is_judged_in_every_jurisdiction(snapshot: Snapshot) -> None:
    told: dict[str, set[str]] = {}
    for name in FILES:
        for advisory, severities in golden(name).expect.in_each.items():
            told.setdefault(advisory, set()).update(severities)
    lacking = {key(a) for a in snapshot.advisories if told.get(key(a)) != {"EU", "UK", "US"}}
    assert not lacking, sorted(lacking)
