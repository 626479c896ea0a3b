"""Which advice a term can raise: the advisories that ask for it, or for what it belongs to."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from kg import terms
from kg.checking.hazards import hazard_of
from kg.contract.explanation import listed
from kg.contract.report import Hazard, ReleaseMark, TermLabel
from kg.contract.severity import ORDER, SeverityName, rank, strongest
from kg.errors import UnknownSubject
from kg.explaining.parts import release_mark
from kg.snapshot.advice import own_advisories
from kg.snapshot.alike import alike
from kg.snapshot.criteria import Has, Is, Named, Of
from kg.snapshot.criteria_walk import nodes_of
from kg.snapshot.labels import label_of
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot


class ReachedAdvisory(msgspec.Struct, frozen=True, kw_only=True):
    """One advisory that a term can raise, and as what the advisory asks for it."""

    advisory: str
    topic: str
    hazard: Hazard
    title: str
    severities: dict[str, SeverityName]
    asked_as: tuple[TermLabel, ...]


class TermReach(msgspec.Struct, frozen=True, kw_only=True):
    """A term, and every advisory that it can raise, the strongest first."""

    term: str
    label: str
    advisories: tuple[ReachedAdvisory, ...]
    release: ReleaseMark


def reach(term: str, snapshot: Snapshot) -> TermReach:
    """Name the advisories that a drug, class, condition, measurement, flag or population can raise.

    What is broader than what advice asks for raises nothing by itself, as in a check.
    """
    names = _standing_for(term, snapshot)
    asked = _asked(snapshot)
    found: dict[str, list[str]] = {}
    for name in names:
        for advisory in asked.get(name, ()):
            found.setdefault(advisory, []).append(name)
    reached = [_reached(iri, by, snapshot) for iri, by in found.items()]
    return TermReach(
        term=term,
        label=label_of(term, snapshot),
        advisories=tuple(sorted(reached, key=_weight)),
        release=release_mark(snapshot),
    )


def _weight(one: ReachedAdvisory) -> tuple[int, str, str]:
    worst = strongest(one.severities.values())
    return (rank(worst) if worst else len(ORDER), one.topic, one.advisory)


def _reached(iri: str, by: list[str], snapshot: Snapshot) -> ReachedAdvisory:
    advisory = snapshot.advisories[iri]
    return ReachedAdvisory(
        advisory=iri,
        topic=snapshot.topics.get(advisory.topic, advisory.topic),
        hazard=hazard_of(snapshot, advisory.topic),
        title=advisory.label,
        severities=dict(sorted(advisory.severities.items())),
        asked_as=tuple(TermLabel(term=t, label=label_of(t, snapshot)) for t in sorted(by)),
    )


def _standing_for(term: str, snapshot: Snapshot) -> list[str]:
    """Give the terms that an input of this term counts as; the index drug counts as none."""
    if term == snapshot.index_drug:
        return []
    for names in (_of_drug, _of_class, _of_condition, _of_observation, _of_flag):
        if found := list(names(term, snapshot)):
            return list(dict.fromkeys(found))
    raise UnknownSubject(
        code="unknown-subject",
        message="the release has no drug, class, condition, measurement, flag or population of "
        "this name",
        subject=term[:200],
        repair=_repair(term, snapshot),
    )


def _repair(term: str, snapshot: Snapshot) -> str:
    near = alike(term, snapshot)
    if near:
        return f"name {listed(list(near))}, which differs in how it is written"
    return f"send the whole name, as in {snapshot.index_drug}"


def _of_drug(term: str, snapshot: Snapshot) -> Iterator[str]:
    drug = snapshot.drugs.get(term)
    if drug is None:
        return
    for one in (term, *drug.components):
        yield one
        yield from _classes_of(snapshot).get(one, ())


def _of_class(term: str, snapshot: Snapshot) -> Iterator[str]:
    """Give a class and those above it, which hold all that it holds."""
    waiting = [term] if term in snapshot.classes else []
    seen: set[str] = set()
    while waiting:
        here = waiting.pop()
        if here not in seen:
            seen.add(here)
            yield here
            known = snapshot.classes.get(here)
            waiting += known.parents if known else ()


def _of_condition(term: str, snapshot: Snapshot) -> Iterator[str]:
    for one in (term, *(c.ancestors if (c := snapshot.conditions.get(term)) else ())):
        if (known := snapshot.conditions.get(one)) is not None:
            yield one
            if known.implied_flag:
                yield from _of_flag(known.implied_flag, snapshot)
            yield from _said_by(snapshot).get(one, ())


def _of_observation(term: str, snapshot: Snapshot) -> Iterator[str]:
    """Give a kind of measurement, those above it, and what is worked out from it."""
    waiting = [term] if term in snapshot.observations else []
    seen: set[str] = set()
    while waiting:
        here = waiting.pop()
        if here not in seen:
            seen.add(here)
            yield here
            waiting += o.ancestors if (o := snapshot.observations.get(here)) else ()
            waiting += (d.yields for d in snapshot.derivations if here in d.sources)


def _of_flag(term: str, snapshot: Snapshot) -> Iterator[str]:
    """Give a flag with its population; a population with its flags."""
    flag = snapshot.flags.get(term)
    if flag is not None:
        yield term
    if flag is not None and flag.population:
        yield flag.population
    if term in snapshot.populations:
        yield term
        yield from (iri for iri, f in snapshot.flags.items() if f.population == term)


@once_per_snapshot
def _said_by(snapshot: Snapshot) -> dict[str, list[str]]:
    """Give, of each condition, the flags that it states by itself."""
    found: dict[str, list[str]] = {}
    for iri, flag in snapshot.flags.items():
        if flag.said_by:
            found.setdefault(flag.said_by, []).extend(_of_flag(iri, snapshot))
    return found


@once_per_snapshot
def _classes_of(snapshot: Snapshot) -> dict[str, list[str]]:
    """Give the classes that hold each drug."""
    found: dict[str, list[str]] = {}
    for iri, known in snapshot.classes.items():
        for member in known.members:
            found.setdefault(member, []).append(iri)
    return found


@once_per_snapshot
def _asked(snapshot: Snapshot) -> dict[str, list[str]]:
    """Give, of each term that advice asks for, the advisories that can apply by it."""
    found: dict[str, dict[str, None]] = {}
    for iri, advisory in own_advisories(snapshot).items():
        for node in nodes_of(snapshot.criteria[advisory.applies_to].expression, snapshot):
            if isinstance(node, Is | Of):
                found.setdefault(node.term, {})[iri] = None
            elif isinstance(node, Has) and node.property == terms.HAS_FLAG:
                found.setdefault(node.value, {})[iri] = None
            elif isinstance(node, Named):
                found.setdefault(node.criterion, {})[iri] = None
    return {term: list(advisories) for term, advisories in found.items()}
