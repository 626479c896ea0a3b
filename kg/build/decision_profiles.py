"""What each term of the catalogue answers by itself, worked out before any patient comes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from kg import terms
from kg.snapshot.criteria import Has, Is, Number, Of
from kg.snapshot.decisions import (
    MAY_BE,
    Profile,
    Question,
    RoleQuestion,
    mask_of,
    profile,
    reduced,
)
from kg.snapshot.model import Condition, Observation, Snapshot

Leaves = Mapping[Is | Of | Has | Number, int]
# The leaves that a term decides by what it is: surely so, possibly so, and all of them.
DecidedLeaves = tuple[int, int, int]
_OF_DRUGS = (terms.HAS_MEDICATION, terms.HAS_ALLERGY)


def profiles_of(
    leaves: Leaves, questions: Iterable[Question], snapshot: Snapshot
) -> tuple[tuple[Profile, ...], dict[str, int]]:
    """Give the different profiles, and which one each term has."""
    along = [(n, q) for n, q in enumerate(questions) if isinstance(q, RoleQuestion)]
    families: dict[str, tuple[str, ...]] = dict.fromkeys(snapshot.drugs, _OF_DRUGS)
    families |= dict.fromkeys(snapshot.conditions, (terms.HAS_CONDITION,))
    families |= dict.fromkeys(snapshot.observations, (terms.HAS_OBSERVATION,))
    made: dict[tuple[tuple[str, ...], DecidedLeaves], Profile] = {}
    numbers: dict[Profile, int] = {}
    number_of = {}
    for term, decided in decided_by_terms(leaves, snapshot):
        asked = families[term]
        if (asked, decided) not in made:
            of_family = ((n, q) for n, q in along if q.family in asked)
            made[asked, decided] = _profile(of_family, decided)
        number_of[term] = numbers.setdefault(made[asked, decided], len(numbers))
    return tuple(numbers), number_of


def _profile(asked: Iterable[tuple[int, RoleQuestion]], known: DecidedLeaves) -> Profile:
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


def decided_by_terms(leaves: Leaves, snapshot: Snapshot) -> Iterator[tuple[str, DecidedLeaves]]:
    """Give, for every term in order, the leaves that it decides by what it is.

    Nothing is known of the liabilities of a drug that nobody assessed, so it may be a member of
    any class that is defined by them. Of a drug it is not asked what kind of condition it is, nor
    the reverse, so there the answer stays open.
    """
    is_, of, by_liability = 0, 0, 0
    below: dict[str, int] = defaultdict(int)
    sure: dict[str, int] = defaultdict(int)
    for asks, number in leaves.items():
        bit = 1 << number
        if isinstance(asks, Is):
            is_ |= bit
            below[asks.term] |= bit
        elif isinstance(asks, Of):
            of |= bit
            group = snapshot.classes[asks.term]
            if group.defined and asks.property == terms.OF_DRUG:
                by_liability |= bit
            for member in group.members:
                sure[member] |= bit
    for term, drug in sorted(snapshot.drugs.items()):
        judged = drug.assessed or drug.kind not in ("drug", "combination")
        holds = sure.get(term, 0)
        yield term, (holds, holds | is_ | (0 if judged else by_liability), is_ | of)
    others: dict[str, Condition | Observation] = {**snapshot.conditions, **snapshot.observations}
    for term, known in sorted(others.items()):
        holds = 0
        for name in (term, *known.ancestors):
            holds |= below.get(name, 0)
        yield term, (holds, holds | of, is_ | of)
