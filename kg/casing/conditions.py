"""Conditions of a request as items of a Case: what, since when, how certain, how severe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from kg import terms
from kg.casing.case import Item, unread_item
from kg.casing.closed_lists import vocabulary
from kg.casing.ledger import Setting, given_as
from kg.contract.place import entry_path
from kg.contract.request import ConditionEntry, day
from kg.interval import Interval, point
from kg.resolving.free_text import NOTHING_SAID, Said
from kg.resolving.known import Known, known_terms
from kg.resolving.names import Missed
from kg.resolving.remembered import MOST_COURSES, Readings
from kg.resolving.resolve import Resolved
from kg.snapshot.cache import BoundedCache
from kg.snapshot.criteria import AtLeast, Has, Is
from kg.snapshot.criteria_walk import nodes_of
from kg.snapshot.model import Condition, Snapshot
from kg.snapshot.once import once_per_snapshot


class _ConditionRead(NamedTuple):
    """What the name and codes of a condition say of it."""

    found: Resolved
    term: str
    condition: Condition
    settled_first: bool
    known: Known
    note: str
    severity: str | None
    grade: Mapping[str, Interval]
    alike: BoundedCache[_ConditionCourse, _SameCourse]


class _SameCourse(NamedTuple):
    """What all items of one condition share that are had alike."""

    role: str
    attributes: Mapping[str, str]
    numbers: Mapping[str, Interval]


# The status, severity and grade of an entry: all that makes items of one condition differ.
_ConditionCourse: TypeAlias = tuple[str | None, str | None, int | None]


@once_per_snapshot
def diagnoses(snapshot: Snapshot) -> Readings[_ConditionRead]:
    """Give what names and codes of conditions were read as."""
    return Readings("condition", snapshot, _read)


def _read(found: Resolved, snapshot: Snapshot) -> _ConditionRead:
    (term,) = found.terms
    condition, said = snapshot.conditions[term], found.said
    topics = sorted(snapshot.topics[t] for t in condition.touches)
    bears = f"may bear on {', '.join(topics)}; not judged by itself" if topics else ""
    severity = said.only("severity")
    if severity is None and not said.says("severity"):
        severity = condition.implied_severity
    return _ConditionRead(
        found,
        term,
        condition,
        not _settled_first(snapshot).isdisjoint({term, *condition.ancestors}),
        known_terms(snapshot)[term],
        "; ".join(note for note in (found.note, bears) if note),
        None if severity is None else str(severity),
        _graded(said.only("grade"), snapshot),
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


def _graded(grade: str | int | None, snapshot: Snapshot) -> Mapping[str, Interval]:
    if grade is None:
        return vocabulary(snapshot).no_grade
    return {terms.CTCAE_GRADE: point(int(grade))}


def conditions(entries: list[ConditionEntry], setting: Setting) -> tuple[Item, ...]:
    """Give one item for each condition; a code wider than any term gives none."""
    known = diagnoses(setting.snapshot)
    found = [
        _condition(entry_path("conditions", n), e, known, setting) for n, e in enumerate(entries)
    ]
    return tuple([item for item in found if item is not None])


def _condition(
    path: str, entry: ConditionEntry, known: Readings[_ConditionRead], setting: Setting
) -> Item | None:
    read = known.of(entry)
    if entry.onset is not None:
        day(entry.onset, f"{path}.onset")
    if isinstance(read, Missed):
        setting.miss(path, given_as(entry), read)
        certainty: str | None
        role, certainty = _course(entry, NOTHING_SAID, setting)
        if certainty == setting.known.suspected:
            certainty = None
        no_grade = setting.known.no_grade
        attributes, numbers = _of_condition(entry, certainty, None, no_grade, setting)
        return unread_item(path, entry.text, role, attributes, numbers)
    resolved = read.found
    if resolved.broader:
        note = "the code is wider than this term"
        setting.recognise(path, resolved.terms, resolved.matched, note, sure=False)
        return None
    setting.recognise(path, resolved.terms, resolved.matched, read.note)
    course = (entry.status, entry.severity, entry.grade)
    alike = read.alike.get(course)
    if alike is None:
        alike = read.alike.keep(course, _alike(entry, read, setting))
    return Item(
        path,
        read.known.label,
        alike.role,
        term=read.term,
        classes=read.known.classes,
        attributes=alike.attributes,
        numbers=alike.numbers,
    )


def _alike(entry: ConditionEntry, read: _ConditionRead, setting: Setting) -> _SameCourse:
    course: tuple[str, str | None] = _course(entry, read.found.said, setting)
    role, certainty = course
    if certainty == setting.known.suspected and not read.settled_first:
        # No advice speaks of the suspicion, so whether it is there, now, stays open.
        role, certainty = terms.HAS_ONGOING, None
    implied = read.condition.implied_course
    if implied is not None and certainty == setting.known.confirmed:
        role = setting.known.role_of_course(implied)
    attributes, numbers = _of_condition(entry, certainty, read.severity, read.grade, setting)
    return _SameCourse(role, attributes, numbers)


def _of_condition(
    entry: ConditionEntry,
    certainty: str | None,
    severity: str | None,
    grade: Mapping[str, Interval],
    setting: Setting,
) -> tuple[dict[str, str], Mapping[str, Interval]]:
    """Give a condition's certainty, severity and grade: as given, else as its name says."""
    attributes = {} if certainty is None else {terms.CERTAINTY: certainty}
    if entry.severity:
        severity = setting.known.severities[entry.severity]
    if entry.grade is not None:
        grade = {terms.CTCAE_GRADE: point(entry.grade)}
    severity = severity or _of_grade(grade, setting)
    if severity is not None:
        attributes[terms.SEVERITY] = severity
    return attributes, grade


def _of_grade(grade: Mapping[str, Interval], setting: Setting) -> str | None:
    given = grade.get(terms.CTCAE_GRADE)
    if given is None or given.empty or given.low is None:
        return None
    return setting.known.by_grade.get(int(given.low))


def _course(entry: ConditionEntry, said: Said, setting: Setting) -> tuple[str, str]:
    """Give the role on which a condition hangs, and how certain it is."""
    lists = setting.known
    if entry.status == "active":
        return terms.HAS_ONGOING, lists.confirmed
    if entry.status == "resolved":
        return terms.HAS_PAST, lists.confirmed
    if entry.status == "suspected" or said.only("certainty") == lists.suspected:
        return terms.HAS_CONDITION, lists.suspected
    if said.says("course"):
        course = said.only("course")
        return lists.role_of_course(str(course) if course else None), lists.confirmed
    return terms.HAS_ONGOING, lists.confirmed
