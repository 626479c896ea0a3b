"""Which medicines of a case are not offered to be removed, and which only with some words.

What treats or prevents a harm is no way out of a finding; the release says what that is, for
every patient or while something holds of this one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

from kg import terms
from kg.casing.case import Item
from kg.checking.clearing_cuts import MayGo
from kg.interval import TRUE, UNKNOWN
from kg.judging.judge import Verdict
from kg.judging.questions import ClauseMasks, logic
from kg.judging.three_valued import truth
from kg.judging.view import View
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot


class _Keeping(NamedTuple):
    """One rule: the questions that its medicines answer, and what has to hold of the patient."""

    of_medications: int
    holds_while: ClauseMasks
    only_by: str


class Kept(NamedTuple):
    """The entries of one medication list that stay, and what is said where others go."""

    entries: frozenset[str]
    only_by: dict[str, str]

    def unless_kept(self, may_go: MayGo) -> MayGo:
        """Let only those medicines be left out that are not kept; what was stopped may end."""

        def rule(item: Item) -> bool:
            return may_go(item) and (item.role == terms.STOPPED or item.input not in self.entries)

        return rule


@once_per_snapshot
def _rules(snapshot: Snapshot) -> tuple[_Keeping, ...]:
    made = logic(snapshot)
    return tuple(
        _Keeping(
            reduce(or_, map(made.aside, kept.medications), 0),
            made.criterion(kept.holds_while).clauses if kept.holds_while else (),
            kept.only_by,
        )
        for _, kept in sorted(snapshot.kept.items())
    )


def kept_in(verdicts: Sequence[Verdict], snapshot: Snapshot) -> Kept:
    """Say which entries of a case are kept."""
    view = next((v.view for v in verdicts if not v.ready.aside), None)
    entries: set[str] = set()
    only_by: dict[str, str] = {}
    rules = _rules(snapshot) if view is not None else ()
    for rule in rules:
        held = _answering(rule, view) if view is not None else set()
        if rule.only_by:
            only_by.update(dict.fromkeys(held, rule.only_by))
        else:
            entries |= held
    return Kept(frozenset(entries), only_by)


def _answering(rule: _Keeping, view: View) -> set[str]:
    """List the entries that a rule is about, where it holds of this patient."""
    listed = view.items[terms.HAS_MEDICATION] or ()
    found = {one.item.input for one in listed if one.sure & rule.of_medications}
    if not found:
        return found
    answer = truth(rule.holds_while, view.sure, view.possible)
    # Where conditions were given, what they leave open (a suspicion) keeps the medicine, too.
    enough = TRUE if view.items[terms.HAS_CONDITION] is None else UNKNOWN
    return found if answer >= enough else set()
