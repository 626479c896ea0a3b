"""Which drugs an entry may be of, as shown in the least and in the most a case can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyoxigraph as ox

from kg.casing.case import Item
from tests.proof.axioms import IK, OWL, Axioms
from tests.proof.questions import ALLERGY, MEDICATION, Questions
from tests.proof.shown import Choice, Side

OF = {MEDICATION: IK + "ofDrug", ALLERGY: IK + "toSubstance"}
# What stands behind a name of a drug to say that it may be more than is known of it: the axes on
# which nobody has judged it, or that it may be any drug.
_OPEN, _ANY = "#open:", "#any"


@dataclass
class Drugs:
    """Knows the drugs of one release."""

    axioms: Axioms
    questions: Questions
    _axes: dict[str, frozenset[str]] = field(default_factory=dict)

    def classes_of(self, name: str, family: str) -> frozenset[str]:
        """Give the classes that are asked about to which a drug, as named here, belongs."""
        asked = self.questions.asked[family].drugs
        iri, _, axes = name.partition(_OPEN)
        if name.endswith(_ANY):
            return frozenset(asked)
        own = self.axioms.types.get(iri, set()) & asked
        still_open = set(axes.split(";"))
        return frozenset(own | {c for c in asked if not still_open.isdisjoint(self._axes_of(c))})

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
        # Nobody has said what a drug brings on an axis that is open: it may bring anything of it.
        may_be = [d if family == ALLERGY else d + self._open(d) for d in drugs]
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

    def _open(self, drug: str) -> str:
        axes = sorted(self.axioms.names(drug, IK + "openAxis"))
        return _OPEN + ";".join(axes) if axes else ""

    def _axes_of(self, name: str) -> frozenset[str]:
        """Give the axes of the liabilities by which a class of drugs is defined."""
        if name not in self._axes:
            asked = self._liabilities_in(name)
            self._axes[name] = frozenset(
                axis
                for liability, axis in self._axis_of_liability
                if liability in asked
                or any(self.axioms.above(t) & asked for t in self.axioms.types[liability])
            )
        return self._axes[name]

    def _liabilities_in(self, name: str) -> set[str]:
        found: set[str] = set()
        pending = self.axioms.values(name, OWL + "equivalentClass")
        while pending:
            node, *pending = pending
            if isinstance(node, ox.NamedNode) and "/liability/" in node.value:
                found.add(node.value)
            elif isinstance(node, ox.BlankNode):
                parts = self.axioms.about.get(str(node), {})
                pending += [v for values in parts.values() for v in values]
        return found

    @cached_property
    def _axis_of_liability(self) -> list[tuple[str, str]]:
        brings = ("gradedLiability", "gradedLiabilityIfUnconfirmed", "furtherLiability")
        return [
            (liability, axis)
            for grade in self.axioms.instances(IK + "AxisGrade")
            for axis in self.axioms.names(grade, IK + "onAxis")
            for name in brings
            for liability in self.axioms.names(grade, IK + name)
        ]

    def _representatives(
        self, family: str, drugs: frozenset[str], beside: Sequence[Item]
    ) -> list[str]:
        """Pick one of all drugs that no definition and no other entry tells apart."""
        if len(drugs) == 1:
            return list(drugs)
        alike: dict[object, str] = {}
        for drug in sorted(drugs):
            entries = [n for n, i in enumerate(beside) if i.drugs is not None and drug in i.drugs]
            mark = self.classes_of(drug, family), self._open(drug), tuple(entries)
            alike.setdefault(mark, drug)
        return sorted(alike.values())
