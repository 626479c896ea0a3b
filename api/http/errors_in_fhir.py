"""Refusals as FHIR OperationOutcomes, for FHIR clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Response

from api.http.negotiate import FHIR
from kg.fhir.answer import encode_bundle

_CODES: Mapping[int, str] = {
    400: "invalid",
    401: "login",
    404: "not-found",
    412: "required",
    413: "too-long",
    422: "invalid",
    503: "transient",
}


def outcome(
    status: int, text: str, *, expression: str | list[str] = "", code: str | None = None
) -> Response:
    """Refuse in FHIR: what was wrong and where, without a word of what was sent."""
    issue: dict[str, Any] = {
        "severity": "error",
        "code": code or _CODES.get(status, "exception"),
        "diagnostics": text,
    }
    if expression:
        issue["expression"] = [expression] if isinstance(expression, str) else expression
    body = {"resourceType": "OperationOutcome", "issue": [issue]}
    return Response(encode_bundle(body), status_code=status, media_type=FHIR)
