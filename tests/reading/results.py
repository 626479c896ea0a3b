"""Results as laboratories print them, each with what a biochemist reads, or that it is a question.

The rows were written from the tables of units and from knowledge of laboratory reports, and not
from the program. `amount` is in the canonical unit of the observation: a number, a range, a
number with a sign, or `seen` where nothing rests on it.
"""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from kg import terms
from kg.casing.assemble import assemble
from kg.casing.case import Case, Item
from kg.casing.observed import used_kinds
from kg.casing.units import measures
from kg.contract.request import request_from
from kg.interval import Interval
from kg.snapshot.model import Snapshot

_FILE = Path(__file__).parent / "results.tsv"
_SLIP = Fraction(1, 100_000)


class Row(NamedTuple):
    """One result as it was printed, and how it is read."""

    region: str
    name: str
    value: str
    unit: str
    read_as: str
    amount: str
    beside: str

    @property
    def question(self) -> bool:
        """Say whether nobody can tell what this is."""
        return self.read_as == "?"


def _rows() -> tuple[Row, ...]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(lines)
        return tuple(Row(*line) for line in lines)


ROWS = _rows()


def sent(row: Row) -> dict[str, Any]:
    """Write a row as an entry of a request; what is a number is sent as one."""
    value: Any = row.value
    try:
        value = int(value)
    except ValueError:
        try:
            # A number that JSON would not write so was written by a person.
            value = float(value) if repr(float(value)) == value else value
        except ValueError:
            value = row.value
    entry = {"text": row.name, "value": value, "unit": row.unit}
    return {name: given for name, given in entry.items() if given != ""}


def wrong_with(row: Row, snapshot: Snapshot) -> str:
    """Say what is wrong with how a row is read: missed, or read wrongly; '' where nothing is."""
    entry = sent(row)
    case = assemble(request_from({"observations": [entry]}), snapshot)
    read = [terms.local(r.term) for r in case.recognised]
    if not read:
        if row.question:
            return ""
        return f"missed: {case.unrecognised[0].reason}"
    if row.question or read != [row.read_as]:
        return f"wrong: read as {', '.join(read)}"
    if row.amount == "seen":
        return "" if case.recognised[0].used is False else "wrong: it is said to be used"
    (item,) = (i for i in case.observations or () if terms.local(i.term or "") == row.read_as)
    return _wrong_amount(row, item, snapshot) or _wrong_mark(case, snapshot)


def _wrong_mark(case: Case, snapshot: Snapshot) -> str:
    (read,) = case.recognised
    used = read.term in used_kinds(snapshot)
    return "" if (read.used is False) != used else "wrong: the mark of use does not fit"


def _wrong_amount(row: Row, item: Item, snapshot: Snapshot) -> str:
    value = item.numbers[terms.VALUE]
    amount = row.amount
    sign = next((s for s in ("<=", ">=", "<", ">") if amount.startswith(s)), "")
    low, _, high = amount.removeprefix(sign).partition("..")
    wanted = Fraction(low), Fraction(high or low)
    if sign.startswith("<"):
        close = value.high is not None and _close(value.high, wanted[0])
    elif sign.startswith(">"):
        close = value.low is not None and _close(value.low, wanted[0])
    else:
        ends = value.low, value.high
        close = all(e is not None and _close(e, w) for e, w in zip(ends, wanted, strict=True))
    if not close:
        return f"wrong: the value is {_said(value)}"
    return _wrong_limits(row, item, wanted[0], snapshot)


def _wrong_limits(row: Row, item: Item, value: Fraction, snapshot: Snapshot) -> str:
    """Compare the multiples that limits give with those that the row says."""
    for part in row.beside.split():
        side, _, number = part.partition("=")
        prop = terms.TIMES_UPPER_LIMIT if side == "upper" else terms.TIMES_LOWER_LIMIT
        limit = Fraction(number)
        upper = side == "upper"
        kind = measures(snapshot)[item.term or ""]
        if not kind.believes(limit, kind.kind.unit or "", upper=upper):
            continue
        found = item.numbers.get(prop)
        if found is None or found.low is None or not _close(found.low, value / limit):
            return f"wrong: the {side} limit of {number} is not used"
    return ""


def _close(one: Fraction, other: Fraction) -> bool:
    return abs(one - other) <= _SLIP * max(abs(other), Fraction(1))


def _said(value: Interval) -> str:
    return " to ".join("?" if end is None else f"{float(end):g}" for end in value[:2])
