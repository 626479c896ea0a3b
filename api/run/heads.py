"""The protocol of a worker, with limits on what comes before a body: time, bytes and fields.

They hold for the head of every request on a connection, not for the first alone, and for the
fields that may follow a body in pieces.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_END = b"\r\n\r\n"
_SAID = b"The headers of this request are too large.\n"
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(_SAID), _SAID)
)


def protocol_with_limits(
    seconds: float, most_bytes: int, most_fields: int
) -> type[asyncio.Protocol]:
    """Make a protocol that closes a connection whose head is late, too large or has no end."""

    class LimitedHeads(HttpToolsProtocol):
        _clock: asyncio.TimerHandle | None = None
        _in_head = True
        _bytes = 0
        _last = b""
        _fields = 0

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._await_head()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_waiting()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            if self.transport.is_closing():
                return
            if self._in_head:
                # A body may come along with its head; its bytes are not the head's.
                end = (self._last + data).find(_END)
                self._bytes += len(data) if end < 0 else max(end - len(self._last), 0)
                self._last = (self._last + data)[1 - len(_END) :] if end < 0 else b""
            if not self._too_large():
                super().data_received(data)
            if self._too_large() and not self.transport.is_closing():
                self.transport.write(_TOO_LARGE)
                self.transport.close()

        def on_message_begin(self) -> None:
            super().on_message_begin()
            self._fields = 0
            if not self._in_head:
                self._bytes = 0
                self._await_head()

        def on_header(self, name: bytes, value: bytes) -> None:
            self._fields += 1
            if self._fields <= most_fields:
                super().on_header(name, value)

        def on_headers_complete(self) -> None:
            self._in_head = False
            self._stop_waiting()
            if self._fields <= most_fields:
                super().on_headers_complete()

        def on_body(self, body: bytes) -> None:
            if not self._too_large():
                super().on_body(body)

        def on_message_complete(self) -> None:
            if not self._too_large():
                super().on_message_complete()

        def _too_large(self) -> bool:
            return self._fields > most_fields or (self._in_head and self._bytes > most_bytes)

        def _await_head(self) -> None:
            self._in_head = True
            self._clock = self.loop.call_later(seconds, self._late)

        def _stop_waiting(self) -> None:
            if self._clock is not None:
                self._clock.cancel()
                self._clock = None

        def _late(self) -> None:
            if self._in_head and not self.transport.is_closing():
                self.transport.close()

    return LimitedHeads
