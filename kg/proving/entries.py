"""Entries of a request that could answer a question, the simplest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from itertools import islice, product
from typing import Any

from kg import terms
from kg.contract.parts import LISTS
from kg.snapshot.criteria import Has, Number, Of
from kg.snapshot.criteria_walk import nodes_of
from kg.snapshot.decisions import RoleQuestion, bounds_of
from kg.snapshot.model import Observation, Snapshot

Entry = dict[str, Any]
# Witnesses are asked about on one day, so that they are the same every time.
TODAY = date(2026, 1, 15)
_MOST_TERMS = 12
_MOST_DRUGS = 4
_DAYS_AGO = (0, 1, 30, 3650)
_AROUND = (Fraction(0), Fraction(-1, 10), Fraction(1, 10), Fraction(-1), Fraction(1))
_LIMITS = {terms.TIMES_UPPER_LIMIT: "upper_limit", terms.TIMES_LOWER_LIMIT: "lower_limit"}
PART_OF = {one.family: one.name for one in LISTS}
_ROUTE, _ROLE, _SEVERITY = "route", "role", "severity"


def days_ago(days: int) -> str:
    """Give the day so many days before the day of the question."""
    return (TODAY - timedelta(days)).isoformat()


def candidates(question: RoleQuestion, snapshot: Snapshot) -> Iterator[Entry]:
    """Give entries that may answer a question, those that say least first."""
    nodes = list(nodes_of(question.item, snapshot))
    if question.family == terms.HAS_OBSERVATION:
        for kind in question.kinds:
            yield from measurements(kind, nodes, snapshot)
        return
    fields = _fields(question.family, nodes, snapshot)
    named = list(islice(_terms(question, nodes, snapshot), _MOST_TERMS))
    choices = sorted(
        product(*fields.values()), key=lambda chosen: sum(c is not None for c in chosen)
    )
    for chosen in choices:
        said: Entry = {}
        for name, value in zip(fields, chosen, strict=True):
            if isinstance(value, dict):
                said |= value
            elif value is not None:
                said[name] = value
        for term in named:
            yield {"text": _label(term, snapshot), **said}


def _label(term: str, snapshot: Snapshot) -> str:
    known = snapshot.drugs.get(term) or snapshot.conditions.get(term)
    return known.label if known else terms.local(term)


def _terms(question: RoleQuestion, nodes: list[Any], snapshot: Snapshot) -> Iterator[str]:
    """Name what belongs to a class that a question names; of drugs what is in most of them."""
    classes = [snapshot.classes[n.term].members for n in nodes if isinstance(n, Of)]
    for anchor in question.anchors or ():
        if anchor in snapshot.conditions:
            yield anchor
            below = (t for t, c in snapshot.conditions.items() if anchor in c.ancestors)
            yield from islice(below, 2)
        elif anchor in snapshot.classes:
            members = snapshot.classes[anchor].members
            plain = [m for m in members if m != snapshot.index_drug and m in snapshot.drugs]
            plain.sort(key=lambda m: snapshot.drugs[m].half_life_hours is None)
            plain.sort(key=lambda m: -sum(m in c for c in classes))
            yield from plain[:_MOST_DRUGS]


def _fields(family: str, nodes: list[Any], snapshot: Snapshot) -> Mapping[str, list[Any]]:
    """List what each field of an entry may say, where a question asks for it."""
    asked = {node.property for node in nodes if isinstance(node, Has | Number)}
    if family == terms.HAS_ALLERGY:
        return {}
    fields: dict[str, list[Any]] = {}
    if family == terms.HAS_MEDICATION:
        stopped = [{"status": "stopped", "last_taken": days_ago(d)} for d in _DAYS_AGO]
        fields["status"] = [None, *stopped, {"status": "planned"}]
        if terms.USE in asked:
            fields[_ROLE] = [None, *sorted(v.key for v in snapshot.roles.values() if v.key)]
        if terms.ROUTE in asked:
            fields[_ROUTE] = [None, *_keys(terms.ROUTE, snapshot)]
        if terms.DAILY_DOSE_MG in asked:
            doses = _near(terms.DAILY_DOSE_MG, nodes)
            fields["daily_dose"] = [
                None,
                *({"daily_dose": {"value": _plain(d), "unit": "mg"}} for d in doses if d > 0),
            ]
        return fields
    fields["status"] = [None, "resolved", "suspected"]
    if terms.SEVERITY in asked:
        fields[_SEVERITY] = [None, *_keys(terms.SEVERITY, snapshot)]
    if terms.CTCAE_GRADE in asked:
        fields["grade"] = [None, *range(1, 6)]
    return fields


def _keys(prop: str, snapshot: Snapshot) -> list[str]:
    admitted = snapshot.properties[prop].admits
    return sorted(snapshot.values[v].key for v in admitted if v in snapshot.values)


def _near(prop: str, nodes: list[Any]) -> list[Fraction]:
    """Give the bounds of a number, and what lies just beside them."""
    bounds = [bounds_of(n) for n in nodes if isinstance(n, Number) and n.property == prop]
    ends = sorted({e for b in bounds for e in (b.low, b.high) if e is not None})
    return list(dict.fromkeys(end + step for step in _AROUND for end in ends))


def measurements(kind: str, nodes: list[Any], snapshot: Snapshot) -> Iterator[Entry]:
    """Give measurements of one kind: what nothing is wrong with, then around each bound."""
    known = snapshot.observations[kind]
    if known.unit is None:
        for derivation in snapshot.derivations:
            if derivation.yields == kind:
                yield from measurements(derivation.sources[0], nodes, snapshot)
        return
    usual = _usual(known)
    in_use = {"upper_limit": known.upper_limits, "lower_limit": known.lower_limits}
    shown = {"upper_limit": known.display_upper, "lower_limit": known.display_lower}
    limits = {name: shown[name] or (among or (None,))[0] for name, among in in_use.items()}
    values = [usual, *_near(terms.VALUE, nodes)]
    for times, name in (
        (terms.TIMES_UPPER_LIMIT, "upper_limit"),
        (terms.TIMES_LOWER_LIMIT, "lower_limit"),
    ):
        limit = Fraction(limits[name] or usual or 1)
        for multiple in (Fraction(1, 2), Fraction(1), *_near(times, nodes)):
            yield _measured(known, multiple * limit, **{name: _plain(limit)})
    for value in values:
        yield _measured(known, value)
        for change in _near(terms.CHANGE_FROM_BASELINE, nodes):
            yield _measured(known, value, baseline=_plain(value - change))
        for multiple in _near(terms.TIMES_BASELINE, nodes):
            if multiple > 0:
                yield _measured(known, value, baseline=_plain(value / multiple))
        yield _measured(known, value, baseline=_plain(value))


def _usual(known: Observation) -> Fraction:
    low, high = map(Fraction, known.plausible or ("0", "2"))
    if known.upper_limits is not None:
        high = Fraction(known.upper_limits[0])
    if known.display_upper is not None:
        high = Fraction(known.display_upper)
    if known.display_lower is not None:
        low = Fraction(known.display_lower)
    return Fraction(round((low + high) / 2 * 10), 10)


def _measured(known: Observation, value: Fraction, **more: Any) -> Entry:
    return {"text": known.label, "value": _plain(value), "unit": known.unit, **more}


def _plain(number: Fraction) -> float | int:
    """Write a number with few digits."""
    return int(number) if number.denominator == 1 else round(float(number), 6)


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    """Name the inputs in which two requests differ."""
    for part in ("patient", "context"):
        for field in sorted({*one[part], *other[part]}):
            if one[part].get(field) != other[part].get(field):
                yield f"{part}.{field}"
    for part in PART_OF.values():
        here, there = one[part], other[part]
        named = {e["text"] for e in (*here, *there) if (e in here) != (e in there)}
        yield from (f"{part}: {name}" for name in sorted(named))
