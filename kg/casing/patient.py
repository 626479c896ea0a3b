"""Facts not tied to an item: flags, absences, the phase, and numbers calculated from dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

from kg import terms
from kg.casing.case import Fact, Item, unread
from kg.casing.ledger import Setting
from kg.contract.place import Place
from kg.contract.request import ContextPart, PatientPart, Request, day, malformed
from kg.interval import FALSE, NOTHING, TRUE, UNKNOWN, Interval, between, exact, point
from kg.resolving.names import Missed
from kg.snapshot.model import FlagGroup, Snapshot
from kg.snapshot.once import once_per_snapshot

_MONTHS = 12
_UNKNOWN, _FALSE = Fact(UNKNOWN), Fact(FALSE)


def flags(
    patient: PatientPart, context: ContextPart, conditions: Sequence[Item], setting: Setting
) -> dict[str, Fact]:
    """Decide for every flag whether it holds: listed, implied elsewhere, denied, or not known."""
    flag_of = setting.known.flags
    listed: dict[str, str] = {}
    for n, key in enumerate(patient.flags or ()):
        path = str(Place("patient", n, "flags"))
        if key in flag_of:
            listed.setdefault(flag_of[key], path)
            setting.recognise(path, (flag_of[key],), "name")
        else:
            setting.miss(path, key, Missed("there is no such flag"))
    implied = _implied(conditions, setting)
    perhaps = _perhaps_implied(conditions, setting)
    elsewhere = _elsewhere(context, setting.snapshot)
    said = _said(listed, implied, elsewhere, setting.snapshot)
    open_to_all = _open(patient, said, setting)
    facts = {}
    for iri, contrary in _contraries(setting.snapshot):
        fact = said.get(iri) or implied.get(iri)
        if fact is None:
            denied = elsewhere.get(iri) is False or contrary in said
            unsaid = patient.flags is None or contrary is not None or iri in open_to_all
            fact = _FALSE if denied else _UNKNOWN if unsaid else perhaps.get(iri, _FALSE)
        facts[iri] = fact
    return facts


def _said(
    listed: Mapping[str, str],
    implied: Mapping[str, Fact],
    elsewhere: Mapping[str, bool],
    snapshot: Snapshot,
) -> dict[str, Fact]:
    """Collect the flags that are known to hold, each with the input that says so."""
    said = {i: f for i, f in implied.items() if f.truth == TRUE}
    said |= {i: Fact(TRUE, snapshot.flags[i].input or "") for i, yes in elsewhere.items() if yes}
    return said | {i: Fact(TRUE, path) for i, path in listed.items()}


@once_per_snapshot
def _contraries(snapshot: Snapshot) -> tuple[tuple[str, str | None], ...]:
    """List every flag with the one that it cannot be true with."""
    return tuple((iri, flag.contrary or None) for iri, flag in snapshot.flags.items())


def _open(patient: PatientPart, said: Mapping[str, Fact], setting: Setting) -> set[str]:
    """List the flags of the groups of which none was said, for the patients a group is about."""
    sex = None if patient.sex is None else setting.known.sexes[patient.sex]
    age = None if patient.age_years is None else exact(patient.age_years)
    found: set[str] = set()
    for group in setting.snapshot.flag_groups:
        if said.keys().isdisjoint(group.flags) and _concerns(group, sex, age):
            found.update(group.flags)
    return found


def _implied(conditions: Sequence[Item], setting: Setting) -> dict[str, Fact]:
    """Give the flags that conditions make true, or may make true."""
    implied: dict[str, Fact] = {}
    implying = _implying(setting.snapshot)
    for item in conditions:
        flag = implying.get(item.term or "")
        if flag is None or item.role == terms.HAS_PAST:
            continue
        sure = (
            item.role == terms.HAS_ONGOING
            and item.attributes.get(terms.CERTAINTY) == setting.known.confirmed
        )
        if sure or flag not in implied:
            implied[flag] = Fact(TRUE if sure else UNKNOWN, item.input)
    return implied


def _perhaps_implied(conditions: Sequence[Item], setting: Setting) -> dict[str, Fact]:
    """Give the flags that a condition which was not read may make true."""
    unknown = [i for i in conditions if unread(i) and i.role != terms.HAS_PAST]
    if not unknown:
        return {}
    return dict.fromkeys(_implying(setting.snapshot).values(), Fact(UNKNOWN, unknown[0].input))


@once_per_snapshot
def _implying(snapshot: Snapshot) -> dict[str, str]:
    """Give the conditions that make a flag true."""
    return {i: c.implied_flag for i, c in snapshot.conditions.items() if c.implied_flag is not None}


def _elsewhere(context: ContextPart, snapshot: Snapshot) -> dict[str, bool]:
    """Give what another field of the request says of flags."""
    said = {}
    for iri, name in _in_context(snapshot):
        value = getattr(context, name, None)
        if isinstance(value, bool):
            said[iri] = value
    return said


@once_per_snapshot
def _in_context(snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    """List the flags that a field of the context says, too."""
    said_at = ((iri, Place.of(flag.input or "")) for iri, flag in snapshot.flags.items())
    return tuple((iri, at.field) for iri, at in said_at if at is not None and at.part == "context")


def _concerns(group: FlagGroup, sex: str | None, age: Fraction | None) -> bool:
    """Say whether a group of flags is about a patient, or may be."""
    if group.sex is not None and sex is not None and sex != group.sex:
        return False
    return age is None or between(group.ages).holds(age)


def absences(
    request: Request,
    found: Mapping[str, Fact],
    observations: Sequence[Item] | None,
    setting: Setting,
    whole: bool = True,
) -> dict[str, Fact]:
    """Decide for everything that may be missing whether it is; `whole` says so for observations."""
    measured = frozenset[str]().union(*[i.classes or () for i in observations or ()])
    facts = {}
    for iri, (kind, of) in _lacking(setting.snapshot):
        if kind == "field-unstated":
            fact = Fact(FALSE if _is_given(of, request) else TRUE, of)
        elif kind == "no-observation":
            truth = FALSE if of in measured else TRUE if whole else UNKNOWN
            fact = _UNKNOWN if observations is None else Fact(truth, "observations")
        elif kind == "flag-unstated":
            fact = Fact(TRUE if found[of].truth == UNKNOWN else FALSE, "patient.flags")
        else:
            fact = Fact(TRUE - found[of].truth, "patient.flags")
        facts[iri] = fact
    return facts


@once_per_snapshot
def _lacking(snapshot: Snapshot) -> tuple[tuple[str, tuple[str, str]], ...]:
    return tuple((iri, (a.kind, a.of)) for iri, a in snapshot.absences.items())


def _is_given(field: str, request: Request) -> bool:
    """Say whether a single field of the patient or of the context was given."""
    place = Place.of(field)
    return place is not None and place.value(request) is not None


def numbers(patient: PatientPart, context: ContextPart, setting: Setting) -> dict[str, Interval]:
    """Give the numbers of the patient and of the dose in question."""
    given = {
        terms.AGE_YEARS: patient.age_years,
        terms.CYCLE: context.cycle,
        terms.CYCLE_DAY: context.day,
        terms.SALVAGE_LINE: context.salvage_line,
        terms.COMPLETED_CYCLES: context.cycle - 1 if context.cycle else None,
    }
    exactly = {p: exact(v) for p, v in given.items() if v is not None}
    intervals = {p: point(v) for p, v in exactly.items() if v is not None}
    intervals |= _since_last_dose(context, setting)
    if context.dose_mg_m2 is not None and context.reduced_to_mg_m2 is not None:
        dose, reduced = exact(context.dose_mg_m2), exact(context.reduced_to_mg_m2)
        if dose is not None and reduced:
            intervals[terms.DOSE_TIMES_REDUCED] = point(dose / reduced)
    return {**setting.known.unless_given, **intervals}


def _since_last_dose(context: ContextPart, setting: Setting) -> dict[str, Interval]:
    """Count months and days; before the first dose there is nothing to count from."""
    last = day(context.last_dose, "context.last_dose")
    due = day(context.dose_due, "context.dose_due")
    if setting.untreated:
        if last is not None:
            raise malformed(
                "context.last_dose",
                "the phase says that no dose has been given",
                "correct the phase, or leave the date out",
            )
        return dict.fromkeys(
            (
                terms.MONTHS_SINCE_LAST_DOSE,
                terms.DAYS_SINCE_LAST_DOSE,
                terms.DAYS_SINCE_DOSE_DUE,
                terms.DOSE_TIMES_REDUCED,
            ),
            NOTHING,
        )
    if setting.as_of is None:
        return {}
    if last is not None and last > setting.as_of:
        raise malformed(
            "context.last_dose",
            "the last dose lies after the day of the question",
            "correct context.last_dose or context.as_of",
        )
    counted: dict[str, Interval] = {}
    if last is not None:
        counted[terms.MONTHS_SINCE_LAST_DOSE] = point(completed_months(last, setting.as_of))
        counted[terms.DAYS_SINCE_LAST_DOSE] = point((setting.as_of - last).days)
    due = due or _next_due(last, context, setting)
    if due is not None:
        counted[terms.DAYS_SINCE_DOSE_DUE] = point((setting.as_of - due).days)
    return counted


def _next_due(last: date | None, context: ContextPart, setting: Setting) -> date | None:
    """Work out when a dose within a cycle was due; the first of a cycle must be given."""
    interval = setting.snapshot.properties[terms.DAYS_SINCE_DOSE_DUE].interval_days
    if last is None or interval is None or context.day is None or context.day <= 1:
        return None
    return last + timedelta(days=interval)


def completed_months(start: date, end: date) -> int:
    """Count calendar months; one that has no such day is completed on its last day."""
    months = (end.year - start.year) * _MONTHS + end.month - start.month
    first_of_next = date(end.year + end.month // _MONTHS, end.month % _MONTHS + 1, 1)
    last_day = (first_of_next - timedelta(days=1)).day
    return months if end.day >= min(start.day, last_day) else months - 1


def needs(context: ContextPart, setting: Setting) -> dict[str, str]:
    """Say what to supply where a number that is worked out from dates is not known."""
    wanted = "context: as_of" if context.last_dose and setting.as_of is None else None
    return {
        terms.MONTHS_SINCE_LAST_DOSE: wanted or "context: last_dose",
        terms.DAYS_SINCE_LAST_DOSE: wanted or "context: last_dose",
        terms.DAYS_SINCE_DOSE_DUE: _need_of_due(context, setting),
        terms.COMPLETED_CYCLES: "context: cycle",
        terms.DOSE_TIMES_REDUCED: "context: reduced_to_mg_m2"
        if context.dose_mg_m2
        else "context: dose_mg_m2",
    }


def _need_of_due(context: ContextPart, setting: Setting) -> str:
    if setting.as_of is None and (context.dose_due or context.last_dose):
        return "context: as_of"
    return "context: dose_due" if context.last_dose else "context: last_dose"
