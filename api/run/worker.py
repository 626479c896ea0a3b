"""One worker process: serves a shared socket, and shuts down without dropping a request."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import uvicorn

from api.run.heads import protocol_with_limits

if TYPE_CHECKING:
    from fastapi import FastAPI

    from api.settings import Settings

# On this signal a worker exits once no request is in progress, however long that takes.
RETIRE = signal.SIGUSR1
_LOOK_EVERY = 0.05


def work(
    app: FastAPI, listener: socket.socket, settings: Settings, beat: Callable[[], None]
) -> int:
    """Serve until told to stop, and say all the while that it does; return the exit status."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # The memory of a worker holds what callers sent, so none of it is left in a file.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    config = uvicorn.Config(
        app,
        http=protocol_with_limits(
            settings.head_seconds, settings.largest_head, settings.most_header_fields
        ),
        # Our own log holds no address with its query; uvicorn's would.
        access_log=False,
        log_config=None,
        log_level="critical",
        server_header=False,
        limit_concurrency=settings.most_connections,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=int(settings.leave_seconds),
    )
    try:
        _Server(config, settings, os.getppid(), beat).run(sockets=[listener])
    finally:
        app.state.hooks.feedback.close()
        app.state.bench.database.close()
    return 0


class _Server(uvicorn.Server):
    """A server that, told to leave, closes each connection after an answer and not before."""

    def __init__(
        self,
        config: uvicorn.Config,
        settings: Settings,
        parent: int,
        beat: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._parent = parent
        self._beat = beat
        self._settings = settings

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start serving."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(RETIRE, self._begin_to_leave, self._settings.finish_seconds)
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: object) -> None:
        """Leave in time; the parent's interrupt from the terminal is the parent's to pass on."""
        if sig != signal.SIGINT:
            self._begin_to_leave(self._settings.leave_seconds)

    async def on_tick(self, counter: int) -> bool:
        """Say that it is at work; stop as well if the parent has gone."""
        self._beat()
        if counter % 10 == 0 and os.getppid() != self._parent:
            await self._leave(self._settings.leave_seconds)
        return await super().on_tick(counter)

    def _begin_to_leave(self, seconds: float) -> None:
        task = asyncio.get_running_loop().create_task(self._leave(seconds))
        self._leaving = task  # held, so that it is not collected

    async def _leave(self, seconds: float) -> None:
        """Take no new connection; say with each answer that it is the last on its connection."""
        while not self.started:
            await asyncio.sleep(_LOOK_EVERY)
        # The list of headers is made anew every second from the one of the configuration.
        self.config.encoded_headers.append((b"connection", b"close"))
        self.server_state.default_headers.append((b"connection", b"close"))
        for server in self.servers:
            server.close()
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while self.server_state.connections and loop.time() < until:
            await asyncio.sleep(_LOOK_EVERY)
        self.should_exit = True
