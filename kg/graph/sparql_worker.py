"""Worker processes for queries, so that a query can be stopped without affecting anything else.

One process reads the store and forks; its children share the store's memory and wait at one
socket. A child answers one query at a time, at a low priority. The kernel ends it when its
time is over, when the asker has gone, and when it wants more memory than it may have; another
is forked within milliseconds. A child over the embedded store can open no file and no socket:
its file descriptor limit is reached.
"""

from __future__ import annotations

import fcntl
import gc
import os
import resource
import signal
import socket
import struct
import sys
import time
from pathlib import Path
from typing import NoReturn

import msgspec

from kg.errors import KgError
from kg.graph.sparql_query import read_query
from kg.graph.sparql_store import Embedded, Graphs, QueryAnswer, Remote, Store, answer

BEGUN = b"\x01"
LENGTH = struct.Struct("!I")
LISTENER = 3
# Beside a check on the same core, a query at this priority gets a tenth of the time.
_NICE = 10
_PATIENCE, _SENDING = 0.2, 60.0


class Limits(msgspec.Struct, frozen=True):
    """What one query may cost, how many are answered at a time, and how many may wait."""

    seconds: float = 10.0
    rows: int = 100_000
    memory: int = 1 << 30
    workers: int = 2
    largest_answer: int = 64 << 20
    most_waiting: int = 32


class Charge(msgspec.Struct, frozen=True):
    """What the first process is told: where the triples are, and the limits."""

    release: str
    limits: Limits
    store: str | None = None


class QueryTask(msgspec.Struct, frozen=True):
    """One query as it is handed over; a form that the asker would not take is None."""

    query: str
    table: str | None = None
    document: str | None = None
    graphs: Graphs | None = None
    table_rows: int | None = None
    document_rows: int | None = None


class Reply(msgspec.Struct, frozen=True):
    """What goes before the body of an answer; `error` names a class of error."""

    media: str = ""
    length: int = 0
    form: str = ""
    capped: bool = False
    error: str = ""
    # Names of ours that the query asks by.
    mentions: tuple[str, ...] = ()
    details: dict[str, str] = {}


def main() -> NoReturn:
    """Read the store, and keep as many children at work as the limits say."""
    charge = msgspec.json.decode(sys.stdin.buffer.readline(), type=Charge)
    given = int(sys.argv[1])
    if given != LISTENER:
        # The listener gets the one number that the children keep.
        os.dup2(given, LISTENER)
        os.close(given)
    if os.fork() == 0:
        _end_with_the_service()
    folder = Path(charge.release)
    store: Store
    if charge.store:
        store = Remote(charge.store, folder, charge.limits.seconds)
    else:
        store = Embedded(folder)
    gc.freeze()
    for _ in range(charge.limits.workers):
        _fork(store, charge)
    while True:
        os.wait()
        # A child that cannot live must not become a storm of children.
        time.sleep(0.01)
        _fork(store, charge)


def _end_with_the_service() -> NoReturn:
    """Wait until the service is gone, however it went, and end the whole family."""
    os.read(0, 1)
    os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _fork(store: Store, charge: Charge) -> None:
    if os.fork() == 0:
        try:
            _confine(charge)
            _work(store, charge.limits)
        finally:
            os._exit(1)


def _confine(charge: Charge) -> None:
    """Take from a child what a query does not need."""
    os.nice(_NICE)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    os.closerange(LISTENER + 1, 256)
    if not charge.store:
        # One number is left, for the connection that is being answered.
        resource.setrlimit(resource.RLIMIT_NOFILE, (LISTENER + 2, LISTENER + 2))
    size = _size() + charge.limits.memory
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _size() -> int:
    """Give the address space that this process has already."""
    try:
        pages = Path("/proc/self/statm").read_text("ascii").split()[0]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()


def _work(store: Store, limits: Limits) -> NoReturn:
    listener = socket.socket(fileno=LISTENER)
    while True:
        asker, _ = listener.accept()
        signal.setitimer(signal.ITIMER_REAL, limits.seconds)
        try:
            asker.sendall(BEGUN)
            question = msgspec.json.decode(receive(asker), type=QueryTask)
            _leave_with_asker(asker, True)
            reply, body = _reply(store, question, limits)
            _leave_with_asker(asker, False)
            _send(asker, reply, body)
        except (EOFError, OSError):
            pass
        asker.close()
        signal.setitimer(signal.ITIMER_REAL, 0)


def _leave_with_asker(asker: socket.socket, leave: bool) -> None:
    """Have the kernel end this process with its parent; on other systems the time limit must do."""
    if sys.platform != "linux":
        return
    flags = fcntl.fcntl(asker, fcntl.F_GETFL)
    if not leave:
        fcntl.fcntl(asker, fcntl.F_SETFL, flags & ~os.O_ASYNC)
        return
    fcntl.fcntl(asker, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(asker, fcntl.F_SETFL, flags | os.O_ASYNC)
    try:
        if not asker.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
            os._exit(0)
    except BlockingIOError:
        pass


def _reply(store: Store, question: QueryTask, limits: Limits) -> tuple[Reply, bytes]:
    try:
        query = read_query(question.query, store.prefixes)
        media = question.table if query.selects else question.document
        if media is None:
            return Reply(error="NotAcceptable", form=query.form), b""
        wanted = question.table_rows if query.selects else question.document_rows
        rows = min(wanted or limits.rows, limits.rows)
        answered: QueryAnswer = answer(store, query, question.graphs, media, rows)
    except KgError as error:
        details = {k: str(v) for k, v in vars(error).items()}
        return Reply(error=type(error).__name__, details=details), b""
    except MemoryError:
        os._exit(1)
    except (OSError, ValueError, RuntimeError):
        # A store may say in its error what a query held; nothing of that goes on.
        details = {"code": "query-failed", "message": "the store could not answer this query"}
        return Reply(error="StoreError", details=details), b""
    if len(answered.body) > limits.largest_answer:
        details = {
            "code": "query-too-heavy",
            "message": f"the answer has {len(answered.body):,} bytes; "
            f"{limits.largest_answer:,} are given",
            "repair": "ask for fewer columns or rows",
        }
        return Reply(error="StoreError", details=details), b""
    reply = Reply(
        answered.media,
        len(answered.body),
        query.form,
        answered.capped,
        mentions=tuple(query.mentions),
    )
    return reply, answered.body


def _send(asker: socket.socket, reply: Reply, body: bytes) -> None:
    """Send an answer; for a slow reader a child sends the rest, so that nothing else waits."""
    head = msgspec.json.encode(reply)
    rest = memoryview(LENGTH.pack(len(head)) + head + body)
    signal.setitimer(signal.ITIMER_REAL, _SENDING)
    asker.settimeout(_PATIENCE)
    try:
        while rest:
            rest = rest[asker.send(rest) :]
    except TimeoutError:
        if os.fork() == 0:
            try:
                signal.setitimer(signal.ITIMER_REAL, _SENDING)
                asker.settimeout(None)
                asker.sendall(rest)
            finally:
                os._exit(0)


def receive(asker: socket.socket) -> bytes:
    """Read one message with its length before it."""
    (length,) = LENGTH.unpack(_exactly(asker, LENGTH.size))
    return _exactly(asker, length)


def _exactly(asker: socket.socket, length: int) -> bytes:
    parts = []
    while length:
        part = asker.recv(min(length, 1 << 16))
        if not part:
            raise EOFError("the asker has gone")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


if __name__ == "__main__":
    main()
