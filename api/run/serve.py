"""Run the service: a parent process that loads releases and manages worker processes.

The parent reads the Snapshot once and forks; its workers share that memory and one listening
socket. A worker that dies is replaced. When another release becomes current, the parent reads
it, forks new workers and only then lets the old ones go, each after its last answer. A release
that is not valid is ignored, and the previous one stays in use.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import time
from collections import deque
from dataclasses import dataclass, field
from ipaddress import ip_address
from itertools import count
from pathlib import Path
from typing import NoReturn

from api.app import create_app
from api.http.callers import VARIABLE as TOKENS
from api.http.dependencies import Answering
from api.http.metrics import LAST_ROW, REFUSED, STARTS, SWITCHES, Metrics
from api.logs import say
from api.review.accounts import Accounts
from api.review.database import Database
from api.run.beats import Beats
from api.run.warm import warm
from api.run.worker import RETIRE, work
from api.settings import Settings
from kg.errors import KgError, MalformedRequest
from kg.snapshot.file import CURRENT, MANIFEST, SNAPSHOT

_CLIENTS = "INOKG_CDS_CLIENTS"
_BACKLOG = 2048
_LOOK_EVERY = 0.2
# A worker that cannot even start must not be forked over and over without pause.
_MORE_STARTS, _STARTS_WITHIN = 10, 10.0
# What a worker is given beyond the time that it gives itself.
_GRACE = 10.0


def serve(host: str, port: int, workers: int, settings: Settings | None = None) -> int:
    """Serve until told to stop; what is being answered then is answered to its end."""
    settings = settings or Settings(log=True)
    missing = [] if _is_own_machine(host) else _not_listed(settings)
    if missing:
        _refuse_unless_open(host, missing, settings)
    with _listen(host, port) as listener:
        port = listener.getsockname()[1]
        _announce(host, port, known=not missing)
        _announce_first_account(host, port, settings)
        return _Parent(listener, workers, settings).run()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # An answer goes out at once, and does not wait until the caller has noted its first bytes.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise KgError(
            code="cannot-listen",
            message=f"this address cannot be listened on: {(error.strerror or 'unknown').lower()}",
            subject=f"{host}:{port}",
            repair="choose another --host or --port, or stop the program that is listening there",
        ) from error
    listener.setblocking(False)
    return listener


def _is_own_machine(host: str) -> bool:
    """Say whether an address can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _not_listed(settings: Settings) -> list[str]:
    """Name the variables of the files of callers that are not set."""
    files = {_CLIENTS: settings.hooks.clients, TOKENS: settings.tokens}
    return [variable for variable, file in files.items() if file is None]


def _refuse_unless_open(host: str, missing: list[str], settings: Settings) -> None:
    """Refuse to serve every caller from anywhere, unless that was asked for."""
    if not settings.hooks.open_to_all:
        raise MalformedRequest(
            code="open-to-all",
            message="no caller is listed, so everybody who reaches this address could call",
            subject=host,
            location=" and ".join(missing),
            repair="list the callers in a file, listen on 127.0.0.1, or set INOKG_CDS_OPEN=1",
        )


def _announce(host: str, port: int, *, known: bool) -> None:
    shown = f"[{host}]" if ":" in host else host
    to_all = "" if known else " to EVERY CALLER, since no caller is listed"
    print(f"inokg: serving http://{shown}:{port}/{to_all} (stop with Ctrl-C)", flush=True)


def _announce_first_account(host: str, port: int, settings: Settings) -> None:
    """Print the one-time link by which the first reviewer makes an account, while there is none."""
    database = Database(settings.review.database)
    if Accounts(database).none_yet():
        shown = f"[{host}]" if ":" in host else host
        link = f"http://{shown}:{port}/review/first/{settings.review.first_link}"
        print(f"inokg: to review, make the first account once at {link}", flush=True)
    database.close()


@dataclass
class _Parent:
    """Keeps the workers, and the release that they answer from."""

    listener: socket.socket
    workers: int
    settings: Settings
    metrics: Metrics = field(default_factory=Metrics)
    beats: Beats = field(default_factory=lambda: Beats(LAST_ROW + 1))
    # Each worker's row in the table of counters; and until when those that leave have time.
    at_work: dict[int, int] = field(default_factory=dict)
    leaving: dict[int, tuple[int, float]] = field(default_factory=dict)
    refused: str = ""
    _starts: deque[float] = field(default_factory=deque)
    _looked: float = field(default_factory=time.monotonic)
    _bear_until: float = 0.0
    _stop: bool = False
    _look: bool = False

    def run(self) -> int:
        """Keep the service up until told to stop."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._told_to_stop)
        signal.signal(signal.SIGHUP, self._told_to_look)
        self._read()
        while not self._stop:
            self._end_the_hung()
            self._bury()
            self._look_for_release()
            while len(self.at_work) < self.workers and self._may_start():
                self._fork()
            self._let_go_for_good()
            time.sleep(_LOOK_EVERY)
        return self._wind_up()

    def _told_to_stop(self, *_: object) -> None:
        self._stop = True

    def _told_to_look(self, *_: object) -> None:
        self.refused = ""
        self._look = True

    # --- releases ------------------------------------------------------------------------------

    def _read(self) -> None:
        """Read the release that is current, once for all workers."""
        self.pointer = _pointer(self.settings.releases)
        self._take(Answering(self.settings.releases))

    def _take(self, answering: Answering) -> None:
        gc.unfreeze()
        self.answering = answering
        self.app = create_app(self.settings, answering=answering, metrics=self.metrics)
        warm(self.app)
        # What is here now stays as it is: collecting it would only unshare its pages.
        gc.collect()
        gc.freeze()
        found = answering.release()[1] if answering.sound else None
        say("release", version=found.version if found else None, hash=found.hash if found else None)

    def _look_for_release(self) -> None:
        """Switch over when another release became current, if it is sound."""
        pointer = _pointer(self.settings.releases)
        if (pointer == self.pointer and not self._look) or pointer == self.refused:
            return
        self._look, self.refused = False, ""
        answering = Answering(self.settings.releases)
        if not answering.sound:
            self.refused = pointer
            self.metrics.put(REFUSED, 1)
            say("release refused", kept=self._hash())
            return
        self.pointer = pointer
        self.metrics.put(REFUSED, 0)
        if answering.release()[1].hash == self._hash():
            return
        before = list(self.at_work)
        self._take(answering)
        for _ in range(self.workers):
            self._fork()
        self.metrics.count(SWITCHES)
        for pid in before:
            self._let_go(pid, RETIRE, self.settings.finish_seconds)

    def _hash(self) -> str | None:
        return self.answering.release()[1].hash if self.answering.sound else None

    # --- workers -------------------------------------------------------------------------------

    def _may_start(self) -> bool:
        now = time.monotonic()
        while self._starts and now - self._starts[0] > _STARTS_WITHIN:
            self._starts.popleft()
        return len(self._starts) < self.workers + _MORE_STARTS

    def _fork(self) -> None:
        self._starts.append(time.monotonic())
        taken = {*self.at_work.values(), *(row for row, _ in self.leaving.values())}
        # The parent's own row is the first; in the last one several may have to write.
        row = next(r for r in count(1) if r not in taken or r == LAST_ROW)
        # It has as long to begin as it may be silent later.
        self.beats.beat(row)
        pid = os.fork()
        if pid == 0:
            self._become_worker(row)
        self.at_work[pid] = row
        self.metrics.count(STARTS)

    def _become_worker(self, row: int) -> NoReturn:
        status = 1
        try:
            self.metrics.use_row(row)
            status = work(self.app, self.listener, self.settings, lambda: self.beats.beat(row))
        except BaseException as error:
            # Whatever happens, a worker never goes on as a second parent.
            say("worker failed", kind=type(error).__name__)
        finally:
            os._exit(status)

    def _end_the_hung(self) -> None:
        """End workers that have long not been seen at work; they are replaced like dead ones."""
        now = time.monotonic()
        # Where this process itself could not run, nothing follows about the workers.
        if now - self._looked > 1.0:
            self._bear_until = now + self.settings.hung_seconds
        self._looked = now
        if now < self._bear_until:
            return
        leaving = ((pid, row) for pid, (row, _) in self.leaving.items())
        for pid, row in [*self.at_work.items(), *leaving]:
            if self.beats.silent_for(row) > self.settings.hung_seconds:
                say("worker hung", pid=pid)
                os.kill(pid, signal.SIGKILL)
                # It may take a moment to end.
                self.beats.beat(row)

    def _bury(self) -> None:
        """Take notice of workers that have ended."""
        for pid in [*self.at_work, *self.leaving]:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if not ended:
                continue
            if self.leaving.pop(pid, None) is None:
                del self.at_work[pid]
                say("worker died", pid=pid, status=os.waitstatus_to_exitcode(status))

    def _let_go(self, pid: int, how: int, seconds: float) -> None:
        """Ask a worker to take no more connections, and to end after its last answer."""
        os.kill(pid, how)
        row = self.at_work.pop(pid, None) or self.leaving[pid][0]
        self.leaving[pid] = row, time.monotonic() + seconds + _GRACE

    def _let_go_for_good(self) -> None:
        for pid, (_, until) in self.leaving.items():
            if time.monotonic() > until:
                os.kill(pid, signal.SIGKILL)

    def _wind_up(self) -> int:
        for pid in [*self.at_work, *self.leaving]:
            self._let_go(pid, signal.SIGTERM, self.settings.leave_seconds)
        say("stopping", workers=len(self.leaving))
        while self.leaving:
            self._bury()
            self._let_go_for_good()
            time.sleep(0.02)
        say("stopped")
        return 0


def _pointer(releases: Path) -> str:
    """Give where the current release lies and when it was written, or '' where there is none."""
    current = releases / CURRENT
    try:
        written = [(current / name).stat().st_mtime_ns for name in (MANIFEST, SNAPSHOT)]
        return f"{current.resolve()} {written}"
    except OSError:
        return ""
