"""What is missing in the words of a ward: its short name, and with what it is fetched."""

from __future__ import annotations

from typing import NamedTuple

from kg.casing.case import Case
from kg.contract.parts import FIELD_OF_NAME, FLAGS, LIST_NAMES, OF_PATIENT
from kg.contract.place import Place
from kg.snapshot.cache import cached_per_snapshot
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

# What an entry may lack, as one would ask for it.
OF_ENTRIES = {
    "status": "whether it still holds",
    "last_taken": "the day it was last taken",
    "role": "what it is given for",
    "daily_dose": "the dose a day",
    "severity": "how severe it is",
    "grade": "its CTCAE grade",
    "onset": "when it began",
    "baseline": "the value before treatment",
    "upper_limit": "the laboratory's upper limit",
    "lower_limit": "the laboratory's lower limit",
}
# Where the release names no group for a thing.
_OTHER = "Other"
_FACTS = "facts about the patient"
_FIELD_WANTED = dict(OF_PATIENT)


class NamedGap(NamedTuple):
    """One thing to supply as a person calls it, and the group that it is fetched with."""

    label: str
    group: str


def named_for_people(needs: str, case: Case, snapshot: Snapshot) -> NamedGap:
    """Name one thing to supply."""
    head, _, what = needs.partition(": ")
    place = Place.of(head)
    if place is None or not place.listed or place.n is None:
        return named_gap(snapshot, needs)
    names = (i.label for i in getattr(case, place.part) or () if i.input == head)
    written = (u.given for u in case.unrecognised if u.input == head)
    label = next(written, None) or next(names, head)
    asked = OF_ENTRIES.get(what, what.replace("_", " "))
    # What is no field of an entry nobody on a ward can supply.
    group = _group_of_part(snapshot, place.part) if what in OF_ENTRIES or not what else ""
    return NamedGap(f"{label}: {asked}" if asked else label, group)


@cached_per_snapshot(1024)
def named_gap(snapshot: Snapshot, needs: str) -> NamedGap:
    """Name what is no entry of the request, which is the same whoever the patient is."""
    kind, _, what = needs.partition(": ")
    if kind == "observation":
        return NamedGap(short_name(snapshot, what), _group_of_kind(snapshot, what))
    if kind == "flag":
        return NamedGap(_of_flags(what.split(" or "), snapshot), _group_of_part(snapshot, FLAGS))
    if kind == "context":
        field = FIELD_OF_NAME.get(what)
        label = in_sentence(field.label) if field else what.replace("_", " ")
        return NamedGap(label, _group_of_part(snapshot, "context"))
    if kind == "part":
        return NamedGap(_of_part(what), _group_of_part(snapshot, what))
    return NamedGap(needs, "")


def _of_part(name: str) -> str:
    if name == FLAGS:
        return _FACTS
    if name in LIST_NAMES:
        return name
    field = FIELD_OF_NAME.get(_FIELD_WANTED.get(name, name))
    return in_sentence(field.label) if field else name


def in_sentence(label: str) -> str:
    """Write a label as it stands within a sentence; an abbreviation keeps its capitals."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _of_flags(keys: list[str], snapshot: Snapshot) -> str:
    iri_of = {flag.key: iri for iri, flag in snapshot.flags.items()}
    flags = {iri_of[key] for key in keys if key in iri_of}
    for group in snapshot.flag_groups:
        if flags == set(group.flags) and group.short_name:
            return group.short_name
    labels = (snapshot.flags[iri].label for iri in sorted(flags))
    return " or ".join(labels) or " or ".join(keys)


def short_name(snapshot: Snapshot, wanted: str) -> str:
    """Give the short name of an observation that is asked for by its label."""
    return " or ".join(
        snapshot.reporting.short_names.get(_labelled(snapshot).get(label, ""), label)
        for label in wanted.split(" or ")
    )


@once_per_snapshot
def _labelled(snapshot: Snapshot) -> dict[str, str]:
    return {o.label: iri for iri, o in snapshot.observations.items()}


def _group_of_kind(snapshot: Snapshot, wanted: str) -> str:
    for label in wanted.split(" or "):
        iri = _labelled(snapshot).get(label, "")
        if iri in _groups(snapshot):
            return _groups(snapshot)[iri]
    return _group_of_part(snapshot, "observations")


@once_per_snapshot
def _groups(snapshot: Snapshot) -> dict[str, str]:
    """Give the group with which each kind of observation is fetched."""
    return {
        iri: group.label
        for group in snapshot.reporting.groups
        for iri, kind in snapshot.observations.items()
        if not {iri, *kind.ancestors}.isdisjoint(group.observations)
    }


def _group_of_part(snapshot: Snapshot, part: str) -> str:
    return next((g.label for g in snapshot.reporting.groups if part in g.parts), _OTHER)
