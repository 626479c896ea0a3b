"""Values that cannot both be true: a part that is greater than what it is a part of.

Neither is taken for the right one: each counts where it makes an advisory apply, and neither
makes one not apply.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kg import terms
from kg.casing.case import Item
from kg.casing.ledger import Setting


def contradicted(items: Sequence[Item], setting: Setting) -> list[Item]:
    """Mark the values that contradict each other."""
    by_kind = {item.term: item for item in items}
    against: dict[str, set[str]] = {}
    for item in items:
        for whole in setting.snapshot.observations[item.term or ""].print.part_of:
            other = by_kind.get(whole)
            if other is not None and _greater(item, other):
                against.setdefault(item.input, set()).add(other.label)
                against.setdefault(other.input, set()).add(item.label)
    for path, labels in sorted(against.items()):
        setting.ledger.contradicted(path, f"it contradicts {' and '.join(sorted(labels))}")
    return [
        msgspec.structs.replace(item, settles=False) if item.input in against else item
        for item in items
    ]


def _greater(part: Item, whole: Item) -> bool:
    """Say whether a part is surely greater than the whole, in one sample or in undated ones."""
    if part.taken and whole.taken and part.taken != whole.taken:
        return False
    low, high = part.numbers.get(terms.VALUE), whole.numbers.get(terms.VALUE)
    if low is None or high is None or low.low is None or high.high is None:
        return False
    return low.low > high.high
