"""Orders that name no medicine, behind which any medicine may stand."""

from __future__ import annotations

import re

from api.cds_hooks.lenient import REFERENCE
from kg.snapshot.model import Snapshot
from kg.snapshot.names import words
from kg.snapshot.once import once_per_snapshot

_LONGEST = 200
# What has fewer letters in a row may be a unit, a code or a number.
_LETTERS = re.compile(r"[^\W\d_]{4}")


def names_no_medicine(text: str, snapshot: Snapshot) -> bool:
    """Say whether a text is no readable name, or one that stands for any medicine.

    A text that has no other words than such names says no more than they do; figures, units and
    what is shorter than a name do not count.
    """
    if REFERENCE.match(text):
        # An order that points to a medicine which was not sent.
        return True
    said = {word for word in words(text[:_LONGEST]) if _LETTERS.match(word)}
    return said <= _words(snapshot)


@once_per_snapshot
def _words(snapshot: Snapshot) -> frozenset[str]:
    return frozenset(w for name in snapshot.doors.unnamed_medicines for w in words(name))
