"""Items to terms: what is given by text, by code, by several codes, or by all of them together.

Everything an item is given by must lead to one meaning. Where one meaning is narrower than
another, the narrower stands; where they are unrelated, the item is not recognised and says
why. Nothing is chosen between.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec.structs import replace

from kg.contract.parts import LIST_OF_KIND, ItemKind
from kg.contract.request import ListEntry, request_from
from kg.resolving.agreement import compare
from kg.resolving.codes import Coded, resolve_code
from kg.resolving.free_text import NOTHING_SAID, Said
from kg.resolving.known import known_terms
from kg.resolving.mentioned import mentioned
from kg.resolving.names import Missed, NameMatch, label, said_beside
from kg.resolving.problem_match import degrees_in, meaning_of
from kg.resolving.problems import kind_of
from kg.snapshot.model import Snapshot, TextWord

Matched = Literal["name", "code", "name_and_code"]


class Resolved(msgspec.Struct, frozen=True):
    """What an item is: one term, or the parts of a combination that has no name of its own."""

    terms: tuple[str, ...]
    matched: Matched
    said: Said
    route: str | None = None
    broader: bool = False
    note: str = ""
    # Of a text that names several problems: the further ones, and what was not read of it.
    others: tuple[Resolved, ...] = ()
    unread: tuple[str, ...] = ()
    date: str = ""


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
    if text and kind == "condition" and leads:
        return _problem(text, leads, _note(missed), snapshot)
    if text and kind == "allergy" and leads:
        return _allergen(text, leads, _note(missed), snapshot)
    if text:
        named = meaning_of(text, kind, snapshot)
        if isinstance(named, NameMatch):
            leads.append(_Lead(named.terms, False))
            said = named.said
        else:
            other = _other_named(text, leads, kind, snapshot)
            if other is not None:
                return other
            missed.append(named)
            said = said_beside(text, kind, snapshot) if leads else said
    if not leads:
        return _nothing_found(missed)
    if kind == "condition" and text and isinstance(named, NameMatch):
        return _as_read(named, "name", _note(missed))
    if len(leads) == 1:
        (only,) = leads
        matched: Matched = "code" if only.by_code else "name"
        return Resolved(only.terms, matched, said, only.route, only.broader, _note(missed))
    return _one_meaning(leads, said, _note(missed), kind, snapshot)


def _by_text_alone(text: str, kind: ItemKind, snapshot: Snapshot) -> Resolved | Missed:
    if not text:
        return _nothing_found([])
    named = meaning_of(text, kind, snapshot)
    return _as_read(named, "name", named.note) if isinstance(named, NameMatch) else named


def _as_read(named: NameMatch, matched: Matched, note: str = "") -> Resolved:
    """Give what a text was read as, with all further problems that it names."""
    return Resolved(
        named.terms,
        matched,
        named.said,
        broader=named.broader,
        note=note,
        others=tuple([_as_read(other, matched) for other in named.others]),
        unread=named.unread,
        date=named.date,
    )


def _problem(text: str, leads: list[_Lead], note: str, snapshot: Snapshot) -> Resolved | Missed:
    """Read a condition that was given by code and by text; the two must not contradict."""
    coded = _one_meaning(leads, NOTHING_SAID, note, "condition", snapshot)
    if isinstance(coded, Missed):
        return coded
    named = meaning_of(text, "condition", snapshot)
    matches: list[NameMatch] = []
    if isinstance(named, NameMatch):
        matches = [replace(named, others=(), unread=()), *named.others]
        unread = "; ".join(f"'{u}'" for u in named.unread)
        note = "; ".join(n for n in (note, unread and f"not read: {unread}") if n)
    (code,) = coded.terms
    compared = compare(text, code, matches, snapshot, broader=coded.broader)
    if compared.against:
        return _contradicted(code, compared.against, snapshot)
    if not matches:
        reason = named.reason if isinstance(named, Missed) else ""
        said = degrees_in(text, snapshot)
        return replace(coded, said=said, note="; ".join(n for n in (note, reason) if n))
    closer = compared.closer
    said = Said(compared.said)
    if snapshot.conditions[code].says_only_past and closer is not None:
        said = Said(_dated(compared.said, snapshot))
    first = matches[0]
    return replace(
        coded,
        note=note,
        terms=closer.terms if closer else coded.terms,
        matched="name_and_code",
        said=said,
        broader=coded.broader and closer is None,
        date=closer.date if closer else first.date,
        others=tuple([_as_read(m, "name") for m in compared.further]),
    )


def _dated(said: tuple[TextWord, ...], snapshot: Snapshot) -> tuple[TextWord, ...]:
    """Let a history that only a code says to be over make a history of open course a past one."""
    past = next((iri for iri, v in snapshot.values.items() if v.key == "resolved"), None)
    if not any(kind_of(w, snapshot) == "open" for w in said):
        return said
    over = TextWord(words=(), beside="condition", course=past)
    return (*[w for w in said if kind_of(w, snapshot) != "open"], over)


def _allergen(text: str, leads: list[_Lead], note: str, snapshot: Snapshot) -> Resolved | Missed:
    """Read an allergy that was given by code and by text; the two must not contradict."""
    coded = _one_meaning(leads, NOTHING_SAID, note, "allergy", snapshot)
    if isinstance(coded, Missed):
        return coded
    named = meaning_of(text, "allergy", snapshot)
    if isinstance(named, Missed):
        other = _other_named(text, leads, "allergy", snapshot)
        return other or replace(coded, note="; ".join(n for n in (note, named.reason) if n))
    matches = [replace(named, others=(), unread=()), *named.others]
    near = [m for m in matches if _agree(m.terms, coded.terms, "allergy", snapshot)]
    if not near:
        leads += [_Lead(m.terms, False) for m in matches]
        return _contradiction(leads, snapshot)
    first = near[0]
    closer = narrower(first.terms, coded.terms, "allergy", snapshot) or coded.broader
    return replace(
        coded,
        terms=first.terms if closer else coded.terms,
        matched="name_and_code",
        said=first.said,
        broader=coded.broader and not closer,
        others=tuple([_as_read(m, "name") for m in matches if m is not first]),
    )


def _agree(
    one: tuple[str, ...], other: tuple[str, ...], kind: ItemKind, snapshot: Snapshot
) -> bool:
    return narrower(one, other, kind, snapshot) or narrower(other, one, kind, snapshot)


def _other_named(
    text: str, leads: list[_Lead], kind: ItemKind, snapshot: Snapshot
) -> Missed | None:
    """Find out whether a text that was not read names something else than its code."""
    if not leads or kind not in ("medication", "allergy"):
        return None
    named = mentioned(text, kind, snapshot)
    if not named or any(_agree(t, x.terms, kind, snapshot) for t in named for x in leads):
        return None
    return _contradiction([*leads, *[_Lead(t, False) for t in named]], snapshot)


def _contradicted(code: str, against: tuple[str, ...], snapshot: Snapshot) -> Missed:
    told = " and ".join(label(t, snapshot) for t in against)
    return Missed(
        f"the code means {label(code, snapshot)}, and the text says {told}",
        (code, *against),
    )


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
