"""Which drugs have forms that are not systemic: by the table of forms, by codes and trade names."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from kg import terms
from kg.build.load import Knowledge
from kg.build.name_tables import NameRow
from kg.snapshot.model import ListedName, LocalForm
from kg.terms import ik

TABLE: Final = "names/local_forms.tsv"
_COLUMNS = "drug routes systemic_words note source check".split()
_BAR = "|"
_LOCAL = "local"


def local_forms(knowledge: Knowledge, names: Mapping[str, ListedName]) -> dict[str, LocalForm]:
    """Give, for each drug that has such a form, the routes and the words that mislead."""
    routes: dict[str, set[str]] = defaultdict(set)
    misleading: dict[str, tuple[str, ...]] = {}
    keys = {
        knowledge.text(value, ik("inputKey")): value
        for value in knowledge.iris(terms.ROUTE, ik("admits"))
    }
    for code in knowledge.of_type(ik("Code")):
        for route in knowledge.iris(code, ik("impliesRoute")):
            for match in ("exactMatch", "closeMatch"):
                for drug in knowledge.iris(code, terms.SKOS + match):
                    routes[drug].add(route)
    for name in names.values():
        for drug in (d for reading in name.readings for d in reading if name.local):
            routes[drug].add(keys[_LOCAL])
    for row in _rows(knowledge):
        drug = f"{terms.BASE}drug/{row.cells['drug']}"
        named = [key for key in row.cells["routes"].split(_BAR) if key]
        if drug not in knowledge.places or not set(named) <= set(keys):
            raise row.refuse(
                "this is no drug of ours, or one of its routes is no key of a route",
                "write a key of a drug, and of the routes: " + ", ".join(sorted(keys)),
            )
        routes[drug] |= {keys[key] for key in named}
        misleading[drug] = tuple(w for w in row.cells["systemic_words"].split(_BAR) if w)
    return {
        drug: LocalForm(tuple(sorted(found)), misleading.get(drug, ()))
        for drug, found in sorted(routes.items())
    }


def _rows(knowledge: Knowledge) -> list[NameRow]:
    """Read the table; an ontology without one has no such forms beside those of its codes."""
    path = knowledge.root / TABLE
    if not path.exists():
        return []
    shown = path.relative_to(knowledge.root.parent).as_posix()
    rows = []
    with path.open(encoding="utf-8", newline="") as lines:
        for number, cells in enumerate(
            csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), 1
        ):
            if not cells or cells[0].startswith("#") or cells == _COLUMNS:
                continue
            row = NameRow(shown, number, dict(zip(_COLUMNS, cells, strict=False)))
            if len(cells) != len(_COLUMNS):
                raise row.refuse(
                    "a row of this table has six cells", "write: " + ", ".join(_COLUMNS)
                )
            rows.append(row)
    return rows
