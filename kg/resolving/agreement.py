"""A text beside a code is read as well: what it names must agree with what the code means.

A text that means the same, adds detail, or names something else that no advice asks of is no
contradiction. One that names another disease is, and so is one that denies what the code says.
"""

from __future__ import annotations

from typing import NamedTuple

from kg.resolving.names import NameMatch
from kg.resolving.problems import kind_of, read_problems
from kg.snapshot.criteria import Is
from kg.snapshot.criteria_walk import nodes_of
from kg.snapshot.model import Snapshot, TextWord
from kg.snapshot.once import once_per_snapshot


class Compared(NamedTuple):
    """What a text means beside the condition of a code, or with what it contradicts it."""

    against: tuple[str, ...] = ()
    closer: NameMatch | None = None
    said: tuple[TextWord, ...] = ()
    further: tuple[NameMatch, ...] = ()


@once_per_snapshot
def asked_of(snapshot: Snapshot) -> frozenset[str]:
    """Give the conditions that advice asks of."""
    return frozenset(
        node.term
        for criterion in snapshot.criteria.values()
        for node in nodes_of(criterion.expression, snapshot, into_named=False)
        if isinstance(node, Is)
    )


def bearing(term: str, snapshot: Snapshot) -> frozenset[str]:
    """Give what makes a condition matter: the kinds that advice asks of, its flag, its topics."""
    condition = snapshot.conditions[term]
    found = {term, *condition.ancestors} & asked_of(snapshot)
    flag = condition.implied_flag
    return frozenset(found | set(condition.touches) | ({flag} if flag else set()))


def related(one: str, other: str, snapshot: Snapshot) -> bool:
    """Say whether two conditions are the same, or one is a kind of the other."""
    return _within(one, other, snapshot) or _within(other, one, snapshot)


def _within(one: str, other: str, snapshot: Snapshot) -> bool:
    wide = snapshot.conditions[other].unspecified_of or other
    return wide == one or wide in snapshot.conditions[one].ancestors


def alike(one: str, other: str, snapshot: Snapshot) -> bool:
    """Say whether two conditions of one group matter in the same way."""
    matters = bearing(one, snapshot)
    return bool(matters) and matters == bearing(other, snapshot)


def compare(
    text: str, code: str, matches: list[NameMatch], snapshot: Snapshot, *, broader: bool
) -> Compared:
    """Hold what a text names against the condition that a code means, or is wider than."""
    standing = [m for m in matches if standing_of(m, snapshot) not in ("absent", "other")]
    others = [m for m in matches if m not in standing]
    wide = snapshot.conditions[code].says_only_past
    near = [m for m in standing if wide or related(m.terms[0], code, snapshot)]
    against = [
        m.terms[0]
        for m in standing
        if m not in near and bearing(m.terms[0], snapshot) and not alike(m.terms[0], code, snapshot)
    ]
    if standing and not near and not against:
        against = [m.terms[0] for m in standing if not alike(m.terms[0], code, snapshot)]
    if not standing:
        against += [m.terms[0] for m in others if related(m.terms[0], code, snapshot)]
    unread = read_problems(text, snapshot).named_in_unread
    against += [
        t
        for t in unread
        if bearing(t, snapshot) and not wide and not related(t, code, snapshot)
        if not alike(t, code, snapshot)
    ]
    if against or not near:
        return Compared(tuple(dict.fromkeys(against)))
    first = near[0]
    closer = first if wide or broader or _within(first.terms[0], code, snapshot) else None
    further = tuple(m for m in matches if m is not first)
    return Compared((), closer, first.said.phrases, further)


def standing_of(match: NameMatch, snapshot: Snapshot) -> str:
    """Give whether a condition is there by what the words say of it; of two the stricter."""
    kinds = {kind_of(word, snapshot) for word in match.said.phrases}
    for kind in ("other", "absent", "suspected", "active", "open", "resolved"):
        if kind in kinds:
            return kind
    return ""
