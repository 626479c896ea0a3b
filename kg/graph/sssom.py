"""Code tables as SSSOM/TSV: what is true of all rows in lines that begin with '#', then the rows.

SSSOM is the form in which the mapping community shares such tables, and every spreadsheet opens
it. A table is read generously, for spreadsheets leave quotes and tabs behind, and written in one
way only: columns in one order, rows sorted, so that a diff shows only what changed.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from kg.errors import TableError
from kg.graph.turtle import Prefixes

REQUIRED: Final = ("subject_id", "predicate_id", "object_id", "mapping_justification")
COLUMNS: Final = (*REQUIRED[:3], "object_label", REQUIRED[3], "subject_source", "comment")
# Columns that SSSOM does not know: the property that each stands for, and the type of its values.
EXTENSIONS: Final = {
    "code_from": ("ik:codeFrom", "xsd:string"),
    "code_to": ("ik:codeTo", "xsd:string"),
    "code_verified": ("ik:codeVerified", "xsd:string"),
    "former_code": ("ik:formerCode", "xsd:boolean"),
    "further_source": ("ik:source", "linkml:Uriorcurie"),
    "implies_route": ("ik:impliesRoute", "linkml:Uriorcurie"),
    "rights": ("dcterms:rights", "xsd:string"),
}
NEEDED: Final = ("mapping_set_id", "mapping_set_title", "mapping_set_description", "license")
HEADER: Final = (*NEEDED, "subject_type", "subject_source", "comment")
# Several values of one cell.
BAR: Final = "|"

_KEY = re.compile(r"(?P<pad> *)(?P<dash>- )?(?P<key>[A-Za-z][\w.-]*):(?: +(?P<value>\S.*))?\Z")
_NAMES = ("subject_id", "predicate_id", "object_id", "mapping_justification", "subject_source")


@dataclass(frozen=True)
class MappingRow:
    """One mapping, and the line on which it stands."""

    line: int
    cells: dict[str, str]

    def get(self, column: str) -> str:
        """Give a cell, which is empty where the table has no such column."""
        return self.cells.get(column, "")

    def several(self, column: str) -> list[str]:
        """Give the values of a cell that may hold several."""
        return [v.strip() for v in self.get(column).split(BAR) if v.strip()]


@dataclass
class MappingTable:
    """One code table: what holds for all its rows, its prefixes and its rows."""

    path: str
    header: dict[str, str] = field(default_factory=dict)
    curies: dict[str, str] = field(default_factory=dict)
    rows: list[MappingRow] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)

    def refuse(self, line: int, code: str, message: str, subject: str, repair: str) -> TableError:
        """Make the refusal of one line."""
        return TableError(
            code=code,
            message=message,
            subject=subject,
            location=f"{self.path}:{line}",
            repair=repair,
        )


def read_table(text: str, path: str) -> MappingTable:
    """Read a code table; what cannot be read is refused with file and line."""
    table = MappingTable(path)
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter="\t")
    columns: list[str] = []
    part = ""
    for cells in lines:
        number = lines.line_num
        if cells and cells[0].startswith("#") and not columns:
            part = _metadata(table, number, cells, part)
        elif not any(cell.strip() for cell in cells):
            continue
        elif not columns:
            columns = _columns(table, number, cells)
        else:
            table.rows.append(_row(table, number, columns, cells))
    for key in NEEDED:
        if not table.header.get(key):
            raise table.refuse(
                1, "table-header", f"the table does not say its {key}", key, f"add: #{key}: …"
            )
    if not columns:
        raise table.refuse(1, "table-columns", "the table has no row of column names", "", _COLUMNS)
    return table


_COLUMNS = "begin the rows with: " + ", ".join(REQUIRED)


def _metadata(table: MappingTable, number: int, cells: list[str], part: str) -> str:
    """Take one line of the header in, and say which part of it goes on below."""
    line = cells[0][1:].rstrip()
    match = _KEY.match(line)
    if match is None or any(cell.strip() for cell in cells[1:]):
        raise table.refuse(
            number, "table-header", "this line of the header cannot be read", line.strip(), _HEADER
        )
    key, value = match["key"], _scalar(table, number, match["value"] or "")
    if match["pad"]:
        if part == "curie_map":
            table.curies[key] = value
        elif part != "extension_definitions":
            raise table.refuse(
                number, "table-header", "nothing above says what this belongs to", key, _HEADER
            )
        return part
    if key in ("curie_map", "extension_definitions"):
        return key
    if key not in (*HEADER, "rights"):
        raise table.refuse(
            number, "table-header", "the header has a word that no table uses", key, _HEADER
        )
    table.header[key] = value
    table.lines[key] = number
    return ""


_HEADER = "write '#key: value', with a key of " + ", ".join((*HEADER, "rights"))


def _scalar(table: MappingTable, number: int, said: str) -> str:
    if not said.startswith('"'):
        return said
    try:
        return str(json.loads(said))
    except ValueError as error:
        raise table.refuse(
            number, "table-header", "this value has a quote too few or too many", said, _HEADER
        ) from error


def _columns(table: MappingTable, number: int, cells: list[str]) -> list[str]:
    columns = [cell.strip() for cell in cells]
    while columns and not columns[-1]:
        columns.pop()
    for name in columns:
        if name not in (*COLUMNS, *EXTENSIONS) or columns.count(name) > 1:
            raise table.refuse(
                number,
                "table-columns",
                "a column has no meaning here, or stands twice",
                name,
                "use these, each once: " + ", ".join((*COLUMNS, *EXTENSIONS)),
            )
    for name in REQUIRED:
        if name not in columns:
            raise table.refuse(
                number, "table-columns", "a column is missing", name, f"add the column {name}"
            )
    return columns


def _row(table: MappingTable, number: int, columns: list[str], cells: list[str]) -> MappingRow:
    if any(cell.strip() for cell in cells[len(columns) :]):
        raise table.refuse(
            number,
            "table-row",
            f"this row has more cells than the table has columns ({len(columns)})",
            cells[0],
            "take out the tab that is too many",
        )
    values = zip(columns, cells, strict=False)
    row = MappingRow(number, {c: v.strip() for c, v in values if v.strip()})
    for name in REQUIRED:
        if not row.get(name):
            raise table.refuse(
                number, "table-row", f"this row has no {name}", cells[0], f"fill in {name}"
            )
    return row


def written(
    table: MappingTable, prefixes: Prefixes, labels: Mapping[str, str] | None = None
) -> str:
    """Write a table in the one canonical way; where labels are given, with those of the terms."""
    rows = [dict(row.cells) for row in table.rows]
    for cells in rows:
        if "further_source" in cells:
            cells["further_source"] = BAR.join(sorted(cells["further_source"].split(BAR)))
        label = (labels or {}).get(cells["object_id"])
        if label:
            cells["object_label"] = label
    used = {c for cells in rows for c in cells} | {*REQUIRED, "object_label"}
    columns = [c for c in (*COLUMNS, *EXTENSIONS) if c in used]
    out = io.StringIO()
    for line in _written_header(table, prefixes, [e for e in EXTENSIONS if e in used]):
        out.write(f"#{line}\n")
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(sorted([cells.get(c, "") for c in columns] for cells in rows))
    return out.getvalue()


def _written_header(
    table: MappingTable, prefixes: Prefixes, extensions: list[str]
) -> Iterator[str]:
    extra = [*extensions, "rights"] if "rights" in table.header else extensions
    names = {row.get(c) for row in table.rows for c in (*_NAMES, "implies_route")}
    names |= {v for row in table.rows for v in row.several("further_source")}
    names |= {table.header.get("subject_source", ""), *(EXTENSIONS[e][0] for e in extra)}
    yield "curie_map:"
    for prefix in sorted({name.split(":", 1)[0] for name in names if ":" in name}):
        namespace = prefixes.namespaces.get(prefix) or table.curies.get(prefix)
        if namespace:
            yield f"  {prefix}: {json.dumps(namespace)}"
    for key in HEADER:
        if table.header.get(key):
            yield f"{key}: {json.dumps(table.header[key], ensure_ascii=False)}"
    if extra:
        yield "extension_definitions:"
    for name in extra:
        yield f"  - slot_name: {json.dumps(name)}"
        for key, value in zip(("property", "type_hint"), EXTENSIONS[name], strict=True):
            yield f"    {key}: {json.dumps(value)}"
    if table.header.get("rights"):
        yield f"rights: {json.dumps(table.header['rights'], ensure_ascii=False)}"
