"""One line of a batch: a request, and the name under which its answer is to come back."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from kg.contract.request import Request, ShortText, decoded

LineId: TypeAlias = ShortText | Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | None


class BatchLine(Request, frozen=True, kw_only=True):
    """A request that may carry an id of the caller's own."""

    id: LineId = None


class _WithId(msgspec.Struct):
    """Whatever carries an id; nothing else of it is looked at."""

    id: LineId = None


_decoder = msgspec.json.Decoder(BatchLine)
_named = msgspec.json.Decoder(_WithId)
_encoder = msgspec.json.Encoder()


def read_line(line: bytes) -> tuple[Request, LineId]:
    """Read a request and its id, or say which field is wrong."""
    found = decoded(line, _decoder)
    request = Request(**{name: getattr(found, name) for name in Request.__struct_fields__})
    return request, found.id


def id_of(line: bytes) -> LineId:
    """Give the id of a line that was refused, where it can be read."""
    try:
        return _named.decode(line).id
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def with_id(name: LineId, answer: bytes) -> bytes:
    """Put an id at the head of an answer."""
    return answer if name is None else b'{"id":%b,%b' % (_encoder.encode(name), answer[1:])
