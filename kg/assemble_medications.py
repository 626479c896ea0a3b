"""Medications and allergies of a request as items of a Case: of which drugs, in which role."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from kg import terms
from kg.case import Item, unread_item
from kg.doses import Daily, in_milligrams
from kg.interval import NOTHING, Interval, point
from kg.lexicon import Said
from kg.model import Drug
from kg.request import AllergyEntry, MedicationEntry, day
from kg.resolve import Resolved, parts, resolve
from kg.resolve_names import Missed, label
from kg.setting import Setting, given_as

_HOURS = 24
_ROLE_OF_STATUS = {
    None: terms.TAKES,
    "active": terms.TAKES,
    "planned": terms.PLANS,
    "stopped": terms.STOPPED,
}
_TIMES = (terms.DAYS_SINCE_LAST_TAKEN, terms.HALF_LIVES_SINCE_LAST_TAKEN)
_IN_FUTURE = "it is dated after the day of the question"


def medications(entries: list[MedicationEntry], setting: Setting) -> tuple[Item, ...]:
    """Give one item for each drug of each entry; the index drug is not among them."""
    return tuple(i for n, e in enumerate(entries) for i in _medication(n, e, setting))


def _medication(n: int, entry: MedicationEntry, setting: Setting) -> list[Item]:
    path = f"medications[{n}]"
    found = resolve(entry, "medication", setting.snapshot)
    day(entry.started, f"{path}.started")
    taken = _past_day(entry.last_taken, f"{path}.last_taken", setting)
    if isinstance(found, Missed):
        setting.miss(path, given_as(entry), found)
        attributes, numbers = _of_medication(entry, Said(), None, setting)
        return [unread_item(path, entry.text, _ROLE_OF_STATUS[entry.status], attributes, numbers)]
    note = "; ".join(n for n in (found.note, _note_on_dose(entry)) if n)
    if taken == _IN_FUTURE:
        setting.miss(path, given_as(entry), Missed(f"last_taken: {_IN_FUTURE}"))
    else:
        setting.recognise(path, found.terms, found.matched, note, sure=not found.broader)
    attributes, numbers = _of_medication(entry, found.said, found.route, setting)
    last = taken if isinstance(taken, date) else None
    return [
        _drug_item(path, entry, found, drugs, last, setting, attributes, numbers)
        for drugs in parts(found.terms, setting.snapshot)
        if drugs != {setting.snapshot.index_drug}
    ]


def _past_day(text: str | None, path: str, setting: Setting) -> date | str | None:
    found = day(text, path)
    if found is not None and setting.as_of is not None and found > setting.as_of:
        return _IN_FUTURE
    return found


def _of_medication(
    entry: MedicationEntry, said: Said, coded_route: str | None, setting: Setting
) -> tuple[dict[str, str], dict[str, Interval]]:
    """Give the attributes and numbers that all drugs of one entry share."""
    known = setting.known
    attributes = {
        terms.USE: known.roles[entry.role] if entry.role else said.only("role"),
        terms.ROUTE: known.routes[entry.route] if entry.route else _route(said, coded_route),
        terms.MEDICATION_PHASE: setting.phase,
    }
    daily = _daily(entry, said)
    if daily.stated:
        attributes[terms.STATED_DOSE] = terms.DAILY_DOSE_MG
    numbers = {} if daily.milligrams is None else {terms.DAILY_DOSE_MG: daily.milligrams}
    return {k: str(v) for k, v in attributes.items() if v is not None}, numbers


def _route(said: Said, coded: str | None) -> str | None:
    """Take the route that text and code agree on; where they differ, none is stated."""
    spoken = said.only("route")
    if said.says("route") and coded is not None:
        return coded if spoken == coded else None
    return coded if coded is not None else None if spoken is None else str(spoken)


def _daily(entry: MedicationEntry, said: Said) -> Daily:
    if entry.daily_dose is None:
        return said.daily
    amount = in_milligrams(entry.daily_dose.value, entry.daily_dose.unit)
    return Daily(True, None if amount is None else point(amount))


def _note_on_dose(entry: MedicationEntry) -> str:
    """Say where a dose was given in a unit that cannot be counted."""
    dose = entry.daily_dose
    if dose is None or in_milligrams(dose.value, dose.unit) is not None:
        return ""
    return f"the daily dose is not counted: {dose.unit} is no unit of mass"


def _drug_item(
    path: str,
    entry: MedicationEntry,
    found: Resolved,
    drugs: frozenset[str],
    last: date | None,
    setting: Setting,
    attributes: dict[str, str],
    shared: dict[str, Interval],
) -> Item:
    single = next(iter(drugs)) if len(drugs) == 1 else None
    term = single or found.terms[0]
    numbers, needs = dict(shared), {}
    if entry.status != "stopped":
        # Only what has been stopped has a time since it was last taken.
        numbers |= dict.fromkeys(_TIMES, NOTHING)
    else:
        drug = setting.snapshot.drugs.get(single) if single else None
        needs = _since_taken(path, entry, drug, last, setting, numbers)
    if found.broader:
        drugs = frozenset()
    wanted = "the drug itself" if single is None else "an assessment of its liabilities"
    needs[terms.OF_DRUG] = f"{path}: {wanted}"
    return Item(
        path,
        label(term, setting.snapshot),
        _ROLE_OF_STATUS[entry.status],
        term=term,
        drugs=drugs or None,
        attributes=attributes,
        numbers=numbers,
        needs=needs,
    )


def _since_taken(
    path: str,
    entry: MedicationEntry,
    drug: Drug | None,
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
    half_life = (drug.half_life_upper_hours or drug.half_life_hours) if drug else None
    if half_life is None or Fraction(half_life) <= 0:
        needs[terms.HALF_LIVES_SINCE_LAST_TAKEN] = f"{path}: a known half-life"
    else:
        numbers[terms.HALF_LIVES_SINCE_LAST_TAKEN] = point(days * _HOURS / Fraction(half_life))
    return needs


def allergies(entries: list[AllergyEntry], setting: Setting) -> tuple[Item, ...]:
    """Give one item for each allergy; a product that holds several drugs may mean any of them."""
    return tuple(_allergy(f"allergies[{n}]", e, setting) for n, e in enumerate(entries))


def _allergy(path: str, entry: AllergyEntry, setting: Setting) -> Item:
    found = resolve(entry, "allergy", setting.snapshot)
    if isinstance(found, Missed):
        setting.miss(path, given_as(entry), found)
        return unread_item(path, entry.text, terms.HAS_ALLERGY, {}, {})
    setting.recognise(path, found.terms, found.matched, found.note, sure=not found.broader)
    drugs = frozenset[str]().union(*parts(found.terms, setting.snapshot))
    return Item(
        path,
        label(found.terms[0], setting.snapshot),
        terms.HAS_ALLERGY,
        term=found.terms[0],
        drugs=None if found.broader else drugs or frozenset({found.terms[0]}),
        needs={terms.TO_SUBSTANCE: f"{path}: the substance itself"},
    )
