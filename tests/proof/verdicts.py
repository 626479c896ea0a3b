"""The verdict on every advisory, by the theorem.

With what is surely set aside gone, and what may be set aside only in the most a case can be:
an advisory applies where the least is below what it applies to and not below its exemption; it
does not apply where the most is not below the former, or the least is below the latter. It
cannot be told otherwise. An advisory without a severity where the question is asked is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from kg.casing.case import Case
from kg.judging.judge import judge
from kg.snapshot.model import Snapshot
from tests.proof.axioms import IK, Axioms, key
from tests.proof.portraits import Painter, stands_for_rest
from tests.proof.questions import MEDICATION
from tests.proof.shown import SIDES, Facts, Shown, Side

APPLIES, CANNOT_TELL, DOES_NOT_APPLY = 2, 1, 0
WORDS = {APPLIES: "applies", CANNOT_TELL: "cannot tell", DOES_NOT_APPLY: "does not apply"}
_JURISDICTIONS = ("EU", "UK", "US")


class Verdict(NamedTuple):
    """How an advisory stands, and how severe it would be."""

    truth: int
    severity: str


Verdicts = dict[str, Verdict]


class Judge(Protocol):
    """Whoever can say which criteria portraits and single items stand below."""

    def members(self, shown: Mapping[str, Shown]) -> Mapping[str, frozenset[str]]:
        """Give, of everything shown, the classes to which it surely belongs."""


@dataclass(frozen=True)
class Subject:
    """One case with what its request says of flags and absences."""

    case: Case
    facts: Facts


@dataclass
class _Named:
    """Things to show, each once, under names of their own."""

    names: dict[Shown, str] = field(default_factory=dict)

    def add(self, what: Shown) -> str:
        return self.names.setdefault(what, f"case{len(self.names)}")

    def shown(self) -> dict[str, Shown]:
        return {name: what for what, name in self.names.items()}


@dataclass(frozen=True)
class Theorem:
    """Turns what a judge entails into verdicts."""

    painter: Painter

    @property
    def axioms(self) -> Axioms:
        """Give the ontology."""
        return self.painter.axioms

    def verdicts(self, subjects: Sequence[Subject], judge: Judge) -> list[Verdicts]:
        """Judge every advisory on some cases."""
        grounds = self._grounds()
        aside = self._aside(subjects, grounds, judge)
        named = _Named()
        asked: dict[tuple[int, tuple[str, ...], Side], str] = {}
        for n, subject in enumerate(subjects):
            for ground in grounds:
                for side in SIDES:
                    # What may be set aside is left out of the least, and kept in the most.
                    gone = {1, 2} if side == "least" else {2}
                    left_out = frozenset(i for i, t in aside[n, ground].items() if t in gone)
                    portrait = self.painter.portrait(subject.case, subject.facts, side, left_out)
                    asked[n, ground, side] = named.add(portrait)
        found = judge.members(named.shown())
        least = {k: found[name] for k, name in asked.items() if k[2] == "least"}
        most = {k: found[name] for k, name in asked.items() if k[2] == "most"}
        return [
            {
                advisory: Verdict(
                    self._truth(
                        advisory,
                        least[n, self._ground(advisory), "least"],
                        most[n, self._ground(advisory), "most"],
                    ),
                    severity,
                )
                for advisory in self.painter.questions.advisories
                if (severity := self.severity(advisory, subject.case.jurisdiction))
            }
            for n, subject in enumerate(subjects)
        ]

    def _truth(self, advisory: str, least: frozenset[str], most: frozenset[str]) -> int:
        (applies_to,) = self.axioms.names(advisory, IK + "appliesTo")
        exempt = any(b in least for b in self.axioms.names(advisory, IK + "unless"))
        if exempt or applies_to not in most:
            return DOES_NOT_APPLY
        return APPLIES if applies_to in least else CANNOT_TELL

    def severity(self, advisory: str, jurisdiction: str) -> str:
        """Give the severity where the question is asked: in any place, the strongest."""
        places = _JURISDICTIONS if jurisdiction == "any" else (jurisdiction,)
        found = [s for p in places for s in self.axioms.names(advisory, f"{IK}severity{p}")]
        ranked = [(int(self.axioms.text(s, IK + "rank")), key(s)) for s in found]
        return max(ranked)[1] if ranked else ""

    # --- what is set aside ------------------------------------------------------------------------

    def _ground(self, advisory: str) -> tuple[str, ...]:
        return tuple(sorted(self.axioms.names(advisory, IK + "setsAside")))

    def _grounds(self) -> list[tuple[str, ...]]:
        return sorted({self._ground(a) for a in self.painter.questions.advisories})

    def _aside(
        self, subjects: Sequence[Subject], grounds: list[tuple[str, ...]], judge: Judge
    ) -> dict[tuple[int, tuple[str, ...]], dict[int, int]]:
        """Say of every medication, for each set of grounds, whether it is set aside."""
        named = _Named()
        asked: dict[tuple[int, int, Side], str] = {}
        for n, subject in enumerate(subjects):
            for i, item in enumerate(subject.case.medications or ()):
                for side in SIDES if not stands_for_rest(item) else ():
                    asked[n, i, side] = named.add(self.painter.thing(MEDICATION, item, side))
        found = judge.members(named.shown()) if asked else {}
        aside: dict[tuple[int, tuple[str, ...]], dict[int, int]] = {}
        for n, subject in enumerate(subjects):
            for ground in grounds:
                aside[n, ground] = {
                    i: self._is_aside(
                        ground, found[asked[n, i, "least"]], found[asked[n, i, "most"]]
                    )
                    for i in range(len(subject.case.medications or ()))
                    if (n, i, "least") in asked
                }
        return aside

    @staticmethod
    def _is_aside(ground: tuple[str, ...], least: frozenset[str], most: frozenset[str]) -> int:
        if least.intersection(ground):
            return 2
        return 1 if most.intersection(ground) else 0


def of_engine(case: Case, snapshot: Snapshot) -> Verdicts:
    """Give the verdicts of the compiled engine."""
    return {
        v.ready.iri: Verdict({2: APPLIES, 1: CANNOT_TELL, 0: DOES_NOT_APPLY}[v.truth], v.severity)
        for v in judge(case, snapshot)
    }
