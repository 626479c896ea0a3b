"""The least of what was given that is enough for a finding, found by asking the engine itself.

A support is a set of inputs with which the finding still comes, and without any one of which it
goes. Several drugs of one step are several supports of one finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from kg.assemble import assemble
from kg.interval import TRUE
from kg.judge import judge
from kg.model import Snapshot
from kg.request import Request, request_from

_LISTS = ("medications", "conditions", "allergies", "observations")
_MOST_SUPPORTS = 12
# What the caller chose of the question, and not of the patient, is always kept.
_KEPT = {"context.jurisdiction"}


def units_of(request: Request) -> list[str]:
    """List all that was given, each thing once: entries, flags, fields, and lists as such."""
    body = _body(request)
    units = []
    for name in _LISTS:
        if name in body:
            units += [name, *(f"{name}[{n}]" for n in range(len(body[name])))]
    for part in ("patient", "context"):
        for name, value in body.get(part, {}).items():
            units.append(f"{part}.{name}")
            if isinstance(value, list):
                units += [f"{part}.{name}[{n}]" for n in range(len(value))]
    return [u for u in units if u not in _KEPT]


def keeping(request: Request, units: Iterable[str]) -> Request:
    """Give the same request with only some of what was given."""
    kept, body = set(units) | _KEPT, _body(request)
    less: dict[str, Any] = {}
    for name in _LISTS:
        entries = [e for n, e in enumerate(body.get(name, ())) if f"{name}[{n}]" in kept]
        if entries or (name in kept and name in body):
            less[name] = entries
    for part in ("patient", "context"):
        fields: dict[str, Any] = {}
        for name, value in body.get(part, {}).items():
            path = f"{part}.{name}"
            if isinstance(value, list):
                said = [v for n, v in enumerate(value) if f"{path}[{n}]" in kept]
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
    for part in ("patient", "context"):
        if part in whole:
            whole[part] = {k: v for k, v in whole[part].items() if v is not None}
    return whole


def comes(request: Request, advisory: str, snapshot: Snapshot) -> bool:
    """Say whether an advisory applies to what is given."""
    verdicts = judge(assemble(request, snapshot), snapshot)
    return any(v.ready.iri == advisory and v.truth == TRUE for v in verdicts)


def supports(
    request: Request, advisory: str, seen: Sequence[str], snapshot: Snapshot
) -> tuple[tuple[str, ...], ...]:
    """Give the least sets of inputs that are enough, one for each input that can stand in one."""
    every = units_of(request)

    def enough(units: Sequence[str]) -> bool:
        return comes(keeping(request, units), advisory, snapshot)

    if not enough(every):
        return ()
    found: list[tuple[str, ...]] = []
    for own in dict.fromkeys(seen):
        if len(found) >= _MOST_SUPPORTS:
            break
        if any(own in one for one in found):
            continue
        # The others of its kind are taken away first, so that it must bear the finding itself.
        others = {u for u in seen if u != own and _list_of(u) == _list_of(own)}
        alone = [u for u in every if u not in others]
        start = alone if enough(alone) else every
        least = _least(start, enough, last=own)
        if own in least or not found:
            found.append(tuple(least))
    return tuple(dict.fromkeys(found)) or (tuple(_least(every, enough, last="")),)


def _list_of(unit: str) -> str:
    return unit.partition("[")[0]


def _least(units: Sequence[str], enough: Callable[[Sequence[str]], bool], last: str) -> list[str]:
    """Take away what is not needed, larger pieces first, one thing last."""
    kept = sorted(units, key=lambda u: u == last)
    size = max(len(kept) // 2, 1)
    while True:
        at = 0
        while at < len(kept):
            less = kept[:at] + kept[at + size :]
            if enough(less):
                kept = less
            else:
                at += size
        if size == 1:
            return [u for u in units if u in kept]
        size //= 2
