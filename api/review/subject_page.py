"""One subject: what is not signed yet, all that a signature binds, and the signature."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.exceptions import HTTPException

from api.http.dependencies import CurrentSnapshot
from api.http.errors import status_of
from api.review.accounts import Account, refuse
from api.review.door import (
    OwnForm,
    signed_in,
    who,
)
from api.review.sheet import sheet
from api.review.shown import bench_page, see_other
from api.review.signing import Wish
from api.review.state import bench_of
from api.review.words import MATCHES, VERDICTS, status_in_words
from kg import terms
from kg.contract.severity import ORDER
from kg.errors import ReviewRefused
from kg.review.content import contents
from kg.review.queue import queue
from kg.snapshot.model import Snapshot

router = APIRouter(prefix="/review", include_in_schema=False)


# --- what is not signed yet ---------------------------------------------------------------------


@router.post("/drafts")
def keep_draft(request: Request, form: OwnForm, snapshot: CurrentSnapshot) -> Response:
    """Keep what was written so far; a page with scripts sends it by itself."""
    account = signed_in(request, "reviewer").account
    subject = _known(form.one("subject"), snapshot)
    fields = form.starting("verdict", "reason", "severity-", "match-")
    bench_of(request).drafts.keep(account, subject, fields)
    return see_other(f"/review/{form.one('subject')}?kept=1")


@router.post("/comments")
def add_comment(request: Request, form: OwnForm, snapshot: CurrentSnapshot) -> Response:
    """Add a comment to a subject, mark one as dealt with, or ask somebody to read it."""
    account = signed_in(request).account
    subject, kept = _known(form.one("subject"), snapshot), bench_of(request).drafts
    if form.one("do") == "assign":
        lead = signed_in(request, "lead").account
        kept.assign(lead, subject, form.one("to"))
    elif form.one("done"):
        kept.done(account, subject, form.one("done"))
    else:
        kept.comment(account, subject, form.one("text"))
    return see_other(f"/review/{form.one('subject')}#comments")


@router.post("/severities")
def state_severity(request: Request, form: OwnForm, snapshot: CurrentSnapshot) -> Response:
    """State a severity before ours is shown."""
    account = signed_in(request, "reviewer").account
    subject = _known(form.one("subject"), snapshot)
    bench_of(request).blind.state(account, subject, form.below("severity-"), snapshot)
    return see_other(f"/review/{form.one('subject')}")


def _known(short: str, snapshot: Snapshot) -> str:
    subject = terms.BASE + short
    if subject not in contents(snapshot):
        raise refuse("no-subject", "the release has nothing of this name", "see the queue")
    return subject


# --- one subject --------------------------------------------------------------------------------


@router.get("/{kind}/{key:path}")
def show_subject(
    kind: str,
    key: str,
    request: Request,
    snapshot: CurrentSnapshot,
    kept: Annotated[str, Query(max_length=5)] = "",
) -> Response:
    """Show one subject with all that a signature on it binds."""
    if who(request) is None:
        return see_other("/review/sign-in")
    signed_in(request)
    return _subject(request, snapshot, f"{terms.BASE}{kind}/{key}", kept=bool(kept))


def _subject(
    request: Request, snapshot: Snapshot, subject: str, status: int = 200, **values: Any
) -> Response:
    signing = bench_of(request).signing
    found = sheet(subject, signing, snapshot)
    if found is None:
        raise HTTPException(404, "the release has nothing of this name to sign")
    account = signed_in(request).account
    own, hidden = _stated(request, account, subject, snapshot)
    rows = queue(signing.standings(snapshot), snapshot)
    here = next(n for n, r in enumerate(rows) if r.subject == subject)
    opened = bench_of(request).drafts.open(account, subject)
    around = [rows[n].subject.removeprefix(terms.BASE) for n in (here - 1, (here + 1) % len(rows))]
    return bench_page(
        request,
        "subject",
        snapshot,
        status=status,
        sheet=found,
        state=status_in_words(found.standing),
        place=(here + 1, len(rows)),
        around=around,
        verdicts=VERDICTS,
        matches=MATCHES,
        strengths=(*ORDER, "none"),
        hidden=hidden,
        stated=own,
        assigned=bench_of(request).drafts.assigned().get(subject, ""),
        people=[a for a in bench_of(request).accounts.all() if a.may("reviewer")],
        short=subject.removeprefix(terms.BASE),
        also_reading=opened.also_reading,
        comments=bench_of(request).drafts.comments(subject),
        **{"error": None, "draft": opened.draft, "kept": False, **values},
    )


def _stated(
    request: Request, account: Account, subject: str, snapshot: Snapshot
) -> tuple[dict[str, str], bool]:
    """Give what a reviewer stated of a subject, and whether ours is hidden until they do."""
    bench = bench_of(request)
    stated = bench.blind.of(account, subject, snapshot)
    blind = bench.settings.blind and account.may("reviewer") and subject in snapshot.advisories
    return stated or {}, blind and stated is None


@router.post("/{kind}/{key:path}")
def sign_subject(
    kind: str, key: str, request: Request, form: OwnForm, snapshot: CurrentSnapshot
) -> Response:
    """Sign one subject; where that is refused, what was written stays in the form."""
    account = signed_in(request).account
    subject = _known(f"{kind}/{key}", snapshot)
    wish = Wish(
        subject=subject,
        verdict=form.one("verdict"),
        reason=form.one("reason"),
        clinical=form.one("clinical"),
        wording=form.one("wording"),
        seen=int(form.one("seen")[:9]) if form.one("seen").isdecimal() else -1,
        severities=form.below("severity-"),
        matches=form.below("match-"),
    )
    bench = bench_of(request)
    try:
        if _stated(request, account, subject, snapshot)[1]:
            bench.signing.refused(account.name, subject, "severity-unstated")
            raise refuse("severity-unstated", "state a severity before ours is shown", "state it")
        bench.signing.sign(account, wish, snapshot)
    except ReviewRefused as error:
        draft = form.starting("verdict", "reason", "severity-", "match-")
        written = {"error": error, "draft": draft}
        return _subject(request, snapshot, subject, status=status_of(error), **written)
    bench.changed()
    bench.drafts.drop(account, subject)
    return see_other(f"/review?signed={kind}/{key}")
