"""Judgement tables: each row judges one drug, or one group of drugs, on one axis.

`grounds.tsv` says once what many rows rest on: the source, the place in it, and how far it was
checked. A row names its drug, the axis, the grade and its ground, and adds what is said of this
drug alone. Lines that begin with '#' describe the table.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kg.errors import TableError

FOLDER: Final = "judgements"
GROUNDS: Final = "grounds.tsv"
HEADER: Final = ("module", "title", "description")
JUDGEMENT_COLUMNS: Final = (
    "drug",
    "axis",
    "grade",
    "ground",
    "detail",
    "confidence",
    "liability",
    "supersedes",
    "outranked_by",
)
GROUND_COLUMNS: Final = (
    "ground",
    "source",
    "jurisdiction",
    "evidence_grade",
    "verification",
    "locator",
    "note",
)
_REQUIRED: Final = {
    JUDGEMENT_COLUMNS: JUDGEMENT_COLUMNS[:4],
    GROUND_COLUMNS: GROUND_COLUMNS[:6],
}


@dataclass(frozen=True)
class JudgementRow:
    """One row, and the line on which it stands."""

    line: int
    cells: dict[str, str]

    def get(self, column: str) -> str:
        """Give a cell, empty where nothing stands in it."""
        return self.cells.get(column, "")


@dataclass
class JudgementTable:
    """One table: what it says of itself, and its rows."""

    path: str
    columns: tuple[str, ...]
    header: dict[str, str] = field(default_factory=dict)
    rows: list[JudgementRow] = field(default_factory=list)

    def refuse(self, line: int, code: str, message: str, subject: str, repair: str) -> TableError:
        """Make the refusal of one line."""
        return TableError(
            code=code,
            message=message,
            subject=subject,
            location=f"{self.path}:{line}",
            repair=repair,
        )


def judgement_files(root: Path) -> list[Path]:
    """List the judgement tables, the grounds first."""
    found = root.rglob(f"{FOLDER}/*.tsv")
    return sorted(found, key=lambda p: (p.name != GROUNDS, p))


def read_judgements(path: Path, shown: str) -> JudgementTable:
    """Read one table; what cannot be read is refused with file and line."""
    columns = GROUND_COLUMNS if path.name == GROUNDS else JUDGEMENT_COLUMNS
    table = JudgementTable(shown, columns)
    text = path.read_text(encoding="utf-8")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
    named = False
    for number, cells in enumerate(lines, 1):
        if not any(cell.strip() for cell in cells):
            continue
        if cells[0].startswith("#") and not named:
            _describe(table, number, cells[0])
        elif not named:
            named = True
            if tuple(cells) != columns:
                raise table.refuse(
                    number,
                    "judgement-columns",
                    "these are not the columns of such a table",
                    cells[0],
                    "begin the rows with: " + ", ".join(columns),
                )
        else:
            table.rows.append(_row(table, number, cells))
    for key in HEADER:
        if not table.header.get(key):
            raise table.refuse(
                1, "judgement-header", f"the table does not say its {key}", key, f"add: #{key}: …"
            )
    return table


def _describe(table: JudgementTable, number: int, line: str) -> None:
    key, colon, value = line[1:].partition(":")
    if key not in HEADER or not colon or not value.strip():
        raise table.refuse(
            number,
            "judgement-header",
            "this line of the header cannot be read",
            line,
            "write '#key: value', with a key of " + ", ".join(HEADER),
        )
    table.header[key] = value.strip()


def _row(table: JudgementTable, number: int, cells: list[str]) -> JudgementRow:
    if len(cells) > len(table.columns):
        raise table.refuse(
            number,
            "judgement-row",
            f"this row has more cells than the table has columns ({len(table.columns)})",
            cells[0],
            "take out the tab that is too many",
        )
    values = zip(table.columns, cells, strict=False)
    row = JudgementRow(number, {c: v.strip() for c, v in values if v.strip()})
    for name in _REQUIRED[table.columns]:
        if not row.get(name):
            raise table.refuse(
                number, "judgement-row", f"this row has no {name}", cells[0], f"fill in {name}"
            )
    return row


def written_judgements(table: JudgementTable) -> str:
    """Write a table in the one canonical way: rows in order, no empty cells at the end."""
    return "".join(f"{line}\n" for line in _written(table))


def _written(table: JudgementTable) -> Iterator[str]:
    for key in HEADER:
        yield f"#{key}: {table.header[key]}"
    yield "\t".join(table.columns)
    rows = sorted([row.get(c) for c in table.columns] for row in table.rows)
    for cells in rows:
        yield "\t".join(cells).rstrip("\t")
