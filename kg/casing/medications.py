"""Medications and allergies of a request as items of a Case: of which drugs, in which role."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from msgspec import UNSET

from kg import terms
from kg.casing.case import Item, unread_item
from kg.casing.ledger import Setting, given_as
from kg.casing.use import (
    NOTHING_SAID_OF_USE,
    SaidOfUse,
    Use,
    said_of_use,
    use_of,
    without_such_form,
)
from kg.contract.place import entry_path
from kg.contract.request import Dose, MedicationEntry, day
from kg.interval import Interval, point
from kg.resolving.doses import in_milligrams
from kg.resolving.names import Missed, label
from kg.resolving.remembered import MOST_COURSES, Readings
from kg.resolving.resolve import Resolved, parts
from kg.snapshot.cache import BoundedCache
from kg.snapshot.model import Drug, Snapshot
from kg.snapshot.once import once_per_snapshot

_HOURS = 24
_ROLE_OF_STATUS = {
    "active": terms.TAKES,
    "planned": terms.PLANS,
    "stopped": terms.STOPPED,
}
_TIMES = (terms.DAYS_SINCE_LAST_TAKEN, terms.HALF_LIVES_SINCE_LAST_TAKEN)
_IN_FUTURE = "it is dated after the day of the question"


class _DrugOfEntry(NamedTuple):
    """One drug of what was read: which it may be, and what is needed to know more of it."""

    drugs: frozenset[str] | None
    half_life: Fraction | None
    term: str
    label: str
    wanted: str


# The status, role and route of an entry, and the phase: all that makes items of one drug differ.
_MedicationCourse: TypeAlias = tuple[str | None, str | None, str | None, str | None]


class _MedicationRead(NamedTuple):
    """What the name and codes of a medication say of it."""

    found: Resolved
    drugs: tuple[_DrugOfEntry, ...]
    said: SaidOfUse
    alike: BoundedCache[_MedicationCourse, Use]


_Medicines: TypeAlias = Readings[_MedicationRead]


@once_per_snapshot
def medicines(snapshot: Snapshot) -> _Medicines:
    """Give what names and codes of medications were read as."""
    return Readings("medication", snapshot, _read)


def _read(found: Resolved, snapshot: Snapshot) -> _MedicationRead:
    return _MedicationRead(
        found,
        tuple(
            _drug(drugs, found, snapshot)
            for drugs in parts(found.terms, snapshot)
            if drugs != {snapshot.index_drug}
        ),
        said_of_use(found, snapshot),
        BoundedCache(MOST_COURSES),
    )


def _drug(drugs: frozenset[str], found: Resolved, snapshot: Snapshot) -> _DrugOfEntry:
    single = next(iter(drugs)) if len(drugs) == 1 else None
    term = single or found.terms[0]
    return _DrugOfEntry(
        None if found.broader or not drugs else drugs,
        half_life(snapshot.drugs.get(single)) if single else None,
        term,
        label(term, snapshot),
        "the drug itself",
    )


def half_life(drug: Drug | None) -> Fraction | None:
    """Give the half-life of a drug in hours, the longer one where two are known."""
    hours = (drug.half_life_upper_hours or drug.half_life_hours) if drug else None
    found = Fraction(hours) if hours is not None else None
    return found if found is not None and found > 0 else None


def medications(entries: list[MedicationEntry], setting: Setting) -> tuple[Item, ...]:
    """Give one item for each drug of each entry; the index drug is not among them."""
    known, items = medicines(setting.snapshot), []
    for n, entry in enumerate(entries):
        items += _medication(entry_path("medications", n), entry, known, setting)
    return tuple(items)


def _medication(
    path: str, entry: MedicationEntry, known: _Medicines, setting: Setting
) -> list[Item]:
    read = known.of(entry)
    started = day(entry.started, f"{path}.started")
    taken = None
    if entry.last_taken is not None:
        taken = _past_day(entry.last_taken, f"{path}.last_taken", setting)
    if isinstance(read, Missed):
        setting.miss(path, given_as(entry), read)
        use = use_of(entry, NOTHING_SAID_OF_USE, setting.known, setting.phase)
        # What nobody could read may be anything, and may have been stopped any time ago.
        numbers = {p: n for p, n in use.numbers.items() if p not in _TIMES}
        role = _ROLE_OF_STATUS[use.status]
        return [unread_item(path, entry.text, role, use.attributes, numbers)]
    if started is not None and setting.first_dose is None:
        setting.first_dose = _begun(started, read, setting)
    resolved, note = read.found, read.found.note
    if entry.daily_dose is not None:
        note = "; ".join(n for n in (note, _note_on_dose(entry.daily_dose)) if n)
    plainly_used = entry.daily_dose is None and entry.last_taken is None and entry.started is None
    use = _alike(entry, read, setting) if plainly_used else _use(entry, read, setting)
    formless = without_such_form(resolved, use, setting.snapshot, setting.known)
    if formless is not None:
        return [_by_no_such_route(path, entry, formless, use, setting)]
    if taken == _IN_FUTURE:
        setting.miss(path, given_as(entry), Missed(f"last_taken: {_IN_FUTURE}"))
    else:
        setting.recognise(
            path,
            resolved.terms,
            resolved.matched,
            note,
            sure=not resolved.broader,
            read_as=use.read_as,
        )
    last = taken if isinstance(taken, date) else _spoken_day(use, setting)
    return [_item(path, drug, use, last, setting) for drug in read.drugs]


def _begun(started: date, read: _MedicationRead, setting: Setting) -> date | None:
    """Take the start of the index drug for the day of the first dose, where one was given."""
    if setting.snapshot.index_drug not in read.found.terms or setting.untreated:
        return None
    return None if setting.as_of is not None and started > setting.as_of else started


def _by_no_such_route(
    path: str, entry: MedicationEntry, drug: str, use: Use, setting: Setting
) -> Item:
    """Ask where a drug is said to be given by a route for which no form of it is known."""
    name, route = label(drug, setting.snapshot), use.read_as.route
    said = "" if route is UNSET else route.value
    reason = f"no form of {name} is known that is given by the {said} route: is it this drug?"
    setting.miss(path, given_as(entry), Missed(reason, (drug,)))
    return unread_item(path, entry.text, _ROLE_OF_STATUS[use.status], {}, {})


def _alike(entry: MedicationEntry, read: _MedicationRead, setting: Setting) -> Use:
    """Give what all entries share that say the same and give neither dose nor date."""
    course = (entry.status, entry.role, entry.route, setting.phase)
    return read.alike.get(course) or read.alike.keep(course, _use(entry, read, setting))


def _use(entry: MedicationEntry, read: _MedicationRead, setting: Setting) -> Use:
    return use_of(entry, read.said, setting.known, setting.phase)


def _spoken_day(use: Use, setting: Setting) -> date | None:
    """Give the day on which a medicine was last taken where only its text says so."""
    read = use.read_as.date
    if use.status != "stopped" or read is UNSET or read.source != "text":
        return None
    found = day(str(read.value), "medications")
    return None if found is None or (setting.as_of and found > setting.as_of) else found


def _past_day(text: str | None, path: str, setting: Setting) -> date | str | None:
    found = day(text, path)
    if found is not None and setting.as_of is not None and found > setting.as_of:
        return _IN_FUTURE
    return found


def _note_on_dose(dose: Dose) -> str:
    """Say where a dose was given in a unit that cannot be counted."""
    if in_milligrams(dose.value, dose.unit) is not None:
        return ""
    return f"the daily dose is not counted: {dose.unit} is no unit of mass"


def _item(path: str, drug: _DrugOfEntry, use: Use, last: date | None, setting: Setting) -> Item:
    numbers, needs = use.numbers, {terms.OF_DRUG: f"{path}: {drug.wanted}"}
    if use.status == "stopped":
        times, wanted = _since_taken(path, drug, last, setting)
        numbers, needs = {**numbers, **times}, {**needs, **wanted}
    return Item(
        path,
        drug.label,
        _ROLE_OF_STATUS[use.status],
        term=drug.term,
        drugs=drug.drugs,
        attributes=use.attributes,
        numbers=numbers,
        needs=needs,
    )


def _since_taken(
    path: str, drug: _DrugOfEntry, last: date | None, setting: Setting
) -> tuple[dict[str, Interval], dict[str, str]]:
    """Work out how long ago a drug was last taken; give what is needed where that is open."""
    if last is None or setting.as_of is None:
        wanted = f"{path}: last_taken" if last is None else "context: as_of"
        return {}, dict.fromkeys(_TIMES, wanted)
    days = (setting.as_of - last).days
    since = {terms.DAYS_SINCE_LAST_TAKEN: point(days)}
    if drug.half_life is None:
        return since, {terms.HALF_LIVES_SINCE_LAST_TAKEN: f"{path}: a known half-life"}
    return since | {terms.HALF_LIVES_SINCE_LAST_TAKEN: point(days * _HOURS / drug.half_life)}, {}
