"""The queue, and liabilities by the set."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.http.dependencies import CurrentSnapshot
from api.http.errors import status_of
from api.review.accounts import Account
from api.review.batch import BatchWish, chosen_set, grid, sign_set
from api.review.door import (
    OwnForm,
    signed_in,
    who,
)
from api.review.shown import bench_page, see_other
from api.review.state import bench_of
from api.review.words import status_in_words
from kg import terms
from kg.errors import ReviewRefused
from kg.review.agreement import agreement
from kg.review.liabilities import liability_rows
from kg.review.queue import GROUNDS, QueueRow, queue
from kg.snapshot.model import Snapshot

router = APIRouter(prefix="/review", include_in_schema=False)

_SHOWN = {
    "open": "to review",
    "mine": "mine",
    "second": "second signature",
    "changed": "changed",
    "disputed": "disputed",
    "signed": "signed",
}


# --- the queue ----------------------------------------------------------------------------------


@router.get("")
def show_queue(
    request: Request,
    snapshot: CurrentSnapshot,
    show: Annotated[str, Query(max_length=20)] = "open",
    signed: Annotated[str, Query(max_length=400)] = "",
) -> Response:
    """Show what waits, the weightiest first."""
    if who(request) is None:
        return see_other("/review/sign-in")
    account = signed_in(request).account
    rows = queue(bench_of(request).signing.standings(snapshot), snapshot)
    assigned = bench_of(request).drafts.assigned()
    kept = {name: [r for r in rows if _belongs(r, name, account, assigned)] for name in _SHOWN}
    show = show if show in _SHOWN else "open"
    done = {
        kind: (sum(r.standing.holds for r in rows if r.kind == kind), len(_of(kind, rows)))
        for kind in ("advisory", "disagreement")
    }
    return bench_page(
        request,
        "queue",
        snapshot,
        rows=[_told(r) for r in kept[show]],
        tabs=[(name, words, len(kept[name])) for name, words in _SHOWN.items()],
        show=show,
        done=done,
        hidden=_hidden(request, account, rows, snapshot),
        assigned=assigned,
        agreement=agreement(bench_of(request).blind.all(snapshot), snapshot),
        signed=next((_told(r) for r in rows if r.subject == terms.BASE + signed), None),
    )


def _hidden(
    request: Request, account: Account, rows: list[QueueRow], snapshot: Snapshot
) -> set[str]:
    """Name the subjects of which this reviewer is to state a severity before seeing ours."""
    bench = bench_of(request)
    if not bench.settings.blind or not account.may("reviewer"):
        return set()
    stated = {s.subject for s in bench.blind.all(snapshot) if s.by == account.name}
    return {r.subject for r in rows} - stated


def _of(kind: str, rows: list[QueueRow]) -> list[QueueRow]:
    return [r for r in rows if r.kind == kind]


def _belongs(row: QueueRow, show: str, account: Account, assigned: dict[str, str]) -> bool:
    stands = row.standing
    return {
        "open": not stands.holds and account.name not in stands.approved_by,
        "mine": assigned.get(row.subject) == account.name and not stands.holds,
        "second": stands.status == "in_review" and account.name not in stands.approved_by,
        "changed": stands.status == "changed_since_review",
        "disputed": stands.status == "disputed",
        "signed": stands.holds,
    }[show]


def _told(row: QueueRow) -> dict[str, Any]:
    return {
        "row": row,
        "link": f"/review/{row.subject.removeprefix(terms.BASE)}",
        "state": status_in_words(row.standing),
        "evidence": ", ".join(row.evidence),
    }


# --- many at once -------------------------------------------------------------------------------


@router.get("/liabilities")
def show_grid(request: Request, snapshot: CurrentSnapshot) -> Response:
    """Show the liabilities of drugs by kind of harm and by ground, to choose a set from."""
    signed_in(request)
    rows = liability_rows(bench_of(request).signing.all(), snapshot)
    return bench_page(
        request,
        "liabilities",
        snapshot,
        grid=grid(rows),
        grounds=GROUNDS,
        done=sum(r.standing.holds for r in rows),
        total=len(rows),
        rejected=[r for r in rows if r.standing.status == "disputed"],
    )


@router.get("/liabilities/batch")
def show_batch(
    request: Request,
    snapshot: CurrentSnapshot,
    cell: Annotated[list[str] | None, Query(max_length=400)] = None,
) -> Response:
    """Show a set with the sample that is read before it is signed."""
    signed_in(request, "reviewer")
    return _batch(request, snapshot, cell or [])


def _batch(
    request: Request, snapshot: Snapshot, cells: list[str], status: int = 200, **values: Any
) -> Response:
    rows = liability_rows(bench_of(request).signing.all(), snapshot)
    chosen = chosen_set(rows, cells)
    shown = {"error": None, "reason": "", **values}
    return bench_page(
        request, "batch", snapshot, status=status, chosen=chosen, cells=cells, **shown
    )


@router.post("/liabilities/batch")
def sign_batch(request: Request, form: OwnForm, snapshot: CurrentSnapshot) -> Response:
    """Sign a set: what was taken out or found wrong is rejected, the rest approved."""
    account = signed_in(request).account
    cells = form.all("cell")
    wish = BatchWish(
        cells=tuple(cells),
        named=form.one("named"),
        marks=form.below("sample-"),
        taken_out=tuple(form.all("out")),
        reason=form.one("reason"),
    )
    bench = bench_of(request)
    try:
        sign_set(bench.signing, account, wish, snapshot)
    except ReviewRefused as error:
        written = {"error": error, "reason": wish.reason[:4000]}
        return _batch(request, snapshot, cells, status=status_of(error), **written)
    bench.changed()
    return see_other("/review/liabilities")
