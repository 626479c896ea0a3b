"""What hangs on no item: flags, absences, the phase, and numbers worked out from dates."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from kg import terms
from kg.case import Fact, Item
from kg.interval import FALSE, NOTHING, TRUE, UNKNOWN, Interval, between, exact, point
from kg.model import Absence, Flag, FlagGroup, Snapshot
from kg.request import ContextPart, PatientPart, day, malformed
from kg.resolve_names import Missed
from kg.setting import Setting

_MONTHS = 12


def flags(
    patient: PatientPart, context: ContextPart, conditions: Sequence[Item], setting: Setting
) -> dict[str, Fact]:
    """Say of every flag whether it holds: listed, implied elsewhere, denied, or not known."""
    known = setting.known.flags
    listed: dict[str, str] = {}
    for n, key in enumerate(patient.flags or ()):
        path = f"patient.flags[{n}]"
        if key in known:
            listed.setdefault(known[key], path)
            setting.recognise(path, (known[key],), "name")
        else:
            setting.miss(path, key, Missed("there is no such flag"))
    implied = _implied(conditions, setting)
    elsewhere = {i: _elsewhere(f, context) for i, f in setting.snapshot.flags.items() if f.input}
    said = _said(listed, implied, elsewhere, setting.snapshot)
    groups = [g for g in setting.snapshot.flag_groups if _concerns(g, patient, setting)]
    return {
        iri: said.get(iri) or _unsaid(iri, flag, patient, said, groups, implied, elsewhere)
        for iri, flag in setting.snapshot.flags.items()
    }


def _said(
    listed: Mapping[str, str],
    implied: Mapping[str, Fact],
    elsewhere: Mapping[str, bool | None],
    snapshot: Snapshot,
) -> dict[str, Fact]:
    """Collect the flags that are known to hold, each with the input that says so."""
    said = {i: f for i, f in implied.items() if f.truth == TRUE}
    said |= {i: Fact(TRUE, snapshot.flags[i].input or "") for i, yes in elsewhere.items() if yes}
    return said | {i: Fact(TRUE, path) for i, path in listed.items()}


def _unsaid(
    iri: str,
    flag: Flag,
    patient: PatientPart,
    said: Mapping[str, Fact],
    groups: Sequence[FlagGroup],
    implied: Mapping[str, Fact],
    elsewhere: Mapping[str, bool | None],
) -> Fact:
    """Say what silence about a flag means."""
    if iri in implied:
        return implied[iri]
    if elsewhere.get(iri) is False or (flag.contrary and flag.contrary in said):
        return Fact(FALSE)
    open_group = any(iri in g.flags and not any(f in said for f in g.flags) for g in groups)
    if patient.flags is None or flag.contrary or open_group:
        return Fact(UNKNOWN)
    return Fact(FALSE)


def _implied(conditions: Sequence[Item], setting: Setting) -> dict[str, Fact]:
    """Give the flags that conditions make true, or may make true."""
    found: dict[str, Fact] = {}
    for item in conditions:
        known = setting.snapshot.conditions.get(item.term or "")
        if known is None or known.implied_flag is None or item.role == terms.HAS_PAST:
            continue
        sure = (
            item.role == terms.HAS_ONGOING
            and item.attributes.get(terms.CERTAINTY) == setting.known.confirmed
        )
        if sure or known.implied_flag not in found:
            found[known.implied_flag] = Fact(TRUE if sure else UNKNOWN, item.input)
    return found


def _elsewhere(flag: Flag, context: ContextPart) -> bool | None:
    """Give what another field of the request says of a flag."""
    part, _, name = (flag.input or "").partition(".")
    value = getattr(context, name, None) if part == "context" else None
    return value if isinstance(value, bool) else None


def _concerns(group: FlagGroup, patient: PatientPart, setting: Setting) -> bool:
    """Say whether a group of flags is about this patient, or may be."""
    sex = None if patient.sex is None else setting.known.sexes[patient.sex]
    if group.sex is not None and sex is not None and sex != group.sex:
        return False
    age = None if patient.age_years is None else exact(patient.age_years)
    return age is None or point(age).within(between(group.ages))


def absences(
    request_fields: Mapping[str, bool],
    found: Mapping[str, Fact],
    observations: Sequence[Item] | None,
    setting: Setting,
) -> dict[str, Fact]:
    """Say of everything that may be lacking whether it is."""
    return {
        iri: _absence(absence, request_fields, found, observations)
        for iri, absence in setting.snapshot.absences.items()
    }


def _absence(
    absence: Absence,
    fields: Mapping[str, bool],
    found: Mapping[str, Fact],
    observations: Sequence[Item] | None,
) -> Fact:
    if absence.kind == "field-unstated":
        return Fact(FALSE if fields[absence.of] else TRUE, absence.of)
    if absence.kind == "no-observation":
        if observations is None:
            return Fact(UNKNOWN)
        given = any(absence.of in (i.classes or ()) for i in observations)
        return Fact(FALSE if given else TRUE, "observations")
    truth = found[absence.of].truth
    if absence.kind == "flag-unstated":
        return Fact(TRUE if truth == UNKNOWN else FALSE, "patient.flags")
    return Fact(TRUE - truth, "patient.flags")


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
    found = {p: point(v) for p, v in exactly.items() if v is not None}
    found |= _since_last_dose(context, setting)
    if context.dose_mg_m2 is not None and context.reduced_to_mg_m2 is not None:
        dose, reduced = exact(context.dose_mg_m2), exact(context.reduced_to_mg_m2)
        if dose is not None and reduced:
            found[terms.DOSE_TIMES_REDUCED] = point(dose / reduced)
    setting.unless_given(found, *setting.snapshot.properties)
    return found


def _since_last_dose(context: ContextPart, setting: Setting) -> dict[str, Interval]:
    """Count months and days; before the first dose there is nothing to count from."""
    last = day(context.last_dose, "context.last_dose")
    due = day(context.dose_due, "context.dose_due")
    if setting.untreated:
        if last is not None:
            raise malformed(
                "context.last_dose",
                "the phase says that no dose has been given",
                "mend the phase, or leave the date out",
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
            "mend context.last_dose or context.as_of",
        )
    found: dict[str, Interval] = {}
    if last is not None:
        found[terms.MONTHS_SINCE_LAST_DOSE] = point(completed_months(last, setting.as_of))
        found[terms.DAYS_SINCE_LAST_DOSE] = point((setting.as_of - last).days)
    due = due or _next_due(last, context, setting)
    if due is not None:
        found[terms.DAYS_SINCE_DOSE_DUE] = point((setting.as_of - due).days)
    return found


def _next_due(last: date | None, context: ContextPart, setting: Setting) -> date | None:
    """Work out when a dose within a cycle was due; the first of a cycle must be given."""
    interval = setting.snapshot.properties[terms.DAYS_SINCE_DOSE_DUE].interval_days
    if last is None or interval is None or context.day is None or context.day <= 1:
        return None
    return last + timedelta(days=interval)


def completed_months(start: date, end: date) -> int:
    """Count calendar months; one that has no such day is completed on its last day."""
    months = (end.year - start.year) * _MONTHS + end.month - start.month
    last_day = monthrange(end.year, end.month)[1]
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
