"""The solver finds the table equal to the definitions, and finds a fault in any part of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from kg import terms
from kg.proving.claims import PARTS, claims
from kg.proving.prove import prove
from kg.snapshot.criteria import Has, Number
from kg.snapshot.decisions import (
    CountQuestion,
    DecisionTable,
    FactQuestion,
    NumberQuestion,
    RoleQuestion,
    masks_of_profile,
    profile,
)
from kg.snapshot.model import Snapshot

Fault = Callable[[DecisionTable], DecisionTable]


def _with(value: Any, /, **fields: Any) -> Any:
    return msgspec.structs.replace(value, **fields)


def _at(listed: tuple[Any, ...], place: int, value: Any) -> tuple[Any, ...]:
    return (*listed[:place], value, *listed[place + 1 :])


def _first(listed: tuple[Any, ...], fits: Callable[[Any], bool]) -> int:
    return next(n for n, one in enumerate(listed) if fits(one))


def _question(fits: Callable[[Any], bool], change: Callable[[Any], Any]) -> Fault:
    def plant(table: DecisionTable) -> DecisionTable:
        n = _first(table.questions, fits)
        questions = _at(table.questions, n, change(table.questions[n]))
        return _with(table, questions=questions)  # type: ignore[no-any-return]

    return plant


def _leaf(fits: Callable[[Any], bool], change: Callable[[Any], Any]) -> Fault:
    def plant(table: DecisionTable) -> DecisionTable:
        n = _first(table.leaves, fits)
        return _with(table, leaves=_at(table.leaves, n, change(table.leaves[n])))  # type: ignore[no-any-return]

    return plant


def _mask_of_profile(half: int) -> Fault:
    """Take what one profile answers surely, or possibly, and forget its lowest question."""

    def plant(table: DecisionTable) -> DecisionTable:
        n = _first(table.profiles, lambda one: masks_of_profile(one)[half] > 0)
        masks = list(masks_of_profile(table.profiles[n]))
        masks[half] &= masks[half] - 1
        changed = profile(masks[0], masks[1], table.profiles[n].open)
        return _with(table, profiles=_at(table.profiles, n, changed))  # type: ignore[no-any-return]

    return plant


def _open_clause(table: DecisionTable) -> DecisionTable:
    n = _first(table.profiles, lambda one: any(len(c) > 1 for _, c in one.open))
    known = table.profiles[n]
    left = tuple((q, c[:-1]) if len(c) > 1 else (q, c) for q, c in known.open)
    return _with(table, profiles=_at(table.profiles, n, _with(known, open=left)))  # type: ignore[no-any-return]


def _term(table: DecisionTable) -> DecisionTable:
    """Let a term have the profile of another."""
    term, number = next((t, n) for t, n in table.terms.items() if n != 0)
    return _with(table, terms={**table.terms, term: 0 if number else 1})  # type: ignore[no-any-return]


def _reach(half: str) -> Fault:
    def plant(table: DecisionTable) -> DecisionTable:
        known = table.roles[terms.TAKES]
        mask = int(getattr(known, half), 16)
        changed = _with(known, **{half: f"{mask & (mask - 1):x}"})
        return _with(table, roles={**table.roles, terms.TAKES: changed})  # type: ignore[no-any-return]

    return plant


def _closer(table: DecisionTable) -> DecisionTable:
    asked = {kind for q in table.questions if isinstance(q, RoleQuestion) for kind in q.kinds}
    kind = min(k for k in asked if table.closers[k])
    fewer = table.closers[kind][1:]
    return _with(table, closers={**table.closers, kind: fewer})  # type: ignore[no-any-return]


def _criterion(change: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> Fault:
    def plant(table: DecisionTable) -> DecisionTable:
        name = min(n for n, clauses in table.criteria.items() if len(clauses) > 1)
        changed = change(table.criteria[name])
        return _with(table, criteria={**table.criteria, name: changed})  # type: ignore[no-any-return]

    return plant


def _aside(table: DecisionTable) -> DecisionTable:
    one, other = sorted(table.asides)[:2]
    swapped = {one: table.asides[other], other: table.asides[one]}
    return _with(table, asides={**table.asides, **swapped})  # type: ignore[no-any-return]


def _of_a_number(leaf: Any) -> bool:
    return isinstance(leaf.asks, Number) and leaf.asks.low is not None


def _open_bound(bounds: Number) -> Any:
    """Let a number that stands at the bound itself fall on its other side."""
    if bounds.low is not None:
        return _with(bounds, low_open=not bounds.low_open)
    return _with(bounds, high_open=not bounds.high_open)


FAULTS: dict[str, tuple[str, Fault]] = {
    "a leaf with another bound": (
        "items",
        _leaf(_of_a_number, lambda leaf: _with(leaf, asks=_with(leaf.asks, low="0.125"))),
    ),
    "a leaf that leaves its bound out": (
        "items",
        _leaf(_of_a_number, lambda leaf: _with(leaf, asks=_open_bound(leaf.asks))),
    ),
    "a leaf to which silence is no longer a value": (
        "items",
        _leaf(
            lambda leaf: isinstance(leaf.asks, Has) and leaf.unsaid > 1,
            lambda leaf: _with(leaf, unsaid=0),
        ),
    ),
    "a leaf that takes a number not given for no": (
        "items",
        _leaf(
            lambda leaf: isinstance(leaf.asks, Number) and leaf.unsaid > 0,
            lambda leaf: _with(leaf, unsaid=0),
        ),
    ),
    "a clause over leaves less": (
        "items",
        _question(
            lambda q: isinstance(q, RoleQuestion) and len(q.clauses) > 1,
            lambda q: _with(q, clauses=q.clauses[:-1]),
        ),
    ),
    "an anchor less": (
        "items",
        _question(
            lambda q: isinstance(q, RoleQuestion) and len(q.anchors or ()) > 1,
            lambda q: _with(q, anchors=q.anchors[1:]),
        ),
    ),
    "a question along another role": (
        "criteria",
        _question(
            lambda q: isinstance(q, RoleQuestion) and q.role == terms.HAS_ONGOING,
            lambda q: _with(q, role=terms.HAS_PAST),
        ),
    ),
    "a kind less": (
        "kinds",
        _question(
            lambda q: isinstance(q, RoleQuestion) and len(q.kinds) > 0,
            lambda q: _with(q, kinds=q.kinds[1:]),
        ),
    ),
    "a count of one more": (
        "criteria",
        _question(lambda q: isinstance(q, CountQuestion), lambda q: _with(q, least=q.least + 1)),
    ),
    "a count of other items": (
        "criteria",
        _question(lambda q: isinstance(q, CountQuestion), lambda q: _with(q, of=q.of - 1)),
    ),
    "a number that leaves its bound out": (
        "criteria",
        _question(
            lambda q: isinstance(q, NumberQuestion),
            lambda q: _with(q, bounds=_open_bound(q.bounds)),
        ),
    ),
    "a fact of another value": (
        "criteria",
        _question(
            lambda q: isinstance(q, FactQuestion), lambda q: _with(q, value=q.value + "-other")
        ),
    ),
    "silence on a patient taken for no": (
        "criteria",
        _question(
            lambda q: isinstance(q, FactQuestion) and q.unsaid > 0, lambda q: _with(q, unsaid=0)
        ),
    ),
    "a mask of a profile, surely": ("terms", _mask_of_profile(0)),
    "a mask of a profile, possibly": ("terms", _mask_of_profile(1)),
    "a clause of a profile less": ("terms", _open_clause),
    "a term with another's profile": ("terms", _term),
    "a reach, surely": ("roles", _reach("sure")),
    "a reach, possibly": ("roles", _reach("possible")),
    "a closer less": ("kinds", _closer),
    "a clause over questions less": ("criteria", _criterion(lambda c: c[:-1])),
    "a question of a clause less": (
        "criteria",
        _criterion(lambda c: (*c[:-1], c[-1][1:]) if len(c[-1]) > 1 else ((), *c[1:])),
    ),
    "set-aside groups that changed places": ("advisories", _aside),
}


def test_the_table_is_the_definitions_for_every_case(snapshot: Snapshot) -> None:
    found = prove(claims(snapshot))
    assert [str(r) for r in found.refuted] == []
    assert found.claimed["advisories"] == len(
        [a for a in snapshot.advisories.values() if snapshot.index_drug in a.about]
    )
    assert set(found.claimed) == set(PARTS)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_the_table_is_found(name: str, snapshot: Snapshot) -> None:
    part, plant = FAULTS[name]
    table = plant(snapshot.decisions)
    assert table != snapshot.decisions
    faulty = msgspec.structs.replace(snapshot, decisions=table)
    assert prove(claims(faulty, [part])).refuted


def test_a_counter_example_says_what_a_case_would_say(snapshot: Snapshot) -> None:
    _, plant = FAULTS["a number that leaves its bound out"]
    faulty = msgspec.structs.replace(snapshot, decisions=plant(snapshot.decisions))
    first = prove(claims(faulty, ["criteria"])).refuted[0]
    assert any(name.endswith(": said") for name in first.example)
