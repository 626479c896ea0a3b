"""Read the corpus of conditions, procedures and allergies, and count how it was read.

A row says what a clinician reads: each term by its own name, ' + ' between several; behind '='
whether it is there (open, resolved, suspected, absent, other), behind ',' its severity or grade;
'?' where only a question is right, NONE where a line says that there is nothing. A bar parts
readings of which each is right.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from kg import terms
from kg.casing.assemble import assemble
from kg.casing.case import Case, Item
from kg.casing.closed_lists import vocabulary
from kg.contract.request import request_from
from kg.snapshot.model import Snapshot

CORPUS = Path(__file__).parent / "problems.tsv"
QUESTION, NONE = "?", "NONE"
Outcome = Literal["right", "wrong", "question"]
_PARTS = {"condition": "conditions", "procedure": "conditions", "allergy": "allergies"}


class ProblemLine(NamedTuple):
    """One row of the corpus."""

    string: str
    kind: str
    read_as: str

    @property
    def unseen(self) -> bool:
        """Say whether the row is of the third that was kept unseen while the reader was made."""
        return hashlib.sha256(self.string.encode()).digest()[0] % 3 == 0


class ProblemScore(NamedTuple):
    """How a row was read, and what was read."""

    line: ProblemLine
    outcome: Outcome
    read: str


def problem_lines() -> Iterator[ProblemLine]:
    """Give the rows of the corpus."""
    with CORPUS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield ProblemLine(**row)


def problem_score(line: ProblemLine, snapshot: Snapshot) -> ProblemScore:
    """Read one row, and hold what was read against what a clinician reads."""
    part = _PARTS[line.kind]
    case = assemble(request_from({part: [{"text": line.string}]}), snapshot)
    asked = bool(case.unrecognised)
    read = _read(case, part, snapshot)
    wanted = line.read_as.split("/")
    if asked:
        return ProblemScore(line, "right" if QUESTION in wanted else "question", read)
    right = any(_same(read, one) for one in wanted)
    return ProblemScore(line, "right" if right else "wrong", read)


def _same(read: str, wanted: str) -> bool:
    return sorted(read.split(" + ")) == sorted(wanted.split(" + "))


def _read(case: Case, part: str, snapshot: Snapshot) -> str:
    items = {i.term: i for i in (getattr(case, part) or ()) if i.term is not None}
    shown = [_shown(r.term, items.get(r.term), r, snapshot) for r in case.recognised]
    return " + ".join(shown) or QUESTION


def _shown(term: str, item: Item | None, recognised: object, snapshot: Snapshot) -> str:
    if terms.kind(term) == "nothing":
        return NONE
    name = "INDEX" if term == snapshot.index_drug else terms.local(term)
    read_as = getattr(recognised, "read_as", None)
    status = getattr(getattr(read_as, "status", None), "value", "")
    source = getattr(getattr(read_as, "status", None), "source", "default")
    standing = f"={status}" if source == "text" else ""
    return name + standing + _degree(item, snapshot)


def _degree(item: Item | None, snapshot: Snapshot) -> str:
    if item is None:
        return ""
    grade = item.numbers.get(terms.CTCAE_GRADE)
    if grade is not None and not grade.empty and grade.low is not None:
        return f",G{int(grade.low)}"
    severity = item.attributes.get(terms.SEVERITY)
    condition = snapshot.conditions.get(item.term or "")
    if severity is None or (condition is not None and condition.implied_severity == severity):
        return ""
    keys = {iri: key for key, iri in vocabulary(snapshot).severities.items()}
    return f",{keys[severity]}"
