"""What each term of the catalogue answers by itself, worked out before any patient comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kg import terms
from kg.snapshot.criteria import Has, Is, Number, Of
from kg.snapshot.decisions import (
    MAY_BE,
    AlongRole,
    Leaf,
    Profile,
    Question,
    mask_of,
    profile,
    reduced,
)
from kg.snapshot.model import Snapshot

Known = tuple[int, int, int]


class Profiles:
    """The profiles of all terms, each different one kept once."""

    def __init__(
        self, leaves: tuple[Leaf, ...], questions: tuple[Question, ...], snapshot: Snapshot
    ) -> None:
        self.terms: dict[str, int] = {}
        self._numbers: dict[Profile, int] = {}
        numbered = {leaf.asks: number for number, leaf in enumerate(leaves)}
        along = [(n, q) for n, q in enumerate(questions) if isinstance(q, AlongRole)]
        of_drugs = [(n, q) for n, q in along if q.family in _OF_DRUGS]
        tables = (
            (snapshot.drugs, of_drugs),
            (snapshot.conditions, [(n, q) for n, q in along if q.family == terms.HAS_CONDITION]),
            (snapshot.observations, [(n, q) for n, q in along if q.family == _OBSERVED]),
        )
        for table, asked in tables:
            for term in sorted(table):
                answers = _profile(asked, leaves_of_term(term, numbered, snapshot))
                self.terms[term] = self._numbers.setdefault(answers, len(self._numbers))

    def all(self) -> tuple[Profile, ...]:
        """Give the different profiles by their numbers."""
        return tuple(self._numbers)


_OF_DRUGS = (terms.HAS_MEDICATION, terms.HAS_ALLERGY)
_OBSERVED = terms.HAS_OBSERVATION


def _profile(asked: Iterable[tuple[int, AlongRole]], known: Known) -> Profile:
    sure, possible, left = [], [], []
    for number, question in asked:
        clauses = reduced(question.clauses, *known)
        if clauses is None:
            continue
        if not clauses:
            sure.append(number)
        if all(clause == (MAY_BE,) for clause in clauses):
            possible.append(number)
        else:
            left.append((number, clauses))
    return profile(mask_of(sure), mask_of(possible), left)


def leaves_of_term(
    term: str, leaves: Mapping[Is | Of | Has | Number, int], snapshot: Snapshot
) -> Known:
    """Say which leaves a term decides by what it is, and how: surely, possibly, or not."""
    condition = snapshot.conditions.get(term) or snapshot.observations.get(term)
    classes = {term, *condition.ancestors} if condition is not None else set()
    drug = snapshot.drugs.get(term)
    judged = drug is None or drug.assessed or drug.kind not in ("drug", "combination")
    sure = possible = decided = 0
    for asks, number in leaves.items():
        bit = 1 << number
        if isinstance(asks, Is):
            decided |= bit
            holds = asks.term in classes
            may = holds or condition is None
        elif isinstance(asks, Of):
            decided |= bit
            group = snapshot.classes[asks.term]
            holds = drug is not None and term in group.members
            by_liability = group.defined and asks.property == terms.OF_DRUG
            may = holds or drug is None or (by_liability and not judged)
        else:
            continue
        sure |= bit if holds else 0
        possible |= bit if may else 0
    return sure, possible, decided
