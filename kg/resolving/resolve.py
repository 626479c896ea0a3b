"""Items to terms: what is given by text, by code, by several codes, or by all of them together.

Everything an item is given by must lead to one meaning. Where one meaning is narrower than
another, the narrower stands; where they are unrelated, the item is not recognised and says
why. Nothing is chosen between.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from kg.contract.parts import LIST_OF_KIND, ItemKind
from kg.contract.request import ListEntry, request_from
from kg.resolving.codes import Coded, resolve_code
from kg.resolving.free_text import NOTHING_SAID, Said
from kg.resolving.known import known_terms
from kg.resolving.names import Missed, NameMatch, label, resolve_text, said_beside
from kg.snapshot.model import Snapshot

Matched = Literal["name", "code", "name_and_code"]


class Resolved(msgspec.Struct, frozen=True):
    """What an item is: one term, or the parts of a combination that has no name of its own."""

    terms: tuple[str, ...]
    matched: Matched
    said: Said
    route: str | None = None
    broader: bool = False
    note: str = ""


class _Lead(msgspec.Struct, frozen=True):
    """One way in which an item was given, and where it leads."""

    terms: tuple[str, ...]
    by_code: bool
    route: str | None = None
    broader: bool = False


def look_up(given: Mapping[str, object], kind: ItemKind, snapshot: Snapshot) -> Resolved | Missed:
    """Resolve what a caller typed of one item, as an entry of a request would be."""
    part = LIST_OF_KIND[kind].name
    (item,) = getattr(request_from({part: [given]}), part)
    return resolve(item, kind, snapshot)


def resolve(item: ListEntry, kind: ItemKind, snapshot: Snapshot) -> Resolved | Missed:
    """Find the one term that an item stands for, or say why there is none."""
    text = (item.text or "").strip()
    if item.system is None and item.code is None and not item.codings:
        return _by_text_alone(text, kind, snapshot)
    leads: list[_Lead] = []
    missed: list[Missed] = []
    said = NOTHING_SAID
    for coding in item.all_codings():
        coded = resolve_code(coding, kind, snapshot)
        if isinstance(coded, Coded):
            leads.append(_Lead((coded.term,), True, coded.route, coded.broader))
        else:
            missed.append(coded)
    if text:
        named = resolve_text(text, kind, snapshot)
        if isinstance(named, NameMatch):
            leads.append(_Lead(named.terms, False))
            said = named.said
        else:
            missed.append(named)
            said = said_beside(text, kind, snapshot) if leads else said
    if not leads:
        return _nothing_found(missed)
    if len(leads) == 1:
        (only,) = leads
        matched: Matched = "code" if only.by_code else "name"
        return Resolved(only.terms, matched, said, only.route, only.broader, _note(missed))
    return _one_meaning(leads, said, _note(missed), kind, snapshot)


def _by_text_alone(text: str, kind: ItemKind, snapshot: Snapshot) -> Resolved | Missed:
    if not text:
        return _nothing_found([])
    named = resolve_text(text, kind, snapshot)
    return Resolved(named.terms, "name", named.said) if isinstance(named, NameMatch) else named


def _nothing_found(missed: list[Missed]) -> Missed:
    if not missed:
        return Missed("neither a text nor a code was given")
    suggestions = tuple(dict.fromkeys(t for m in missed for t in m.suggestions))
    return Missed("; ".join(dict.fromkeys(m.reason for m in missed)), suggestions)


def _note(missed: list[Missed]) -> str:
    return "; ".join(sorted({m.reason for m in missed}))


def _one_meaning(
    leads: list[_Lead], said: Said, note: str, kind: ItemKind, snapshot: Snapshot
) -> Resolved | Missed:
    sure = [lead for lead in leads if not lead.broader] or leads
    best = sure[0]
    for lead in leads:
        if _within(best, lead, kind, snapshot):
            continue
        if not _within(lead, best, kind, snapshot):
            return _contradiction(leads, snapshot)
        if not lead.broader or best.broader:
            best = lead
    ways = {lead.by_code for lead in leads}
    matched: Matched = "name_and_code" if len(ways) == 2 else "code" if True in ways else "name"
    routes = {lead.route for lead in leads if lead.route}
    return Resolved(
        best.terms,
        matched,
        said,
        route=routes.pop() if len(routes) == 1 else None,
        broader=best.broader,
        note=note,
    )


def _within(one: _Lead, other: _Lead, kind: ItemKind, snapshot: Snapshot) -> bool:
    """Say whether one way leads to what another leads to, or to less.

    A general code of an observation stands for the whole group that its observation is in.
    """
    if narrower(one.terms, other.terms, kind, snapshot):
        return True
    if kind != "observation" or not other.broader:
        return False
    group = _group_of(other.terms[0], snapshot)
    return group is not None and group in snapshot.observations[one.terms[0]].ancestors


def _group_of(term: str, snapshot: Snapshot) -> str | None:
    """Give the narrowest group that an observation is in."""
    known = snapshot.observations
    groups = [a for a in known[term].ancestors if a != term and a in known]
    return max(groups, key=lambda g: len(known[g].ancestors), default=None)


def _contradiction(leads: list[_Lead], snapshot: Snapshot) -> Missed:
    meanings = sorted({" with ".join(label(t, snapshot) for t in x.terms) for x in leads})
    return Missed(
        "what is given here contradicts itself: " + " and ".join(meanings),
        tuple(sorted({t for x in leads for t in x.terms})),
    )


def narrower(
    one: tuple[str, ...], other: tuple[str, ...], kind: ItemKind, snapshot: Snapshot
) -> bool:
    """Say whether one meaning is the same as another or narrower."""
    if one == other:
        return True
    if kind == "condition":
        # "Disease of the liver, no more said" is as wide as the group that it speaks of.
        wide = snapshot.conditions[other[0]].unspecified_of or other[0]
        return wide in snapshot.conditions[one[0]].ancestors
    if kind == "observation":
        wide = snapshot.observations[other[0]].unspecified_of or other[0]
        return wide in snapshot.observations[one[0]].ancestors
    one_parts, other_parts = parts(one, snapshot), parts(other, snapshot)
    if len(other_parts) > len(one_parts):
        return False
    return all(any(p <= o for p in one_parts) for o in other_parts)


def parts(found: tuple[str, ...], snapshot: Snapshot) -> list[frozenset[str]]:
    """Give what a meaning consists of: for each part, the drugs that it may be."""
    known = known_terms(snapshot)
    return [part for term in found for part in known[term].parts]
