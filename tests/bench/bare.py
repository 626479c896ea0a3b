"""The least that could answer: parses the body and sends bytes that were ready before."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from kg.contract.request import Request

_decoder = msgspec.json.Decoder(Request)
_ANSWER = Path(os.environ["BENCH_ANSWER"]).read_bytes()
_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(_ANSWER)).encode()),
    ],
}


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer every request alike."""
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    _decoder.decode(body)
    await send(_START)
    await send({"type": "http.response.body", "body": _ANSWER})
