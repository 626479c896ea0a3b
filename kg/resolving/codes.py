"""Codes of outside systems to terms.

A code means what the ontology says it means. Where a system's codes are built one on another,
a code that is not listed is taken for the longest listed code that it begins with, and else
for the narrowest stretch of codes that holds it: both are wider than the code, never narrower.
A code that only the national extension of a system has means there what it means under it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property

import msgspec

from kg import terms
from kg.contract.parts import LIST_OF_KIND, ItemKind
from kg.contract.request import Coding
from kg.resolving.names import MOST_SUGGESTIONS, Missed, label
from kg.snapshot.model import Code, CodeRange, CodeSystem, Snapshot
from kg.snapshot.once import once_per_snapshot

_A_KIND = {
    "drug": "a drug",
    "substance": "a substance",
    "class": "a class of drugs",
    "condition": "a condition",
    "observation": "an observation",
}
# How a code looks that is built on others: a category of three characters, and what follows it.
_FORM = re.compile(r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4}|\d{0,4})\Z")
# The shortest code of a system built by prefix that means anything by itself.
_SHORTEST_PREFIX = 3


class Coded(msgspec.Struct, frozen=True):
    """What a code stands for; `broader` where the code is wider than the term."""

    term: str
    route: str | None = None
    broader: bool = False


class Table(msgspec.Struct, frozen=True, dict=True):
    """One system's codes in the form in which they are looked up, made when first asked for."""

    system: CodeSystem

    @cached_property
    def codes(self) -> dict[str, Code]:
        """Give what each code stands for."""
        return {_written(c, self.system): code for c, code in self.system.codes.items()}

    @cached_property
    def ordered(self) -> list[str]:
        """Give the codes of a system built by prefix in their order."""
        return sorted(self.codes) if self.system.by_prefix else []


@once_per_snapshot
def tables(snapshot: Snapshot) -> dict[str, Table]:
    """Give the systems that requests may use, by their address."""
    return {s.uri: Table(s) for s in snapshot.systems.values() if s.accepted}


def _written(code: str, system: CodeSystem) -> str:
    text = code.strip().upper()
    return text.replace(".", "") if system.by_prefix else text


def resolve_code(coding: Coding, kind: ItemKind, snapshot: Snapshot) -> Coded | Missed:
    """Find the term that a code stands for."""
    if not coding.system or not coding.code:
        lacking = "a code needs its system" if coding.code else "a system needs a code"
        return Missed(lacking)
    table = tables(snapshot).get(coding.system.strip())
    if table is None:
        return Missed(f"codes of the system {coding.system} are not known here")
    written = _written(coding.code, table.system)
    entry = table.codes.get(written) or _in_extension(written, table, snapshot)
    if entry is None and table.system.by_prefix and _FORM.match(coding.code.strip().upper()):
        entry = _by_prefix(written, table) or _in_range(written, table.system)
    if entry is None:
        return Missed(
            f"{table.system.label} code {coding.code} stands for no term here",
            _below(written, table),
        )
    if terms.kind(entry.term) not in LIST_OF_KIND[kind].means:
        what = _A_KIND.get(terms.kind(entry.term), "something else")
        return Missed(
            f"{table.system.label} code {coding.code} is {what}, {label(entry.term, snapshot)}, "
            f"and no {kind}"
        )
    return Coded(entry.term, entry.route, entry.match == "narrow")


def _in_extension(written: str, table: Table, snapshot: Snapshot) -> Code | None:
    """Find a code that only the extension of a system has: many write it under the system."""
    further = snapshot.systems.get(table.system.extended_by or "")
    return None if further is None else tables(snapshot)[further.uri].codes.get(written)


def _by_prefix(written: str, table: Table) -> Code | None:
    for length in range(len(written) - 1, _SHORTEST_PREFIX - 1, -1):
        found = table.codes.get(written[:length])
        if found is not None:
            return found
    return None


def _in_range(written: str, system: CodeSystem) -> Code | None:
    holding = [r for r in system.ranges if _holds(r, written)]
    if not holding:
        return None
    narrowest = min(holding, key=lambda r: (_width(r), r.first, r.last))
    return Code(narrowest.term)


def _holds(stretch: CodeRange, written: str) -> bool:
    first, last = stretch.first.replace(".", ""), stretch.last.replace(".", "")
    return first <= written[: len(first)] and written[: len(last)] <= last


def _width(stretch: CodeRange) -> int:
    """Give the number of three-character categories a stretch spans, to compare stretches."""
    return _place(stretch.last) - _place(stretch.first)


def _place(code: str) -> int:
    figures = code[1:3] if code[1:3].isdigit() else "0"
    return (ord(code[0]) - ord("A")) * 100 + int(figures)


def _below(written: str, table: Table) -> tuple[str, ...]:
    """Suggest the terms of the listed codes that begin with a code that is not listed."""
    if not table.ordered or len(written) < _SHORTEST_PREFIX:
        return ()
    at = bisect_left(table.ordered, written)
    suggested: list[str] = []
    for code in table.ordered[at:]:
        if not code.startswith(written) or len(suggested) >= MOST_SUGGESTIONS:
            break
        if table.codes[code].term not in suggested:
            suggested.append(table.codes[code].term)
    return tuple(suggested)
