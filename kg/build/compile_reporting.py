"""Compile what the graph says for the readers of a report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from kg import terms
from kg.build.facts import Facts
from kg.contract.report import Asks, Hazard
from kg.snapshot.reporting import (
    DoseSpacing,
    RegimenDose,
    Reporting,
    SeveritySentence,
    SurfaceFormula,
    WardGroup,
)
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
            doses=tuple(self._doses()),
            spacing=next(self._spacing(), None),
            surface=next(self._surface(), None),
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

    def _doses(self) -> Iterator[RegimenDose]:
        for iri in self.k.of_type(ik("RegimenStep")):
            dose = self.decimal(iri, "doseMgPerM2")
            if dose is not None:
                yield RegimenDose(
                    label=self.k.text(iri, terms.LABEL),
                    mg_per_m2=dose,
                    from_cycle=self.whole(iri, "fromCycle") or 1,
                    to_cycle=self.whole(iri, "toCycle") or 1,
                    days=tuple(int(t) for t in self.texts(iri, "onDay")),
                    cycle_days=self.whole(iri, "cycleLengthDays") or 0,
                    when=self.k.text(iri, ik("responseState")),
                    if_flag=self.maybe(iri, "ifFlag"),
                    unless_flag=self.maybe(iri, "unlessFlag"),
                )

    def _spacing(self) -> Iterator[DoseSpacing]:
        for iri in self.k.of_type(ik("RegimenStep")):
            least = self.whole(iri, "leastDaysBetween")
            if least is not None:
                yield DoseSpacing(
                    least_days=least,
                    may_move_days=self.whole(iri, "mayMoveDays") or 0,
                    days=tuple(sorted(int(t) for t in self.texts(iri, "onDay"))),
                )

    def _surface(self) -> Iterator[SurfaceFormula]:
        for iri in self.k.of_type(ik("SurfaceFormula")):
            yield self.term(
                SurfaceFormula,
                iri,
                factor=self.decimal(iri, "surfaceFactor"),
                height_power=self.decimal(iri, "heightPower"),
                weight_power=self.decimal(iri, "weightPower"),
                rounds_dose_to=self.decimal(iri, "roundsDoseTo"),
            )
