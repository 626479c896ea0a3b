"""How a medicine is taken: status, role, route, dose and dates, of field, text and code.

What field and text say differently is marked. Of two statuses the one that counts more stands,
of two doses the larger, of two routes the systemic one; of two roles neither does.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal, NamedTuple, TypeAlias, get_args

from msgspec import UNSET, UnsetType, structs

from kg import terms
from kg.casing.closed_lists import Vocabulary, vocabulary
from kg.casing.understood import understood
from kg.contract.report import Read, ReadAs
from kg.contract.request import Dose, MedicationEntry
from kg.interval import NOTHING, Interval, point
from kg.resolving.combinations import drugs_of
from kg.resolving.doses import NOT_SAID, Daily, in_milligrams
from kg.resolving.resolve import Resolved
from kg.snapshot.model import Snapshot
from kg.snapshot.names import normal

# The statuses of the contract, that which counts most first.
MedicationStatus: TypeAlias = Literal["active", "planned", "stopped"]
_COUNTING_MOST: tuple[MedicationStatus, ...] = get_args(MedicationStatus)
_DEFAULT = _COUNTING_MOST[0]
# The route of the contract on which all that a drug does counts.
_ROUTES_COUNTING_MOST = ("systemic",)
_LOCAL = "local"
_MASS = "mg"
# Only what has been stopped has a time since it was last taken.
_NEVER = dict.fromkeys((terms.DAYS_SINCE_LAST_TAKEN, terms.HALF_LIVES_SINCE_LAST_TAKEN), NOTHING)


class SaidOfUse(NamedTuple):
    """What the text says of how a medicine is taken, by keys of closed lists; and what a code."""

    status: str | None = None
    role: str | None = None
    route: str | None = None
    coded_route: str | None = None
    daily: Daily = NOT_SAID
    day: str | None = None


NOTHING_SAID_OF_USE = SaidOfUse()


class Use(NamedTuple):
    """How a medicine is taken: what counts of it, and how that was read."""

    status: MedicationStatus
    attributes: Mapping[str, str]
    numbers: Mapping[str, Interval]
    read_as: ReadAs


def said_of_use(found: Resolved, snapshot: Snapshot) -> SaidOfUse:
    """Collect what text and codes of an entry say of how it is taken."""
    lists, said = vocabulary(snapshot), found.said
    spoken = _key_of(said.only("route"), lists.routes)
    if spoken is not None and _misleads(spoken, found, snapshot, lists):
        spoken = _ROUTES_COUNTING_MOST[0]
    status = said.only("status")
    return SaidOfUse(
        None if status is None else str(status),
        _key_of(said.only("role"), lists.roles),
        spoken or said.route or (_LOCAL if said.local and not said.says("route") else None),
        _key_of(found.route, lists.routes),
        said.daily,
        said.day,
    )


def _misleads(route: str, found: Resolved, snapshot: Snapshot, lists: Vocabulary) -> bool:
    """Say whether a drug is taken up all the same by a way that is local for others."""
    misleading = {
        normal(word)
        for drug in drugs_of(found.terms, snapshot)
        if drug in snapshot.forms
        for word in snapshot.forms[drug].systemic_words
    }
    spoken = {normal(w) for p in found.said.phrases if p.route for w in p.words}
    return route != _ROUTES_COUNTING_MOST[0] and bool(misleading & spoken)


def without_such_form(
    found: Resolved, use: Use, snapshot: Snapshot, lists: Vocabulary
) -> str | None:
    """Give the drug that is said to be given by a route for which it has no form."""
    route, read = use.attributes.get(terms.ROUTE), use.read_as.route
    if route is None or route == lists.routes[_ROUTES_COUNTING_MOST[0]]:
        return None
    if read is UNSET or read.source != "text":
        # Who fills in the field knows how it is given.
        return None
    for drug in sorted(drugs_of(found.terms, snapshot)):
        form = snapshot.forms.get(drug)
        if drug in snapshot.drugs and (form is None or route not in form.routes):
            return drug
    return None


def _key_of(term: str | int | None, words: Mapping[str, str]) -> str | None:
    return next((key for key, iri in words.items() if iri == term), None)


def use_of(entry: MedicationEntry, said: SaidOfUse, lists: Vocabulary, phase: str | None) -> Use:
    """Say how a medicine is taken, all in all."""
    status = understood(entry.status, said.status, default=_DEFAULT, strictest_first=_COUNTING_MOST)
    role = understood(entry.role, said.role)
    if entry.route is None:
        # A code and a text that differ state no route.
        route = understood(said.coded_route, said.route)
    else:
        route = understood(entry.route, said.route, strictest_first=_ROUTES_COUNTING_MOST)
    dose, amount = _dose(entry.daily_dose, said.daily)
    attributes = {
        terms.USE: _counting(role, lists.roles),
        terms.ROUTE: _counting(route, lists.routes),
        terms.STATED_DOSE: None if amount is None else terms.DAILY_DOSE_MG,
        terms.MEDICATION_PHASE: phase,
    }
    stands = _word(status)
    day = entry.last_taken if stands == _COUNTING_MOST[-1] else entry.started
    spoken_day = said.day if said.status == stands else None
    numbers = {} if stands == _COUNTING_MOST[-1] else dict(_NEVER)
    if amount is not None and amount.milligrams is not None:
        numbers[terms.DAILY_DOSE_MG] = amount.milligrams
    return Use(
        stands,
        {prop: value for prop, value in attributes.items() if value is not None},
        numbers,
        ReadAs(
            status=status, role=role, route=route, daily_dose=dose, date=understood(day, spoken_day)
        ),
    )


def _word(status: Read | UnsetType) -> MedicationStatus:
    named = _DEFAULT if status is UNSET else status.value
    return next(word for word in _COUNTING_MOST if word == named)


def _counting(read: Read | UnsetType, words: Mapping[str, str]) -> str | None:
    """Give the term of a word that counts: of two that differ only one that goes first."""
    if read is UNSET or (read.contradictory is True and read.value not in _ROUTES_COUNTING_MOST):
        return None
    return words[str(read.value)]


def _dose(field: Dose | None, said: Daily) -> tuple[Read | UnsetType, Daily | None]:
    """Say how much is taken a day: as read, and as it counts."""
    spoken = said.milligrams
    if field is None:
        if not said.stated:
            return UNSET, None
        return (_spoken(spoken) if spoken else None) or UNSET, said
    value = in_milligrams(field.value, field.unit)
    given = Read(value=field.value, unit=field.unit, source="field")
    if value is None:
        return given, Daily(stated=True)
    if spoken is None or spoken.holds(value):
        return given, Daily(True, point(value))
    text = _spoken(spoken)
    if text is not None and spoken.low is not None and spoken.low > value:
        return structs.replace(text, contradictory=True), said
    return structs.replace(given, contradictory=True), Daily(True, point(value))


def _spoken(amount: Interval) -> Read | None:
    """Write an amount that a text says: one number, or from the least to the most."""
    if amount.low is None or amount.high is None:
        return None
    low, high = _plain(amount.low), _plain(amount.high)
    return Read(value=low if low == high else f"{low:g}-{high:g}", unit=_MASS, source="text")


def _plain(number: Fraction) -> float:
    return int(number) if number.denominator == 1 else float(number)
