"""Tables of names that stand beside the terms: trade names, and what wards shorten.

A row says what one name contains, or what it may mean. Every drug of it must be a term of the
ontology; a row that says less or more than its kind may is refused with file and line.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from kg import terms
from kg.build.load import Knowledge
from kg.errors import TableError
from kg.snapshot.model import ListedName
from kg.snapshot.names import normal

SUFFIX: Final = ".names.tsv"
_TRADE = ("name", "contains", "also", "country", "route", "source", "check")
_SHORT = "name decision contains may_be route capitals reason source check".split()
# A reading that holds something the catalogue has not.
_UNLISTED = "unlisted"
_CHECKS = ("verified", "recalled")
_DECISIONS = ("allowed", "ambiguous", "refused")


class NameRow(NamedTuple):
    """One row of a table of names, and where it stands."""

    path: str
    line: int
    cells: Mapping[str, str]

    def refuse(self, message: str, repair: str) -> TableError:
        """Make the refusal of this row."""
        return TableError(
            code="names-row",
            message=message,
            subject=self.cells.get("name", ""),
            location=f"{self.path}:{self.line}",
            repair=repair,
        )


def listed_names(knowledge: Knowledge) -> dict[str, ListedName]:
    """Read all tables of names; an abbreviation goes before a trade name that is written alike."""
    found: dict[str, ListedName] = {}
    for path in sorted(knowledge.root.rglob(f"*{SUFFIX}")):
        shown = path.relative_to(knowledge.root.parent).as_posix()
        own: dict[str, ListedName] = {}
        for row in _rows(path, shown):
            key = normal(row.cells["name"])
            if not key or key in own:
                raise row.refuse(
                    "this name stands in the table already, or holds no letter",
                    "write each name once, with all its readings in one row",
                )
            own[key] = _listed(row, knowledge)
        found = {**found, **own} if any(n.abbreviation for n in own.values()) else {**own, **found}
    return dict(sorted(found.items()))


def _rows(path: Path, shown: str) -> Iterator[NameRow]:
    with path.open(encoding="utf-8", newline="") as lines:
        columns: list[str] = []
        for number, cells in enumerate(
            csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), 1
        ):
            if not cells or (cells[0].startswith("#") and not columns):
                continue
            if not columns:
                columns = cells
                if tuple(columns) not in (_TRADE, tuple(_SHORT)):
                    raise NameRow(shown, number, {}).refuse(
                        "these are no columns of a table of names",
                        "write: " + ", ".join(_TRADE) + "; or: " + ", ".join(_SHORT),
                    )
                continue
            row = NameRow(shown, number, dict(zip(columns, cells, strict=False)))
            if len(cells) != len(columns) or any(c != c.strip() for c in cells):
                raise row.refuse(
                    f"{len(cells)} cells where {len(columns)} are wanted, or a blank at an end",
                    "separate the cells by single tabs",
                )
            if row.cells["check"] not in _CHECKS or not row.cells["source"]:
                raise row.refuse(
                    "the row does not say how it was checked and against what",
                    "fill in check (" + " or ".join(_CHECKS) + ") and source",
                )
            yield row


def _listed(row: NameRow, knowledge: Knowledge) -> ListedName:
    cells = row.cells
    one = _readings(row, cells["contains"], knowledge)
    if "decision" not in cells:
        further = _readings(row, cells["also"], knowledge)
        if len(one) != 1 or _UNLISTED in cells["contains"]:
            raise row.refuse("a trade name contains one set of drugs", "fill in contains")
        return ListedName(
            readings=(*one, *further),
            asks=bool(cells["also"]),
            local=cells["route"] == "local",
            verified=cells["check"] == "verified",
        )
    decision, several = cells["decision"], _readings(row, cells["may_be"], knowledge)
    sound = {
        "allowed": len(one) == 1 and not several,
        "ambiguous": not one,
        "refused": not one and not several,
    }
    if not sound.get(decision, False):
        raise row.refuse(
            "the decision and the drugs of this row do not fit",
            "one of "
            + ", ".join(_DECISIONS)
            + ": allowed with contains, ambiguous with may_be, refused with neither",
        )
    return ListedName(
        readings=one or several,
        asks=decision != "allowed",
        abbreviation=True,
        capitals=cells["capitals"] == "yes",
        route=cells["route"],
        verified=cells["check"] == "verified",
    )


def _readings(row: NameRow, text: str, knowledge: Knowledge) -> tuple[tuple[str, ...], ...]:
    """Give the sets of drugs of a cell; a set with what the catalogue has not is left out."""
    found = []
    for one in text.split():
        if one == _UNLISTED:
            continue
        drugs = tuple(f"{terms.BASE}drug/{key}" for key in one.split("+"))
        for drug in drugs:
            if drug not in knowledge.places:
                raise row.refuse(
                    f"no file describes {knowledge.short(drug)}",
                    "describe the drug, or correct its key",
                )
        found.append(tuple(sorted(drugs)))
    return tuple(found)
