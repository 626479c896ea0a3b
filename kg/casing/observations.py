"""Observations of a request as items of a Case: one current value for each kind.

A value without the laboratory's limit is a multiple known within bounds, by the range of
limits that laboratories use. Of several values the latest counts; where the dates do not say
which that is, the value is known only to lie among them. What was sent and could not be read
stays in the Case with its kind, so that nothing is taken for not measured.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from kg import terms
from kg.casing.ageing import days_old, is_stale
from kg.casing.case import Item
from kg.casing.contradictions import contradicted
from kg.casing.derived import derived
from kg.casing.ledger import Setting, UnreadObservation, given_as, shown
from kg.casing.observed import ObservationRead, PossibleReading, candidates, used_kinds
from kg.casing.result_text import Unreadable
from kg.casing.values import Valued, valued
from kg.contract.place import entry_path
from kg.contract.request import ObservationEntry, instant
from kg.interval import Interval, hull
from kg.resolving.names import Missed

# What a value that could not be read leaves open.
_NUMBERS = (
    *(terms.VALUE, terms.TIMES_UPPER_LIMIT, terms.TIMES_LOWER_LIMIT, terms.BASELINE_VALUE),
    *(terms.CHANGE_FROM_BASELINE, terms.TIMES_BASELINE, terms.STATED_BASELINE),
)


class _MeasuredAt(NamedTuple):
    """One value that was given, and when it was measured."""

    item: Item
    when: tuple[str, str]
    # That a sample gave no value says nothing against one that did.
    empty: bool = False


def observations(entries: list[ObservationEntry], setting: Setting) -> tuple[Item, ...]:
    """Give the current value of each kind of observation, and what follows from them."""
    by_kind: dict[str, list[_MeasuredAt]] = defaultdict(list)
    for n, entry in enumerate(entries):
        for measured in _measured(entry_path("observations", n), entry, setting):
            by_kind[measured.item.term or ""].append(measured)
    current = [_current(by_kind[kind]) for kind in sorted(by_kind)]
    known = contradicted(current, setting)
    return (*known, *derived(known, setting.snapshot))


def _measured(path: str, entry: ObservationEntry, setting: Setting) -> list[_MeasuredAt]:
    moment = None
    if entry.taken_at is not None:
        moment = instant(entry.taken_at, f"{path}.taken_at")
    when = (moment[0].isoformat(), moment[1]) if moment else ("", "")
    found = candidates(entry, setting.snapshot)
    if isinstance(found, Missed):
        setting.miss(path, shown(given_as(entry), entry.value, entry.unit), found)
        setting.ledger.unread.append(UnreadObservation(path, None))
        return []
    try:
        if moment and setting.as_of and moment[0] > setting.as_of:
            raise Unreadable("it is dated after the day of the question", no_value=True)
        read, value = _decided(found, entry, setting)
    except Unreadable as reason:
        return _unread(path, entry, found, reason, when, setting)
    age = days_old(moment[0] if moment else None, setting.as_of)
    stale = is_stale(read.term, value.numbers, age, setting.phase, setting.snapshot)
    _recognise(path, read, value, setting, stale=stale)
    if not value.used:
        return []
    item = Item(
        path,
        read.known.label,
        terms.HAS_MEASURED,
        term=read.term,
        classes=read.known.classes,
        attributes=value.attributes,
        numbers=value.numbers,
        detail=value.detail,
        settles=not stale,
        taken=when[0],
    )
    return [_MeasuredAt(item, when)]


def _decided(
    found: list[PossibleReading], entry: ObservationEntry, setting: Setting
) -> tuple[ObservationRead, Valued]:
    """Choose the one observation as which an entry can be read, or say why there is none."""
    read: list[tuple[PossibleReading, Valued]] = []
    reasons: list[Unreadable] = []
    for candidate in found:
        try:
            read.append((candidate, valued(candidate, entry, setting)))
        except Unreadable as reason:
            reasons.append(reason)
    if not read:
        raise reasons[0]
    if len(read) > 1 and read[0][0].shared:
        labels = " and of ".join(c.read.known.label for c, _ in read)
        raise Unreadable(f"this is a name of {labels}")
    return read[0][0].read, read[0][1]


def _recognise(
    path: str, read: ObservationRead, value: Valued, setting: Setting, *, stale: bool
) -> None:
    note = "; ".join(part for part in (read.note, value.doubt) if part)
    setting.recognise(path, (read.term,), read.matched, note)
    marks: dict[str, bool] = {}
    if read.term not in used_kinds(setting.snapshot):
        marks["used"] = False
    if value.doubt:
        marks["limit_used"] = False
    if stale:
        marks["stale"] = True
    if marks:
        setting.ledger.mark(**marks)


def _unread(
    path: str,
    entry: ObservationEntry,
    found: list[PossibleReading],
    reason: Unreadable,
    when: tuple[str, str],
    setting: Setting,
) -> list[_MeasuredAt]:
    """Keep what could not be read with its kind: it was measured, and its value is not known."""
    given = shown(given_as(entry), entry.value, entry.unit)
    terms_found = tuple(dict.fromkeys(c.read.term for c in found))
    setting.miss(path, given, Missed(str(reason), terms_found if len(terms_found) > 1 else ()))
    if reason.not_done:
        return []
    setting.ledger.unread += [UnreadObservation(path, c.read.known.classes) for c in found]
    if len(terms_found) > 1 and found[0].shared:
        return []
    read = found[0].read
    if read.term not in used_kinds(setting.snapshot):
        return []
    item = Item(
        path,
        read.known.label,
        terms.HAS_OBSERVATION,
        term=read.term,
        classes=read.known.classes,
        needs=dict.fromkeys(_NUMBERS, f"{path}: a value that can be read"),
        detail="not read",
    )
    return [_MeasuredAt(item, when, empty=reason.no_value)]


def _current(values: list[_MeasuredAt]) -> Item:
    """Choose the latest of several values of one kind, or what is known of it."""
    if len(values) > 1:
        values = [v for v in values if not v.empty] or values
    if len(values) == 1:
        return values[0].item
    last = max(v.when for v in values)
    # Where several may be, what is said of them decides which stands for them, not its place.
    possible = [v for v in values if _may_be_last(v.when, last)]
    possible.sort(key=lambda v: (v.item.detail, v.when))
    first = possible[0].item
    if len(possible) == 1:
        return first
    items = [v.item for v in possible]
    shared = set(first.numbers).intersection(*(i.numbers for i in items))
    numbers: dict[str, Interval] = {}
    for prop in sorted(shared):
        known = first.numbers[prop]
        for item in items[1:]:
            known = hull(known, item.numbers[prop])
        numbers[prop] = known
    common = set(first.attributes.items()).intersection(*(i.attributes.items() for i in items))
    return Item(
        first.input,
        first.label,
        first.role,
        term=first.term,
        classes=first.classes,
        attributes=dict(sorted(common)),
        numbers=numbers,
        needs=dict.fromkeys(
            (terms.VALUE, *numbers), f"{first.input}: taken_at, to tell which value is the latest"
        ),
        detail=" or ".join(sorted(i.detail for i in items)),
        settles=any(i.settles for i in items),
        taken=first.taken if len({i.taken for i in items}) == 1 else "",
    )


def _may_be_last(when: tuple[str, str], last: tuple[str, str]) -> bool:
    """Say whether a value may be the latest: it has the last moment, or too little is known."""
    if not when[0]:
        return True
    return when[0] == last[0] and (when[1] == last[1] or not when[1] or not last[1])
