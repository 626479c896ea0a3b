"""Compile which medicines have the same use, so that one can stand in for another."""

from __future__ import annotations

from kg import terms
from kg.build.axes import AxisCompiler
from kg.build.facts import Facts
from kg.errors import KnowledgeError
from kg.snapshot.model import MedicineUse
from kg.terms import ik


class UseCompiler(Facts):
    """Compiles the uses: whom to replace, and what is offered, the lightest first."""

    def uses(self, axes: AxisCompiler) -> dict[str, MedicineUse]:
        """Compile every use; one that replaces or offers nothing is a mistake."""
        found = {}
        for iri in self.k.of_type(ik("Use")):
            offered = self._drugs(iri, "offers")
            replaced = self._drugs(iri, "replaces") - offered
            if not offered or not replaced:
                raise KnowledgeError(
                    code="use-not-whole",
                    message="this use offers no medicine, or there is none that it replaces",
                    subject=self.k.short(iri),
                    location=self.k.where(iri),
                    repair="name drugs, or classes that have members, under ik:replaces and "
                    "ik:offers",
                )
            found[iri] = self.term(
                MedicineUse,
                iri,
                topics=self.many(iri, "topic"),
                axes=frozenset(self.k.text(a, terms.NOTATION) for a in self.many(iri, "onAxis")),
                replaced=tuple(sorted(replaced)),
                offered=tuple(sorted(offered, key=lambda d: (axes.weight(d), d))),
                statements=self.many(iri, "statement"),
            )
        return found

    def _drugs(self, iri: str, name: str) -> set[str]:
        wanted = set(self.many(iri, name))
        return {
            drug
            for drug, classes in self.inferred.classes_of.items()
            if terms.kind(drug) == "drug" and (drug in wanted or not wanted.isdisjoint(classes))
        }
