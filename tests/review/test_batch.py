"""Many liabilities under one signature: what waits, a sample that is read, exceptions taken out."""

from __future__ import annotations

import re
from math import ceil
from pathlib import Path

import msgspec
import pytest

from api.review.accounts import Account
from api.review.batch import ALL, RIGHT, WRONG, BatchWish, chosen_set, grid, key_of, sign_set
from api.review.database import Database
from api.review.exchange import ExportedReviews, read_reviews, write_reviews
from api.review.signing import Signing
from kg.errors import ReviewRefused
from kg.review.liabilities import LiabilityRow, liability_rows
from kg.snapshot.model import Snapshot
from tests.review.test_exchange import PREFIXES
from tests.review.test_store import BEN, RITA, actions


@pytest.fixture
def signing(database: Database) -> Signing:
    """Open an empty store, of each kind."""
    return Signing(database)


def rows_of(signing: Signing, snapshot: Snapshot) -> list[LiabilityRow]:
    return liability_rows(signing.all(), snapshot)


def wish_for(rows: list[LiabilityRow], *cells: str, wrong: int = 0) -> BatchWish:
    """Read the whole sample, and find so many of it wrong."""
    chosen = chosen_set(rows, cells)
    marks = {key_of(r): WRONG if n < wrong else RIGHT for n, r in enumerate(chosen.sample)}
    return BatchWish(cells, chosen.named, marks, (), "Held against the gradings.")


def test_one_signature_covers_all_that_waits(
    signing: Signing, snapshot: Snapshot, tmp_path: Path
) -> None:
    rows = rows_of(signing, snapshot)
    assert len(rows) == sum(len(d.liabilities) for d in snapshot.drugs.values())
    chosen = chosen_set(rows, [ALL])
    assert len(chosen.sample) == ceil(len(rows) / 20)
    out = key_of(next(r for r in rows if r not in chosen.sample))
    wish = wish_for(rows, ALL, wrong=2)._replace(taken_out=(out,))
    assert sign_set(signing, BEN, wish, snapshot) == len(rows)
    after = rows_of(signing, snapshot)
    rejected = [r for r in after if r.standing.status == "disputed"]
    assert len(rejected) == 3
    assert {r.standing.status for r in after} == {"disputed", "approved"}
    assert grid(after) == []
    signed = signing.all()
    assert {s.batch for s in signed} == {chosen.named}
    assert sum(s.sampled for s in signed) == len(chosen.sample)

    given = ExportedReviews(tuple(signed), tuple(signing.all_parts()))
    write_reviews(given, tmp_path / "reviews", PREFIXES)
    elsewhere = Signing(Database(tmp_path / "elsewhere.sqlite"))
    found = read_reviews(tmp_path / "reviews")
    assert elsewhere.take_in("operator", found.signed, found.parts) == (len(rows), 0)
    assert [r.standing for r in rows_of(elsewhere, snapshot)] == [r.standing for r in after]


def test_a_set_is_chosen_by_harm_and_ground(signing: Signing, snapshot: Snapshot) -> None:
    rows = rows_of(signing, snapshot)
    cells = [(name, n) for _, listed in grid(rows) for name, n in listed if n]
    assert sum(n for _, n in cells) == len(rows)
    name, number = cells[0]
    assert sign_set(signing, BEN, wish_for(rows, name), snapshot) == number
    left = {n for _, listed in grid(rows_of(signing, snapshot)) for n, count in listed if count}
    assert name not in left
    assert len(left) == len(cells) - 1


@pytest.mark.parametrize(
    ("by", "change", "code"),
    [
        (RITA, {}, "role-too-low"),
        (BEN, {"reason": " "}, "no-reason"),
        (BEN, {"named": "sha256:0"}, "stale-form"),
        (BEN, {"marks": {}}, "sample-unread"),
        (BEN, {"cells": ("none:none",)}, "stale-form"),
    ],
)
def test_a_set_that_may_not_be_signed_is_refused_and_logged(
    signing: Signing, snapshot: Snapshot, by: Account, change: dict[str, object], code: str
) -> None:
    wish = wish_for(rows_of(signing, snapshot), ALL)
    with pytest.raises(ReviewRefused) as refused:
        sign_set(signing, by, wish._replace(**change), snapshot)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert actions(signing.database) == [(by.name, "refused", code)]


def test_a_sample_with_too_much_wrong_is_no_ground_to_sign(
    signing: Signing, snapshot: Snapshot
) -> None:
    wish = wish_for(rows_of(signing, snapshot), ALL, wrong=20)
    with pytest.raises(ReviewRefused) as refused:
        sign_set(signing, BEN, wish, snapshot)
    assert refused.value.code == "sample-wrong"


def test_a_statement_that_changed_brings_its_liability_back(
    signing: Signing, snapshot: Snapshot
) -> None:
    rows = rows_of(signing, snapshot)
    name = next(n for _, listed in grid(rows) for n, count in listed if count > 1)
    sign_set(signing, BEN, wish_for(rows, name), snapshot)
    signed = signing.all()[0]
    statement = next(p for p in signed.parts if p in snapshot.statements)
    old = snapshot.statements[statement]
    new = msgspec.structs.replace(old, says="Something else.")
    later = msgspec.structs.replace(snapshot, statements=snapshot.statements | {statement: new})
    changed = {
        r.subject for r in rows_of(signing, later) if r.standing.status == "changed_since_review"
    }
    assert changed == {s.subject for s in signing.all() if statement in s.parts}
    assert re.search(r"#", signed.subject)
