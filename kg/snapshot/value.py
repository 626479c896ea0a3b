"""The base classes of every value and of every term in a Snapshot."""

from __future__ import annotations

import msgspec


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The base class of every value in a Snapshot: immutable, closed, compact when written."""


class Term(Value, kw_only=True, frozen=True):
    """What every term has: a label, a definition and other names."""

    label: str
    definition: str = ""
    names: tuple[str, ...] = ()
