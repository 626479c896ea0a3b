"""Processes that judge the lines of one batch, forked from the worker that took the batch.

They share the worker's Snapshot, so that nothing is loaded again; they run at a lower priority,
so that a batch does not slow single checks; and they end with their batch.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import struct
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, NoReturn

import msgspec

# How far a batch steps back where single checks want the same processor.
_GIVE_WAY = 10
_HEAD = struct.Struct("!II")
_LARGEST_NUMBER_OF_FILES = 1 << 20
_PIECE = 1 << 18

# The lines of a chunk, each with its number.
Chunk = list[tuple[int, bytes]]
Counts = dict[int, int]
Judge = Callable[[Chunk], tuple[bytes, Counts]]

_chunks = msgspec.msgpack.Decoder(Chunk)
_counts = msgspec.msgpack.Decoder(Counts)


class HelperDied(Exception):
    """A helper ended in the midst of its work, and so did the one that took over."""


class _Helper(NamedTuple):
    """One process, and the way to it."""

    pid: int
    way: socket.socket


class Helpers:
    """The helpers of one batch; there are no more of them than it has work for."""

    def __init__(self, judge: Judge, most: int) -> None:
        self._judge = judge
        self._most = most
        self._alive: list[_Helper] = []
        self._idle: asyncio.Queue[_Helper] = asyncio.Queue()

    async def ask(self, chunk: Chunk) -> tuple[bytes, Counts]:
        """Have a chunk judged; a helper that is killed meanwhile is replaced once."""
        for _ in range(2):
            helper = await self._free()
            try:
                answer = await _hand_over(helper, chunk)
            except OSError:
                self._end(helper)
            else:
                self._idle.put_nowait(helper)
                return answer
        raise HelperDied

    async def _free(self) -> _Helper:
        if self._idle.empty() and len(self._alive) < self._most:
            helper = _fork(self._judge)
            self._alive.append(helper)
            return helper
        return await self._idle.get()

    def close(self) -> None:
        """End all helpers, whatever they are at."""
        for helper in list(self._alive):
            self._end(helper)

    def _end(self, helper: _Helper) -> None:
        self._alive.remove(helper)
        helper.way.close()
        with suppress(ProcessLookupError):
            os.kill(helper.pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(helper.pid, 0)


async def _hand_over(helper: _Helper, chunk: Chunk) -> tuple[bytes, Counts]:
    loop = asyncio.get_running_loop()
    asked = msgspec.msgpack.encode(chunk)
    await loop.sock_sendall(helper.way, _HEAD.pack(len(asked), 0) + asked)
    answer, counts = _HEAD.unpack(await _receive(helper.way, _HEAD.size))
    said = await _receive(helper.way, answer)
    return said, _counts.decode(await _receive(helper.way, counts))


async def _receive(way: socket.socket, size: int) -> bytes:
    loop = asyncio.get_running_loop()
    parts = []
    while size:
        part = await loop.sock_recv(way, min(size, _PIECE))
        if not part:
            raise ConnectionResetError("the helper has gone")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _fork(judge: Judge) -> _Helper:
    here, there = socket.socketpair()
    with warnings.catch_warnings():
        # The child runs our own code only, and takes no lock that another thread could hold.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        _help(there, judge)
    there.close()
    here.setblocking(False)
    return _Helper(pid, here)


def _help(there: socket.socket, judge: Judge) -> NoReturn:
    """Judge chunk after chunk until the worker hangs up; never go on as a second worker."""
    with suppress(BaseException):
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        # An interrupt from the terminal is the parent's to pass on.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        # Connections that the worker closes must not stay open here.
        os.closerange(3, there.fileno())
        os.closerange(there.fileno() + 1, _LARGEST_NUMBER_OF_FILES)
        os.nice(_GIVE_WAY)
        with there.makefile("rwb") as way:
            while head := way.read(_HEAD.size):
                chunk = _chunks.decode(way.read(_HEAD.unpack(head)[0]))
                answer, counts = judge(chunk)
                told = msgspec.msgpack.encode(counts)
                way.write(_HEAD.pack(len(answer), len(told)) + answer + told)
                way.flush()
    os._exit(0)
