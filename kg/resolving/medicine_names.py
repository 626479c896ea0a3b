"""What a name of a medicine means: a set of drugs, or a question between several.

A name of four letters or fewer counts only where a table allows it or where it is the
international name itself. What the table of abbreviations says goes before every other name, an
international name before a trade name, and a trade name of the tables before that of a term.
"""

from __future__ import annotations

from functools import cached_property
from typing import TypeAlias

import msgspec

from kg.resolving.combinations import combinations_by_parts, drugs_of
from kg.resolving.endings import SHORTEST, endings, stems
from kg.snapshot.model import ListedName, Names, Snapshot
from kg.snapshot.names import forms, joined, key_of, names_of, normal, words
from kg.snapshot.once import once_per_snapshot

_SHORTEST_UNLISTED = 5
_MOST_WORDS = 9
_DrugLists: TypeAlias = tuple[tuple[str, ...], ...]


class Meaning(msgspec.Struct, frozen=True):
    """What a name means: one reading, or several of which one is meant; none where refused."""

    readings: _DrugLists
    trade: bool = False
    short: bool = False
    local: bool = False
    route: str = ""
    misspelt: bool = False

    @property
    def terms(self) -> tuple[str, ...] | None:
        """Give the terms of the one reading; None where it is a question."""
        return self.readings[0] if len(self.readings) == 1 else None


class MedicineNames:
    """All names under which a medicine can be written, by their normal form."""

    def __init__(self, snapshot: Snapshot, groups: tuple[str, ...]) -> None:
        self._snapshot = snapshot
        self._listed = snapshot.listed_names
        self._names: tuple[Names, ...] = tuple(names_of(snapshot)[g] for g in groups)
        # A known wrong spelling is read, and the reading says so.
        self._wrong = {
            form for d in snapshot.drugs.values() for m in d.misspellings for form in forms(m)
        }
        self._inn = {normal(d.label) for d in snapshot.drugs.values()}
        self._kept: dict[str, Meaning | None] = {}

    @cached_property
    def words(self) -> frozenset[str]:
        """Give every word that occurs in a name."""
        keys = [*self._listed]
        for names in self._names:
            keys += [*names.proper, *names.brands]
        return frozenset(" ".join(keys).split())

    @cached_property
    def longest(self) -> int:
        """Give how many words the longest name has, as far as names are looked for in a text."""
        keys = [key for names in self._names for key in names.proper]
        return min(_MOST_WORDS, max(key.count(" ") + 1 for key in (*keys, "")))

    @cached_property
    def _stems(self) -> dict[tuple[str, ...], set[str]]:
        found: dict[tuple[str, ...], set[str]] = {}
        for drug in self._snapshot.drugs.values():
            for name in (drug.label, *drug.names):
                if len(joined(words(name))) >= SHORTEST:
                    key = normal(name)
                    for keeping_y in (True, False):
                        stem = stems(words(name), keeping_y=keeping_y)
                        found.setdefault(stem, set()).add(key)
        return found

    def of(self, tokens: list[str], written: str = "") -> Meaning | None:
        """Give what a name means that is split into words; `written` is how it stands in a text."""
        key = key_of(tokens)
        found = self._of_key(key)
        if found is None and len(tokens) > 1:
            found = self._of_key(joined(tokens))
        if found is not None and written:
            listed = self._listed.get(key)
            if listed is not None and listed.capitals and not written.isupper():
                return None
        return found

    def in_other_language(self, tokens: list[str]) -> Meaning | None:
        """Give what a name means that another language writes with another ending."""
        if len(joined(tokens)) < SHORTEST:
            return None
        ends = endings(tokens)
        alike = self._stems.get(stems(tokens, keeping_y=True), ())
        keys = [key for key in alike if endings(key.split()) != ends]
        meanings = {m.readings for key in keys if (m := self._of_key(key)) is not None}
        return Meaning(meanings.pop()) if len(meanings) == 1 else None

    def _of_key(self, key: str) -> Meaning | None:
        found = self._kept.get(key)
        if found is None and (found := self._work_out(key)) is not None:
            self._kept[key] = found
        return found

    def _work_out(self, key: str) -> Meaning | None:
        listed = self._listed.get(key)
        if listed is not None and listed.abbreviation:
            return self._meaning(listed)
        short = len(key.replace(" ", "")) < _SHORTEST_UNLISTED
        for names in self._names:
            proper = names.proper.get(key)
            if proper is not None and (not short or key in self._inn):
                beside = self._beside(proper)
                if beside and listed is not None:
                    break
                readings = tuple((term,) for term in self._taken(proper))
                return Meaning(readings, short=beside, misspelt=key in self._wrong)
        if listed is not None and (listed.verified or not short):
            return self._meaning(listed)
        for names in self._names:
            if key in names.brands and not short:
                return Meaning(tuple((term,) for term in names.brands[key]), trade=True)
        return None

    def _beside(self, found: tuple[str, ...]) -> bool:
        """Say whether a name is only of what medicines hold beside a drug, or of an allergen."""
        drugs = self._snapshot.drugs
        return all(t in drugs and drugs[t].kind in ("allergen", "excipient") for t in found)

    def _taken(self, found: tuple[str, ...]) -> tuple[str, ...]:
        """Leave out what only causes allergies, where the name is also that of a medicine."""
        drugs = self._snapshot.drugs
        taken = tuple(t for t in found if t not in drugs or drugs[t].kind != "allergen")
        return taken or found

    def _meaning(self, listed: ListedName) -> Meaning:
        readings = tuple(self._named(reading) for reading in listed.readings)
        if listed.asks and len(readings) == 1:
            # One reading is listed, and another that the catalogue does not have.
            readings = (*readings, ())
        return Meaning(
            readings,
            trade=not listed.abbreviation,
            short=listed.abbreviation,
            local=listed.local,
            route=listed.route,
        )

    def _named(self, drugs: tuple[str, ...]) -> tuple[str, ...]:
        """Give the combination that consists of these drugs, where there is one."""
        whole = drugs_of(drugs, self._snapshot)
        known = combinations_by_parts(self._snapshot).get(whole)
        return (known,) if known and len(drugs) > 1 else drugs


@once_per_snapshot
def medicine_names(snapshot: Snapshot) -> MedicineNames:
    """Give the names of what a patient may take."""
    return MedicineNames(snapshot, ("drug", "class"))
