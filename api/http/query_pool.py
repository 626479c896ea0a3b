"""Client side of the query processes: send a query to one, and read its answer."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import weakref
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
from starlette.datastructures import State

from kg import errors
from kg.errors import KgError, StoreError
from kg.graph.sparql_worker import BEGUN, LENGTH, Charge, Limits, QueryTask, Reply
from kg.snapshot.file import Manifest
from kg.snapshot.releases import folder_of

_PIECE = 1 << 18
# A worker's time is kept by the kernel; this much later it is over without an answer.
_GRACE = 0.5
_READING = 60.0


@dataclass
class PoolAnswer:
    """The head of an answer, and the rest of it, piece by piece."""

    reply: Reply
    body: AsyncIterator[bytes]


def query_workers(state: State, manifest: Manifest) -> Workers:
    """Give the processes over the release that answers; they begin when they are first asked."""
    if getattr(state, "sparql_release", None) != manifest.hash:
        folder = folder_of(state.settings.releases, manifest)
        state.sparql = Workers(folder, state.settings.limits, state.settings.store)
        state.sparql_release = manifest.hash
    workers: Workers = state.sparql
    return workers


class Workers:
    """The group of query processes over one release; it starts with the first query."""

    def __init__(self, release: Path, limits: Limits, store: str | None = None) -> None:
        self.release = release
        self.limits = limits
        self._charge = Charge(str(release), limits, store)
        self._begun = asyncio.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: str | None = None
        # Those who wait, and those who read: each may hold a worker, or an answer on its way.
        self.asking = 0
        self._warm = False

    async def ask(self, question: QueryTask) -> PoolAnswer:
        """Hand a query over; a refusal is raised, an answer is read as it is sent on."""
        if self.asking >= self.limits.most_waiting:
            raise _busy()
        self.asking += 1
        try:
            reader, writer = await self._connect()
            try:
                reply = await self._begin(reader, writer, question)
            except BaseException:
                writer.transport.abort()
                raise
        except BaseException:
            self.asking -= 1
            raise
        return PoolAnswer(reply, _QueryBody(reader, writer, reply.length, self))

    async def _begin(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, question: QueryTask
    ) -> Reply:
        said = msgspec.json.encode(question)
        writer.write(LENGTH.pack(len(said)) + said)
        seconds = self.limits.seconds
        try:
            # The first to ask waits until the release is read, however busy the machine is.
            waiting = seconds if self._warm else max(seconds, _READING)
            begun = await asyncio.wait_for(reader.read(1), waiting)
        except TimeoutError:
            raise _busy() from None
        except OSError:
            begun = b""
        if begun != BEGUN:
            raise StoreError(
                code="store-unusable",
                message="the processes that answer queries could not start",
                repair="check that the release is valid with: inokg validate",
            )
        self._warm = True
        started = asyncio.get_running_loop().time()
        try:
            reply = await asyncio.wait_for(_head(reader), seconds + _GRACE)
        except (TimeoutError, asyncio.IncompleteReadError, OSError):
            spent = asyncio.get_running_loop().time() - started
            raise (_too_long(seconds) if spent >= seconds * 0.98 else _too_heavy()) from None
        if reply.error in vars(errors):
            raise vars(errors)[reply.error](**reply.details)
        return reply

    async def begin(self) -> None:
        """Start the processes before the first query."""
        async with self._begun:
            if self._folder is None or (self._process and self._process.poll() is not None):
                await asyncio.to_thread(self._start)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for again in (True, False):
            await self.begin()
            try:
                return await asyncio.open_unix_connection(f"{self._folder}/ask", limit=_PIECE)
            except (ConnectionRefusedError, FileNotFoundError):
                # No process of the group is left: start a new group, once.
                if again:
                    self.close()
            except OSError:
                break
        raise _busy()

    def _start(self) -> None:
        """Begin the family; what is asked before it can answer waits at its socket."""
        self.close()
        folder = tempfile.mkdtemp(prefix="inokg-")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(f"{folder}/ask")
            listener.listen(self.limits.most_waiting)
            process = _family(listener)
        assert process.stdin is not None  # noqa: S101 - it was asked for
        process.stdin.write(msgspec.json.encode(self._charge) + b"\n")
        process.stdin.flush()
        self._process, self._folder, self._warm = process, folder, False
        self._end = weakref.finalize(self, _end, process, folder)

    def close(self) -> None:
        """Stop the processes."""
        if self._folder is not None:
            self._end()
            self._process = self._folder = None


def _family(listener: socket.socket) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own module, no word of a caller's
        [sys.executable, "-m", "kg.graph.sparql_worker", str(listener.fileno())],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(listener.fileno(),),
        process_group=0,
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "RUST_BACKTRACE": "0"},
    )


def _end(process: subprocess.Popen[bytes], folder: str) -> None:
    with suppress(OSError):
        if process.stdin:
            process.stdin.close()
    # The processes have their own process group, so no other process is signalled.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)


class _QueryBody:
    """The rest of an answer: read as the caller reads, and closed when the caller stops reading."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        length: int,
        family: Workers,
    ) -> None:
        self._reader, self._writer, self._left = reader, writer, length
        # An answer on its way counts among those asked for, and keeps the processes that send it.
        self._family = family

    def __aiter__(self) -> _QueryBody:
        return self

    async def __anext__(self) -> bytes:
        piece = await self._reader.read(_PIECE) if self._left else b""
        if piece:
            self._left -= len(piece)
            return piece
        if self._left:
            raise ConnectionResetError("the answer ended before its end")
        raise StopAsyncIteration

    def __del__(self) -> None:
        self._family.asking -= 1
        with suppress(RuntimeError):
            self._writer.transport.abort()


async def _head(reader: asyncio.StreamReader) -> Reply:
    (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
    return msgspec.json.decode(await reader.readexactly(length), type=Reply)


def _busy() -> KgError:
    return StoreError(
        code="store-busy",
        message="other queries are being answered",
        repair="ask again in a few seconds",
    )


def _too_long(seconds: float) -> KgError:
    return StoreError(
        code="query-timeout",
        message=f"the query was stopped after {seconds:g} seconds",
        repair="ask for less, or bind more variables",
    )


def _too_heavy() -> KgError:
    return StoreError(
        code="query-too-heavy",
        message="the query was stopped: it needed more memory, or chained more deeply, than it may",
        repair="ask for less, or in several queries",
    )
