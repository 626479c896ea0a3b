"""The command `review`: accounts, the queue, and reviews carried from one place to another."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from api.review.accounts import ROLES, Account, refuse
from api.review.audit import verify
from api.review.backup import back_up, restore
from api.review.exchange import FOLDER, ExportedReviews, read_reviews, write_reviews
from api.review.state import Bench
from api.review.words import status_in_words
from api.settings import Settings
from api.settings_file import use_file
from kg.graph.turtle import Prefixes
from kg.review.queue import queue
from kg.review.reviews import reviews_of
from kg.snapshot.file import CURRENT, read_snapshot
from kg.snapshot.model import Snapshot
from kg.snapshot.releases import ONTOLOGY

# Whoever can read the database may do all that a lead may.
_OPERATOR = Account("operator", "operator", "lead")


class Job(NamedTuple):
    """One thing that `inokg review` does."""

    summary: str
    does: Callable[[Bench, argparse.Namespace], int]


def add_review(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `review`."""
    parser.add_argument("--database", metavar="URL", help="where the reviews are kept")
    jobs = parser.add_subparsers(dest="job", required=True, metavar="WHAT")
    parsers = {name: jobs.add_parser(name, help=job.summary) for name, job in _JOBS.items()}
    for name in ("invite", "unlock"):
        parsers[name].add_argument("name", help="the name of the account")
    parsers["invite"].add_argument("--role", choices=ROLES, default="reviewer")
    parsers["invite"].add_argument("--shown", default="", help="the name as others see it")
    for name in ("export", "import"):
        usual = ONTOLOGY / FOLDER
        parsers[name].add_argument("folder", type=Path, nargs="?", default=usual)
    for name in ("backup", "restore"):
        parsers[name].add_argument("file", type=Path)
    parsers["verify"].add_argument("--head", default="", help="the hash noted at an earlier time")


def run(options: argparse.Namespace) -> int:
    """Do one of them."""
    use_file()
    settings = Settings()
    review = settings.review
    if options.database:
        review = type(review)(database=options.database)
    options.releases = settings.releases
    bench = Bench(review)
    try:
        return _JOBS[options.job].does(bench, options)
    finally:
        bench.database.close()


def _snapshot(options: argparse.Namespace) -> Snapshot:
    return read_snapshot(options.releases / CURRENT)[0]


def _accounts(bench: Bench, options: argparse.Namespace) -> int:
    for account in bench.accounts.all():
        print(f"{account.name:24} {account.role:9} {account.shown}")
    return 0


def _invite(bench: Bench, options: argparse.Namespace) -> int:
    token = bench.accounts.invite(_OPERATOR, options.name, options.shown, options.role)
    return _link(token)


def _unlock(bench: Bench, options: argparse.Namespace) -> int:
    return _link(bench.accounts.way_back(_OPERATOR.name, options.name))


def _link(token: str) -> int:
    print(f"good once, for seven days: /review/link/{token}")
    return 0


def _queue(bench: Bench, options: argparse.Namespace) -> int:
    snapshot = _snapshot(options)
    for row in queue(bench.signing.standings(snapshot), snapshot):
        severity = row.severity or ""
        print(f"{severity:16} {status_in_words(row.standing):24} {row.title}")
    return 0


def _export(bench: Bench, options: argparse.Namespace) -> int:
    given = ExportedReviews(tuple(bench.signing.all()), tuple(bench.signing.all_parts()))
    new = write_reviews(given, options.folder, Prefixes.read(ONTOLOGY / "prefixes.ttl"))
    print(f"{len(given.signed)} signatures, {new} of them new, in {options.folder}")
    return 0


def _import(bench: Bench, options: argparse.Namespace) -> int:
    if not options.folder.is_dir():
        raise refuse("no-subject", "there is no folder of this name", "name one with reviews")
    found = read_reviews(options.folder)
    new, known = bench.signing.take_in(_OPERATOR.name, found.signed, found.parts)
    print(f"{new} signatures taken in, {known} were here already")
    return 0


def _verify(bench: Bench, options: argparse.Namespace) -> int:
    with bench.database.reading() as connection:
        found = verify(connection, options.head)
    for fault in found.faults:
        print(fault, file=sys.stderr)
    print(f"{found.lines} lines; the last has the hash {found.head}")
    return 1 if found.faults else 0


def _status(bench: Bench, options: argparse.Namespace) -> int:
    snapshot = _snapshot(options)
    stands = bench.signing.standings(snapshot)
    reviews = reviews_of(stands, only_approved=bench.settings.only_approved)
    print(f"{sum(s.holds for s in stands.values())} of {len(stands)} approved; {reviews.hash}")
    return 0


def _backup(bench: Bench, options: argparse.Namespace) -> int:
    found = back_up(bench.database, options.file)
    print(f"wrote {options.file}: {found.lines} lines of the log, the last {found.head}")
    return 1 if found.faults else 0


def _restore(bench: Bench, options: argparse.Namespace) -> int:
    found = restore(bench.database, options.file)
    print(f"restored {found.lines} lines of the log; the last has the hash {found.head}")
    return 0


_JOBS = {
    "accounts": Job("list the accounts", _accounts),
    "invite": Job("make an account, and print the link for its password", _invite),
    "unlock": Job("unlock an account, and print a link for a new password", _unlock),
    "queue": Job("list what waits, the weightiest first", _queue),
    "status": Job("say how much is approved, and the hash of the reviews", _status),
    "export": Job("write the reviews as RDF, a file a signature", _export),
    "import": Job("take exported reviews in", _import),
    "verify": Job("work the log's hashes out again", _verify),
    "backup": Job("write all that the store holds into a file", _backup),
    "restore": Job("take a backup back into an empty database", _restore),
}
