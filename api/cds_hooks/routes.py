"""CDS Hooks: discovery, the service under its four hooks, and feedback (2.0.1).

Refusals are OperationOutcomes: 400 for a malformed call, 401 for an untrusted one,
404 for an unknown service, 412 where required data cannot be obtained.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from api.cds_hooks.call import CONFIGURATION as EXTENSION_KEY
from api.cds_hooks.call import EXTENSION, Call, decode_call, wrong
from api.cds_hooks.cards import GAP, WrittenCard, cards
from api.cds_hooks.feedback import decode_feedback
from api.cds_hooks.prefetch import Prefetched, Unmet, prefetched, type_of
from api.cds_hooks.repeat import CONFIGURATION, Repeats
from api.cds_hooks.standard import HOOKS, SELECT, SIGN, HookJson
from api.cds_hooks.state import PATH, Hooks
from api.cds_hooks.suggestions import Desk
from api.cds_hooks.trust import Untrusted
from api.cds_hooks.words import NotRead
from api.http.dependencies import current_snapshot, read_body, refuse_other_content
from api.http.errors import refused_in_fhir
from api.http.errors_in_fhir import outcome
from api.http.examples import FEEDBACK, HOOK
from api.http.long_reading import in_turn
from api.http.negotiate import FHIR, JSON
from api.http.reviewed import current_reviews
from api.logs import say
from kg import terms
from kg.errors import CaseError, KgError
from kg.fhir.asked import BesideBundle, OwnSearches, Unread
from kg.fhir.check import check_fhir
from kg.fhir.medications import TYPES
from kg.fhir.request import read_resources
from kg.review.reviews import NO_REVIEWS, Reviews
from kg.snapshot.model import Snapshot

router = APIRouter(prefix=PATH, tags=["CDS Hooks"])
_NOT_KEPT = {"Cache-Control": "no-store"}
_encoder = msgspec.json.Encoder()
_DESCRIPTIONS = {
    "order-select": "Checks the orders that were just chosen",
    "order-sign": "Checks the orders that are being signed",
    "patient-view": "Checks the medications and the state of a patient whose chart is opened",
    "medication-verify": "Checks a medication that a pharmacist verifies",
}
_ANY: dict[int | str, dict[str, Any]] = {
    code: {"description": text, "content": {FHIR: {"schema": {"type": "object"}}}}
    for code, text in (
        (400, "This is no call of CDS Hooks"),
        (401, "The call is not trusted"),
        (404, "There is no such service"),
        (408, "The body took too long to arrive"),
        (412, "Required data were not sent and cannot be had"),
        (413, "The body is too large"),
        (415, "The body is not JSON, or it is packed"),
        (503, "There is no sound release to answer from"),
    )
}


_STANDARD = "2.0.1"


def _shown(example: HookJson) -> HookJson:
    content = {JSON: {"schema": {"type": "object"}, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


@router.get(
    "",
    summary="Say which services there are, and what to send them",
    responses={401: _ANY[401], 503: _ANY[503]},
)
async def discover(request: Request) -> Response:
    """Describe the service under each of its hooks."""

    async def answer() -> Response:
        snapshot = await _trusted(request)
        return _json({"services": [_service(hook, snapshot) for hook in HOOKS]})

    return await _guarded(answer)


def _service(hook: str, snapshot: Snapshot) -> HookJson:
    index = snapshot.drugs[snapshot.index_drug].label
    service: HookJson = {
        "hook": hook,
        # The versions of the standard and of the hook, for clients of its next edition.
        "version": _STANDARD,
        "hookVersion": HOOKS[hook],
        "id": _id_of(hook, snapshot),
        "title": f"Safety of {index}",
        "description": f"{_DESCRIPTIONS[hook]} against what is known of {index}: "
        "contraindications, interactions, laboratory limits. " + terms.DISCLAIMER,
        "prefetch": {key: t.query for key, t in snapshot.doors.prefetch.items()},
        "usageRequirements": "FHIR R4; patient and current medication orders are required.",
    }
    if hook in (SELECT, SIGN):
        service["extension"] = {EXTENSION_KEY: list(CONFIGURATION)}
    return service


def _id_of(hook: str, snapshot: Snapshot) -> str:
    """Give the id of the service under one hook, since clients tell services apart by id alone."""
    return f"{snapshot.doors.service}-{hook}"


@router.post(
    "/{service}",
    summary="Check a patient at a moment of work",
    responses=_ANY,
    openapi_extra=_shown(HOOK),
)
async def call(service: str, request: Request) -> Response:
    """Answer one call with cards; nothing of the patient is kept or written down."""

    async def answer() -> Response:
        snapshot = await _trusted(request, service)
        body = await _body(request)
        called = await in_turn(request, len(body), lambda: decode_call(body))
        if service not in (snapshot.doors.service, _id_of(called.hook, snapshot)):
            raise wrong("hook", f"the service {service} is not called under {called.hook}")
        return await _answered(called, request, snapshot, len(body))

    return await _guarded(answer)


async def _answered(called: Call, request: Request, snapshot: Snapshot, size: int) -> Response:
    hooks: Hooks = request.app.state.hooks
    found = await prefetched(called, snapshot, hooks.settings)
    reviews = current_reviews(request, snapshot)
    desk, shown = await in_turn(
        request,
        size,
        lambda: answered_with(
            called, found, hooks.today(), hooks.base(request), snapshot, reviews, hooks.repeats
        ),
    )
    request.app.state.counted.report(desk.report)
    said = [advisory for one in shown for advisory in one.advisories]
    hooks.repeats.remember(called, said, desk.report.findings)
    if shown:
        release, today = snapshot.knowledge_hash, hooks.today()
        await hooks.feedback.show(
            [
                (one.card["uuid"], " ".join(one.advisories) or GAP, release, called.hook, today)
                for one in shown
            ]
        )
    answer: HookJson = {"cards": [one.card for one in shown]}
    if notes := [*called.notes, *found.notes]:
        answer["extension"] = {EXTENSION: {"notes": notes}}
    return _json(answer)


def answered_with(
    called: Call,
    found: Prefetched,
    today: str,
    base: str,
    snapshot: Snapshot,
    reviews: Reviews = NO_REVIEWS,
    repeats: Repeats | None = None,
) -> tuple[Desk, list[WrittenCard]]:
    """Read what came, check it, and write the cards, each with the advisories that it says."""
    desk = _desk(called, found, today, snapshot, reviews)
    hidden = repeats.hidden(called, desk.report.findings) if repeats else ()
    return desk, cards(desk, _not_read(found, snapshot), base, hidden)


def _is_listed(found: Prefetched, snapshot: Snapshot) -> bool:
    """Say whether every list of medicines that was sent could be read as a whole."""
    cut = {u.path for u in (*found.unread.values(), *found.paged.values())} - found.absent
    listed = {key for key, t in snapshot.doors.prefetch.items() if type_of(t) in TYPES}
    return cut.isdisjoint(f"prefetch.{key}" for key in listed)


def _desk(
    called: Call, found: Prefetched, today: str, snapshot: Snapshot, reviews: Reviews
) -> Desk:
    """Read what came as one patient, and check it."""
    context, flags = called.own()
    sources = [("context." + name, resource) for name, resource in called.orders]
    sources += [(f"prefetch.{key}", value) for key, value in found.data.items()]
    own = OwnSearches(
        "prefetch",
        f"Patient/{called.patient}",
        frozenset(found.searched),
        tuple(found.unread.values()),
    )
    beside = BesideBundle(context, None if flags is None else tuple(flags), today)
    asked = read_resources(sources, beside, snapshot, own)
    report = check_fhir(asked, snapshot, reviews, for_cards=True)
    listed, absent = _is_listed(found, snapshot), frozenset(found.absent)
    return Desk(called, asked, report, snapshot, listed=listed, absent=absent)


def _not_read(found: Prefetched, snapshot: Snapshot) -> Mapping[str, NotRead]:
    templates = snapshot.doors.prefetch
    unread: dict[str, Unread] = found.unread | found.paged
    return {key: NotRead(templates[key].label, u.reason) for key, u in unread.items()}


@router.post(
    "/{service}/feedback",
    summary="Say what came of cards",
    responses=_ANY,
    openapi_extra=_shown(FEEDBACK),
)
async def feedback(service: str, request: Request) -> Response:
    """Keep what came of cards: outcome and coded reason, and no word of the patient."""

    async def answer() -> Response:
        snapshot = await _trusted(request, service)
        listed = snapshot.doors.reasons.values()
        offered = {(reason.system, reason.code) for reasons in listed for reason in reasons}
        entries = decode_feedback(await _body(request), offered)
        hooks: Hooks = request.app.state.hooks
        stored = await hooks.feedback.store(entries)
        return _json(
            {
                "stored": stored.stored,
                "repeated": stored.repeated,
                "unmatched": stored.unmatched,
            }
        )

    return await _guarded(answer)


async def _trusted(request: Request, service: str | None = None) -> Snapshot:
    hooks: Hooks = request.app.state.hooks
    await hooks.admit(request)
    snapshot = await current_snapshot(request)
    ids = {snapshot.doors.service, *(_id_of(hook, snapshot) for hook in HOOKS)}
    if service is not None and service not in ids:
        raise HTTPException(404, "there is no such service; see GET /cds-services")
    return snapshot


async def _body(request: Request) -> bytes:
    refuse_other_content(request, JSON, FHIR)
    return await read_body(request, request.app.state.settings.largest_fhir_body)


async def _guarded(answer: Callable[[], Awaitable[Response]]) -> Response:
    """Send every refusal as an OperationOutcome."""
    try:
        return await answer()
    except Untrusted:
        refusal = outcome(401, "this call is not trusted; see the service's log for the reason")
        refusal.headers["WWW-Authenticate"] = "Bearer"
        return refusal
    except Unmet as unmet:
        told = "; ".join(f"prefetch.{key}: {why}" for key, why in unmet.reasons.items())
        places = [f"prefetch.{key}" for key in unmet.reasons]
        return outcome(412, f"required data could not be had: {told}", expression=places)
    except HTTPException as error:
        return outcome(error.status_code, str(error.detail))
    except CaseError as error:
        return refused_in_fhir(error, 413 if error.code == "body-too-large" else 400)
    except KgError as error:
        return refused_in_fhir(error)
    except (OSError, sqlite3.Error) as error:
        say("feedback cannot be kept", kind=type(error).__name__)
        return outcome(503, "this cannot be kept now; send it again later")


def _json(value: HookJson) -> Response:
    return Response(_encoder.encode(value), media_type=JSON, headers=_NOT_KEPT)
