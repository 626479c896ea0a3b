"""Which drugs an entry may be of, as shown in the least and in the most a case can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.casing.case import Item
from tests.proof.axioms import IK, OWL, Axioms
from tests.proof.questions import ALLERGY, MEDICATION, Questions
from tests.proof.shown import Choice, Side

OF = {MEDICATION: IK + "ofDrug", ALLERGY: IK + "toSubstance"}
# What stands behind a name of a drug to say that it may be more than is known of it.
_UNASSESSED, _ANY = "#unassessed", "#any"


@dataclass(frozen=True)
class Drugs:
    """Knows the drugs of one release."""

    axioms: Axioms
    questions: Questions

    def classes_of(self, name: str, family: str) -> frozenset[str]:
        """Give the classes that are asked about to which a drug, as named here, belongs."""
        asked = self.questions.asked[family].drugs
        iri = name.removesuffix(_UNASSESSED)
        if name.endswith(_ANY):
            return frozenset(asked)
        own = self.axioms.types.get(iri, set()) & asked
        if iri != name:
            own |= {c for c in asked if self.axioms.values(c, OWL + "equivalentClass")}
        return frozenset(own)

    def choices(
        self,
        family: str,
        item: Item,
        side: Side,
        beside: Sequence[Item],
        slots: dict[str, int],
    ) -> tuple[Choice, ...]:
        """Say what an entry is of: in the least one of some drugs, in the most all of them."""
        if item.drugs is None:
            return (Choice((family + _ANY,) if side == "most" else (), slots.get("")),)
        drugs = self._representatives(family, item.drugs, beside)
        if side == "least":
            return tuple(Choice((d,), slots.get(d)) for d in drugs)
        # Nobody has said what a drug brings that is not assessed: it may bring anything.
        may_be = [d if family == ALLERGY or self._assessed(d) else d + _UNASSESSED for d in drugs]
        return (Choice(tuple(may_be), slots.get("")),)

    def slots(self, entries: Sequence[Item], side: Side) -> list[dict[str, int]]:
        """Number what is different: in the least each drug, in the most each entry.

        Entries that are surely of one drug are one in the most too.
        """
        numbers: dict[str, int] = {}
        found = []
        for n, item in enumerate(entries):
            if side == "least":
                drugs = self._representatives(MEDICATION, item.drugs or frozenset(), entries)
                found.append({d: numbers.setdefault(d, len(numbers)) for d in drugs})
            else:
                single = next(iter(item.drugs)) if item.drugs and len(item.drugs) == 1 else None
                found.append({"": numbers.setdefault(single or f"entry {n}", len(numbers))})
        return found

    def _assessed(self, drug: str) -> bool:
        types = self.axioms.types.get(drug, set())
        needs_it = {IK + "Drug", IK + "Combination"} & types and IK + "IndexDrug" not in types
        return not needs_it or self.axioms.truth(drug, IK + "assessed")

    def _representatives(
        self, family: str, drugs: frozenset[str], beside: Sequence[Item]
    ) -> list[str]:
        """Pick one of all drugs that no definition and no other entry tells apart."""
        if len(drugs) == 1:
            return list(drugs)
        alike: dict[object, str] = {}
        for drug in sorted(drugs):
            entries = [n for n, i in enumerate(beside) if i.drugs is not None and drug in i.drugs]
            mark = self.classes_of(drug, family), self._assessed(drug), tuple(entries)
            alike.setdefault(mark, drug)
        return sorted(alike.values())
