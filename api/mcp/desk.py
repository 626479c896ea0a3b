"""What a tool answers from: the release in use, its reviews, and the processes for queries."""

from __future__ import annotations

from asyncio import Semaphore
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from api.http.query_pool import Workers
from kg.contract.detail import AnyReport
from kg.contract.request import Request, decode_request, malformed
from kg.errors import TooLarge
from kg.review.reviews import Reviews
from kg.snapshot.file import Manifest
from kg.snapshot.model import Snapshot

ToolArguments = dict[str, Any]


@dataclass(frozen=True)
class AssistantDesk:
    """All that answers an assistant; nothing of a call outlives it."""

    snapshot: Snapshot
    manifest: Manifest
    reviews: Reviews
    workers: Callable[[], Workers]
    count: Callable[[AnyReport], None]
    turns: Semaphore
    largest: int


def taken(arguments: ToolArguments, name: str, longest: int = 500) -> str:
    """Take a text out of the arguments; '' where it is not among them."""
    value = arguments.pop(name, None)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > longest:
        raise malformed(name, f"this is no text of at most {longest} characters", "send a text")
    return value.strip()


def nothing_else(arguments: ToolArguments) -> None:
    """Refuse what the tool does not know; nothing is passed over in silence."""
    for name in arguments:
        raise malformed(name[:80], "this tool has no such argument", "see its input schema")


def patient(arguments: ToolArguments, desk: AssistantDesk) -> Request:
    """Read a patient as every other door does; one of whom nothing is said is no patient."""
    data = msgspec.json.encode(arguments)
    if len(data) > desk.largest:
        raise TooLarge(
            code="body-too-large",
            message=f"the arguments are longer than {desk.largest:,} bytes",
            repair="send one patient at a time",
        )
    request = decode_request(data)
    if all(getattr(request, name) is None for name in Request.__struct_fields__):
        raise malformed(
            "medications",
            "nothing of a patient was given",
            "send medications, conditions, allergies, observations, patient and context",
        )
    return request
