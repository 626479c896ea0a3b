"""One field of one term, as it was and as it is, in words that a reviewer can compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from kg import terms
from kg.snapshot.criteria import AllOf, AnyOf, AtLeast, Expression, Has, Named, Number

# What only follows from other fields, and is compared there.
_DERIVED_FIELDS = {"content_hash", "members", "ancestors"}
_WORDS = {
    "says": "what it says",
    "management": "what to do",
    "clears_if": "what would clear it",
    "names": "other names",
    "severities": "severity",
    "applies_to": "for whom",
    "sets_aside": "what is set aside",
    "touches": "topics it may bear on",
}


def says(was: Any, now: Any, names: Mapping[str, str]) -> Iterator[str]:
    """Describe how each field of a term differs."""
    if not isinstance(now, msgspec.Struct) or type(was) is not type(now):
        yield from _field(was, now, names)
        return
    for name in now.__struct_fields__:
        if name in _DERIVED_FIELDS:
            continue
        before, after = getattr(was, name), getattr(now, name)
        if before != after:
            word = _WORDS.get(name, name.replace("_", " "))
            yield from (f"{word}: {said}" for said in _field(before, after, names))


def _field(was: Any, now: Any, names: Mapping[str, str]) -> Iterator[str]:
    """Describe how one field differs: what a list gained and lost, else old and new value."""
    if was == now:
        return
    if isinstance(was, dict) and isinstance(now, dict):
        for key in sorted(was.keys() | now.keys()):
            for said in _field(was.get(key), now.get(key), names):
                yield f"{names.get(key, key)} {said}"
    elif isinstance(was, tuple) and isinstance(now, tuple):
        lost, gained = (
            sorted(_text(v, names) for v in here if v not in there)
            for here, there in ((was, now), (now, was))
        )
        yield from (f"no longer {said}" for said in lost)
        yield from (f"now {said}" for said in gained)
        if not lost and not gained:
            yield "the order changed"
    elif isinstance(was, Expression) and isinstance(now, Expression):
        yield from _asks(was, now, names)
    else:
        yield f"was {_text(was, names)}; is now {_text(now, names)}"


def _asks(was: Expression, now: Expression, names: Mapping[str, str]) -> Iterator[str]:
    """Say which parts of a definition came and went; where it is only built otherwise, show it."""
    before, after = (set(_parts(e, names)) for e in (was, now))
    if before == after:
        yield f"was {_in_words(was, names)}; is now {_in_words(now, names)}"
    yield from (f"no longer asks: {part}" for part in sorted(before - after))
    yield from (f"now asks: {part}" for part in sorted(after - before))


def _parts(expression: Expression, names: Mapping[str, str]) -> Iterator[str]:
    if isinstance(expression, AllOf | AnyOf):
        for part in expression.parts:
            yield from _parts(part, names)
    else:
        yield _in_words(expression, names)


def _text(value: Any, names: Mapping[str, str]) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, msgspec.Struct):
        shown = (
            f"{name.replace('_', ' ')} {_text(field, names)}"
            for name in value.__struct_fields__
            if (field := getattr(value, name)) not in (None, "", (), False)
        )
        return ", ".join(shown)
    if isinstance(value, tuple):
        return " and ".join(_text(v, names) for v in value)
    return names.get(str(value), str(value))


def _in_words(expression: Expression, names: Mapping[str, str]) -> str:
    """Write a definition in one line, near enough to the axiom to compare two of them."""
    if isinstance(expression, AllOf | AnyOf):
        word = " and " if isinstance(expression, AllOf) else " or "
        return "(" + word.join(_in_words(p, names) for p in expression.parts) + ")"
    if isinstance(expression, Named):
        return names.get(expression.criterion, expression.criterion)
    if isinstance(expression, AtLeast):
        return f"at least {expression.least} {name_of(expression.role, names)} " + _in_words(
            expression.item, names
        )
    if isinstance(expression, Number):
        signs = (
            (">", expression.low, expression.low_open),
            ("<", expression.high, expression.high_open),
        )
        bounds = (f"{s}{'' if o else '='} {b}" for s, b, o in signs if b is not None)
        return f"{name_of(expression.property, names)} {' and '.join(bounds)}"
    if isinstance(expression, Has):
        return f"{name_of(expression.property, names)} is {name_of(expression.value, names)}"
    return name_of(expression.term, names)


def name_of(iri: str, names: Mapping[str, str]) -> str:
    """Give the label of a term, or the last part of its name."""
    return names.get(iri) or terms.local(iri)
