"""The place of an input in a request, read and written in one way each.

A report names inputs by their place: `medications[3]`, `patient.flags[1]`, `context.cycle`; a
refusal may name a field of an entry, `medications[3].role`. A change set names the same places as
JSON Pointers; what stands there in FHIR is known to who read the bundle (`kg.fhir.request`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from kg.contract.parts import LIST_NAMES, SINGLE_PARTS

_LIST = rf"(?P<list>{'|'.join(LIST_NAMES)})(?:\[(?P<at>\d+)\])?(?:\.(?P<of>\w+))?"
_SINGLE = rf"(?P<part>{'|'.join(SINGLE_PARTS)})(?:\.(?P<field>\w+)(?:\[(?P<nth>\d+)\])?)?"
_PLACE = re.compile(rf"(?:{_LIST}|{_SINGLE})(?![\w\[])")
_POINTER = re.compile(rf"/({'|'.join((*LIST_NAMES, *SINGLE_PARTS))})(?:/([a-z]\w*))?(?:/(\d+))?")
_FIRST = re.compile(rf"({'|'.join((*LIST_NAMES, *SINGLE_PARTS))})(\[|\.|\Z)")
# Entries, and fields of the patient and of the context, wherever a text names them.
IN_TEXT = re.compile(
    rf"\b(?:(?:{'|'.join(LIST_NAMES)})\[\d+\]|(?:{'|'.join(SINGLE_PARTS)})\.\w+(?:\[\d+\])?)"
)


class Place(NamedTuple):
    """A part of a request, the number of an entry, and a field.

    A list has entries, and an entry has fields; the patient and the context have fields, and a
    field may hold a list.
    """

    part: str
    n: int | None = None
    field: str = ""

    @staticmethod
    def of(text: str) -> Place | None:
        """Read a text that is a place and nothing more."""
        match = _PLACE.fullmatch(text)
        return None if match is None else _matched(match)

    @staticmethod
    def at_head(text: str) -> tuple[Place, str] | None:
        """Read the place that a text begins with, and give the rest of the text."""
        match = _PLACE.match(text)
        return None if match is None else (_matched(match), text[match.end() :])

    @staticmethod
    def of_pointer(text: str) -> Place | None:
        """Read a JSON Pointer to an entry, or to a field of the patient or of the context."""
        match = _POINTER.fullmatch(text)
        if match is None:
            return None
        part, field, n = match.groups()
        return Place(part, None if n is None else int(n), field or "")

    @property
    def listed(self) -> bool:
        """Say whether this is a list of the request, or stands in one."""
        return self.part in LIST_NAMES

    def __str__(self) -> str:
        """Write it as reports do."""
        field = f".{self.field}" if self.field else ""
        if self.n is None:
            return f"{self.part}{field}"
        if self.listed:
            return f"{entry_path(self.part, self.n)}{field}"
        return entry_path(f"{self.part}{field}", self.n)

    @property
    def pointer(self) -> str:
        """Write it as a JSON Pointer into the request."""
        return as_pointer(str(self))

    def value(self, request: Any) -> Any:
        """Give what a request holds here; None where it holds nothing."""
        held = getattr(request, self.part, None)
        for step in (self.n, self.field) if self.listed else (self.field, self.n):
            if isinstance(step, int):
                held = held[step] if isinstance(held, list) and step < len(held) else None
            elif step:
                held = getattr(held, step, None)
        return held


def _matched(match: re.Match[str]) -> Place:
    part, at, of, single, field, nth = match.groups()
    n = at if part else nth
    return Place(part or single, None if n is None else int(n), (of if part else field) or "")


def entry_path(part: str, n: int) -> str:
    """Write the place of an entry of a list."""
    return f"{part}[{n}]"


def begins_as_place(text: str) -> bool:
    """Say whether a text is meant as a place of a request, be there one or not."""
    return _FIRST.match(text) is not None


def as_pointer(path: str) -> str:
    """Write steps that are parted by dots, with numbers in brackets, as a JSON Pointer."""
    return "/" + path.replace("[", "/").replace("]", "").replace(".", "/")


@lru_cache(maxsize=4096)
def order_of(path: str) -> tuple[str, int]:
    """Order places, also those of FHIR, by what stands before their first number, then by it."""
    name, _, number = path.partition("[")
    figures = number.partition("]")[0]
    return name, int(figures) if figures.isdigit() else -1


def order_of_pointer(path: str) -> tuple[str, int]:
    """Order JSON Pointers by what they lead into, then by the number at their end."""
    head, _, last = path.rpartition("/")
    return (head, int(last)) if last.isdigit() else (path, -1)
