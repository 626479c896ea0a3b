"""Refuse JSON in which an object repeats a name: parsers would silently drop one of the values."""

from __future__ import annotations

import json
from typing import Any

from kg.errors import MalformedRequest


def refuse_repeated_names(data: bytes) -> None:
    """Raise where an object of a document, at any depth, repeats a name."""
    read_once(data)


def read_once(data: bytes) -> Any:
    """Read a document in which no object, at any depth, repeats a name."""
    try:
        # As a text: of bytes the reader would take halves of signs, and other encodings.
        text = data.decode("utf-8-sig")
        document = json.loads(text, object_pairs_hook=_unrepeated, parse_constant=_no_number)
        if b"\\u" in data:
            # Halves of signs that stand alone can be read, and never be written again.
            json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise MalformedRequest(
            code="not-json",
            message="the request is not JSON, or nested too deeply",
            repair="send one JSON object, in UTF-8",
        ) from error
    return document


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    twice = ""
    for name, _ in pairs:
        if name in seen:
            twice = name
            break
        seen.add(name)
    raise MalformedRequest(
        code="repeated-field",
        message="this field appears twice in one object, and only one of them would count",
        location=twice[:100],
        repair="send each field once",
    )
