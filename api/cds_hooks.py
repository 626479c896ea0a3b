"""CDS Hooks: discovery, the service under its four hooks, and feedback (2.0.1).

Refusals are OperationOutcomes: 400 for a call that is not one, 401 for one that is not trusted,
404 for an unknown service, 412 where required data cannot be had.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import APIRouter, FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from api.cds_hooks_call import CONFIGURATION as EXTENSION_KEY
from api.cds_hooks_call import HOOKS, SELECT, SIGN, Call, Json, decode_call
from api.cds_hooks_cards import cards
from api.cds_hooks_feedback import decode_feedback
from api.cds_hooks_prefetch import Prefetched, Unmet, prefetched
from api.cds_hooks_repeat import CONFIGURATION, Repeats
from api.cds_hooks_settings import HookSettings
from api.cds_hooks_suggestions import Desk
from api.cds_hooks_words import DISCLAIMER, NotRead
from api.dependencies import current_snapshot, read_body, refuse_other_content
from api.feedback import FeedbackStore, show, store
from api.fhir import FHIR, outcome, refused
from api.outside import Outside
from api.trust import Trust, Untrusted, read_clients
from kg.errors import CaseError, KgError, MalformedRequest
from kg.fhir_check import check_fhir
from kg.fhir_request import Unread, read_resources
from kg.model import Snapshot

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

router = APIRouter(prefix="/cds-services", tags=["CDS Hooks"])
_JSON = "application/json"
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
_OBJECT = {"requestBody": {"required": True, "content": {_JSON: {"schema": {"type": "object"}}}}}


class Hooks:
    """What the hooks keep: settings, what was shown, feedback, and whom they trust."""

    def __init__(self, settings: HookSettings) -> None:
        self.settings = settings
        self.feedback = FeedbackStore(settings.database)
        self.repeats = Repeats()
        self.trust: Trust | None = None
        # A call is about the moment in which it is made; tests set another day.
        self.today: Callable[[], str] = lambda: datetime.now(UTC).date().isoformat()
        if settings.clients is not None:
            if not settings.base_url:
                raise MalformedRequest(
                    code="no-base-url",
                    message="tokens name the address that is called, and it is not known",
                    location="INOKG_BASE_URL",
                    repair="set INOKG_BASE_URL to the address under which programs call",
                )
            known = read_clients(settings.clients)
            listed = tuple(c.jku for c in known if c.jku)
            self.trust = Trust(known, self.feedback, Outside(settings, listed).get)

    def base(self, request: Request) -> str:
        """Give the address under which the service is reached."""
        return self.settings.base_url or str(request.base_url).rstrip("/")

    async def admit(self, request: Request) -> None:
        """Let only trusted clients in, where trust is on."""
        if self.trust is not None:
            address = self.settings.base_url + request.url.path
            await self.trust.admit(request.headers.get("authorization"), address)


def install(app: FastAPI, settings: HookSettings) -> None:
    """Give an application what the hooks need."""
    app.state.hooks = Hooks(settings)
    if settings.origins:
        app.add_middleware(_Browsers, origins=settings.origins)


class _Browsers:
    """Lets pages of named origins call the hooks, and nothing else, from a browser."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        self._app = app
        self._open = CORSMiddleware(
            app,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type"],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hooks = scope["type"] == "http" and scope["path"].startswith(router.prefix)
        await (self._open if hooks else self._app)(scope, receive, send)


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


def _service(hook: str, snapshot: Snapshot) -> Json:
    index = snapshot.drugs[snapshot.index_drug].label
    service: Json = {
        "hook": hook,
        "id": snapshot.doors.service,
        "title": f"Safety of {index}",
        "description": f"{_DESCRIPTIONS[hook]} against what is known of {index}: "
        "contraindications, interactions, laboratory limits. " + DISCLAIMER,
        "prefetch": {key: t.query for key, t in snapshot.doors.prefetch.items()},
        "usageRequirements": "FHIR R4; patient and current medication orders are required.",
    }
    if hook in (SELECT, SIGN):
        service["extension"] = {EXTENSION_KEY: list(CONFIGURATION)}
    return service


@router.post(
    "/{service}",
    summary="Check a patient at a moment of work",
    responses=_ANY,
    openapi_extra=_OBJECT,
)
async def call(service: str, request: Request) -> Response:
    """Answer one call with cards; nothing of the patient is kept or written down."""

    async def answer() -> Response:
        snapshot = await _trusted(request, service)
        called = decode_call(await _body(request))
        return await _answered(called, request, snapshot)

    return await _guarded(answer)


async def _answered(called: Call, request: Request, snapshot: Snapshot) -> Response:
    hooks: Hooks = request.app.state.hooks
    found = await prefetched(called, snapshot, hooks.settings)
    desk, shown = answered_with(called, found, hooks.today(), hooks.base(request), snapshot)
    request.app.state.counted.report(desk.report)
    findings = {f.advisory: f for f in desk.report.findings}
    shown = hooks.repeats.sift(called, shown, findings)
    if shown:
        release, today = snapshot.knowledge_hash, hooks.today()
        rows = [(card["uuid"], what, release, called.hook, today) for what, card in shown]
        await hooks.feedback.call(lambda c: show(c, rows))
    return _json({"cards": [card for _, card in shown]})


def answered_with(
    called: Call, found: Prefetched, today: str, base: str, snapshot: Snapshot
) -> tuple[Desk, list[tuple[str, Json]]]:
    """Read what came, check it, and write the cards, each with the advisory that it says."""
    desk = _desk(called, found, today, snapshot)
    return desk, cards(desk, _not_read(found, snapshot), base)


def _desk(called: Call, found: Prefetched, today: str, snapshot: Snapshot) -> Desk:
    """Read what came as one patient, and check it."""
    context, flags = called.own()
    context.setdefault("as_of", today)
    sources = [("context." + name, resource) for name, resource in called.orders]
    sources += [(f"prefetch.{key}", value) for key, value in found.data.items()]
    asked = read_resources(
        sources,
        context,
        flags,
        snapshot,
        searched=found.searched,
        unread=found.unread.values(),
        patient=f"Patient/{called.patient}",
        root="prefetch",
    )
    return Desk(called, asked, check_fhir(asked, snapshot, brief=True), snapshot)


def _not_read(found: Prefetched, snapshot: Snapshot) -> Mapping[str, NotRead]:
    templates = snapshot.doors.prefetch
    unread: dict[str, Unread] = found.unread | found.paged
    return {key: NotRead(templates[key].label, u.reason) for key, u in unread.items()}


@router.post(
    "/{service}/feedback",
    summary="Say what came of cards",
    responses=_ANY,
    openapi_extra=_OBJECT,
)
async def feedback(service: str, request: Request) -> Response:
    """Keep what came of cards: outcome and coded reason, and no word of the patient."""

    async def answer() -> Response:
        await _trusted(request, service)
        entries = decode_feedback(await _body(request))
        hooks: Hooks = request.app.state.hooks
        stored = await hooks.feedback.call(lambda c: store(c, entries))
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
    if service is not None and service != snapshot.doors.service:
        raise HTTPException(404, "there is no such service; see GET /cds-services")
    return snapshot


async def _body(request: Request) -> bytes:
    refuse_other_content(request, _JSON, FHIR)
    return await read_body(request, request.app.state.settings.largest_fhir_body)


async def _guarded(answer: Callable[[], Awaitable[Response]]) -> Response:
    """Let every refusal leave as an OperationOutcome."""
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
        return refused(error, 413 if error.code == "body-too-large" else 400)
    except KgError as error:
        return refused(error)


def _json(value: Json) -> Response:
    return Response(_encoder.encode(value), media_type=_JSON, headers=_NOT_KEPT)
