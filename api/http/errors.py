"""Every refusal as problem+json: what was wrong, where, and how to fix it.

A browser that asks for a page gets an HTML page, and a FHIR client gets an OperationOutcome.
"""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.http.errors_in_fhir import outcome
from api.http.html import page
from api.http.nearest import nearest
from api.http.negotiate import FHIR, JSON, PROBLEM, chosen
from kg import terms
from kg.errors import (
    CaseError,
    KgError,
    QueryRefused,
    ReviewRefused,
    SnapshotError,
    StoreError,
    TooLarge,
    UnknownSubject,
)

_REPAIRS = {
    401: "send Authorization: Bearer and the token that the operator of this service gave you",
    404: "see /openapi.json for the addresses, and /v1/ lists for the keys, that there are",
    405: "use a method that the header Allow names",
    406: "ask for a form that the address has, or for any",
    408: "send it again, without a pause",
    415: "say in Content-Type what the body is, as /openapi.json lists it",
    429: "send it again after the time in Retry-After",
    500: "send it again; if it fails again, tell the operator of this service",
    503: "send it again in a while",
}
_OF_REVIEWS = {
    "not-signed-in": 401,
    "wrong-password": 401,
    "account-locked": 403,
    "foreign-form": 403,
    "role-too-low": 403,
    "self-approval": 403,
    "second-signature-own": 403,
    "stale-form": 409,
    "severity-stated": 409,
    "link-used": 410,
    "no-subject": 404,
    "no-account": 404,
}
_OF_QUERIES = {
    "update-refused": 403,
    "service-refused": 403,
    "from-outside": 403,
    "query-too-long": 413,
}
# Where programs ask, a refusal stays problem+json whatever else they would take.
_OF_PROGRAMS = ("/v1/", "/cds-services", "/static/", "/healthz", "/readyz", "/metrics")
_HOOKS, _CHECK = "/cds-services", "/v1/check"
_HTML = "text/html"


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One refusal, in the form of RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    field: str = ""
    subject: str = ""
    repair: str = ""


def status_of(error: KgError) -> int:
    """Say which status an error of the engine has: the one place where that is decided."""
    if isinstance(error, TooLarge):
        return 413 if error.code == "body-too-large" else 422
    if isinstance(error, QueryRefused):
        return _OF_QUERIES.get(error.code, 400)
    if isinstance(error, ReviewRefused):
        return _OF_REVIEWS.get(error.code, 422)
    if isinstance(error, UnknownSubject):
        return 404
    if isinstance(error, CaseError):
        return 422
    return 503 if isinstance(error, SnapshotError | StoreError) else 500


def problem_of(error: KgError) -> Problem:
    """Describe an error of the engine to a caller, without any path of this machine."""
    status = status_of(error)
    outside = status == 422 or isinstance(error, CaseError | StoreError)
    return Problem(
        type=terms.PROBLEM + error.code,
        title=error.code.replace("-", " "),
        status=status,
        detail=error.message,
        field=error.location if outside else "",
        subject=error.subject[:200] if outside else "",
        repair=error.repair if outside else "ask the operator of this service",
    )


def refused_in_fhir(error: KgError, status: int | None = None) -> Response:
    """Write an error of the engine as an OperationOutcome."""
    status = status or status_of(error)
    ours = isinstance(error, CaseError)
    mend = error.repair if ours else "ask the operator of this service"
    text = f"{error.message}; to fix it: {mend}"
    return outcome(status, text, expression=error.location if ours else "")


def answer(problem: Problem) -> Response:
    """Send a refusal."""
    body = msgspec.json.encode(problem)
    return Response(body, status_code=problem.status, media_type=PROBLEM)


def shown(problem: Problem, request: Request) -> Response:
    """Send a refusal as a page where a person asked for one, else as a problem."""
    path = request.url.path
    if _speaks_fhir(request):
        said = f"{problem.detail}; to fix it: {problem.repair}"
        return outcome(problem.status, said, expression=problem.field)
    if path.startswith(_OF_PROGRAMS):
        return answer(problem)
    if chosen(request.headers.get("accept"), (PROBLEM, _HTML)) != _HTML:
        refusal = answer(problem)
    else:
        answering = request.app.state.answering
        snapshot = answering.release()[0] if answering.sound else None
        near = nearest(path, snapshot) if snapshot and problem.status == 404 else []
        refusal = page("error.html", snapshot, status=problem.status, problem=problem, near=near)
    refusal.headers["Vary"] = "Accept"
    return refusal


def _speaks_fhir(request: Request) -> bool:
    """Say whether the caller expects refusals in FHIR: a hook client, or one that asks for it."""
    if request.url.path.startswith(_HOOKS):
        return True
    asked = request.headers.get("accept")
    return request.url.path == _CHECK and chosen(asked, (PROBLEM, JSON, FHIR)) == FHIR


def of_status(status: int, detail: str) -> Problem:
    """Give a refusal that consists only of a status and a sentence."""
    title = HTTPStatus(status).phrase
    kind = title.lower().replace(" ", "-")
    iri = terms.PROBLEM + kind
    return Problem(iri, title, status, detail, repair=_REPAIRS.get(status, ""))


def unforeseen() -> Problem:
    """Give the refusal for an unexpected error."""
    return of_status(500, "the service met an error it did not foresee")


def install(app: FastAPI) -> None:
    """Send every error of the service as a problem, never as a traceback."""

    @app.exception_handler(KgError)
    async def engine(request: Request, error: KgError) -> Response:
        return shown(problem_of(error), request)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        refusal = shown(of_status(error.status_code, str(error.detail)), request)
        for name, value in (error.headers or {}).items():
            refusal.headers[name] = value
        if error.status_code == 405:
            # The router knows the first route of an address only.
            refusal.headers["Allow"] = ", ".join(app.state.methods_at(request.url.path))
        return refusal

    @app.exception_handler(RequestValidationError)
    async def parameters(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:])
        detail = f"this parameter cannot be taken: {first['msg']}"
        kind = terms.PROBLEM + "wrong-parameter"
        repair = "see the parameter in /openapi.json"
        problem = Problem(kind, "wrong parameter", 422, detail, field=field, repair=repair)
        return shown(problem, request)
