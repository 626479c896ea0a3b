"""Allergies of a request as items of a Case: to which substances, and which are borne after all."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from kg import terms
from kg.casing.case import Item, unread_item
from kg.casing.courses import NOT_THERE, said_of_course
from kg.casing.ledger import Setting, given_as
from kg.contract.place import entry_path
from kg.contract.report import Read, ReadAs
from kg.contract.request import AllergyEntry
from kg.resolving.names import Missed, label
from kg.resolving.remembered import Readings
from kg.resolving.resolve import Resolved, parts
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot


class _Substance(NamedTuple):
    """What the name and codes of an allergy say of one substance."""

    found: Resolved
    drugs: frozenset[str] | None
    label: str
    borne: bool
    read_as: ReadAs


_Substances: TypeAlias = tuple[_Substance, ...]
_BORNE = "it is said to be borne"


@once_per_snapshot
def substances(snapshot: Snapshot) -> Readings[_Substances]:
    """Give what names and codes of allergies were read as."""
    return Readings("allergy", snapshot, _read)


def _read(found: Resolved, snapshot: Snapshot) -> _Substances:
    return tuple([_substance(one, snapshot) for one in (found, *found.others)])


def _substance(found: Resolved, snapshot: Snapshot) -> _Substance:
    drugs = frozenset[str]().union(*parts(found.terms, snapshot))
    known = None if found.broader else drugs or frozenset({found.terms[0]})
    said = said_of_course(found.said.phrases, snapshot)
    borne = said.standing in NOT_THERE
    read_as = ReadAs()
    if said.standing in (*NOT_THERE, "suspected"):
        read_as = ReadAs(status=Read(value=said.standing, source="text"))
    return _Substance(found, known, label(found.terms[0], snapshot), borne, read_as)


def allergies(entries: list[AllergyEntry], setting: Setting) -> tuple[Item, ...]:
    """Give the items of each allergy; a product of several drugs may mean any of them."""
    items: list[Item] = []
    for n, entry in enumerate(entries):
        items += _allergy(entry_path("allergies", n), entry, setting)
    return tuple(items)


def _allergy(path: str, entry: AllergyEntry, setting: Setting) -> list[Item]:
    if setting.says_nothing(path, entry, "allergies"):
        return []
    read = substances(setting.snapshot).of(entry)
    if isinstance(read, Missed):
        setting.miss(path, given_as(entry), read)
        return [unread_item(path, entry.text, terms.HAS_ALLERGY, {}, {})]
    items = [item for one in read for item in _item(path, one, setting)]
    unread = read[0].found.unread
    if unread:
        rest = "; ".join(f"'{part}'" for part in unread)
        setting.miss(path, given_as(entry), Missed(f"not read: {rest}"))
        items.append(unread_item(path, entry.text, terms.HAS_ALLERGY, {}, {}))
    return items


def _item(path: str, read: _Substance, setting: Setting) -> list[Item]:
    found = read.found
    note = "; ".join(n for n in (found.note, _BORNE if read.borne else "") if n)
    setting.recognise(
        path, found.terms, found.matched, note, sure=not found.broader, read_as=read.read_as
    )
    if read.borne:
        return []
    return [
        Item(
            path,
            read.label,
            terms.HAS_ALLERGY,
            term=found.terms[0],
            drugs=read.drugs,
            needs={terms.TO_SUBSTANCE: f"{path}: the substance itself"},
        )
    ]
