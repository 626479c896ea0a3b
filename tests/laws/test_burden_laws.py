"""Laws of the burden, tried on many invented cases: it grows, whatever the order, once each."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from kg.contract.report import Burden
from tests.builders import LISTS
from tests.laws.test_engine_laws import DRUGS, bodies, findings, report_of

# Names of one drug each: a class may mean two drugs when it is named twice.
SINGLE = tuple(name for name in DRUGS if name not in ("mystol", "zarolides"))
few = settings(max_examples=80, deadline=None)


def standing(burden: Burden) -> set[tuple[str, str]]:
    return {(c.term, c.step) for c in (*burden.drugs, *burden.risk_factors)}


def bounds(burden: Burden) -> tuple[int, int]:
    if burden.score is not None:
        return burden.score, burden.score
    return burden.score_range or (0, 0)


@few
@given(bodies, st.sampled_from(DRUGS))
def test_adding_a_drug_never_lowers_a_burden(body: dict[str, Any], text: str) -> None:
    if "medications" not in body:
        return
    before = report_of(body).burden
    after = report_of({**body, "medications": [*body["medications"], {"text": text}]}).burden
    for axis, found in before.items():
        # A drug may come to stand on a heavier step; it never goes away.
        assert {term for term, _ in standing(found)} <= {t for t, _ in standing(after[axis])}
        assert found.height <= after[axis].height
        assert bounds(found)[0] <= bounds(after[axis])[0]
        assert bounds(found)[1] <= bounds(after[axis])[1]


@few
@given(bodies, st.randoms(use_true_random=False))
def test_the_order_of_inputs_changes_no_burden(body: dict[str, Any], random: Any) -> None:
    shuffled = dict(body)
    for part in LISTS:
        if part in body:
            shuffled[part] = random.sample(body[part], len(body[part]))
    one, other = report_of(body).burden, report_of(shuffled).burden
    for axis, found in one.items():
        assert standing(found) == standing(other[axis])
        assert (found.height, bounds(found)) == (other[axis].height, bounds(other[axis]))


@few
@given(bodies, st.lists(st.sampled_from(SINGLE), max_size=3))
def test_saying_it_twice_adds_nothing(body: dict[str, Any], taken: list[str]) -> None:
    drugs = [{"text": text} for text in taken]
    one = report_of({**body, "medications": drugs}).burden
    other = report_of({**body, "medications": drugs * 2}).burden
    for axis, found in one.items():
        assert (found.height, bounds(found)) == (other[axis].height, bounds(other[axis]))
        assert standing(found) == standing(other[axis])


@few
@given(bodies)
def test_the_height_counts_what_adds_and_the_score_lies_in_its_bounds(body: dict[str, Any]) -> None:
    for found in report_of(body).burden.values():
        adding = [c for c in (*found.drugs, *found.risk_factors) if c.adds is UNSET]
        assert found.height == len(adding)
        low, high = bounds(found)
        assert 0 <= low <= high


@few
@given(bodies)
def test_a_burden_stands_in_no_finding(body: dict[str, Any]) -> None:
    report = report_of(body)
    severities = findings(report)
    assert report.severity is None or severities
