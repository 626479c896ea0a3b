"""The pages of the bench: signing in, the queue, one subject, accounts, the log."""

from __future__ import annotations

import hmac
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from api.http.dependencies import CurrentSnapshot
from api.http.errors import status_of
from api.http.html import page
from api.review.accounts import ROLES, SHORTEST_PASSWORD, Account, Role, refuse
from api.review.audit import AuditLine, lines, verify
from api.review.batch import BatchWish, chosen_set, grid, sign_set
from api.review.door import (
    Form,
    OwnForm,
    let_in,
    let_out,
    secret_of,
    signed_in,
    token_for,
    visit,
    who,
    with_visit,
)
from api.review.sheet import sheet
from api.review.signing import Wish
from api.review.state import Bench, bench_of
from api.review.words import MATCHES, VERDICTS, status_in_words
from kg import terms
from kg.contract.severity import ORDER
from kg.errors import ReviewRefused
from kg.review.agreement import agreement
from kg.review.content import contents
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
_MOST_LINES = 500


def _page(request: Request, name: str, snapshot: Snapshot, **values: Any) -> Response:
    """Show a page of the bench, its forms bound to this browser."""
    secret = visit(request)
    found = who(request)
    account = found.account if found else None
    values = {"token": token_for(secret), "account": account, **values}
    return with_visit(request, page(f"review_{name}.html", snapshot, **values), secret)


def _to(address: str) -> Response:
    return RedirectResponse(address, status_code=303)


# --- coming in ----------------------------------------------------------------------------------


@router.get("/sign-in")
def ask_to_sign_in(request: Request, snapshot: CurrentSnapshot) -> Response:
    """Ask for name and password."""
    nobody = bench_of(request).accounts.none_yet()
    return _page(request, "sign_in", snapshot, nobody=nobody, error=None, typed="")


@router.post("/sign-in")
def sign_in(request: Request, form: OwnForm, snapshot: CurrentSnapshot) -> Response:
    """Sign in; the session is a new one, whatever cookie came."""
    bench = bench_of(request)
    try:
        account = bench.accounts.password_is(form.one("name").strip(), form.one("password"))
    except ReviewRefused as error:
        shown = {"nobody": False, "error": error, "typed": form.one("name")[:40]}
        return _page(request, "sign_in", snapshot, status=status_of(error), **shown)
    return _let_in(request, bench, account)


def _let_in(request: Request, bench: Bench, account: Account) -> Response:
    token = bench.sessions.begin(account, before=secret_of(request))
    return let_in(request, _to("/review"), token)


@router.post("/sign-out")
def sign_out(request: Request, form: OwnForm) -> Response:
    """End the session."""
    found = who(request)
    if found:
        bench_of(request).sessions.end(found.token)
    return let_out(_to("/review/sign-in"))


@router.get("/first/{link}")
def ask_for_first(link: str, request: Request, snapshot: CurrentSnapshot) -> Response:
    """Ask for the first account, once, by the link that the service printed."""
    _check_first(request, link)
    return _page(request, "password", snapshot, first=True, error=None, least=SHORTEST_PASSWORD)


@router.post("/first/{link}")
def make_first(link: str, request: Request, form: OwnForm, snapshot: CurrentSnapshot) -> Response:
    """Make the first account, and let its owner in."""
    _check_first(request, link)
    bench = bench_of(request)
    try:
        account = bench.accounts.first(
            form.one("name").strip(), form.one("shown"), form.one("password")
        )
    except ReviewRefused as error:
        shown = {"first": True, "error": error, "least": SHORTEST_PASSWORD}
        return _page(request, "password", snapshot, status=status_of(error), **shown)
    return _let_in(request, bench, account)


def _check_first(request: Request, link: str) -> None:
    bench = bench_of(request)
    known = hmac.compare_digest(link.encode(), bench.first_link.encode())
    if not known or not bench.accounts.none_yet():
        raise refuse("link-used", "this link was used already", "sign in, or ask a lead for a link")


@router.get("/link/{link}")
def ask_for_password(link: str, request: Request, snapshot: CurrentSnapshot) -> Response:
    """Ask for a password, by the link that a lead handed over."""
    if not bench_of(request).accounts.link_is_good(link):
        raise refuse("link-used", "this link was used already, or is too old", "ask for a new one")
    return _page(request, "password", snapshot, first=False, error=None, least=SHORTEST_PASSWORD)


@router.post("/link/{link}")
def set_password(link: str, request: Request, form: OwnForm, snapshot: CurrentSnapshot) -> Response:
    """Set the password, and let the owner in."""
    bench = bench_of(request)
    try:
        account = bench.accounts.set_password(link, form.one("password"))
    except ReviewRefused as error:
        shown = {"first": False, "error": error, "least": SHORTEST_PASSWORD}
        return _page(request, "password", snapshot, status=status_of(error), **shown)
    return _let_in(request, bench, account)


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
        return _to("/review/sign-in")
    account = signed_in(request).account
    rows = queue(bench_of(request).signing.standings(snapshot), snapshot)
    assigned = bench_of(request).drafts.assigned()
    kept = {name: [r for r in rows if _belongs(r, name, account, assigned)] for name in _SHOWN}
    show = show if show in _SHOWN else "open"
    done = {
        kind: (sum(r.standing.holds for r in rows if r.kind == kind), len(_of(kind, rows)))
        for kind in ("advisory", "disagreement")
    }
    return _page(
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
    return _page(
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
    return _page(request, "batch", snapshot, status=status, chosen=chosen, cells=cells, **shown)


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
    return _to("/review/liabilities")


# --- accounts and the log -----------------------------------------------------------------------


@router.get("/accounts")
def show_accounts(request: Request, snapshot: CurrentSnapshot) -> Response:
    """List who may come in."""
    signed_in(request, "lead")
    return _accounts(request, snapshot)


def _accounts(request: Request, snapshot: Snapshot, **values: Any) -> Response:
    shown = {"error": None, "link": "", "whose": "", **values}
    known = bench_of(request).accounts.all()
    return _page(request, "accounts", snapshot, known=known, roles=ROLES, **shown)


@router.post("/accounts")
def change_accounts(request: Request, form: OwnForm, snapshot: CurrentSnapshot) -> Response:
    """Invite somebody, give a way back, or another role."""
    lead = signed_in(request, "lead").account
    name = form.one("name").strip()
    try:
        token = _changed(bench_of(request), lead, name, form)
    except ReviewRefused as error:
        return _accounts(request, snapshot, error=error, status=status_of(error))
    if not token:
        return _to("/review/accounts")
    base = request.app.state.hooks.base(request)
    return _accounts(request, snapshot, link=f"{base}/review/link/{token}", whose=name)


def _changed(bench: Bench, lead: Account, name: str, form: Form) -> str:
    if form.one("do") == "way-back":
        return bench.accounts.way_back(lead.name, name)
    role: Role | None = next((r for r in ROLES if r == form.one("role")), None)
    if role is None:
        raise refuse("wrong-name", "there is no such role", f"take one of {', '.join(ROLES)}")
    if form.one("do") == "role":
        bench.accounts.set_role(lead, name, role)
        return ""
    return bench.accounts.invite(lead, name, form.one("shown"), role)


@router.get("/log")
def show_log(request: Request, snapshot: CurrentSnapshot) -> Response:
    """Show what happened, the latest first, and whether the chain holds."""
    signed_in(request)
    with bench_of(request).database.reading() as connection:
        verified = verify(connection)
        found: list[AuditLine] = list(lines(connection))[: -_MOST_LINES - 1 : -1]
    return _page(request, "log", snapshot, lines=found, verified=verified)


# --- what is not signed yet ---------------------------------------------------------------------


@router.post("/drafts")
def keep_draft(request: Request, form: OwnForm, snapshot: CurrentSnapshot) -> Response:
    """Keep what was written so far; a page with scripts sends it by itself."""
    account = signed_in(request, "reviewer").account
    subject = _known(form.one("subject"), snapshot)
    fields = form.starting("verdict", "reason", "severity-", "match-")
    bench_of(request).drafts.keep(account, subject, fields)
    return _to(f"/review/{form.one('subject')}?kept=1")


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
    return _to(f"/review/{form.one('subject')}#comments")


@router.post("/severities")
def state_severity(request: Request, form: OwnForm, snapshot: CurrentSnapshot) -> Response:
    """State a severity before ours is shown."""
    account = signed_in(request, "reviewer").account
    subject = _known(form.one("subject"), snapshot)
    bench_of(request).blind.state(account, subject, form.below("severity-"), snapshot)
    return _to(f"/review/{form.one('subject')}")


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
        return _to("/review/sign-in")
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
    return _page(
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
    return _to(f"/review?signed={kind}/{key}")
