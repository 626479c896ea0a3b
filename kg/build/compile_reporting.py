"""Compile what the graph says for the readers of a report."""

from __future__ import annotations

from typing import Any, cast

from kg import terms
from kg.build.facts import Facts
from kg.contract.report import Asks, Hazard
from kg.snapshot.reporting import Reporting, SeveritySentence, WardGroup
from kg.terms import ik, local


class ReportingCompiler(Facts):
    """Compiles hazards, what advice asks for, groups of a ward, and sentences."""

    def reporting(self) -> Reporting:
        """Compile everything that readers of a report need."""
        groups = [self._group(i) for i in self.k.of_type(ik("WardGroup"))]
        return Reporting(
            hazards={
                t: self._hazard(h) for t in self.kind("topic") for h in self.many(t, "hazard")
            },
            in_a_word={local(h): t for h, t in self._texts_of("hazard", "shortName").items()},
            asks=self._asks("asks"),
            asks_if_inform=self._asks("asksIfInform"),
            groups=tuple(sorted(groups, key=lambda g: g.rank)),
            sentences={
                cast(Any, local(s)): SeveritySentence(
                    of_medicines=self.k.text(s, ik("sentenceOfMedicines")),
                    of_others=self.k.text(s, ik("sentenceOfOthers")),
                )
                for s in self.k.of_type(ik("Severity"))
                if self.texts(s, "sentenceOfOthers")
            },
            titles=self._texts_of("phase", "listTitle"),
            short_names=self._texts_of("observation", "shortName"),
        )

    def _hazard(self, iri: str) -> Hazard:
        return Hazard(key=local(iri), label=self.k.text(iri, terms.LABEL))

    def _asks(self, name: str) -> dict[str, Asks]:
        every = self.in_force("Advisory")
        return {i: cast(Any, local(a)) for i in every for a in self.many(i, name)}

    def _group(self, iri: str) -> WardGroup:
        return self.term(
            WardGroup,
            iri,
            rank=self.whole(iri, "rank"),
            observations=self.many(iri, "fetchesObservation"),
            parts=self.texts(iri, "fetchesPart"),
        )

    def _texts_of(self, kind: str, name: str) -> dict[str, str]:
        return {i: t for i in self.kind(kind) for t in self.texts(i, name)}
