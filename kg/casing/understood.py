"""What was understood of an entry beside its name: from its field, its text, or by default.

Where field and text differ, the stricter of the two stands, and the reading says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from kg.contract.report import Read


def understood(
    field: str | None,
    text: str | None = None,
    *,
    default: str | None = None,
    strictest_first: Sequence[str] = (),
) -> Read | UnsetType:
    """Give the word that stands, and where it was read; of two not ordered that of the field."""
    if field is None or text is None or field == text:
        if field is not None:
            return Read(value=field, source="field")
        if text is not None:
            return Read(value=text, source="text")
        return UNSET if default is None else Read(value=default, source="default")
    for word in strictest_first:
        if word == text:
            return Read(value=text, source="text", contradictory=True)
        if word == field:
            break
    return Read(value=field, source="field", contradictory=True)
