"""Conditions of a request as items of a Case: what, since when, how certain, how severe."""

from __future__ import annotations

from kg import terms
from kg.case import Item, unread_item
from kg.interval import Interval, point
from kg.lexicon import Said
from kg.request import ConditionEntry, day
from kg.resolve import resolve
from kg.resolve_names import Missed, label
from kg.setting import Setting, given_as


def conditions(entries: list[ConditionEntry], setting: Setting) -> tuple[Item, ...]:
    """Give one item for each condition; a code wider than any term gives none."""
    found = (_condition(f"conditions[{n}]", e, setting) for n, e in enumerate(entries))
    return tuple(item for item in found if item is not None)


def _condition(path: str, entry: ConditionEntry, setting: Setting) -> Item | None:
    found = resolve(entry, "condition", setting.snapshot)
    day(entry.onset, f"{path}.onset")
    if isinstance(found, Missed):
        setting.miss(path, given_as(entry), found)
        role, attributes, numbers = _of_condition(entry, Said(), None, setting)
        return unread_item(path, entry.text, role, attributes, numbers)
    (term,) = found.terms
    if found.broader:
        setting.recognise(
            path, found.terms, found.matched, "the code is wider than this term", sure=False
        )
        return None
    touches = [setting.snapshot.topics[t] for t in setting.snapshot.conditions[term].touches]
    notes = [found.note] if found.note else []
    notes += [f"may bear on {', '.join(sorted(touches))}; not judged by itself"] if touches else []
    setting.recognise(path, found.terms, found.matched, "; ".join(notes))
    role, attributes, numbers = _of_condition(entry, found.said, term, setting)
    return Item(
        path,
        label(term, setting.snapshot),
        role,
        term=term,
        classes=frozenset({term, *setting.snapshot.conditions[term].ancestors}),
        attributes=attributes,
        numbers=numbers,
    )


def _of_condition(
    entry: ConditionEntry, said: Said, term: str | None, setting: Setting
) -> tuple[str, dict[str, str], dict[str, Interval]]:
    """Give a condition's course, certainty, severity and grade: as given, else as its name says."""
    known = setting.known
    condition = setting.snapshot.conditions[term] if term else None
    course, certainty = _course(entry, said, setting)
    implied = condition.implied_course if condition else None
    if implied is not None and certainty == known.confirmed:
        course = known.role_of_course(implied)
    attributes = {terms.CERTAINTY: certainty}
    severity = known.severities[entry.severity] if entry.severity else said.only("severity")
    if severity is None and not said.says("severity") and condition:
        severity = condition.implied_severity
    if severity is not None:
        attributes[terms.SEVERITY] = str(severity)
    grade = entry.grade if entry.grade is not None else said.only("grade")
    numbers = {} if grade is None else {terms.CTCAE_GRADE: point(int(grade))}
    setting.unless_given(numbers, terms.CTCAE_GRADE)
    return course, attributes, numbers


def _course(entry: ConditionEntry, said: Said, setting: Setting) -> tuple[str, str]:
    """Give the role on which a condition hangs, and how certain it is."""
    known = setting.known
    if entry.status == "active":
        return terms.HAS_ONGOING, known.confirmed
    if entry.status == "resolved":
        return terms.HAS_PAST, known.confirmed
    if entry.status == "suspected" or said.only("certainty") == known.suspected:
        return terms.HAS_CONDITION, known.suspected
    if said.says("course"):
        course = said.only("course")
        return known.role_of_course(str(course) if course else None), known.confirmed
    return terms.HAS_ONGOING, known.confirmed
