"""Compile what interfaces to the HL7 standards need in addition to the advice."""

from __future__ import annotations

from typing import Any, cast

from kg import terms
from kg.build.facts import Facts
from kg.snapshot.hl7 import Doors, NoneStatement, OutsideCode, Prefetch, SuggestedOrder
from kg.terms import ik


class DoorsCompiler(Facts):
    """Compiles codes, urgencies, reasons and orders."""

    def doors(self) -> Doors:
        """Compile everything that the HL7 interfaces need."""
        severities = self.k.of_type(ik("Severity"))
        topics = self.kind("topic")
        (index_drug,) = self.k.of_type(ik("IndexDrug"))
        return Doors(
            service=self.k.text(index_drug, ik("serviceKey")),
            issue_codes=self._texts_of(topics, "issueCode"),
            issue_severities=cast(Any, self._by_key(severities, "issueSeverity")),
            indicators=cast(Any, self._by_key(severities, "cardIndicator")),
            critical_from={
                t: cast(Any, terms.local(s)) for t in topics for s in self.many(t, "criticalFrom")
            },
            reasons={
                t: tuple(self._code(r) for r in self.many(t, "overrideReason")) for t in topics
            },
            orders={i: self._order(i) for i in self.k.of_type(ik("SuggestedOrder"))},
            nothing={
                i: self.term(
                    NoneStatement,
                    i,
                    part=self.k.text(i, ik("ofPart")),
                    covers=self.k.text(i, ik("noneCovers")),
                )
                for i in self.k.of_type(ik("NoneStatement"))
            },
            planned_as={i: p for i in self.kind("condition") for p in self.many(i, "plannedAs")},
            classes_of_records={
                r: i for i in self.kind("class") for r in self.texts(i, "readFrom")
            },
            prefetch=self._prefetch(),
            unnamed_medicines={
                name: self.is_true(i, "evenAmongOtherWords")
                for i in self.k.of_type(ik("UnnamedMedicine"))
                for name in (self.k.text(i, terms.LABEL), *self.k.texts(i, terms.ALT_LABEL))
            },
        )

    def _prefetch(self) -> dict[str, Prefetch]:
        return {
            self.k.text(i, ik("prefetchKey")): Prefetch(
                label=self.k.text(i, terms.LABEL),
                query=self.k.text(i, ik("prefetchQuery")),
                required=self.is_true(i, "prefetchRequired"),
            )
            for i in self.k.of_type(ik("PrefetchTemplate"))
        }

    def _texts_of(self, iris: list[str], name: str) -> dict[str, str]:
        return {i: t for i in iris for t in self.texts(i, name)}

    def _by_key(self, iris: list[str], name: str) -> dict[str, str]:
        return {terms.local(i): t for i, t in self._texts_of(iris, name).items()}

    def _code(self, iri: str, display: str | None = None) -> OutsideCode:
        return OutsideCode(
            system=self.k.text(self.k.iri(iri, ik("system")), ik("systemUri")),
            code=self.k.text(iri, terms.NOTATION),
            display=self.k.text(iri, terms.LABEL) if display is None else display,
        )

    def _order(self, iri: str) -> SuggestedOrder:
        return self.term(
            SuggestedOrder,
            iri,
            # A code that stands for the order itself needs no words of its own.
            codes=tuple(self._code(c, self._meant(c, iri)) for c in self.many(iri, "orderedAs")),
            offered_for=self.many(iri, "offeredFor"),
            measures=self.many(iri, "measures"),
        )

    def _meant(self, code: str, order: str) -> str:
        meant = (self.k.iri(code, f"{terms.SKOS}{m}Match") for m in ("exact", "close", "broad"))
        term = next((t for t in meant if t), "")
        return "" if term == order else self.k.text(term, terms.LABEL)
