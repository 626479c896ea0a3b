"""FHIR at /v1: which requests use it, context given with a bundle, and answers in FHIR."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import Request, Response

from api.http.errors import refused_in_fhir
from api.http.negotiate import FHIR, JSON, chosen, media_of
from api.v1.detail import beside_detail
from kg.contract.detail import FULL, AnyReport, Detail, encode_answer
from kg.contract.report import Report
from kg.contract.request import ContextPart, decode_request, malformed, refusal
from kg.errors import KgError, MalformedRequest
from kg.fhir.answer import answer_bundle, encode_bundle
from kg.fhir.asked import FhirRequest
from kg.fhir.check import checked_fhir
from kg.fhir.request import decode_fhir, read_bundle
from kg.review.reviews import Reviews
from kg.snapshot.model import Snapshot

# An answer about a patient must not be stored by any cache.
_HEADERS = {"Cache-Control": "no-store"}
# What comes beside a bundle, for the description of the interface.
PARAMETERS = [
    {
        "name": name,
        "in": "query",
        "required": False,
        "schema": {"type": "string"},
        "description": f"{what}; beside a FHIR Bundle only",
    }
    for name, what in (
        *((field, f"`context.{field}`") for field in ContextPart.__struct_fields__),
        ("flags", "`patient.flags`, parted by commas; empty says that none holds"),
    )
]


def speaks_fhir(request: Request) -> bool:
    """Say whether a request comes in FHIR, or asks for its answer in it."""
    return comes_in_fhir(request) or _wants_fhir(request)


def comes_in_fhir(request: Request) -> bool:
    """Say whether the body of a request is FHIR, by what the request says of it."""
    return media_of(request) == FHIR


def _wants_fhir(request: Request) -> bool:
    return chosen(request.headers.get("accept"), (JSON, FHIR)) == FHIR


def check_in_fhir(
    request: Request, body: bytes, snapshot: Snapshot, detail: Detail, reviews: Reviews
) -> tuple[Response, AnyReport | None]:
    """Check one patient, where question or answer is FHIR; of a refusal there is no report."""
    wanted = _wants_fhir(request)
    try:
        refuse_other_versions(request)
        if wanted and detail != FULL:
            raise malformed("detail", "an answer in FHIR is always full", "leave the detail out")
        asked = _asked(request, body, snapshot)
        report = checked_fhir(asked, snapshot, detail, reviews)
        if wanted and isinstance(report, Report):
            bundle = answer_bundle(report, asked, snapshot)
            return Response(encode_bundle(bundle), media_type=FHIR, headers=_HEADERS), report
        return Response(encode_answer(report), media_type=JSON, headers=_HEADERS), report
    except KgError as error:
        if not wanted:
            raise
        return refused_in_fhir(error), None


def _asked(request: Request, body: bytes, snapshot: Snapshot) -> FhirRequest:
    if comes_in_fhir(request):
        context, flags = beside(beside_detail(request))
        return read_bundle(decode_fhir(body), context, flags, snapshot)
    return FhirRequest(request=decode_request(body), lines={})


def beside(parameters: list[tuple[str, str]]) -> tuple[dict[str, Any], list[str] | None]:
    """Read what comes beside a bundle: the fields of the context by their names, and flags."""
    given: dict[str, Any] = {}
    flags: list[str] | None = None
    for name, value in parameters:
        if name == "flags":
            flags = [*(flags or []), *(f.strip() for f in value.split(",") if f.strip())]
        elif name in given:
            raise MalformedRequest(
                code="given-twice",
                message="this parameter is given twice",
                location=name,
                repair="give each field of the context once",
            )
        else:
            given[name] = value
    try:
        context = msgspec.convert(given, ContextPart, strict=False)
    except msgspec.ValidationError as error:
        raise refusal(str(error)) from error
    fields = msgspec.structs.asdict(context)
    return {name: value for name, value in fields.items() if value is not None}, flags


def refuse_other_versions(request: Request) -> None:
    """Refuse a body that says of itself that it is of another version of FHIR."""
    _, _, parameters = request.headers.get("content-type", "").partition(";")
    for parameter in parameters.lower().split(";"):
        name, _, version = parameter.strip().partition("=")
        if name == "fhirversion" and not version.strip('"').startswith("4."):
            raise MalformedRequest(
                code="fhir-version",
                message="this version of FHIR is not read here",
                location="Content-Type",
                repair="send FHIR R4 (fhirVersion=4.0)",
            )
