"""What changed between two releases, in a reviewer's words.

Effects come first: of which drugs and conditions advice now speaks, or no longer does. Then
every term that was added, withdrawn or changed, with the advice that rests on it. Nothing is
left out: the tables of two Snapshots are compared field by field, whatever they hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from kg.snapshot.criteria import AllOf, AnyOf, Expression, Has, Is, Named, Number, Of
from kg.snapshot.criteria_walk import nodes_of
from kg.snapshot.diff_words import name_of, says
from kg.snapshot.labels import labels
from kg.snapshot.model import Advisory, Snapshot

# What is compared elsewhere, or only follows from what is compared.
_DERIVED_TABLES = {"version", "knowledge_hash", "names"}
_KINDS = {
    "advisories": "advisory",
    "criteria": "criterion",
    "classes": "class of drugs",
    "plan": "entry of the plan",
    "silences": "deliberate silence",
    "systems": "code system",
    "properties": "property",
    "absences": "absence",
    "ladders": "burden ladder",
}


class DiffPart(msgspec.Struct, frozen=True, kw_only=True):
    """The manner of every part of a comparison."""


class ReleaseName(DiffPart, frozen=True, kw_only=True):
    """One of the two releases."""

    version: str
    hash: str


class Effect(DiffPart, frozen=True, kw_only=True):
    """What a piece of advice now does otherwise."""

    advisory: str
    title: str
    says: tuple[str, ...]


class Difference(DiffPart, frozen=True, kw_only=True):
    """One term that was added, removed or changed, and the advice that rests on it."""

    term: str
    kind: str
    label: str
    change: Literal["added", "removed", "changed"]
    says: tuple[str, ...] = ()
    advisories: tuple[str, ...] = ()


class ReleaseDiff(DiffPart, frozen=True, kw_only=True):
    """Everything that differs between two releases."""

    older: ReleaseName
    newer: ReleaseName
    effects: tuple[Effect, ...]
    changes: tuple[Difference, ...]


def diff(older: Snapshot, newer: Snapshot) -> ReleaseDiff:
    """Compare two releases."""
    return ReleaseDiff(
        older=ReleaseName(version=older.version, hash=older.knowledge_hash),
        newer=ReleaseName(version=newer.version, hash=newer.knowledge_hash),
        effects=tuple(_effects(older, newer)),
        changes=tuple(_changes(older, newer)),
    )


# --- effects: whom advice now speaks of ---------------------------------------------------------


def _effects(older: Snapshot, newer: Snapshot) -> Iterator[Effect]:
    names = labels(older) | labels(newer)
    for iri in sorted(older.advisories.keys() | newer.advisories.keys()):
        was, now = older.advisories.get(iri), newer.advisories.get(iri)
        if was is None or now is None:
            known = now or was
            assert known is not None  # noqa: S101 - the key came from one of the two
            verb = "New advice" if was is None else "Advice withdrawn"
            yield Effect(advisory=iri, title=known.label, says=(f"{verb}: {_strength(known)}.",))
            continue
        said = tuple(_reach(was, older, now, newer, names))
        if said:
            yield Effect(advisory=iri, title=now.label, says=said)


def _strength(advisory: Advisory) -> str:
    return ", ".join(f"{j}: {s}" for j, s in sorted(advisory.severities.items()))


def _reach(
    was: Advisory, older: Snapshot, now: Advisory, newer: Snapshot, names: Mapping[str, str]
) -> Iterator[str]:
    for j in sorted(was.severities.keys() | now.severities.keys()):
        weight, once = now.severities.get(j), was.severities.get(j)
        if weight != once:
            yield f"In {j} it is now {weight or 'silent'}; it was {once or 'silent'}."
    if was.about != now.about:
        of_now, of_old = (_named(frozenset(a.about), names) for a in (now, was))
        yield f"It is now about {of_now}; it was about {of_old}."
    for what, before, after in (
        ("counts", _counted(was.applies_to, older), _counted(now.applies_to, newer)),
        ("sets aside", _aside(was, older), _aside(now, newer)),
    ):
        if after - before:
            yield f"It now also {what}: {_named(after - before, names)}."
        if before - after:
            yield f"It no longer {what}: {_named(before - after, names)}."


def _counted(criterion: str, snapshot: Snapshot) -> frozenset[str]:
    """Give every drug and condition that a criterion asks about."""
    counted: set[str] = set()
    for leaf in _leaves(snapshot.criteria[criterion].expression, snapshot):
        if isinstance(leaf, Of) and leaf.term in snapshot.classes:
            counted |= set(snapshot.classes[leaf.term].members)
        elif isinstance(leaf, Of):
            counted.add(leaf.term)
        elif isinstance(leaf, Is):
            counted |= {k for k, c in snapshot.conditions.items() if leaf.term in (k, *c.ancestors)}
    return frozenset(counted)


def _aside(advisory: Advisory, snapshot: Snapshot) -> frozenset[str]:
    return frozenset().union(*(_counted(c, snapshot) for c in advisory.sets_aside))


def _leaves(expression: Expression, snapshot: Snapshot) -> Iterator[Expression]:
    return (n for n in nodes_of(expression, snapshot) if not isinstance(n, AllOf | AnyOf | Named))


# --- changes: every term, field by field --------------------------------------------------------


def _changes(older: Snapshot, newer: Snapshot) -> Iterator[Difference]:
    names = labels(older) | labels(newer)
    resting = _resting(older)
    for iri, advisories in _resting(newer).items():
        resting[iri] = resting.get(iri, frozenset()) | advisories
    for table in Snapshot.__struct_fields__:
        was, now = getattr(older, table), getattr(newer, table)
        if table in _DERIVED_TABLES or was == now:
            continue
        kind = _KINDS.get(table, table.rstrip("s").replace("_", " "))
        if not isinstance(was, dict):
            said = tuple(says(was, now, names)) or ("it changed",)
            yield Difference(term=table, kind=kind, label=kind, change="changed", says=said)
            continue
        for key in sorted(was.keys() | now.keys()):
            change = _changed(key, kind, was.get(key), now.get(key), names)
            if change is not None:
                rests = tuple(sorted(resting.get(key, frozenset())))
                yield msgspec.structs.replace(change, advisories=rests)


def _changed(
    key: str, kind: str, was: Any, now: Any, names: Mapping[str, str]
) -> Difference | None:
    label = names.get(key, key)
    if was is None or now is None:
        change: Literal["added", "removed"] = "added" if was is None else "removed"
        said = tuple(_whole(now if was is None else was))
        return Difference(term=key, kind=kind, label=label, change=change, says=said)
    said = tuple(says(was, now, names))
    return (
        Difference(term=key, kind=kind, label=label, change="changed", says=said) if said else None
    )


def _whole(value: Any) -> Iterator[str]:
    for name in ("definition", "says"):
        text = getattr(value, name, "")
        if text:
            yield text


def _named(iris: frozenset[str], names: Mapping[str, str]) -> str:
    return ", ".join(sorted(name_of(i, names) for i in iris))


def _resting(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """Map each term to the advice that rests on it."""
    resting: dict[str, set[str]] = {}
    for iri, advisory in snapshot.advisories.items():
        roots = [advisory.applies_to, advisory.unless, *advisory.sets_aside]
        used = {iri, *advisory.statements, *advisory.disagreements}
        for criterion in filter(None, roots):
            used |= {criterion, *_counted(criterion, snapshot), *_asked(criterion, snapshot)}
        for term in used:
            resting.setdefault(term, set()).add(iri)
    return {term: frozenset(advisories) for term, advisories in resting.items()}


def _asked(criterion: str, snapshot: Snapshot) -> Iterator[str]:
    """Give the criteria, classes and properties that a criterion is made of."""
    for node in nodes_of(snapshot.criteria[criterion].expression, snapshot):
        if isinstance(node, Named):
            yield node.criterion
        elif isinstance(node, Is | Of):
            yield node.term
        elif isinstance(node, Has | Number):
            yield node.property
