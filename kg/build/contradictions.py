"""Refuse knowledge that contradicts itself: what excludes each other and is yet claimed together.

Reasoning for a check needs no disjointness, and the proof is run without it; so what excludes each
other is held here, once a release, with the place of the fault.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg import terms
from kg.build.load import Knowledge
from kg.build.reason import Inferences
from kg.errors import Inconsistency
from kg.graph.turtle import RdfNode
from kg.terms import ik

_DISJOINT = terms.OWL + "disjointWith"


def refuse_contradictions(knowledge: Knowledge, inferences: Inferences) -> None:
    """Refuse the first term, by its place, that is two things which exclude each other."""
    faults = [
        *_exclusive_kinds(knowledge, inferences),
        *_contrary_flags(knowledge),
    ]
    if faults:
        raise min(faults, key=lambda f: (f.location, f.subject, f.message))


def _exclusive_kinds(knowledge: Knowledge, inferences: Inferences) -> Iterator[Inconsistency]:
    pairs = [
        (left, right)
        for left in knowledge.of_type(terms.CLASS)
        for right in knowledge.iris(left, _DISJOINT)
    ]
    for iri in knowledge.places:
        kinds = _kinds(iri, knowledge, inferences)
        for left, right in pairs:
            if left in kinds and right in kinds:
                yield _fault(
                    knowledge,
                    iri,
                    "disjoint",
                    f"it is below {_short(knowledge, left, right)}, which exclude each other",
                    "take it out of one of the two, or correct the definition that puts it there",
                )


def _kinds(iri: str, knowledge: Knowledge, inferences: Inferences) -> set[str]:
    """Give all classes that a term is below or belongs to, itself included where it is a class."""
    said = {iri, *knowledge.iris(iri, terms.TYPE), *inferences.classes_of.get(iri, ())}
    return said.union(*(inferences.superclasses.get(c, frozenset()) for c in said))


def _contrary_flags(knowledge: Knowledge) -> Iterator[Inconsistency]:
    contrary = {
        (flag, other)
        for flag in knowledge.of_type(ik("Flag"))
        for other in knowledge.iris(flag, ik("contrary"))
        if flag < other
    }
    for iri in knowledge.of_type(terms.CLASS):
        for definition in knowledge.values(iri, terms.EQUIVALENT_CLASS):
            asked = _needed_flags(definition, knowledge)
            for one, other in sorted(contrary):
                if one in asked and other in asked:
                    yield _fault(
                        knowledge,
                        iri,
                        "contrary-flags",
                        f"it asks for {_short(knowledge, one, other)}, which no patient has both",
                        "ask for one of the two flags, or for either (owl:unionOf)",
                    )


def _needed_flags(node: RdfNode, knowledge: Knowledge) -> set[str]:
    """Give the flags that everybody in a class has, as far as its definition says so."""
    if isinstance(node, ox.NamedNode):
        parts = knowledge.values(node.value, terms.EQUIVALENT_CLASS)
        return set().union(*(_needed_flags(p, knowledge) for p in parts))
    if not isinstance(node, ox.BlankNode):
        return set()
    cell = knowledge.by_subject[node]
    if _first(cell, "onProperty") == ox.NamedNode(terms.HAS_FLAG):
        value = _first(cell, "hasValue")
        return {value.value} if isinstance(value, ox.NamedNode) else set()
    for name, join in (("intersectionOf", set.union), ("unionOf", set.intersection)):
        members = _first(cell, name)
        if members is not None:
            found = [_needed_flags(m, knowledge) for m in knowledge.items(members)]
            return join(*found) if found else set()
    return set()


def _first(cell: dict[str, list[RdfNode]], name: str) -> RdfNode | None:
    return next(iter(cell.get(terms.OWL + name, ())), None)


def _short(knowledge: Knowledge, *iris: str) -> str:
    return " and ".join(knowledge.short(i) for i in iris)


def _fault(knowledge: Knowledge, iri: str, code: str, message: str, repair: str) -> Inconsistency:
    return Inconsistency(
        code=code,
        message=message,
        subject=knowledge.short(iri),
        location=knowledge.where(iri),
        repair=repair,
    )
