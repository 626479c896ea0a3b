"""Which medicines would have to go for a question that is true to be true no longer.

Worked out on the question itself: an *or* needs every true part cut, an *and* any one part, a
count so many different drugs that too few are left. Nothing is negated in a criterion, so
leaving out a medicine never makes a part true, and the smallest sets found are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import combinations, islice

from kg import terms
from kg.casing.case import Item
from kg.interval import TRUE
from kg.judging.judge import Verdict
from kg.judging.patterns import truth_of
from kg.judging.questions import PatientNode
from kg.judging.three_valued import truth
from kg.judging.view import View, without
from kg.snapshot.criteria import AnyOf, AtLeast
from kg.snapshot.model import Snapshot

# Entries of the medication list that would go together.
Cut = frozenset[str]
# Whether a medicine may go, and the names by which entries are put in order.
MayGo = Callable[[Item], bool]
EntryNames = Mapping[str, str]

_MOST = 8
_MOST_WAYS = 64


def quick_cuts(verdict: Verdict, may_go: MayGo, names: EntryNames) -> list[Cut] | None:
    """Give the same sets by the clauses of an advisory; None where it counts drugs.

    An advisory applies as long as each of its clauses holds a question that is surely so. What
    answers for one clause has to go, and nothing but medicines may answer for it.
    """
    if verdict.ready.counts:
        return None
    medicines = verdict.view.items[terms.HAS_MEDICATION] or ()
    surely, sets = verdict.view.rest[0], []
    for clause in verdict.ready.applies.clauses:
        if not clause & surely:
            items = [one.item for one in medicines if one.sure & clause]
            if all(map(may_go, items)):
                sets.append(frozenset([item.input for item in items]))
    return sets if len(sets) < 2 else smallest(sets, names)


def truth_without(verdict: Verdict, cut: Cut, snapshot: Snapshot) -> int:
    """Judge an advisory again without some entries of the medication list."""
    view, clauses = verdict.view, verdict.ready.applies.clauses
    medicines = view.items[terms.HAS_MEDICATION] or ()
    if verdict.ready.counts:
        gone = [id(one.item) for one in medicines if one.item.input in cut]
        less = without(view, gone, view.open_aside, snapshot)
        return truth(clauses, less.sure, less.possible)
    sure, possible = view.rest
    for one in medicines:
        if one.item.input not in cut:
            sure |= one.sure
            possible |= one.possible
    return truth(clauses, sure, possible)


def cuts(node: PatientNode, view: View, may_go: MayGo, names: EntryNames) -> list[Cut]:
    """Give the smallest sets of entries that would have to go; none where none is enough."""
    expression = node.expression
    if isinstance(expression, AtLeast):
        return _of_count(node, expression.least, view, may_go, names)
    if isinstance(expression, AnyOf):
        return _every([p for p in node.parts if truth_of(p, view) == TRUE], view, may_go, names)
    of_parts = [found for part in node.parts if (found := cuts(part, view, may_go, names))]
    if len(of_parts) < 2:
        return of_parts[0] if of_parts else []
    return smallest((cut for found in of_parts for cut in found), names)


def _every(parts: list[PatientNode], view: View, may_go: MayGo, names: EntryNames) -> list[Cut]:
    """Cut every part: one set of each, taken together."""
    joined: list[Cut] = [frozenset()]
    for part in parts:
        of_part = cuts(part, view, may_go, names)
        if not of_part:
            return []
        if len(joined) == len(of_part) == 1:
            joined = [joined[0] | of_part[0]]
        else:
            joined = smallest((one | other for one in joined for other in of_part), names)
    return joined


def _of_count(
    node: PatientNode, least: int, view: View, may_go: MayGo, names: EntryNames
) -> list[Cut]:
    """Leave fewer different drugs than the count asks for."""
    if node.family != terms.HAS_MEDICATION:
        return []
    if least == 1:
        items = list(_true_items(node, view))
        return [frozenset([i.input for i in items])] if all(map(may_go, items)) else []
    entries: dict[str, set[str]] = {}
    stay: set[str] = set()
    for item in _true_items(node, view):
        drug = item.term or item.input
        entries.setdefault(drug, set()).add(item.input)
        if not may_go(item):
            stay.add(drug)
    surplus = len(entries) - least + 1
    free = sorted(entries.keys() - stay)
    if surplus > len(free):
        return []
    ways = islice(combinations(free, surplus), _MOST_WAYS)
    return smallest((frozenset().union(*(entries[d] for d in way)) for way in ways), names)


def _true_items(node: PatientNode, view: View) -> Iterable[Item]:
    for item, sure, _ in view.items[terms.HAS_MEDICATION] or ():
        if sure & node.of_item:
            yield item


def smallest(found: Iterable[Cut], names: EntryNames) -> list[Cut]:
    """Keep the sets that hold no other, the smallest first, and no more than can be read.

    They are ordered by the names of the medicines, so that the order of a list changes nothing.
    """
    kept: list[Cut] = []
    for cut in sorted(set(found), key=lambda c: (len(c), sorted((names.get(p, p), p) for p in c))):
        if not any(other <= cut for other in kept):
            kept.append(cut)
    return kept[:_MOST]


def unless_endless(days: Mapping[str, date]) -> MayGo:
    """Accept a medicine that is taken or planned, or that was stopped and has an end."""
    return lambda item: item.role in (terms.TAKES, terms.PLANS) or item.input in days


def needed(cut: Cut, day: date, found: Sequence[Cut], days: Mapping[str, date]) -> bool:
    """Say whether no other cut does with less or sooner, once what ends by a day has ended."""
    over = {path for path, end in days.items() if end <= day}
    rest = cut - over

    def better(other: Cut) -> bool:
        sooner = max((days[p] for p in other & days.keys()), default=day) < day
        return other - over < rest or (other - over == rest and sooner)

    return not any(map(better, found))
