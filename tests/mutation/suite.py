"""The golden cases as a suite that is asked of one mutant whether any case notices it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from kg import terms
from kg.build.expressions import names_in
from kg.snapshot.model import Snapshot
from tests.cases.golden import FILES, Expected, GoldenCase, golden, key, wrongs
from tests.mutation.change import Mutant


@dataclass(frozen=True)
class Suite:
    """Golden cases by name."""

    cases: Mapping[str, GoldenCase]

    @classmethod
    def whole(cls) -> Suite:
        """Read every golden case there is."""
        return cls({name: golden(name) for name in FILES})

    def emptied(self) -> Suite:
        """Ask the same of the program and expect nothing: such a suite can notice nothing."""
        change = msgspec.structs.replace
        return Suite({n: change(c, expect=Expected()) for n, c in self.cases.items()})

    def notices(self, snapshot: Snapshot, first: Iterable[str] = ()) -> str | None:
        """Name a case that fails on a Snapshot; `first` are the likeliest."""
        for name in dict.fromkeys((*first, *self.cases)):
            try:
                if any(True for _ in wrongs(self.cases[name], snapshot)):
                    return name
            except Exception:  # a program that gives no answer is noticed too
                return name
        return None

    def likeliest(self, mutant: Mutant, snapshot: Snapshot) -> list[str]:
        """Order the cases so that those come first that speak of advice the mutant touches."""
        touched = _touched(mutant.of, snapshot)
        spoken = {name: len(touched & case.expect.named()) for name, case in self.cases.items()}
        return sorted((n for n in spoken if spoken[n]), key=lambda n: -spoken[n])


def _touched(term: str, snapshot: Snapshot) -> set[str]:
    """Give the advisories whose answer rests on a criterion, or is the term itself."""
    if terms.kind(term) not in ("criterion", "population"):
        return {key(term)}
    return {
        key(iri)
        for iri, advisory in snapshot.advisories.items()
        if term in reached([advisory.applies_to, advisory.unless, *advisory.sets_aside], snapshot)
    }


def reached(names: Iterable[str | None], snapshot: Snapshot) -> set[str]:
    """Give the criteria that some criteria rest on, themselves included."""
    found: set[str] = set()
    queue = [n for n in names if n]
    while queue:
        name = queue.pop()
        if name not in found:
            found.add(name)
            queue += names_in(snapshot.criteria[name].expression)
    return found


def asked_about(snapshot: Snapshot) -> set[str]:
    """Give the criteria that some advice or some ladder rests on."""
    advice = snapshot.advisories.values()
    names = [n for a in advice for n in (a.applies_to, a.unless, *a.sets_aside)]
    for ladder in snapshot.ladders.values():
        names += [n for step in ladder.steps for n in (step.criterion, *step.sets_aside)]
        names += [item.criterion for item in ladder.score.items] if ladder.score else []
    return reached(names, snapshot)
