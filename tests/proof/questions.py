"""What the definitions ask of a patient and of the items that hang on one.

Only what is asked need be shown to a reasoner: of an unknown number one value in every cell
that the ontology's bounds cut, of an unknown drug the classes that are asked about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from tests.proof.axioms import IK, OWL, And, Axioms, Expression, Facet, Name, Or, Value
from tests.proof.cells import bounds_of

PATIENT = ""
FAMILIES = tuple(IK + r for r in ("hasMedication", "hasCondition", "hasObservation", "hasAllergy"))
MEDICATION, CONDITION, OBSERVATION, ALLERGY = FAMILIES
OF = {IK + "ofDrug": MEDICATION, IK + "toSubstance": ALLERGY}
SETS_ASIDE = IK + "setsAside"
_KINDS = ("condition", "observation")


@dataclass
class Asked:
    """What is asked of patients, or of the items of one family."""

    kinds: set[str] = field(default_factory=set)
    drugs: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    facets: list[tuple[Facet, frozenset[str]]] = field(default_factory=list)
    most: int = 1


@dataclass(frozen=True)
class Questions:
    """Everything that is asked, by family."""

    axioms: Axioms

    @cached_property
    def asked(self) -> dict[str, Asked]:
        """Collect what is asked of each family, through all definitions in use."""
        found: dict[str, Asked] = defaultdict(Asked)
        for criterion in self.on_patients:
            self._walk(self.axioms.definitions[criterion], PATIENT, frozenset(), found)
        for criterion in self.set_aside:
            self._walk(self.axioms.definitions[criterion], MEDICATION, frozenset(), found)
        return found

    @cached_property
    def advisories(self) -> tuple[str, ...]:
        """List the advisories that are in force."""
        return tuple(
            a
            for a in self.axioms.instances(IK + "Advisory")
            if not self.axioms.truth(a, OWL + "deprecated")
        )

    @cached_property
    def on_patients(self) -> tuple[str, ...]:
        """List the criteria that advisories hold against patients."""
        used = (
            c
            for a in self.advisories
            for p in ("appliesTo", "unless")
            for c in self.axioms.names(a, IK + p)
        )
        return tuple(sorted(set(used)))

    @cached_property
    def set_aside(self) -> tuple[str, ...]:
        """List the classes of medications that advisories set aside."""
        used = (c for a in self.advisories for c in self.axioms.names(a, SETS_ASIDE))
        return tuple(sorted(set(used)))

    def family(self, role: str) -> str:
        """Give the topmost role above a role: what kind of item hangs there."""
        (top,) = self.axioms.roles_above(role).intersection(FAMILIES)
        return top

    def _walk(
        self, node: Expression, family: str, scope: frozenset[str], found: dict[str, Asked]
    ) -> None:
        asked = found[family]
        if isinstance(node, And | Or):
            kinds = frozenset(k for p in node.parts for k in self._kinds(p))
            within = (kinds or scope) if isinstance(node, And) else scope
            for part in node.parts:
                self._walk(part, family, within, found)
        elif isinstance(node, Name) and node.iri in self.axioms.definitions:
            self._walk(self.axioms.definitions[node.iri], family, scope, found)
        elif isinstance(node, Name):
            asked.kinds.add(node.iri)
        elif isinstance(node, Value):
            asked.attributes.add(node.role)
        elif isinstance(node, Facet):
            asked.facets.append((node, scope))
        elif node.role in OF:
            assert isinstance(node.filler, Name)
            assert OF[node.role] == family
            asked.drugs.add(node.filler.iri)
        else:
            below = self.family(node.role)
            found[below].most = max(found[below].most, node.number)
            self._walk(node.filler, below, frozenset(), found)

    def _kinds(self, node: Expression) -> Iterator[str]:
        """Give the kinds to one of which a part confines an item, where it does."""
        if isinstance(node, Name) and node.iri.split("/")[-2] in _KINDS:
            yield node.iri
        elif isinstance(node, Or):
            inner = [list(self._kinds(p)) for p in node.parts]
            if all(inner):
                yield from (k for kinds in inner for k in kinds)
        elif isinstance(node, Name):
            yield from self._kinds(self.axioms.definitions[node.iri])

    @cached_property
    def targets(self) -> tuple[frozenset[str], ...]:
        """Give, of each advisory, everything that it names, through all definitions."""
        found = []
        for advisory in self.advisories:
            named: set[str] = set()
            for property_ in ("appliesTo", "unless", "setsAside"):
                for criterion in self.axioms.names(advisory, IK + property_):
                    self._mention(Name(criterion), named)
            found.append(frozenset(named))
        return tuple(found)

    def _mention(self, node: Expression, named: set[str]) -> None:
        if isinstance(node, And | Or):
            for part in node.parts:
                self._mention(part, named)
        elif isinstance(node, Name):
            if node.iri not in named and node.iri in self.axioms.definitions:
                self._mention(self.axioms.definitions[node.iri], named)
            named.add(node.iri)
        elif isinstance(node, Value):
            named |= {node.role, node.individual}
            for property_ in ("ofFlag", "ofKind"):
                named.update(self.axioms.names(node.individual, IK + property_))
        elif isinstance(node, Facet):
            named.add(node.role)
        else:
            named.add(node.role)
            self._mention(node.filler, named)

    def facets(self, family: str, property_: str, kinds: set[str] | None) -> list[Facet]:
        """List the bounds on a property that can matter to an item of such kinds; None: any."""
        return [
            f
            for f, scope in self.asked[family].facets
            if f.role == property_ and (kinds is None or not scope or scope & kinds)
        ]

    def cuts(self, family: str, property_: str) -> list[Fraction]:
        """Give every number to which a property of a family is compared, in order."""
        return bounds_of(self.facets(family, property_, None))

    def numbers(self, family: str, kinds: set[str] | None) -> list[str]:
        """List the numbers that are asked of an item of such kinds."""
        asked = {
            f.role
            for f, scope in self.asked[family].facets
            if kinds is None or not scope or scope & kinds
        }
        return sorted(asked)
