"""What was acknowledged is kept, whatever is killed; and nobody signs over another's signature."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2 as httpx

from api.review.accounts import Accounts
from api.review.audit import verify
from api.review.database import Database
from api.review.door import COOKIE
from api.review.sessions import Sessions, form_token
from api.review.signing import Signing
from kg import terms
from kg.review.content import contents
from kg.snapshot.model import Snapshot
from tests.review.test_store import PASSWORD
from tests.serving import Service, serving

_REVIEWERS, _EACH = 50, 3


def reviewers(database: Database) -> list[tuple[str, str]]:
    """Give so many reviewers, each signed in."""
    known, held = Accounts(database), Sessions(database)
    lead = known.first("lead", "Lead", PASSWORD)
    found = []
    for n in range(_REVIEWERS):
        known.invite(lead, f"reviewer-{n}", "", "reviewer")
        account = next(a for a in known.all() if a.name == f"reviewer-{n}")
        found.append((account.name, held.begin(account)))
    return found


class _Worker:
    """One reviewer who signs a few of the same subjects as all others, and notes what was taken."""

    def __init__(self, service: Service, snapshot: Snapshot) -> None:
        self._service = service
        self._subjects = sorted(contents(snapshot))[:40]
        self._contents = contents(snapshot)
        self.acknowledged: list[tuple[str, str, str]] = []
        self.answers: Counter[int] = Counter()

    def __call__(self, who: tuple[str, str]) -> None:
        name, token = who
        chance = random.Random(name)  # noqa: S311 - which subject, no secret
        for n in range(_EACH):
            subject = chance.choice(self._subjects)
            reason = f"{name}, the {n}th"
            status = self._sign(subject, token, reason)
            self.answers[status] += 1
            if status == 303:
                self.acknowledged.append((subject, name, reason))

    def _sign(self, subject: str, token: str, reason: str) -> int:
        content = self._contents[subject]
        address = f"{self._service.url}/review/{subject.removeprefix(terms.BASE)}"
        with httpx.Client(cookies={COOKIE: token}, timeout=60) as client:
            try:
                seen = (
                    client.get(address).text.partition('name="seen" value="')[2].partition('"')[0]
                )
                form = {
                    "token": form_token(token),
                    "verdict": "reject",
                    "reason": reason,
                    "clinical": content.clinical,
                    "wording": content.wording,
                    "seen": seen,
                }
                return client.post(address, data=form).status_code
            except httpx.TransportError:
                # The worker was killed; nothing was acknowledged.
                return 0


def test_nothing_acknowledged_is_lost_when_workers_are_killed(
    address: str, snapshot: Snapshot, release_folder: Path
) -> None:
    database = Database(address)
    people = reviewers(database)
    over, killed = threading.Event(), Counter[str]()
    releases = release_folder.parent
    with serving(releases, "--quiet", "--workers", "3", database=address) as service:

        def kill() -> None:
            while not over.wait(1.0):
                alive = service.workers()
                if len(alive) == 3:
                    os.kill(alive[killed["times"] % 3], signal.SIGKILL)
                    killed["times"] += 1

        killer = threading.Thread(target=kill)
        killer.start()
        worker = _Worker(service, snapshot)
        with ThreadPoolExecutor(_REVIEWERS) as pool:
            list(pool.map(worker, people))
        over.set()
        killer.join()
        time.sleep(0.1)
    signed = Signing(database).all()
    kept = Counter((s.subject, s.by, s.reason) for s in signed)
    assert killed["times"] > 0
    # How many are taken before a worker dies is the machine's affair; that some are is not.
    assert worker.acknowledged
    assert [a for a in worker.acknowledged if kept[a] != 1] == []
    assert set(worker.answers) <= {0, 303, 409}, worker.answers
    with database.reading() as connection:
        assert verify(connection).faults == ()
    database.close()
