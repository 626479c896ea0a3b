"""Text that somebody made to take long, against usual text of the same size, and beside others."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.request import MOST_ITEMS, decode_request
from kg.snapshot.file import read_snapshot
from kg.snapshot.model import Snapshot
from tests.bench.engine import typical
from tests.bench.load import rate
from tests.bench.measure import Row, at_most, percentile, seconds
from tests.serving import serving

_LONGEST = 500
_STRETCH = 6.0
# What is repeated until a text is as long as a request may have it.
_HOSTILE = {
    "blanks": " ",
    "blanks within": " \t",
    "separators": "a/",
    "joining words": "a and ",
    "brackets": "(a",
    "figures": "1,",
    "doses": "1 mg/",
    "known words": "tablet daily oral ",
    "marks": "\u0301\u0316",
}


def rows(release: Path) -> Iterator[Row]:
    """Measure in the process, and over HTTP with one worker."""
    snapshot, _ = read_snapshot(release)
    usual = seconds(partial(_answer, _usual(snapshot), snapshot))
    spent = {
        name: seconds(partial(_answer, _body(f"x{unit * _LONGEST}"), snapshot))
        for name, unit in _HOSTILE.items()
    }
    slowest = max(spent, key=lambda name: spent[name])
    yield at_most(
        "slowest accepted request / the usual one of its size",
        spent[slowest] / usual,
        3.0,
        f"{MOST_ITEMS} entries of {_LONGEST} signs; slowest: {slowest}",
    )
    with serving(release.parent, "--quiet") as service:
        alone = rate(service.url, "/v1/check", typical(), _STRETCH, connections=1)
        done = threading.Event()
        other = threading.Thread(target=_ask_on, args=(service.url, _usual(snapshot), done))
        other.start()
        beside = rate(service.url, "/v1/check", typical(), _STRETCH, connections=1)
        done.set()
        other.join()
    p99 = percentile(beside, 0.99) / percentile(alone, 0.99)
    note = f"{percentile(alone, 0.99) * 1000:.1f} ms alone, p99; one worker"
    yield at_most("p99 of a usual check beside a long one / alone", p99, 2.0, note)


def _answer(body: bytes, snapshot: Snapshot) -> object:
    return check(assemble(decode_request(body), snapshot), snapshot)


def _body(text: str) -> bytes:
    entries: list[dict[str, Any]] = [
        {"text": f"{n} {text}"[: _LONGEST - 1] + "b"} for n in range(MOST_ITEMS)
    ]
    return json.dumps({"medications": entries}, ensure_ascii=False).encode()


def _usual(snapshot: Snapshot) -> bytes:
    """Give a list as long as it may be, of lines as long as they may be, as a ward writes them."""
    labels = sorted(d.label for d in snapshot.drugs.values())[:MOST_ITEMS]
    line = " 20 mg tablets, one tablet twice daily with food, swallow whole with water;"
    entries = [{"text": (name + line * _LONGEST)[:_LONGEST]} for name in labels]
    return json.dumps({"medications": entries}).encode()


def _ask_on(url: str, body: bytes, done: threading.Event) -> None:
    head = {"Content-Type": "application/json"}
    while not done.is_set():
        asked = urllib.request.Request(f"{url}/v1/check", body, head)  # noqa: S310 - our own
        with urllib.request.urlopen(asked) as answer:  # noqa: S310 - our own
            answer.read()
