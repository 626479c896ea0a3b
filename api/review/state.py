"""The bench as it runs: its store, and the reviews that every answer carries."""

from __future__ import annotations

import mmap
import struct
import threading
import time
from typing import NamedTuple

from fastapi import FastAPI, Request

from api.logs import say
from api.review.accounts import Accounts
from api.review.blind import BlindReading
from api.review.database import Database
from api.review.drafts import Drafts
from api.review.sessions import Sessions
from api.review.signing import Signing, numbers
from api.settings import ReviewSettings
from kg.errors import StoreError
from kg.review.reviews import Reviews, reviews_of
from kg.snapshot.model import Snapshot

# How long a signature given at another service, or at the command line, may stay unseen here.
_LOOK_EVERY = 5.0
_COUNT = struct.Struct("Q")


class _CarriedReviews(NamedTuple):
    """Reviews of one release, and what they were made from."""

    snapshot: Snapshot
    signed_here: int
    last: int
    reviews: Reviews


class Bench:
    """One store of reviews, as all workers of a service share it."""

    def __init__(self, settings: ReviewSettings) -> None:
        self.settings = settings
        self.database = Database(settings.database)
        self.accounts = Accounts(self.database)
        self.sessions = Sessions(self.database)
        self.signing = Signing(self.database)
        self.drafts = Drafts(self.database)
        self.blind = BlindReading(self.database)
        # Good until there is an account; the parent makes it, and its workers know it.
        self.first_link = settings.first_link
        # Workers are forked later and share this: how often one of them signed something.
        self._signed = mmap.mmap(-1, _COUNT.size)
        self._kept: _CarriedReviews | None = None
        self._looked = 0.0
        self._looking = threading.Lock()

    def changed(self) -> None:
        """Tell every worker that the reviews are others now."""
        self._signed[:] = _COUNT.pack(self._signed_here() + 1)

    def reviews(self, snapshot: Snapshot) -> Reviews:
        """Give the reviews as they stand; what was signed here is seen at once."""
        kept = self._kept
        if kept is None or kept.snapshot is not snapshot or kept.signed_here != self._signed_here():
            return self._read(snapshot).reviews
        if time.monotonic() - self._looked > _LOOK_EVERY and self._looking.acquire(blocking=False):
            # An answer does not wait for a database that may be far away.
            threading.Thread(target=self._look, args=(kept,), daemon=True).start()
        return kept.reviews

    def _signed_here(self) -> int:
        count: int = _COUNT.unpack(self._signed[:])[0]
        return count

    def _look(self, kept: _CarriedReviews) -> None:
        try:
            self._looked = time.monotonic()
            if self._last() != kept.last:
                self._read(kept.snapshot)
        except StoreError:
            say("reviews unreachable")
        finally:
            self._looking.release()

    def _last(self) -> int:
        if not self.database.is_there:
            return 0
        with self.database.reading() as connection:
            return numbers(connection)

    def _read(self, snapshot: Snapshot) -> _CarriedReviews:
        """Work the reviews out again; where that cannot be, nothing counts as approved."""
        here = self._signed_here()
        self._looked = time.monotonic()
        last = -1
        only = self.settings.only_approved
        try:
            last = self._last()
            found = reviews_of(self.signing.standings(snapshot) if last else {}, only_approved=only)
        except StoreError:
            say("reviews unreachable")
            found = self._kept.reviews if self._kept else reviews_of({}, only_approved=only)
        self._kept = _CarriedReviews(snapshot, here, last, found)
        return self._kept


def install(app: FastAPI, settings: ReviewSettings) -> None:
    """Give an application its bench; an address that is no database is refused here."""
    bench = Bench(settings)
    app.state.bench = bench
    app.state.reviews = bench.reviews


def bench_of(request: Request) -> Bench:
    """Give the bench of the application that a request came to."""
    bench: Bench = request.app.state.bench
    return bench
