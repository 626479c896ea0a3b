"""A request that came as FHIR: how it was sent, what was read, and where each input is located."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kg.contract.place import Place
from kg.contract.report import LeftOut, Recognised, Unrecognised
from kg.contract.request import Request
from kg.fhir.intake import FhirLine


class Unread(msgspec.Struct, frozen=True):
    """A search that could not be read: where it was to stand, for which type, and why."""

    path: str
    type: str
    reason: str


class OwnSearches(msgspec.Struct, frozen=True):
    """Searches that were made for this check, beside what a program sent of its own.

    Of them it is known what was searched and about whom, whatever came of it. `root` is where
    their answers stand, `unread` are those of which nothing came.
    """

    root: str
    patient: str
    searched: frozenset[str] = frozenset()
    unread: tuple[Unread, ...] = ()


class BesideBundle(msgspec.Struct, frozen=True):
    """What has no place in FHIR and comes beside it."""

    context: Mapping[str, Any] = {}
    flags: tuple[str, ...] | None = None
    # The day of the question where neither the context nor a bundle says one.
    today: str | None = None


class FhirRequest(msgspec.Struct, frozen=True):
    """A request that came as FHIR, and what its answer needs to know of it."""

    request: Request
    lines: Mapping[str, tuple[FhirLine, ...]]
    recognised: tuple[Recognised, ...] = ()
    unrecognised: tuple[Unrecognised, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: Mapping[str, tuple[str, ...]] = {}
    patient: str | None = None
    places: Mapping[Place, str] = {}

    def line(self, place: Place) -> FhirLine | None:
        """Find the line that stands for an entry of a list."""
        lines = self.lines.get(place.part, ())
        return lines[place.n] if place.n is not None and place.n < len(lines) else None

    def in_fhir(self, text: str) -> str:
        """Write an input that stands at the head of a text as its place in FHIR."""
        head = Place.at_head(text)
        if head is None:
            return text
        place, rest = head
        if place.listed and place.n is not None:
            line = self.line(place)
            field = f".{place.field}" if place.field else ""
            return f"{line.path}{field}{rest}" if line else text
        known = self.places.get(place)
        return known + rest if known and (not rest or rest.startswith(": ")) else text
