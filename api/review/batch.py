"""Many liabilities under one signature: a set by harm and ground, of which a sample is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import ceil
from typing import NamedTuple

from api.review.accounts import Account, refuse
from api.review.audit import append, moment
from api.review.signing import MOST_REASON, SIGNED, SignedLine, Signing, keep_parts, part_hash
from kg import terms
from kg.errors import ReviewRefused
from kg.review.liabilities import LiabilityRow, liability_rows
from kg.review.queue import GROUNDS
from kg.review.status import ReviewVerdict
from kg.snapshot.file import content_hash, encode
from kg.snapshot.model import Snapshot

# One in twenty is read, chosen by the set itself and not by who signs.
_SHARE = 20
ALL = "all"
RIGHT, WRONG = "right", "wrong"


class BatchWish(NamedTuple):
    """What somebody wants to sign at once, and what they found in the sample."""

    cells: tuple[str, ...]
    # The hash of the set as the page showed it.
    named: str
    marks: dict[str, str]
    taken_out: tuple[str, ...]
    reason: str


class ChosenSet(NamedTuple):
    """A set of liabilities that wait, its name, and the sample of it."""

    rows: tuple[LiabilityRow, ...]
    named: str
    sample: tuple[LiabilityRow, ...]


def grid(rows: Iterable[LiabilityRow]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Count what waits by kind of harm and by ground: for each cell its name and its number."""
    counted: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        if not _done(row):
            counted[row.label, terms.local(row.liability)][row.ground] += 1
    return [
        (label, [(f"{key}:{ground}", by_ground.get(ground, 0)) for ground in (*GROUNDS, "")])
        for (label, key), by_ground in sorted(counted.items())
    ]


def _done(row: LiabilityRow) -> bool:
    return row.standing.holds or row.standing.status == "disputed"


def chosen_set(rows: Iterable[LiabilityRow], cells: Sequence[str]) -> ChosenSet:
    """Give what waits in some cells of the grid, and one in twenty of it to read."""
    wanted = set(cells)
    chosen = tuple(
        r
        for r in rows
        if not _done(r) and (ALL in wanted or f"{terms.local(r.liability)}:{r.ground}" in wanted)
    )
    named = content_hash(encode([(r.subject, r.content.clinical) for r in chosen]))
    drawn = sorted(chosen, key=lambda r: content_hash(encode([named, r.subject])))
    sample = drawn[: ceil(len(chosen) / _SHARE)]
    return ChosenSet(chosen, named, tuple(sorted(sample, key=lambda r: (r.label, r.drug))))


def sign_set(signing: Signing, by: Account, wish: BatchWish, snapshot: Snapshot) -> int:
    """Sign a set, or refuse and say why; either way the log has a line of it."""
    try:
        with signing.database.writing() as connection:
            chosen = chosen_set(liability_rows(signing.within(connection), snapshot), wish.cells)
            _check(by, wish, chosen)
            keep_parts(connection, (p for r in chosen.rows for p in r.content.parts))
            for line in _lines(by, wish, chosen, snapshot):
                body = encode(line).decode()
                append(connection, by.name, SIGNED, line.subject, body, line.at)
            return len(chosen.rows)
    except ReviewRefused as error:
        signing.refused(by.name, "liabilities", error.code)
        raise


def _check(by: Account, wish: BatchWish, chosen: ChosenSet) -> None:
    if not by.may("reviewer"):
        raise refuse("role-too-low", "this takes the role of a reviewer", "ask a lead for it")
    if not wish.reason.strip() or len(wish.reason) > MOST_REASON:
        raise refuse("no-reason", "a signature has a reason", "say what you read")
    if chosen.named != wish.named or not chosen.rows:
        raise refuse(
            "stale-form",
            "the set is not what you saw: something in it changed or was signed meanwhile",
            "read the sample of the set as it is now",
        )
    unread = [r for r in chosen.sample if wish.marks.get(key_of(r)) not in (RIGHT, WRONG)]
    if unread:
        raise refuse(
            "sample-unread",
            f"{len(unread)} of the sample of {len(chosen.sample)} are not marked",
            "mark each of the sample as right or wrong",
        )
    wrong = [r for r in chosen.sample if wish.marks[key_of(r)] == WRONG]
    if len(wrong) * _SHARE > len(chosen.sample) and len(chosen.sample) > 1:
        raise refuse(
            "sample-wrong",
            f"{len(wrong)} of the sample of {len(chosen.sample)} are wrong, which is too many",
            "sign smaller sets, in which what is wrong stands apart",
        )


def key_of(row: LiabilityRow) -> str:
    """Give the short name of a liability in a form."""
    return row.subject.removeprefix(terms.BASE)


def _lines(
    by: Account, wish: BatchWish, chosen: ChosenSet, snapshot: Snapshot
) -> Iterable[SignedLine]:
    at, sample = moment(), {r.subject for r in chosen.sample}
    wrong = {key for key, mark in wish.marks.items() if mark == WRONG} | set(wish.taken_out)
    for row in chosen.rows:
        verdict: ReviewVerdict = "reject" if key_of(row) in wrong else "approve"
        yield SignedLine(
            subject=row.subject,
            verdict=verdict,
            by=by.name,
            at=at,
            reason=wish.reason.strip(),
            clinical=row.content.clinical,
            wording=row.content.wording,
            release=snapshot.knowledge_hash,
            parts={p.name: part_hash(p) for p in row.content.parts},
            batch=chosen.named,
            sampled=row.subject in sample,
        )
