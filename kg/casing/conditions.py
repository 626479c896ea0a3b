"""Conditions of a request as items of a Case: what, since when, how certain, how severe."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, NamedTuple, TypeAlias

from msgspec import UNSET, UnsetType

from kg import terms
from kg.casing.case import Item, unread_item
from kg.casing.closed_lists import vocabulary
from kg.casing.courses import (
    NOT_THERE,
    Degree,
    ReadFrom,
    SaidOfCourse,
    degree_of,
    role_of,
    said_of_course,
    status_of,
    taken_as_past,
)
from kg.casing.ledger import Setting, given_as
from kg.contract.place import entry_path
from kg.contract.report import Read, ReadAs
from kg.contract.request import ConditionEntry, day
from kg.interval import Interval
from kg.resolving.known import Known, known_terms
from kg.resolving.names import Missed
from kg.resolving.remembered import MOST_COURSES, Readings
from kg.resolving.resolve import Resolved
from kg.snapshot.cache import BoundedCache
from kg.snapshot.criteria import AtLeast, Has, Is
from kg.snapshot.criteria_walk import nodes_of
from kg.snapshot.model import Condition, Snapshot
from kg.snapshot.once import once_per_snapshot


class _ProblemRead(NamedTuple):
    """What the name and codes of one condition say of it."""

    found: Resolved
    term: str
    condition: Condition
    settled_first: bool
    known: Known
    note: str
    said: SaidOfCourse
    implied: str | None
    alike: BoundedCache[_ConditionCourse, _SameCourse]


class _SameCourse(NamedTuple):
    """What all items of one condition share that are had alike."""

    status: str | None
    contradictory: bool
    role: str
    attributes: Mapping[str, str]
    numbers: Mapping[str, Interval]
    degree: Degree


# The status, severity and grade of an entry: all that makes items of one condition differ.
_ConditionCourse: TypeAlias = tuple[str | None, str | None, int | None, bool]
_Diagnoses: TypeAlias = tuple[_ProblemRead, ...]
_NOT_OF_PATIENT = {
    "absent": "it is said not to be there",
    "other": "it is said of a risk or of somebody else, and not of the patient",
}


@once_per_snapshot
def diagnoses(snapshot: Snapshot) -> Readings[_Diagnoses]:
    """Give what names and codes of conditions were read as."""
    return Readings("condition", snapshot, _read)


def _read(found: Resolved, snapshot: Snapshot) -> _Diagnoses:
    return tuple([_one(problem, snapshot) for problem in (found, *found.others)])


def _one(found: Resolved, snapshot: Snapshot) -> _ProblemRead:
    (term,) = found.terms
    condition = snapshot.conditions[term]
    topics = sorted(snapshot.topics[t] for t in condition.touches)
    bears = f"may bear on {', '.join(topics)}; not judged by itself" if topics else ""
    return _ProblemRead(
        found,
        term,
        condition,
        not _settled_first(snapshot).isdisjoint({term, *condition.ancestors}),
        known_terms(snapshot)[term],
        "; ".join(note for note in (found.note, bears) if note),
        said_of_course(found.said.phrases, snapshot),
        condition.implied_severity,
        BoundedCache(MOST_COURSES),
    )


@once_per_snapshot
def _settled_first(snapshot: Snapshot) -> frozenset[str]:
    """Give the conditions of which some advice says what to do while they are suspected."""
    suspected = vocabulary(snapshot).suspected
    items = [
        list(nodes_of(node.item, snapshot))
        for criterion in snapshot.criteria.values()
        for node in nodes_of(criterion.expression, snapshot, into_named=False)
        if isinstance(node, AtLeast)
    ]
    return frozenset(
        node.term
        for nodes in items
        if any(isinstance(n, Has) and n.value == suspected for n in nodes)
        for node in nodes
        if isinstance(node, Is)
    )


def conditions(entries: list[ConditionEntry], setting: Setting) -> tuple[Item, ...]:
    """Give the items of each condition; a code wider than any term gives none."""
    known, items = diagnoses(setting.snapshot), []
    for n, entry in enumerate(entries):
        items += _condition(entry_path("conditions", n), entry, known, setting)
    return tuple(items)


def _condition(
    path: str, entry: ConditionEntry, known: Readings[_Diagnoses], setting: Setting
) -> list[Item]:
    if setting.says_nothing(path, entry, "conditions"):
        return []
    read = known.of(entry)
    if entry.onset is not None:
        day(entry.onset, f"{path}.onset")
    if isinstance(read, Missed):
        setting.miss(path, given_as(entry), read)
        return [_unread(path, entry, setting)]
    items = [item for one in read for item in _item(path, entry, one, setting)]
    unread = read[0].found.unread
    if unread:
        rest = "; ".join(f"'{part}'" for part in unread)
        setting.miss(path, given_as(entry), Missed(f"not read: {rest}"))
        items.append(_unread(path, entry, setting))
    return items


def _unread(path: str, entry: ConditionEntry, setting: Setting) -> Item:
    status, _ = status_of(entry.status, SaidOfCourse())
    role, certainty = role_of(status, SaidOfCourse(), setting.known)
    degree = degree_of(entry, SaidOfCourse(), None, setting)
    open_too = None if certainty == setting.known.suspected else certainty
    return unread_item(path, entry.text, role, _attributes(open_too, degree), degree.grade)


def _item(path: str, entry: ConditionEntry, read: _ProblemRead, setting: Setting) -> list[Item]:
    resolved = read.found
    if resolved.broader:
        note = "the code is wider than this term"
        setting.recognise(path, resolved.terms, resolved.matched, note, sure=False)
        return []
    past = _past(entry, read, setting)
    course = (entry.status, entry.severity, entry.grade, past is not None)
    alike = read.alike.get(course)
    if alike is None:
        alike = read.alike.keep(course, _alike(entry, read, past is not None, setting))
    note = _NOT_OF_PATIENT.get(alike.status or "", read.note)
    if past is not None:
        note = "; ".join(n for n in (note, f"of {past}, so it is read as past") if n)
    read_as = _read_as(alike, read.found.date or entry.onset, entry, setting)
    setting.recognise(path, resolved.terms, resolved.matched, note, read_as=read_as)
    if alike.status in NOT_THERE:
        return []
    return [
        Item(
            path,
            read.known.label,
            alike.role,
            term=read.term,
            classes=read.known.classes,
            attributes=_since(alike.attributes, read, entry, path, setting),
            numbers=alike.numbers,
        )
    ]


def _since(
    attributes: Mapping[str, str],
    read: _ProblemRead,
    entry: ConditionEntry,
    path: str,
    setting: Setting,
) -> Mapping[str, str]:
    """Add when a condition arose; a date says it more exactly than the text."""
    said = read.found.said.only("arose")
    arose = _arose(day(entry.onset, f"{path}.onset"), setting) or said
    return attributes if arose is None else {**attributes, terms.AROSE: str(arose)}


def _arose(onset: date | None, setting: Setting) -> str | None:
    """Say whether a condition arose before the first dose of the index drug or since."""
    since, before = setting.known.arose
    if setting.untreated:
        return before
    if onset is None or setting.first_dose is None:
        return None
    return since if onset >= setting.first_dose else before


def _past(entry: ConditionEntry, read: _ProblemRead, setting: Setting) -> str | None:
    """Give the date of an event that is past by it, where nobody said how it stands."""
    if entry.status is not None or read.said.standing or not (entry.onset or read.found.date):
        return None
    degree = degree_of(entry, read.said, read.implied, setting)
    return taken_as_past(entry, read.found.date, read.condition, degree, setting)


def _alike(entry: ConditionEntry, read: _ProblemRead, past: bool, setting: Setting) -> _SameCourse:
    status, contradictory = status_of(entry.status, read.said)
    if past:
        status = "resolved"
    role, certainty = role_of(status, read.said, setting.known)
    open_too: str | None = certainty
    if certainty == setting.known.suspected and not read.settled_first:
        # No advice speaks of the suspicion, so whether it is there, now, stays open.
        role, open_too = terms.HAS_ONGOING, None
    implied = read.condition.implied_course
    if implied is not None and certainty == setting.known.confirmed:
        role = setting.known.role_of_course(implied)
    degree = degree_of(entry, read.said, read.implied, setting)
    attributes = _attributes(open_too, degree)
    return _SameCourse(status, contradictory, role, attributes, degree.grade, degree)


def _read_as(
    alike: _SameCourse, date: str | None, entry: ConditionEntry, setting: Setting
) -> ReadAs:
    """Say what was understood of a condition beside its name."""
    status = alike.status
    source: ReadFrom = "default" if status is None else "text"
    if entry.status is not None and status == entry.status:
        source = "field"
    contradictory: Literal[True] | UnsetType = True if alike.contradictory else UNSET
    severity: Read | UnsetType = UNSET
    degree = alike.degree
    if degree.severity is not None:
        key = setting.snapshot.values[degree.severity].key
        differing: Literal[True] | UnsetType = True if degree.contradictory else UNSET
        severity = Read(value=key, source=degree.source, contradictory=differing)
    when = Read(value=date, source="field" if date == entry.onset else "text") if date else UNSET
    stands = Read(value=status or "active", source=source, contradictory=contradictory)
    return ReadAs(status=stands, severity=severity, date=when)


def _attributes(certainty: str | None, degree: Degree) -> dict[str, str]:
    """Give a condition's certainty and severity."""
    attributes = {} if certainty is None else {terms.CERTAINTY: certainty}
    if degree.severity is not None:
        attributes[terms.SEVERITY] = degree.severity
    return attributes
