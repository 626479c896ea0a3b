"""A patient to whom an advisory applies, and the nearest to whom it does not, by a solver.

Of these patients all is known, so that each unknown answer of the formulas has two values. What a
model says is which questions are answered yes, what is said of the patient, and which numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from kg import terms
from kg.proving.formula import Symbols, every, no, real, some
from kg.proving.laws import verdict
from kg.proving.solver import Solver
from kg.snapshot.decisions import NumberQuestion
from kg.snapshot.model import Advisory, Snapshot

Model = Mapping[str, str]
_MOST_DIFFERENCES = 14


class Pair(NamedTuple):
    """Two models of the unknowns of one advisory, and in how many unknowns they differ."""

    applies: Model
    fails: Model
    differences: int


class Patients:
    """Models of patients before one advisory."""

    def __init__(self, advisory: Advisory, snapshot: Snapshot, solver: Solver) -> None:
        self._solver = solver
        self.symbols = Symbols()
        self._verdict = verdict(advisory, snapshot, self.symbols)
        for rule in _of_known_patients(self.symbols, snapshot):
            self.symbols.rule(rule)
        self._refused: list[str] = []

    def pairs(self, most: int) -> Iterator[Pair]:
        """Give pairs, the one with the fewest inputs and differences first."""
        for _ in range(most):
            applies = self._least(self._verdict.sure, [_said(n, s) for n, s in self._costed()])
            if applies is None:
                return
            differing = [_differs(n, s, applies) for n, s in self._costed()]
            fails = self._least(no(self._verdict.possible), differing)
            if fails is None:
                return
            count = sum(applies[n.strip("|")] != fails[n.strip("|")] for n, _ in self._costed())
            yield Pair(applies, fails, count)
            same = [no(_differs(n, s, applies)) for n, s in self._costed()]
            self._refused.append(no(every(same)))

    def _costed(self) -> list[tuple[str, str]]:
        """List the unknowns of which each is something to say of a patient."""
        endings = (": surely|", ": said|", ": low|")
        sorts = self.symbols.sorts.items()
        return [(n, s) for n, s in sorts if s == "String" or n.endswith(endings)]

    def _least(self, claim: str, costs: list[str]) -> Model | None:
        """Find unknowns that meet a claim with the fewest of what costs."""
        total = " ".join(f"(ite {cost} 1 0)" for cost in costs)
        for most in range(_MOST_DIFFERENCES + 1):
            bounded = every((claim, *self._refused, f"(<= (+ 0 {total}) {most})"))
            found = self._solver.model(self.symbols.text(bounded), self.symbols.sorts)
            if found is not None:
                return found
        return None


def _said(name: str, sort: str) -> str:
    if sort == "String":
        return f'(not (= {name} ""))'
    return "false" if sort == "Real" else name


def _differs(name: str, sort: str, model: Model) -> str:
    value = model[name.strip("|")]
    if sort == "String":
        return f'(not (= {name} "{value}"))'
    if sort == "Real":
        return f"(not (= {name} {real(Fraction(value))}))"
    return no(name) if value == "true" else name


def _of_known_patients(symbols: Symbols, snapshot: Snapshot) -> Iterable[str]:
    """Say what holds where all is known: no answer is open, and every number is one point."""
    properties, divided = snapshot.properties, _divided(snapshot)
    for name, sort in list(symbols.sorts.items()):
        plain = name.strip("|")
        if plain.endswith(": surely"):
            owner = plain.removesuffix(": surely")
            if not owner.startswith(terms.HAS_FLAG):
                yield f"(= {name} |{owner}: possibly|)"
        elif plain.endswith(": said"):
            number = plain.removesuffix(": said")
            low, high = f"|{number}: low|", f"|{number}: high|"
            prop = number.split()[1]
            known = properties[prop]
            if known.input is None and known.none_unless_given:
                # No field says it: a patient of whom it cannot be worked out is the simpler one.
                yield from (no(name), no(f"|{number}: there is one|"))
                continue
            yield every((f"|{number}: has a low|", f"|{number}: has a high|", f"(= {low} {high})"))
            yield every((no(f"|{number}: low is open|"), no(f"|{number}: high is open|")))
            # Hundredths are as fine as a figure is written.
            yield f"(is_int (* 100 {low}))" if prop in divided else f"(is_int {low})"
            yield f"|{number}: there is one|"
            if known.plausible is not None:
                least, most = map(Fraction, known.plausible)
                yield f"(and (<= {real(least)} {low}) (<= {low} {real(most)}))"
            yield from _unstated(known.input, no(name), symbols, snapshot)
        elif sort == "String":
            known = properties[plain.split()[1]]
            yield some(f'(= {name} "{value}")' for value in ("", *known.admits))
            yield from _unstated(known.input, f'(= {name} "")', symbols, snapshot)
    yield from _lacking_flags(symbols, snapshot)


def _divided(snapshot: Snapshot) -> set[str]:
    """Give the numbers of which a definition asks for a part of a whole one."""
    asked = [q.bounds for q in snapshot.decisions.questions if isinstance(q, NumberQuestion)]
    return {
        number.property
        for number in asked
        for end in (number.low, number.high)
        if end is not None and Fraction(end).denominator > 1
    }


def _unstated(
    field: str | None, silent: str, symbols: Symbols, snapshot: Snapshot
) -> Iterator[str]:
    """Let a field be silent only where some part of the advisory asks whether it is."""
    asked = [
        f"|{terms.LACKS} {iri}: surely|"
        for iri, absence in snapshot.absences.items()
        if absence.kind == "field-unstated" and absence.of == field
    ]
    named = [name for name in asked if name in symbols.sorts]
    yield from (f"(= {name} {silent})" for name in named)
    if not named:
        yield no(silent)


def _lacking_flags(symbols: Symbols, snapshot: Snapshot) -> Iterator[str]:
    """Bind what is lacking of flags to the flags themselves."""
    for iri, absence in snapshot.absences.items():
        lacking = f"|{terms.LACKS} {iri}: surely|"
        sure = f"|{terms.HAS_FLAG} {absence.of}: surely|"
        if lacking not in symbols.sorts or sure not in symbols.sorts:
            continue
        possible = f"|{terms.HAS_FLAG} {absence.of}: possibly|"
        if absence.kind == "flag-denied":
            yield f"(= {lacking} {no(possible)})"
        else:
            yield f"(= {lacking} {every((possible, no(sure)))})"
