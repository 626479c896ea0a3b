"""Answers in JSON, written by the encoder that writes every Report."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import Response

from api.http.negotiate import JSON, PROBLEM

_encoder = msgspec.json.Encoder()


def json_answer(value: Any) -> Response:
    """Send a value; it changes only with the release, so a cache must ask again."""
    return Response(_encoder.encode(value), media_type=JSON, headers={"Cache-Control": "no-cache"})


def schema_of(name: str, example: Any = None) -> dict[str, Any]:
    """Describe a body by its part of the OpenAPI document."""
    content: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{name}"}}
    if example is not None:
        content["example"] = example
    return {JSON: content}


def problem(description: str) -> dict[str, Any]:
    """Describe a refusal."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"description": description, "content": {PROBLEM: schema}}
