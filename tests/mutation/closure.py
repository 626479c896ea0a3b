"""What follows from the axioms about terms, worked out without a reasoner.

The axioms about drugs, liabilities, conditions and observations are of so few forms that what
follows can be followed by hand: classes below classes, a liability that a class gives to its
members, and classes of drugs defined by the liabilities they carry. On the ontology as it is,
the outcome is held against the reasoner's; criteria are left as the reasoner found them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from kg import terms
from kg.build.load import Knowledge
from kg.build.reason import Inferences
from kg.terms import ik

_OWL = terms.OWL
_HAS_LIABILITY = ik("hasLiability")
# Of these kinds what stands above a class is worked out here.
KINDS = {"class", "liability", "condition", "observation", "substance"}


@dataclass(frozen=True)
class Definition:
    """A class of drugs defined as those within one that carry a liability, or one of a kind."""

    within: str
    liability: str


def inferred_of(folder: Path) -> Inferences:
    """Read back what the reasoners found when a release was built."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    wanted = {terms.SUBCLASS_OF, terms.TYPE, _HAS_LIABILITY}
    for quad in ox.parse(path=str(folder / "graph.nq"), format=ox.RdfFormat.N_QUADS):
        named = isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode)
        if named and quad.predicate.value in wanted and quad.object.value.startswith(terms.BASE):
            found[quad.predicate.value][quad.subject.value].add(quad.object.value)
    above = found[terms.SUBCLASS_OF]
    drugs = {d for d in found[terms.TYPE] if terms.kind(d) in ("drug", "substance")}
    carried = found[_HAS_LIABILITY]
    return Inferences(
        superclasses={c: frozenset({c, *wider}) for c, wider in above.items()},
        classes_of={d: frozenset(found[terms.TYPE][d]) for d in drugs},
        liabilities_of={d: frozenset(carried.get(d, ())) for d in drugs},
        reports=(),
    )


def followed(knowledge: Knowledge, before: Inferences) -> Inferences:
    """Say what follows from the axioms about terms; what follows for criteria stays as it was."""
    closure = Closure(knowledge)
    names = [i for i in knowledge.places if terms.kind(i) in KINDS]
    classes = {i for i in names if terms.CLASS in knowledge.iris(i, terms.TYPE)}
    above = {i: closure.above(i) | _other_kinds(before.superclasses.get(i, ())) for i in classes}
    drugs = {d: closure.drug(d) for d in before.classes_of}
    return Inferences(
        superclasses={**before.superclasses, **above},
        classes_of={d: found for d, (found, _) in drugs.items()},
        liabilities_of={d: carried for d, (_, carried) in drugs.items()},
        reports=before.reports,
    )


def _other_kinds(classes: Iterable[str]) -> frozenset[str]:
    return frozenset(c for c in classes if terms.kind(c) not in {*KINDS, "schema"})


class Closure:
    """Climbs from term to term; every class is climbed once."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.k = knowledge
        self.definitions = dict(self._definitions())
        self.named = cache(self._named)
        self.given = cache(self._given)
        self.of_drug = cache(self._of_drug)

    def _definitions(self) -> Iterable[tuple[str, Definition]]:
        for iri in self.k.places:
            if terms.kind(iri) != "class":
                continue
            for node in self.k.values(iri, terms.EQUIVALENT_CLASS):
                (head,) = self.k.by_subject[node][_OWL + "intersectionOf"]  # type: ignore[index]
                within, restriction = self.k.items(head)
                cell = self.k.by_subject[restriction]  # type: ignore[index]
                assert cell[_OWL + "onProperty"] == [ox.NamedNode(_HAS_LIABILITY)], iri
                (liability,) = cell[_OWL + "someValuesFrom"] or cell[_OWL + "hasValue"]
                yield iri, Definition(within.value, liability.value)

    def _named(self, iri: str) -> frozenset[str]:
        """Climb the classes that are stated above one."""
        found = {iri}
        for wider in self.k.iris(iri, terms.SUBCLASS_OF):
            found |= self.named(wider)
        return frozenset(c for c in found if c.startswith(terms.BASE))

    def _given(self, iri: str) -> frozenset[str]:
        """List the liabilities that a class gives to its members."""
        found = set()
        for wider in self.named(iri):
            for node in self.k.values(wider, terms.SUBCLASS_OF):
                if isinstance(node, ox.BlankNode):
                    cell = self.k.by_subject[node]
                    assert cell[_OWL + "onProperty"] == [ox.NamedNode(_HAS_LIABILITY)], wider
                    found |= {v.value for v in cell[_OWL + "hasValue"]}
        return frozenset(found)

    def _kinds(self, liabilities: Iterable[str]) -> set[str]:
        """Climb from liabilities to the classes of liabilities that they belong to."""
        named = set(liabilities)
        types = (t for one in named for t in self.k.iris(one, terms.TYPE))
        return named.union(*map(self.named, types))

    def _defined(self, classes: Iterable[str], kinds: Iterable[str]) -> set[str]:
        have, carried = set(classes), set(kinds)
        return {
            iri
            for iri, definition in self.definitions.items()
            if definition.within in have and definition.liability in carried
        }

    def above(self, iri: str) -> frozenset[str]:
        """Give all that stands above a class, itself included."""
        stated, kinds = self.named(iri), self._kinds(self.given(iri))
        within = set(stated)
        if iri in self.definitions:
            within |= self.named(self.definitions[iri].within)
            liability = self.definitions[iri].liability
            kinds |= self.named(liability) | self._kinds([liability])
        return self._widened(within | self._defined(within, kinds))

    def _widened(self, classes: Iterable[str]) -> frozenset[str]:
        return frozenset().union(*map(self.named, classes))

    def drug(self, iri: str) -> tuple[frozenset[str], frozenset[str]]:
        """Give the classes that a drug belongs to, and the liabilities that it carries."""
        types = (t for t in self.k.iris(iri, terms.TYPE) if t.startswith(terms.BASE))
        return self.of_drug(tuple(types), tuple(self.k.iris(iri, _HAS_LIABILITY)))

    def _of_drug(
        self, types: tuple[str, ...], own: tuple[str, ...]
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Give the classes and the liabilities of any drug of which so much is stated."""
        stated = self._widened(types)
        carried = set(own).union(*map(self.given, stated))
        found = self._widened(stated | self._defined(stated, self._kinds(carried)))
        return found, frozenset(carried)


def differences(ours: Inferences, theirs: Inferences) -> list[str]:
    """List what one says of a term and the other does not."""
    tables: tuple[tuple[Mapping[str, frozenset[str]], Mapping[str, frozenset[str]]], ...] = (
        (ours.superclasses, theirs.superclasses),
        (ours.classes_of, theirs.classes_of),
        (ours.liabilities_of, theirs.liabilities_of),
    )
    return [
        f"{iri}: {sorted(left.get(iri, frozenset()) ^ right.get(iri, frozenset()))}"
        for left, right in tables
        for iri in sorted({*left, *right})
        if (left.get(iri, frozenset()) | {iri}) != (right.get(iri, frozenset()) | {iri})
    ]
