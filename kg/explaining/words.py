"""What an explanation calls things: terms, what a question asks, and what was given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from kg import terms
from kg.contract.explanation import listed
from kg.contract.parts import LIST_NAMES, SINGLE_PARTS
from kg.contract.place import Place, entry_path
from kg.contract.request import Request
from kg.judging.item_questions import ItemNode
from kg.judging.needs import open_axes
from kg.snapshot.criteria import AnyOf, Expression, Has, Is, Named, Number, Of
from kg.snapshot.labels import label_of
from kg.snapshot.model import Drug, Snapshot

_CODED = ("system", "code", "codings")


def fact_in_words(expression: Expression, snapshot: Snapshot) -> str:
    """Name what a question asks of the patient or of an item."""
    if isinstance(expression, Has):
        value = label_of(expression.value, snapshot)
        if expression.property in (terms.HAS_FLAG, terms.LACKS):
            return value
        name = label_of(expression.property, snapshot)
        return value if name in value else f"{name}: {value}"
    if isinstance(expression, Number):
        return f"{label_of(expression.property, snapshot)} {_bounds(expression)}"
    if isinstance(expression, Is | Of):
        return label_of(expression.term, snapshot)
    return ""


def _bounds(number: Number) -> str:
    sides = (
        (number.low, ">" if number.low_open else "≥"),
        (number.high, "<" if number.high_open else "≤"),
    )
    return " and ".join(f"{sign} {bound}" for bound, sign in sides if bound is not None)


def asked_in_words(node: ItemNode, snapshot: Snapshot) -> str:
    """Say what a question asks of one item; a criterion with a name is called by it."""
    expression = node.expression
    if isinstance(expression, Named):
        return snapshot.criteria[expression.criterion].label
    words = fact_in_words(expression, snapshot)
    link = " or " if isinstance(expression, AnyOf) else ", "
    return words or link.join(filter(None, (asked_in_words(p, snapshot) for p in node.parts)))


def unjudged(drug: Drug, snapshot: Snapshot) -> str:
    """Say on which axes nobody has judged a drug."""
    named = listed(list(open_axes(drug, snapshot.axes, snapshot)))
    return f"not judged on {named}, so its silence there says nothing"


# --- what was given -----------------------------------------------------------------------------


def paths_of(request: Request) -> Iterator[str]:
    """List every input of a request: entries, flags, fields, and the lists as such."""
    for part in LIST_NAMES:
        entries: Sequence[Any] | None = getattr(request, part)
        if entries is not None:
            yield part
            yield from (entry_path(part, n) for n in range(len(entries)))
    for single in SINGLE_PARTS:
        fields = getattr(request, single)
        for name in fields.__struct_fields__ if fields is not None else ():
            value = getattr(fields, name)
            if value is not None:
                yield f"{single}.{name}"
            if isinstance(value, list):
                yield from (str(Place(single, n, name)) for n in range(len(value)))


def given_at(path: str, request: Request | None) -> str:
    """Say what was given at a place of a request, in the caller's own words; '' where nothing."""
    place = Place.of(path)
    value = None if place is None else place.value(request)
    if isinstance(value, msgspec.Struct):
        return _entry(msgspec.to_builtins(value))
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list: assessed, none"
    return "" if value is None else _plain(value)


def _entry(entry: Mapping[str, Any]) -> str:
    """Write an entry of a list: its name or codes, its value, and what else was said of it."""
    codings = [entry, *(entry.get("codings") or ())]
    codes = [f"{c.get('system') or ''}|{c['code']}" for c in codings if c.get("code")]
    value = " ".join(_plain(v) for v in (entry.get("value"), entry.get("unit")) if v is not None)
    name = " ".join(filter(None, (entry.get("text"), value)))
    # The day of a value is said with the range that it is held against.
    shown = {"text", "value", "unit", "taken_at", *_CODED}
    said = [
        f"{key.replace('_', ' ')} {_plain(v)}"
        for key, v in entry.items()
        if key not in shown and v is not None
    ]
    return ", ".join([*([name] if name else []), *codes, *said])


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(_plain(v) for v in value.values() if v is not None)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
