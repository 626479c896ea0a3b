"""Read the corpus of medicine strings, and count what was read right, wrongly, or as a question.

A row says what a pharmacist reads: all ingredients, joined by ' + ', or '?' where only a question
is right. Where it names a status, a role or a route, that must be read from the text as well.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from msgspec import UNSET

from kg.casing.assemble import assemble
from kg.contract.report import Recognised
from kg.contract.request import request_from
from kg.resolving.combinations import drugs_of
from kg.snapshot.model import Snapshot
from kg.snapshot.names import names_of, normal

CORPUS = Path(__file__).parent / "medicines.tsv"
QUESTION = "?"
Outcome = Literal["right", "wrong", "question"]


class Line(NamedTuple):
    """One row of the corpus."""

    string: str
    country: str
    read_as: str
    status: str
    role: str
    route: str

    @property
    def unseen(self) -> bool:
        """Say whether the row is of the third that was kept unseen while the reader was made."""
        return hashlib.sha256(self.string.encode()).digest()[0] % 3 == 0


class Score(NamedTuple):
    """How a row was read, and what was read."""

    line: Line
    outcome: Outcome
    read: str


def lines() -> Iterator[Line]:
    with CORPUS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield Line(**row)


def score(line: Line, snapshot: Snapshot) -> Score:
    """Send a row through as a line of a medication list."""
    case = assemble(request_from({"medications": [{"text": line.string}]}), snapshot)
    if not case.recognised:
        missed = case.unrecognised[0]
        right = line.read_as == QUESTION
        return Score(line, "right" if right else "question", missed.reason)
    found = drugs_of((r.term for r in case.recognised), snapshot)
    read = " + ".join(sorted(t.rsplit("/", 1)[-1] for t in found))
    if line.read_as == QUESTION or found != _meant(line, snapshot):
        return Score(line, "wrong", read)
    said = _said(case.recognised[0])
    for field in ("status", "role", "route"):
        meant = getattr(line, field)
        if meant and said.get(field) != meant:
            outcome: Outcome = "wrong" if field in said else "question"
            return Score(line, outcome, f"{read}; {field}: {said.get(field)}")
    return Score(line, "right", read)


def _meant(line: Line, snapshot: Snapshot) -> frozenset[str]:
    proper = names_of(snapshot)["drug"].proper
    named = [proper[normal(name)] for name in line.read_as.split(" + ")]
    taken = [[t for t in found if "/drug/" in t] for found in named]
    assert all(len(found) == 1 for found in taken), line
    return drugs_of((found[0] for found in taken), snapshot)


def _said(entry: Recognised) -> dict[str, str]:
    read = entry.read_as
    if read is UNSET:
        return {}
    fields = {"status": read.status, "role": read.role, "route": read.route}
    return {name: str(one.value) for name, one in fields.items() if one is not UNSET}


def main(folder: str) -> None:
    """Print the figures of a release, and all that was not read right."""
    from kg.snapshot.file import read_snapshot

    snapshot, _ = read_snapshot(Path(folder))
    report([score(line, snapshot) for line in lines()])


def report(scores: list[Score]) -> None:
    for title, part in (
        ("seen", [s for s in scores if not s.line.unseen]),
        ("unseen", [s for s in scores if s.line.unseen]),
    ):
        counted = Counter(s.outcome for s in part)
        print(title, len(part), dict(counted), f"{counted['right'] / len(part):.4f}")
    for one in scores:
        if one.outcome != "right":
            print(one.outcome, "|", one.line.string, "|", one.line.read_as, "|", one.read)


if __name__ == "__main__":
    main(sys.argv[1])
