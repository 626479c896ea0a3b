"""The least of what was given that is enough for a finding, found by asking the engine itself.

A support is a set of inputs with which the finding still comes, and without any one of which it
goes. Several drugs of one step are several supports of one finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from kg.casing.assemble import assemble
from kg.contract.parts import LIST_NAMES, SINGLE_PARTS
from kg.contract.place import Place, entry_path
from kg.contract.request import Request, request_from
from kg.interval import TRUE
from kg.judging.judge import judge
from kg.snapshot.model import Snapshot

MOST_SUPPORTS = 50
# What the caller chose of the question, and not of the patient, is always kept.
_KEPT = {"context.jurisdiction"}
_Enough = Callable[[Sequence[str]], bool]


class Support(NamedTuple):
    """All inputs that count for a finding, and the least sets of them that are enough."""

    leaves: tuple[str, ...] = ()
    sets: tuple[tuple[str, ...], ...] = ()


def units_of(request: Request) -> list[str]:
    """List all that was given, each thing once: entries, flags, fields, and lists as such."""
    body = _body(request)
    units = []
    for name in LIST_NAMES:
        if name in body:
            units += [name, *(entry_path(name, n) for n in range(len(body[name])))]
    for part in SINGLE_PARTS:
        for name, value in body.get(part, {}).items():
            units.append(str(Place(part, None, name)))
            if isinstance(value, list):
                units += [str(Place(part, n, name)) for n in range(len(value))]
    return [u for u in units if u not in _KEPT]


def keeping(request: Request, units: Iterable[str]) -> Request:
    """Give the same request with only some of what was given.

    That a list was read in part only says how to take the list, so it stays with it.
    """
    return _cut(_body(request), units)


def _cut(body: dict[str, Any], units: Iterable[str]) -> Request:
    kept = set(units) | _KEPT
    less: dict[str, Any] = {k: body[k] for k in ("partly_read",) if k in body}
    for name in LIST_NAMES:
        entries = [e for n, e in enumerate(body.get(name, ())) if entry_path(name, n) in kept]
        if entries or (name in kept and name in body):
            less[name] = entries
    for part in SINGLE_PARTS:
        fields: dict[str, Any] = {}
        for name, value in body.get(part, {}).items():
            path = str(Place(part, None, name))
            if isinstance(value, list):
                said = [v for n, v in enumerate(value) if entry_path(path, n) in kept]
                if said or path in kept:
                    fields[name] = said
            elif path in kept:
                fields[name] = value
        if fields:
            less[part] = fields
    return request_from(less)


def _body(request: Request) -> dict[str, Any]:
    whole: dict[str, Any] = msgspec.to_builtins(request)
    whole = {k: v for k, v in whole.items() if v is not None}
    for part in SINGLE_PARTS:
        if part in whole:
            whole[part] = {k: v for k, v in whole[part].items() if v is not None}
    return whole


def comes(request: Request, advisory: str, snapshot: Snapshot) -> bool:
    """Say whether an advisory applies to what is given."""
    verdicts = judge(assemble(request, snapshot), snapshot)
    return any(v.ready.iri == advisory and v.truth == TRUE for v in verdicts)


def support(request: Request, advisory: str, seen: Iterable[str], snapshot: Snapshot) -> Support:
    """Give the inputs that count for a finding, and one least set for each that can stand in one.

    `seen` are the inputs that made the advisory apply; what they cannot do without is added.
    """
    every, body = units_of(request), _body(request)
    counted = set(seen)

    def enough(units: Sequence[str]) -> bool:
        return comes(_cut(body, units), advisory, snapshot)

    if not enough(every):
        return Support()
    leaves = [u for u in every if u in counted]
    if not enough(leaves):
        counted.update(_least([u for u in every if u not in counted], _beside(leaves, enough)))
        leaves = [u for u in every if u in counted]
    if enough(()):
        return Support(tuple(leaves), ((),))
    sets: list[tuple[str, ...]] = []
    for own in leaves:
        if len(sets) >= MOST_SUPPORTS:
            break
        if any(own in one for one in sets):
            continue
        others = [u for u in leaves if u != own]
        least = [own] if enough([own]) else _least([*others, own], enough)
        if own in least or not sets:
            sets.append(tuple(u for u in every if u in least))
    return Support(tuple(leaves), tuple(dict.fromkeys(sets)))


def _beside(units: Sequence[str], enough: _Enough) -> _Enough:
    return lambda more: enough([*units, *more])


def _least(units: Sequence[str], enough: _Enough) -> list[str]:
    """Take away what is not needed, larger pieces first, the last thing last.

    What was needed may no longer be once something else has gone, so it ends where a whole round
    took nothing away.
    """
    kept = list(units)
    size = max(len(kept) // 2, 1)
    while True:
        before, at = len(kept), 0
        while at < len(kept):
            less = kept[:at] + kept[at + size :]
            if enough(less):
                kept = less
            else:
                at += size
        if size == 1 and len(kept) == before:
            return kept
        size = max(size // 2, 1)
