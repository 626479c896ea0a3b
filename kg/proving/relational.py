"""Judge persons in DuckDB: the relations of a release, those of some cases, and one query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import duckdb

from kg import terms
from kg.casing.case import Case, Item
from kg.contract.parts import LISTS
from kg.interval import Interval
from kg.proving.relational_query import MACROS, VERDICTS
from kg.proving.relational_table import ENDS, KNOWLEDGE, RelationRow, ends, relations
from kg.snapshot.model import Snapshot

_NUMBER = f"property VARCHAR, lacking BOOL, {ENDS}"
# The relations of persons: a column each, with its type.
PERSONS: Mapping[str, str] = {
    "person": "person INT",
    # An item of one term that is known, or of none: then it may be several things.
    "item": "person INT, item INT, family VARCHAR, role VARCHAR, term VARCHAR",
    "item_drug": "person INT, item INT, drug VARCHAR",
    "item_said": "person INT, item INT, property VARCHAR, value VARCHAR",
    "item_number": f"person INT, item INT, {_NUMBER}",
    "not_given": "person INT, family VARCHAR",
    "measured": "person INT, kind VARCHAR",
    "fact": "person INT, property VARCHAR, value VARCHAR, truth INT",
    "said": "person INT, property VARCHAR, value VARCHAR",
    "number": f"person INT, {_NUMBER}",
}


class Relational:
    """The advice of one Snapshot in a database that lives in memory only."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._base = duckdb.connect(":memory:", config={"threads": 1})
        self._base.execute(MACROS)
        for name, columns in {**KNOWLEDGE, **PERSONS}.items():
            self._base.execute(f"CREATE TABLE {name} ({columns})")
        for name, rows in relations(snapshot).items():
            self._insert(name, rows, KNOWLEDGE[name])

    def verdicts(self, cases: Sequence[Case]) -> list[dict[str, int]]:
        """Judge every advisory of each case, whatever the jurisdiction."""
        rows: dict[str, list[RelationRow]] = {name: [] for name in PERSONS}
        for number, case in enumerate(cases):
            for name, row in of_case(number, case):
                rows[name].append(row)
        for name, columns in PERSONS.items():
            self._base.execute(f"DELETE FROM {name}")
            self._insert(name, rows[name], columns)
        found: list[dict[str, int]] = [{} for _ in cases]
        for person, advisory, truth in self._base.execute(VERDICTS).fetchall():
            found[person][advisory] = truth
        return found

    def _insert(self, name: str, rows: Sequence[RelationRow], columns: str) -> None:
        """Insert rows column by column, which is many times as fast as one by one."""
        if not rows:
            return
        types = [column.split()[1] for column in columns.split(", ")]
        lists = ", ".join(f"unnest(?::{kind}[])" for kind in types)
        values = [list(column) for column in zip(*rows, strict=True)]
        self._base.execute(f"INSERT INTO {name} SELECT {lists}", values)


def of_case(person: int, case: Case) -> Iterator[tuple[str, RelationRow]]:
    """Give the rows of one case."""
    yield "person", (person,)
    place = 0
    for part in LISTS:
        listed: tuple[Item, ...] | None = getattr(case, part.name)
        if listed is None and part.closed:
            yield "not_given", (person, part.family)
        for item in listed or ():
            yield from _of_item(person, place, part.family, item)
            place += 1
    for prop, facts in ((terms.HAS_FLAG, case.flags), (terms.LACKS, case.absences)):
        for value, fact in facts.items():
            yield "fact", (person, prop, value, fact.truth)
    for prop, given in case.attributes.items():
        yield "said", (person, prop, given)
    yield from _numbers("number", (person,), case.numbers.items())


def _of_item(person: int, place: int, family: str, item: Item) -> Iterator[tuple[str, RelationRow]]:
    drugs, term = item.drugs, item.term
    if drugs is not None:
        known = term if len(drugs) == 1 and term in drugs else None
    else:
        known = term if item.classes is not None else None
    yield "item", (person, place, family, item.role, known)
    for drug in sorted(drugs or ()):
        yield "item_drug", (person, place, drug)
    for prop, given in item.attributes.items():
        yield "item_said", (person, place, prop, given)
    yield from _numbers("item_number", (person, place), item.numbers.items())
    if family == terms.HAS_OBSERVATION and term is not None and item.settles:
        yield "measured", (person, term)


def _numbers(
    name: str, owner: RelationRow, given: Iterable[tuple[str, Interval]]
) -> Iterator[tuple[str, RelationRow]]:
    for prop, number in given:
        yield name, (*owner, prop, number.empty, *ends(number))
