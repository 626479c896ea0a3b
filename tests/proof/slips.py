"""One axiom changed: a definition, a class's place, a drug's class.

A slip can be made on either side: the reasoners read the changed axiom and the engine does not,
or the other way round. Either way the comparison must fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import msgspec
import pyoxigraph as ox

from kg.build.compile_decisions import decided
from kg.snapshot import criteria
from kg.snapshot.model import Snapshot
from tests.proof.axioms import (
    IK,
    RDFS,
    And,
    AtLeast,
    Axioms,
    Expression,
    Facet,
    Name,
    Node,
    Or,
    Value,
    key,
    kind,
)
from tests.proof.cells import decimal
from tests.proof.drugs import OF
from tests.proof.questions import Questions

_change = msgspec.structs.replace


class Slip(Protocol):
    """One axiom changed."""

    @property
    def name(self) -> str:
        """Say what sort of slip this is."""

    @property
    def of(self) -> str:
        """Name the term whose axiom is changed."""

    def applied(self, axioms: Axioms) -> Axioms:
        """Give the ontology with this axiom changed."""

    def compiled(self, snapshot: Snapshot) -> Snapshot:
        """Give the Snapshot that the changed ontology would have been compiled into."""


@dataclass(frozen=True)
class DefinitionSlip:
    """One place of one definition changed."""

    name: str
    of: str
    definition: Expression
    place: str

    def applied(self, axioms: Axioms) -> Axioms:
        """Give the ontology with this definition changed."""
        other = replace(axioms)
        other.__dict__["definitions"] = {**axioms.definitions, self.of: self.definition}
        return other

    def compiled(self, snapshot: Snapshot) -> Snapshot:
        """Give the Snapshot with this definition changed."""
        changed = _change(snapshot.criteria[self.of], expression=_compiled(self.definition))
        return decided(_change(snapshot, criteria={**snapshot.criteria, self.of: changed}))


@dataclass(frozen=True)
class ClassSlip:
    """A condition moved out from under the classes that stand above it."""

    of: str
    name: str = "a class moved"

    def applied(self, axioms: Axioms) -> Axioms:
        """Give the ontology with the class at the top of its kind."""
        top: list[Node] = [ox.NamedNode(IK + "Condition")]
        moved = {**axioms.about[self.of], RDFS + "subClassOf": top}
        return replace(axioms, about={**axioms.about, self.of: moved})

    def compiled(self, snapshot: Snapshot) -> Snapshot:
        """Give the Snapshot with the class, and what is below it, moved."""
        lost = set(snapshot.conditions[self.of].ancestors) - {self.of, IK + "Condition"}
        changed = {
            i: _change(c, ancestors=tuple(a for a in c.ancestors if a not in lost))
            for i, c in snapshot.conditions.items()
            if self.of in c.ancestors
        }
        return decided(_change(snapshot, conditions={**snapshot.conditions, **changed}))


@dataclass(frozen=True)
class DrugSlip:
    """A drug taken out of one of its classes."""

    of: str
    class_: str
    name: str = "a drug taken out of a class"

    def applied(self, axioms: Axioms) -> Axioms:
        """Give the ontology in which the drug is no member."""
        left = {**axioms.types, self.of: axioms.types[self.of] - {self.class_}}
        return replace(axioms, types=left)

    def compiled(self, snapshot: Snapshot) -> Snapshot:
        """Give the Snapshot in which the drug is no member."""
        class_ = snapshot.classes[self.class_]
        left = _change(class_, members=tuple(m for m in class_.members if m != self.of))
        return decided(_change(snapshot, classes={**snapshot.classes, self.class_: left}))


def definition_slips(axioms: Axioms) -> Iterator[DefinitionSlip]:
    """List the slips there can be in the definitions that advice rests on."""
    used = frozenset[str]().union(*Questions(axioms).targets)
    for criterion, definition in axioms.definitions.items():
        if criterion not in used:
            continue
        for name, changed, place in _slips(definition):
            yield DefinitionSlip(name, criterion, changed, place)


def class_slips(axioms: Axioms) -> Iterator[ClassSlip]:
    """List the conditions that stand below another condition."""
    for condition in axioms.of_kind("condition"):
        if any(kind(a) == "condition" for a in axioms.above(condition) - {condition}):
            yield ClassSlip(condition)


def drug_slips(axioms: Axioms, asked: set[str]) -> Iterator[DrugSlip]:
    """List the drugs with each class that is asked about."""
    for drug in axioms.instances(IK + "Drug"):
        for class_ in sorted(axioms.types[drug] & asked):
            yield DrugSlip(drug, class_)


def _slips(node: Expression) -> Iterator[tuple[str, Expression, str]]:
    """Change one place of a definition; say which, as the numbers of the parts that lead there."""
    if isinstance(node, And):
        yield "and read as or", Or(node.parts), ""
    elif isinstance(node, Or):
        yield "or read as and", And(node.parts), ""
    elif isinstance(node, Facet):
        if node.low is not None:
            yield "a lower bound taken the other way", replace(node, low_open=not node.low_open), ""
        if node.high is not None:
            other = replace(node, high_open=not node.high_open)
            yield "an upper bound taken the other way", other, ""
    elif isinstance(node, AtLeast) and node.role not in OF.values():
        if node.number > 1:
            yield "one more counted", replace(node, number=node.number + 1), ""
            yield "one fewer counted", replace(node, number=node.number - 1), ""
        for name, inner, place in _slips(node.filler):
            yield name, replace(node, filler=inner), place
    if isinstance(node, And | Or):
        for n, part in enumerate(node.parts):
            rest = (*node.parts[:n], *node.parts[n + 1 :])
            yield "a part left out", rest[0] if len(rest) == 1 else type(node)(rest), f".{n + 1}"
            for name, inner, place in _slips(part):
                changed = type(node)((*node.parts[:n], inner, *node.parts[n + 1 :]))
                yield name, changed, f".{n + 1}{place}"


def _compiled(node: Expression) -> criteria.Expression:
    """Write a definition in the engine's own form."""
    if isinstance(node, And):
        return criteria.AllOf(tuple(map(_compiled, node.parts)))
    if isinstance(node, Or):
        return criteria.AnyOf(tuple(map(_compiled, node.parts)))
    if isinstance(node, Value):
        return criteria.Has(node.role, node.individual)
    if isinstance(node, Name):
        criterion = kind(node.iri) in ("criterion", "population")
        return criteria.Named(node.iri) if criterion else criteria.Is(node.iri)
    if isinstance(node, Facet):
        return criteria.Number(
            node.role,
            None if node.low is None else decimal(node.low, 20, [node.low]),
            node.low_open,
            None if node.high is None else decimal(node.high, 20, [node.high]),
            node.high_open,
        )
    if node.role in OF.values():
        assert isinstance(node.filler, Name), key(node.role)
        return criteria.Of(node.role, node.filler.iri)
    return criteria.AtLeast(node.role, node.number, _compiled(node.filler))
