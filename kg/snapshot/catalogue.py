"""What a release knows, kind by kind: searched by name and code, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

import msgspec

from kg import terms
from kg.snapshot.alike import plain
from kg.snapshot.labels import label_of, labels
from kg.snapshot.model import Snapshot
from kg.snapshot.name_index import NameIndex
from kg.snapshot.names import fold
from kg.snapshot.once import once_per_snapshot

CatalogueKind = Literal[
    "drugs",
    "classes",
    "conditions",
    "observations",
    "populations",
    "flags",
    "advisories",
    "sources",
    "disagreements",
]


_DRUG = "drug"


class CatalogueEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One term, as a list shows it."""

    iri: str
    key: str
    label: str
    definition: str = ""
    names: tuple[str, ...] = ()
    codes: dict[str, tuple[str, ...]] = {}
    # The word by which a request says this of a patient.
    flag: str | None = None
    # Whom advice is about, where that is not the index drug.
    about: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET


class CataloguePage(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of the terms of one kind that a search found."""

    total: int
    start: int
    items: tuple[CatalogueEntry, ...]
    next: str | None = None


class _Shelf(NamedTuple):
    """The terms of one kind, with what each can be found by."""

    entries: tuple[CatalogueEntry, ...]
    names: NameIndex


def search(kind: CatalogueKind, text: str, snapshot: Snapshot) -> list[CatalogueEntry]:
    """Give the terms of a kind that a text names or begins to name, the likeliest first."""
    shelf = _shelves(snapshot)[kind]
    wanted = fold(text).strip()
    if not wanted:
        # What can only cause an allergy is found by its name, and is no drug.
        return [e for e in shelf.entries if kind != "drugs" or terms.kind(e.iri) == _DRUG]
    positions = shelf.names.find(wanted)
    if not positions and len(words := wanted.split()) > 1:
        # Words in another order, or with others between them.
        first, *others = (shelf.names.find(word) for word in words)
        positions = [n for n in first if all(n in other for other in others)]
    return [shelf.entries[n] for n in positions]


def detail(kind: CatalogueKind, key: str, snapshot: Snapshot) -> dict[str, Any] | None:
    """Give all that is known of one term, with the labels of what it points to."""
    entry = _by_key(snapshot)[kind].get(key)
    if entry is None:
        return None
    known = _tables(snapshot)[kind].get(entry.iri)
    whole = msgspec.to_builtins(entry) | (msgspec.to_builtins(known) if known else {})
    whole = {k: v for k, v in whole.items() if v not in (None, "", [], {}, ())}
    whole |= {"iri": entry.iri, "key": entry.key}
    whole |= _beside(kind, entry.iri, snapshot)
    return {**whole, "labels": _labels_of(whole, snapshot)}


def keys_alike(kind: CatalogueKind, key: str, snapshot: Snapshot) -> list[str]:
    """Give the keys of a kind that differ from one only in case, hyphen or underscore."""
    wanted = plain(key)
    return [known for known in _by_key(snapshot)[kind] if plain(known) == wanted]


def _beside(kind: CatalogueKind, iri: str, snapshot: Snapshot) -> dict[str, Any]:
    """Add what stands elsewhere about a term: statements, what it applies to, its review."""
    if kind == "drugs":
        return _of_drug(iri, snapshot)
    if kind == "classes":
        return {"statements": _told(_statements_about(snapshot).get(iri, ()), snapshot)}
    if kind == "advisories":
        advisory = snapshot.advisories.get(iri)
        if advisory is None:
            entry = snapshot.plan[iri]
            topic = snapshot.topics.get(entry.topic, entry.topic)
            return {"topic": topic, "statements": _told(entry.statements, snapshot)}
        return {
            "topic": snapshot.topics.get(advisory.topic, advisory.topic),
            "hazard": msgspec.to_builtins(snapshot.reporting.hazards.get(advisory.topic)),
            "asks": snapshot.reporting.asks.get(iri),
            "for_whom": snapshot.criteria[advisory.applies_to].definition,
            "not_where": snapshot.criteria[advisory.unless].definition if advisory.unless else None,
            "statements": _told(advisory.statements, snapshot),
            "review": {"status": "unreviewed"},
        }
    if kind == "disagreements":
        told = snapshot.disagreements[iri].readings
        return {"statements": _told(told, snapshot)}
    return {}


def _of_drug(iri: str, snapshot: Snapshot) -> dict[str, Any]:
    """Add each liability with its grade and its statements, also those on a class of the drug."""
    drug, about = snapshot.drugs[iri], _statements_about(snapshot)
    of_classes = [
        s
        for group in drug.classes
        for s in about.get(group, ())
        if snapshot.statements[s].liability in drug.liabilities
    ]
    said = list(dict.fromkeys((*about.get(iri, ()), *of_classes)))
    liabilities = [
        {
            "iri": liability,
            "grade": label_of(liability, snapshot),
            "statements": [s for s in said if snapshot.statements[s].liability == liability],
        }
        for liability in drug.liabilities
    ]
    return {"liabilities": liabilities, "statements": _told(said, snapshot)}


def _told(statements: Iterable[str], snapshot: Snapshot) -> list[dict[str, Any]]:
    """Give statements whole, each with the title of its source."""
    return [
        {
            "iri": iri,
            **msgspec.to_builtins(snapshot.statements[iri]),
            "title": snapshot.sources[snapshot.statements[iri].source].label,
        }
        for iri in statements
    ]


def _labels_of(whole: Mapping[str, Any], snapshot: Snapshot) -> dict[str, str]:
    """Give the labels of the terms that stand in a detail."""
    known = labels(snapshot)
    return {iri: known[iri] for iri in sorted(_iris(whole)) if iri in known}


def _iris(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value.startswith(terms.BASE):
            yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _iris(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _iris(part)


def _tables(snapshot: Snapshot) -> dict[CatalogueKind, Mapping[str, Any]]:
    return {
        "drugs": snapshot.drugs,
        "classes": snapshot.classes,
        "conditions": snapshot.conditions,
        "observations": snapshot.observations,
        "populations": snapshot.populations,
        "flags": snapshot.flags,
        # The plan, which applies to every patient in a phase, is advice, too.
        "advisories": {**snapshot.advisories, **snapshot.plan},
        "sources": snapshot.sources,
        "disagreements": snapshot.disagreements,
    }


@once_per_snapshot
def _shelves(snapshot: Snapshot) -> dict[CatalogueKind, _Shelf]:
    codes = _codes(snapshot)
    flags = {f.population or iri: f.key for iri, f in snapshot.flags.items()}
    shelves = {}
    for kind, table in _tables(snapshot).items():
        # A flag that no population stands for is listed among them all the same.
        more = snapshot.flags if kind == "populations" else {}
        known = [*table.items(), *((i, f) for i, f in more.items() if f.population is None)]
        entries = tuple(
            sorted(
                (_entry(iri, term, codes, flags, snapshot) for iri, term in known),
                key=lambda e: (fold(e.label), e.key),
            )
        )
        shelves[kind] = _Shelf(entries, NameIndex([list(_found_by(e)) for e in entries]))
    return shelves


def _entry(
    iri: str,
    term: Any,
    codes: Mapping[str, dict[str, list[str]]],
    flags: Mapping[str, str],
    snapshot: Snapshot,
) -> CatalogueEntry:
    names = dict.fromkeys((*getattr(term, "names", ()), *getattr(term, "brands", ())))
    flag = snapshot.flags.get(iri)
    return CatalogueEntry(
        iri=iri,
        # A flag is called by the word that a request uses.
        key=flag.key if flag else terms.local(iri),
        label=term.label,
        definition=term.definition,
        names=tuple(names),
        codes={system: tuple(found) for system, found in codes.get(iri, {}).items()},
        flag=flag.key if flag else flags.get(iri),
        about=_another(term, snapshot),
    )


def _another(term: Any, snapshot: Snapshot) -> tuple[str, ...] | msgspec.UnsetType:
    """Give whom advice is about, where that is another drug than the index drug."""
    about: tuple[str, ...] = getattr(term, "about", ())
    return about if about and snapshot.index_drug not in about else msgspec.UNSET


def _found_by(entry: CatalogueEntry) -> Iterator[str]:
    yield fold(entry.label)
    yield fold(entry.key)
    if entry.flag:
        yield fold(entry.flag)
    yield from (fold(name) for name in entry.names)
    yield from (fold(code) for found in entry.codes.values() for code in found)


@once_per_snapshot
def _by_key(snapshot: Snapshot) -> dict[CatalogueKind, dict[str, CatalogueEntry]]:
    return {
        # A drug comes before a substance of the same key.
        kind: {e.key: e for e in sorted(shelf.entries, key=lambda e: terms.kind(e.iri) == _DRUG)}
        for kind, shelf in _shelves(snapshot).items()
    }


@once_per_snapshot
def _codes(snapshot: Snapshot) -> dict[str, dict[str, list[str]]]:
    """Turn the code tables round: of each term, its codes by system."""
    by_term: dict[str, dict[str, list[str]]] = {}
    for system in snapshot.systems.values():
        for code, mapping in sorted(system.codes.items()):
            if mapping.match in ("exact", "close"):
                by_term.setdefault(mapping.term, {}).setdefault(system.uri, []).append(code)
    return by_term


@once_per_snapshot
def _statements_about(snapshot: Snapshot) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for iri, statement in snapshot.statements.items():
        for about in statement.about:
            found.setdefault(about, []).append(iri)
    return found
