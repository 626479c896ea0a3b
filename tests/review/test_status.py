"""One machine gives every status, from the signatures alone."""

from __future__ import annotations

import msgspec
import pytest

from kg.review.content import SignedContent
from kg.review.reviews import NO_REVIEWS, reviews_of, standings
from kg.review.status import (
    ReviewStanding,
    ReviewVerdict,
    Signature,
    needed_for,
    signatures_needed,
    standing,
)
from kg.snapshot.model import Snapshot

NOW = SignedContent("c1", "w1", ())


def signed(
    by: str, verdict: ReviewVerdict = "approve", clinical: str = "c1", wording: str = "w1"
) -> Signature:
    return Signature(
        subject="s",
        verdict=verdict,
        by=by,
        at="2026-12-01",
        reason="read",
        clinical=clinical,
        wording=wording,
    )


@pytest.mark.parametrize(
    ("given", "needed", "status", "changed"),
    [
        ([], 1, "unreviewed", ""),
        ([signed("a")], 1, "approved", ""),
        ([signed("a")], 2, "in_review", ""),
        ([signed("a"), signed("a")], 2, "in_review", ""),
        ([signed("a"), signed("b")], 2, "approved", ""),
        ([signed("a"), signed("b", "reject")], 1, "disputed", ""),
        ([signed("a", "reject")], 1, "disputed", ""),
        ([signed("a", "reject"), signed("a")], 1, "approved", ""),
        ([signed("a", "approve_with_change")], 1, "disputed", ""),
        ([signed("a", clinical="c0")], 1, "changed_since_review", "clinical"),
        ([signed("a", clinical="c0"), signed("b")], 2, "in_review", ""),
        ([signed("a", "reject", clinical="c0"), signed("b")], 1, "approved", ""),
        ([signed("a", wording="w0")], 1, "changed_since_review", "wording"),
        ([signed("a", wording="w0"), signed("b")], 2, "approved", ""),
        ([signed("a"), signed("l", "withdraw")], 1, "withdrawn", ""),
        ([signed("a"), signed("l", "withdraw"), signed("b")], 1, "approved", ""),
        ([signed("a"), signed("l", "withdraw"), signed("b")], 2, "in_review", ""),
    ],
)
def test_a_status_follows_from_signatures(
    given: list[Signature], needed: int, status: str, changed: str
) -> None:
    found = standing(given, NOW, needed)
    assert (found.status, found.changed) == (status, changed)
    assert found.holds == (status == "approved" or changed == "wording")


def test_who_asked_for_another_text_is_its_author() -> None:
    suggested = signed("a", "approve_with_change", clinical="c0", wording="w0")
    assert standing([suggested], NOW, 1).authors == ("a",)
    assert standing([signed("a", "approve_with_change")], NOW, 1).authors == ()


def test_what_stops_a_treatment_is_signed_by_two(snapshot: Snapshot) -> None:
    assert [signatures_needed([s]) for s in ("contraindicated", "avoid", "hold", "caution")] == [
        *(2, 2, 1, 1)
    ]
    by_two = {i for i in snapshot.advisories if needed_for(i, snapshot) == 2}
    assert by_two
    assert by_two == {
        i
        for i, a in snapshot.advisories.items()
        if {"contraindicated", "avoid"} & set(a.severities.values())
    }


def test_every_subject_of_a_release_has_a_standing(snapshot: Snapshot) -> None:
    found = standings([], snapshot)
    assert found.keys() == snapshot.advisories.keys() | snapshot.disagreements.keys()
    assert {s.status for s in found.values()} == {"unreviewed"}
    assert reviews_of(found) == NO_REVIEWS


def test_the_hash_of_reviews_is_that_of_what_answers_say() -> None:
    approved = ReviewStanding(status="approved")
    one, two = reviews_of({"a": approved}), reviews_of({"b": approved})
    assert len({one.hash, two.hash, NO_REVIEWS.hash}) == 3
    assert reviews_of({"a": approved, "b": ReviewStanding(status="unreviewed")}) == one
    assert msgspec.to_builtins(one.of("a")) == {"status": "approved"}
    assert one.of("b").status == "unreviewed"
    assert reviews_of({"a": approved}, only_approved=True).hash != one.hash
