"""Compile how laboratories print results: spellings, bare numbers, limits, words on reports."""

from __future__ import annotations

from typing import Any, cast

from kg.build.facts import Facts
from kg.errors import KnowledgeError
from kg.snapshot.laboratory import LaboratoryPrint, PrintedUnit, PrintedWords, UnitRange
from kg.terms import ik


class LaboratoryCompiler(Facts):
    """Compiles what stands on reports beside the measured numbers."""

    def printed(self) -> PrintedWords:
        """Compile the printed units, and the remarks by what they say."""
        return PrintedWords(
            units=tuple(
                PrintedUnit(
                    self.k.text(i, ik("ucum")),
                    self.texts(i, "printedAs"),
                    self.is_true(i, "countsWhole"),
                )
                for i in self.k.of_type(ik("PrintedUnit"))
            ),
            remarks={
                self.k.text(i, ik("saysOfResult")): self.texts(i, "inputKey")
                for i in self.k.of_type(ik("ResultRemark"))
            },
        )

    def of_observation(self, iri: str) -> LaboratoryPrint:
        """Compile how one kind of observation is printed."""
        return LaboratoryPrint(
            bare=self._ranges(iri, "bareUnit"),
            lower=self._ranges(iri, "believableLower"),
            upper=self._ranges(iri, "believableUpper"),
            written_in=self.texts(iri, "writtenIn"),
            by_unit_also=self.many(iri, "byUnitAlso"),
            shared_names=self.texts(iri, "sharedName"),
            part_of=self.many(iri, "measuresPartOf"),
            positive_above=self.decimal(iri, "positiveAbove"),
            valid_days=None if self.is_true(iri, "lasts") else self._valid_days(iri),
            lasts_when_positive=self.is_true(iri, "lastsWhenPositive"),
        )

    def _valid_days(self, iri: str) -> int | None:
        """Give for how long a result counts: its own time, or that of all observations."""
        own = self.whole(iri, "validForDays")
        return self.whole(ik("Observation"), "validForDays") if own is None else own

    def _ranges(self, iri: str, name: str) -> tuple[UnitRange, ...]:
        found = []
        for text in self.texts(iri, name):
            unit, *rest = text.split()
            if len(rest) not in (2, 3):
                raise KnowledgeError(
                    code="wrong-range",
                    message="this is no unit with two numbers",
                    subject=text,
                    location=iri,
                    repair="write a unit, the lowest and the highest number",
                )
            found.append(UnitRange(unit, rest[0], rest[1], cast(Any, (*rest, "any")[2])))
        return tuple(found)
