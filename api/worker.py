"""One worker: answers on a socket that it shares, and leaves without cutting anyone short."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from fastapi import FastAPI

    from api.settings import Settings

_LOOK_EVERY = 0.05


def work(app: FastAPI, listener: socket.socket, settings: Settings) -> int:
    """Answer until told to leave; gives the exit status."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    config = uvicorn.Config(
        app,
        # Our own log holds no address with its query; uvicorn's would.
        access_log=False,
        log_config=None,
        log_level="critical",
        server_header=False,
        limit_concurrency=settings.most_connections,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=int(settings.leave_seconds),
    )
    _Server(config, os.getppid()).run(sockets=[listener])
    return 0


class _Server(uvicorn.Server):
    """A server that, told to leave, closes each connection after an answer and not before."""

    def __init__(self, config: uvicorn.Config, parent: int) -> None:
        super().__init__(config)
        self._parent = parent
        self._seconds = float(config.timeout_graceful_shutdown or 0)

    def handle_exit(self, sig: int, frame: object) -> None:
        """Leave gently; the parent's interrupt from the terminal is the parent's to pass on."""
        if sig != signal.SIGINT:
            asyncio.get_running_loop().create_task(self._leave())

    async def on_tick(self, counter: int) -> bool:
        """Leave, too, where the parent has gone."""
        if counter % 10 == 0 and os.getppid() != self._parent:
            await self._leave()
        return await super().on_tick(counter)

    async def _leave(self) -> None:
        """Take no new connection; say with each answer that it is the last on its connection."""
        # The list of headers is made anew every second from the one of the configuration.
        self.config.encoded_headers.append((b"connection", b"close"))
        self.server_state.default_headers.append((b"connection", b"close"))
        for server in self.servers:
            server.close()
        loop = asyncio.get_running_loop()
        until = loop.time() + self._seconds
        while self.server_state.connections and loop.time() < until:
            await asyncio.sleep(_LOOK_EVERY)
        self.should_exit = True
