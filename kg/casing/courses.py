"""How a condition is had: whether it is there, how surely, and how severe.

What a field says and what the text says are held together. Where they differ the stricter stands
and is marked; only what the text denies, or says of somebody else, is never a finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, NamedTuple

from kg import terms
from kg.casing.closed_lists import Vocabulary
from kg.casing.ledger import Setting
from kg.contract.request import ConditionEntry, day
from kg.interval import Interval, point
from kg.resolving.problem_dates import latest
from kg.resolving.problems import kind_of
from kg.snapshot.model import Condition, Snapshot, TextWord

# Where something was read.
ReadFrom = Literal["field", "text", "default"]
NOT_THERE = ("absent", "other")
# Of two statuses the stricter stands.
_STRICTEST = ("active", "suspected", "resolved")


class SaidOfCourse(NamedTuple):
    """What the words of a text say of a condition."""

    standing: str = ""
    course: str | None = None
    severities: tuple[str, ...] = ()
    grades: tuple[int, ...] = ()


class Degree(NamedTuple):
    """How severe a condition is, and of which grade: the strictest that was said."""

    severity: str | None
    grade: Mapping[str, Interval]
    source: ReadFrom = "text"
    contradictory: bool = False


def said_of_course(phrases: tuple[TextWord, ...], snapshot: Snapshot) -> SaidOfCourse:
    """Collect what words say; of a course the first that says anything stands."""
    kinds = [(kind_of(word, snapshot), word.course) for word in phrases]
    standing, course = "", None
    for kind in ("other", "absent", "suspected", "active", "open", "resolved"):
        if standing == "" and any(k == kind for k, _ in kinds):
            standing = kind
            course = next((c for k, c in kinds if k == kind and c), None)
    return SaidOfCourse(
        standing,
        course,
        tuple([w.severity for w in phrases if w.severity]),
        tuple([w.grade for w in phrases if w.grade]),
    )


def status_of(field: str | None, said: SaidOfCourse) -> tuple[str | None, bool]:
    """Give the status that stands, and whether field and text contradict each other."""
    spoken = said.standing
    if field is None or spoken in ("", "open", field):
        return field or spoken or None, False
    if spoken in NOT_THERE:
        return spoken, field != "active"
    return next(s for s in _STRICTEST if s in (field, spoken)), True


def role_of(status: str | None, said: SaidOfCourse, known: Vocabulary) -> tuple[str, str]:
    """Give the role on which a condition hangs, and how certain it is."""
    if status == "resolved":
        return terms.HAS_PAST, known.confirmed
    if status == "suspected":
        return terms.HAS_CONDITION, known.suspected
    if status == "open":
        return known.role_of_course(said.course), known.confirmed
    return terms.HAS_ONGOING, known.confirmed


def degree_of(
    entry: ConditionEntry, said: SaidOfCourse, implied: str | None, setting: Setting
) -> Degree:
    """Give the strictest severity and grade of all that was said."""
    known = setting.known
    rank = {iri: n for n, iri in enumerate(known.severities.values())}
    field = known.severities[entry.severity] if entry.severity else None
    grades = [g for g in (entry.grade, *said.grades) if g is not None]
    spoken = [*said.severities, *([] if implied is None else [implied])]
    by_grade = [s for s in map(known.by_grade.get, grades) if s is not None]
    all_said = [*([field] if field else []), *spoken, *by_grade]
    severity = max(all_said, key=lambda s: rank.get(s, -1)) if all_said else None
    grade = {terms.CTCAE_GRADE: point(max(grades))} if grades else known.no_grade
    of_entry = {field, known.by_grade.get(entry.grade or 0)} - {None}
    stated = [*of_entry, *said.severities, *map(known.by_grade.get, said.grades)]
    differing = len({s for s in stated if s}) > 1
    differing = differing or (field is not None and implied is not None and severity != field)
    source: ReadFrom = "field" if severity in of_entry else "text"
    return Degree(severity, grade, source, bool(of_entry) and differing)


def taken_as_past(
    entry: ConditionEntry,
    date_said: str,
    condition: Condition,
    degree: Degree,
    setting: Setting,
) -> str | None:
    """Give the date of a single event so long ago that it is past where nobody says otherwise."""
    within = [setting.snapshot.conditions.get(c) for c in condition.ancestors]
    kinds = [condition, *[c for c in within if c is not None]]
    days = next((c.past_after_days for c in kinds if c.past_after_days is not None), None)
    if days is None or setting.as_of is None or any(c.never_past for c in kinds):
        return None
    highest = next((c.past_up_to_grade for c in kinds if c.past_up_to_grade is not None), None)
    if highest is not None and not _at_most(degree, highest, setting):
        return None
    dated = entry.onset or date_said
    last = day(entry.onset, "onset") if entry.onset else latest(date_said, setting.as_of)
    if last is None or not _far_back(last, dated, days, setting.as_of):
        return None
    return dated


def _at_most(degree: Degree, grade: int, setting: Setting) -> bool:
    """Say whether something is surely of no higher grade."""
    milder = {s for g, s in setting.known.by_grade.items() if g <= grade}
    return degree.severity in milder


def _far_back(last: date, dated: str, days: int, as_of: date) -> bool:
    if len(dated) == 4:
        return last.year < as_of.year - 1
    return (as_of - last).days > days
