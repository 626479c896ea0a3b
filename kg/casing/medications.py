"""Medications and allergies of a request as items of a Case: of which drugs, in which role."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from kg import terms
from kg.casing.case import Item, unread_item
from kg.casing.ledger import Setting, given_as
from kg.contract.place import entry_path
from kg.contract.request import AllergyEntry, Dose, MedicationEntry, day
from kg.interval import NOTHING, Interval, point
from kg.resolving.doses import in_milligrams
from kg.resolving.free_text import Said
from kg.resolving.names import Missed, label
from kg.resolving.remembered import MOST_COURSES, Readings
from kg.resolving.resolve import Resolved, parts
from kg.snapshot.cache import BoundedCache
from kg.snapshot.model import Drug, Snapshot
from kg.snapshot.once import once_per_snapshot

_HOURS = 24
_ROLE_OF_STATUS = {
    None: terms.TAKES,
    "active": terms.TAKES,
    "planned": terms.PLANS,
    "stopped": terms.STOPPED,
}
_TIMES = (terms.DAYS_SINCE_LAST_TAKEN, terms.HALF_LIVES_SINCE_LAST_TAKEN)
# Only what has been stopped has a time since it was last taken.
_NEVER = dict.fromkeys(_TIMES, NOTHING)
_IN_FUTURE = "it is dated after the day of the question"


class _DrugOfEntry(NamedTuple):
    """One drug of what was read: which it may be, and what is needed to know more of it."""

    drugs: frozenset[str] | None
    half_life: Fraction | None
    term: str
    label: str
    wanted: str


class _SameUse(NamedTuple):
    """What all items of one drug share that are taken alike."""

    drug: _DrugOfEntry
    role: str
    attributes: Mapping[str, str]
    numbers: Mapping[str, Interval]


# The status, role and route of an entry, and the phase: all that makes items of one drug differ.
_MedicationCourse: TypeAlias = tuple[str | None, str | None, str | None, str | None]


class _MedicationRead(NamedTuple):
    """What the name and codes of a medication say of it."""

    found: Resolved
    drugs: tuple[_DrugOfEntry, ...]
    attributes: Mapping[str, str]
    numbers: Mapping[str, Interval]
    alike: BoundedCache[_MedicationCourse, tuple[_SameUse, ...]]


_Medicines: TypeAlias = Readings[_MedicationRead]


@once_per_snapshot
def medicines(snapshot: Snapshot) -> _Medicines:
    """Give what names and codes of medications were read as."""
    return Readings("medication", snapshot, _read)


def _read(found: Resolved, snapshot: Snapshot) -> _MedicationRead:
    said = found.said
    said_of_it = {
        terms.USE: said.only("role"),
        terms.ROUTE: _route(said, found.route),
        terms.STATED_DOSE: terms.DAILY_DOSE_MG if said.daily.stated else None,
    }
    amount = said.daily.milligrams
    return _MedicationRead(
        found,
        tuple(
            _drug(drugs, found, snapshot)
            for drugs in parts(found.terms, snapshot)
            if drugs != {snapshot.index_drug}
        ),
        {prop: str(value) for prop, value in said_of_it.items() if value is not None},
        {} if amount is None else {terms.DAILY_DOSE_MG: amount},
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
        "the drug itself" if single is None else "an assessment of its liabilities",
    )


def half_life(drug: Drug | None) -> Fraction | None:
    """Give the half-life of a drug in hours, the longer one where two are known."""
    hours = (drug.half_life_upper_hours or drug.half_life_hours) if drug else None
    found = Fraction(hours) if hours is not None else None
    return found if found is not None and found > 0 else None


def _route(said: Said, coded: str | None) -> str | None:
    """Take the route that text and code agree on; where they differ, none is stated."""
    spoken = said.only("route")
    if coded is None:
        return None if spoken is None else str(spoken)
    return coded if spoken == coded or not said.says("route") else None


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
    if entry.started is not None:
        day(entry.started, f"{path}.started")
    taken = None
    if entry.last_taken is not None:
        taken = _past_day(entry.last_taken, f"{path}.last_taken", setting)
    if isinstance(read, Missed):
        setting.miss(path, given_as(entry), read)
        attributes, numbers = _of_medication(entry, {}, {}, setting)
        return [unread_item(path, entry.text, _ROLE_OF_STATUS[entry.status], attributes, numbers)]
    resolved, note = read.found, read.found.note
    if entry.daily_dose is not None:
        note = "; ".join(n for n in (note, _note_on_dose(entry.daily_dose)) if n)
    if taken == _IN_FUTURE:
        setting.miss(path, given_as(entry), Missed(f"last_taken: {_IN_FUTURE}"))
    else:
        setting.recognise(path, resolved.terms, resolved.matched, note, sure=not resolved.broader)
    if entry.status != "stopped" and entry.daily_dose is None:
        return [_like(path, alike) for alike in _alike(entry, read, setting)]
    attributes, numbers = _of_medication(entry, read.attributes, read.numbers, setting)
    last = taken if isinstance(taken, date) else None
    return [_item(path, entry, drug, last, setting, attributes, numbers) for drug in read.drugs]


def _alike(entry: MedicationEntry, read: _MedicationRead, setting: Setting) -> tuple[_SameUse, ...]:
    """Give what the drugs of an entry share with all that are taken as it says."""
    course = (entry.status, entry.role, entry.route, setting.phase)
    uses = read.alike.get(course)
    if uses is None:
        attributes, numbers = _of_medication(entry, read.attributes, read.numbers, setting)
        role, numbers = _ROLE_OF_STATUS[entry.status], {**numbers, **_NEVER}
        uses = tuple(_SameUse(drug, role, attributes, numbers) for drug in read.drugs)
        read.alike.keep(course, uses)
    return uses


def _like(path: str, alike: _SameUse) -> Item:
    drug = alike.drug
    return Item(
        path,
        drug.label,
        alike.role,
        term=drug.term,
        drugs=drug.drugs,
        attributes=alike.attributes,
        numbers=alike.numbers,
        needs={terms.OF_DRUG: f"{path}: {drug.wanted}"},
    )


def _past_day(text: str | None, path: str, setting: Setting) -> date | str | None:
    found = day(text, path)
    if found is not None and setting.as_of is not None and found > setting.as_of:
        return _IN_FUTURE
    return found


def _of_medication(
    entry: MedicationEntry,
    said: Mapping[str, str],
    said_numbers: Mapping[str, Interval],
    setting: Setting,
) -> tuple[dict[str, str], Mapping[str, Interval]]:
    """Give the attributes and numbers that all drugs of one entry share: as given, else as said."""
    attributes, numbers = dict(said), said_numbers
    if entry.role:
        attributes[terms.USE] = setting.known.roles[entry.role]
    if entry.route:
        attributes[terms.ROUTE] = setting.known.routes[entry.route]
    if setting.phase is not None:
        attributes[terms.MEDICATION_PHASE] = setting.phase
    if entry.daily_dose is not None:
        attributes[terms.STATED_DOSE] = terms.DAILY_DOSE_MG
        amount = in_milligrams(entry.daily_dose.value, entry.daily_dose.unit)
        numbers = {} if amount is None else {terms.DAILY_DOSE_MG: point(amount)}
    return attributes, numbers


def _note_on_dose(dose: Dose) -> str:
    """Say where a dose was given in a unit that cannot be counted."""
    if in_milligrams(dose.value, dose.unit) is not None:
        return ""
    return f"the daily dose is not counted: {dose.unit} is no unit of mass"


def _item(
    path: str,
    entry: MedicationEntry,
    drug: _DrugOfEntry,
    last: date | None,
    setting: Setting,
    attributes: dict[str, str],
    shared: Mapping[str, Interval],
) -> Item:
    if entry.status == "stopped":
        numbers = dict(shared)
        needs = _since_taken(path, drug, last, setting, numbers)
    else:
        numbers, needs = {**shared, **_NEVER}, {}
    needs[terms.OF_DRUG] = f"{path}: {drug.wanted}"
    return Item(
        path,
        drug.label,
        _ROLE_OF_STATUS[entry.status],
        term=drug.term,
        drugs=drug.drugs,
        attributes=attributes,
        numbers=numbers,
        needs=needs,
    )


def _since_taken(
    path: str,
    drug: _DrugOfEntry,
    last: date | None,
    setting: Setting,
    numbers: dict[str, Interval],
) -> dict[str, str]:
    """Work out how long ago a drug was last taken; give what is needed where that is open."""
    if last is None or setting.as_of is None:
        wanted = f"{path}: last_taken" if last is None else "context: as_of"
        return dict.fromkeys(_TIMES, wanted)
    needs: dict[str, str] = {}
    days = (setting.as_of - last).days
    numbers[terms.DAYS_SINCE_LAST_TAKEN] = point(days)
    if drug.half_life is None:
        needs[terms.HALF_LIVES_SINCE_LAST_TAKEN] = f"{path}: a known half-life"
    else:
        numbers[terms.HALF_LIVES_SINCE_LAST_TAKEN] = point(days * _HOURS / drug.half_life)
    return needs


class _Substance(NamedTuple):
    """What the name and codes of an allergy say of it."""

    found: Resolved
    drugs: frozenset[str] | None
    label: str


@once_per_snapshot
def substances(snapshot: Snapshot) -> Readings[_Substance]:
    """Give what names and codes of allergies were read as."""
    return Readings("allergy", snapshot, _substance)


def _substance(found: Resolved, snapshot: Snapshot) -> _Substance:
    drugs = frozenset[str]().union(*parts(found.terms, snapshot))
    known = None if found.broader else drugs or frozenset({found.terms[0]})
    return _Substance(found, known, label(found.terms[0], snapshot))


def allergies(entries: list[AllergyEntry], setting: Setting) -> tuple[Item, ...]:
    """Give one item for each allergy; a product that holds several drugs may mean any of them."""
    return tuple(_allergy(entry_path("allergies", n), e, setting) for n, e in enumerate(entries))


def _allergy(path: str, entry: AllergyEntry, setting: Setting) -> Item:
    read = substances(setting.snapshot).of(entry)
    if isinstance(read, Missed):
        setting.miss(path, given_as(entry), read)
        return unread_item(path, entry.text, terms.HAS_ALLERGY, {}, {})
    resolved = read.found
    setting.recognise(
        path, resolved.terms, resolved.matched, resolved.note, sure=not resolved.broader
    )
    return Item(
        path,
        read.label,
        terms.HAS_ALLERGY,
        term=resolved.terms[0],
        drugs=read.drugs,
        needs={terms.TO_SUBSTANCE: f"{path}: the substance itself"},
    )
