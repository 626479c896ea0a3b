"""Places in a request and missing inputs, in words for the person who filled in the form.

A report names inputs by their path, for programs. On a page the same input is named by what
was typed, and what is missing links to the box where it can be entered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from kg.checking.missing_words import OF_ENTRIES
from kg.contract.parts import FIELDS as FIELDS_OF_REQUEST
from kg.contract.parts import FLAGS, LISTS
from kg.contract.place import IN_TEXT, Place
from kg.contract.report import Missing
from kg.snapshot.model import Snapshot

# Each list of the form: its box, and what one entry is called.
BOXES: dict[str, str] = {one.name: one.option for one in LISTS}
_ONE: dict[str, str] = {one.name: one.kind.capitalize() for one in LISTS}
# What stands in a box of its own, by its name in a request: the box, and what it is called.
FIELDS: dict[str, tuple[str, str]] = {
    field.name: (field.box, field.label) for field in FIELDS_OF_REQUEST
}
_BOXED = dict(FIELDS.values())
# Parts of a patient are wanted by the first word of their name.
_PARTS = {name.partition("_")[0]: name for name in FIELDS}
_FLAGS = "What is true of the patient"


class Wanted(NamedTuple):
    """One thing to supply: what, of which one suffices or all help, and the box it goes into."""

    text: str
    box: str
    among: tuple[str, ...] = ()


class Words:
    """Says of one form what its places are called."""

    def __init__(
        self, typed: Mapping[str, Sequence[str]], flags: Sequence[str], snapshot: Snapshot
    ) -> None:
        self._typed = typed
        self._flags = flags
        self._label_of_flag = {f.key: f.label for f in snapshot.flags.values()}
        listed = (snapshot.phases, snapshot.roles, snapshot.values)
        listed_keys = {v.key: v.label for table in listed for v in table.values()}
        # A key without an underscore is a plain word already.
        found = {k: label for k, label in (self._label_of_flag | listed_keys).items() if "_" in k}
        found |= {k: k.replace(".", ": ").replace("_", " ") for k in snapshot.topics.values()}
        self._label_of_key = found
        longest_first = sorted(found, key=len, reverse=True)
        self._keys = re.compile("|".join(rf"\b{re.escape(k)}\b" for k in longest_first) or "(?!)")

    def flag(self, key: str) -> str:
        """Give the label of a flag."""
        return self._label_of_flag.get(key, key.replace("_", " "))

    def typed_at(self, path: str) -> str:
        """Give what was typed at a place; '' where that is no entry."""
        at = Place.of(path)
        if at is None or at.n is None:
            return ""
        entries = self._flags if at.field == FLAGS else self._typed.get(at.part, ())
        return entries[at.n] if at.n < len(entries) else ""

    def place(self, path: str) -> str:
        """Name a place of the request, or a box of the form."""
        if path in _BOXED:
            return _BOXED[path]
        at = Place.of(path)
        if at is None or (at.listed and at.field):
            return path
        typed = self.typed_at(path)
        if at.field == FLAGS:
            return f"Said of the patient: {self.flag(typed)}" if typed else _FLAGS
        if at.field:
            return FIELDS[at.field][1] if at.field in FIELDS else at.field.replace("_", " ")
        return numbered(path) + (f" “{typed}”" if typed else "")

    def step(self, line: str) -> str:
        """Say a step of an explanation, which may begin with a place."""
        head = Place.at_head(line)
        if head is None or not head[1].startswith(": ") or head[1] == ": ":
            return line
        place, rest = head
        if not place.listed and place.n is not None:
            return f"Said of the patient{rest}"
        return f"{self.place(str(place))}{rest}"

    def in_text(self, text: str) -> str:
        """Call the places, and the words of a request, that a text names by their names."""
        placed = IN_TEXT.sub(lambda found: self._short(found[0]), text)
        return self._keys.sub(lambda found: self._label_of_key[found[0]], placed)

    def _short(self, path: str) -> str:
        """Name a place without what was typed there."""
        at = Place.of(path)
        if at is not None and at.field == FLAGS and at.n is not None:
            return "said of the patient"
        return numbered(path) if at is not None and at.listed else self.place(path)

    def wanted(self, missing: Missing) -> Wanted:
        """Say what is missing, and where it can be given."""
        kind, _, what = missing.needs.partition(": ")
        if kind == "part":
            among = tuple(self.flag(k) if what == FLAGS else k for k in missing.among)
            if what == FLAGS:
                return Wanted(_FLAGS, FLAGS, among)
            if what in BOXES:
                return Wanted(what.capitalize(), BOXES[what], among)
            box, text = FIELDS.get(_PARTS.get(what, what), ("", what))
            return Wanted(text, box, among)
        if kind == "observation":
            return Wanted(_upper(what), BOXES["observations"], missing.among)
        if kind == "flag":
            keys = what.split(" or ")
            held = "Whether this holds" if len(keys) == 1 else "Which of these holds"
            return Wanted(f"{held}: {_or([self.flag(k) for k in keys])}", f"flag-{keys[0]}")
        if kind == "context":
            box, text = FIELDS.get(what, ("", what.replace("_", " ")))
            return Wanted(text, box, missing.among)
        at = Place.of(kind)
        asked = OF_ENTRIES.get(what, what.replace("_", " "))
        return Wanted(
            f"{self.place(kind)}: {asked}", BOXES.get(at.part if at else "", ""), missing.among
        )


def in_words(day: str) -> str:
    """Write a date so that nobody takes the month for the day."""
    try:
        known = date.fromisoformat(day[:10])
    except ValueError:
        return day
    return f"{known.day} {known:%b %Y}"


def numbered(path: str) -> str:
    """Name an entry by its list and its number in it, and a list by its name."""
    at = Place.of(path)
    if at is None or not at.listed or at.n is None:
        return _upper(path)
    return f"{_ONE[at.part]} {at.n + 1}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _or(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
