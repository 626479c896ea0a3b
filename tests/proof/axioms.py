"""The ontology as the proof reads it: straight from a release's graph.

Nothing here comes from the engine or its compiler. Definitions are read from the graph's OWL
triples into small trees of their own; whatever is not understood is refused, never skipped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

OWL = "http://www.w3.org/2002/07/owl#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
XSD = "http://www.w3.org/2001/XMLSchema#"
BASE = "https://w3id.org/inokg/"
IK = BASE + "schema/"

Node = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Triples = Iterable[tuple[Node, str, Node]]


@dataclass(frozen=True)
class And:
    """What belongs to every part."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Or:
    """What belongs to some part."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class AtLeast:
    """What has so many different fillers along a property; one is *some*."""

    number: int
    role: str
    filler: Expression


@dataclass(frozen=True)
class Value:
    """What has a named individual along a property."""

    role: str
    individual: str


@dataclass(frozen=True)
class Facet:
    """What has a number within bounds along a property."""

    role: str
    datatype: str
    low: Fraction | None = None
    low_open: bool = False
    high: Fraction | None = None
    high_open: bool = False


@dataclass(frozen=True)
class Name:
    """What belongs to a named class."""

    iri: str


Expression = And | Or | AtLeast | Value | Facet | Name

_BOUNDS = {
    "minInclusive": ("low", False),
    "minExclusive": ("low", True),
    "maxInclusive": ("high", False),
    "maxExclusive": ("high", True),
}


def kind(iri: str) -> str:
    """Give the folder of the namespace that a term stands in."""
    return iri.removeprefix(BASE).split("/", 1)[0] if iri.startswith(BASE) else ""


def key(iri: str) -> str:
    """Give the last part of a name."""
    return iri.rsplit("/", 1)[-1].rsplit("#", 1)[-1]


def classes_in(node: Expression) -> Iterator[str]:
    """Name the classes that a definition names, wherever they stand in it."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from classes_in(part)
    elif isinstance(node, AtLeast):
        yield from classes_in(node.filler)
    elif isinstance(node, Name):
        yield node.iri


@dataclass
class Axioms:
    """All triples of a release by subject and property, and what the proof asks of them."""

    about: dict[str, dict[str, list[Node]]] = field(default_factory=dict)
    types: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    entailed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @staticmethod
    def of_release(folder: Path) -> Axioms:
        """Read the named graphs of a release: what is stated, and what follows from it."""
        store = ox.Store()
        store.bulk_load(path=str(folder / "graph.nq"), format=ox.RdfFormat.N_QUADS)
        axioms = Axioms()
        asserted = ox.NamedNode(BASE + "graph/asserted")
        for quad in store.quads_for_pattern(None, None, None, asserted):
            axioms.add(quad.subject, quad.predicate.value, quad.object)
        inferred = ox.NamedNode(BASE + "graph/inferred")
        for name in ("assessed", "openAxis"):
            for quad in store.quads_for_pattern(None, ox.NamedNode(IK + name), None, inferred):
                axioms.add(quad.subject, quad.predicate.value, quad.object)
        for property_, table in (("type", axioms.types), ("subClassOf", axioms.entailed)):
            predicate = ox.NamedNode((RDF if property_ == "type" else RDFS) + property_)
            for quad in store.quads_for_pattern(None, predicate, None, inferred):
                table[_name(quad.subject)].add(_name(quad.object))
        return axioms

    def add(self, subject: Node, predicate: str, value: Node) -> None:
        """Take in one triple that is stated."""
        self.about.setdefault(_name(subject), {}).setdefault(predicate, []).append(value)
        if predicate == RDF + "type":
            self.types[_name(subject)].add(_name(value))

    # --- looking things up ---------------------------------------------------------------------

    def values(self, subject: str, predicate: str) -> list[Node]:
        """Give every value of a property."""
        return self.about.get(subject, {}).get(predicate, [])

    def names(self, subject: str, predicate: str) -> list[str]:
        """Give every value that is a named term."""
        return [v.value for v in self.values(subject, predicate) if isinstance(v, ox.NamedNode)]

    def text(self, subject: str, predicate: str) -> str:
        """Give the one literal of a property, or ''."""
        found = [v.value for v in self.values(subject, predicate) if isinstance(v, ox.Literal)]
        assert len(found) < 2, f"{subject} has several {predicate}"
        return found[0] if found else ""

    def truth(self, subject: str, predicate: str) -> bool:
        """Say whether a property is stated to be true."""
        return self.text(subject, predicate) == "true"

    def range_of(self, subject: str, predicate: str) -> tuple[Fraction, Fraction] | None:
        """Read two numbers written in one literal."""
        text = self.text(subject, predicate).split()
        return (Fraction(text[0]), Fraction(text[1])) if text else None

    def instances(self, type_: str) -> list[str]:
        """Give all terms that are stated to be of a type."""
        return self._by_type.get(type_, [])

    @cached_property
    def _by_type(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for subject in sorted(self.types):
            for type_ in self.types[subject]:
                found[type_].append(subject)
        return found

    @cached_property
    def implied_flags(self) -> set[str]:
        """Give the flags that some condition makes true."""
        return {f for term in self.about for f in self.names(term, IK + "impliesFlag")}

    def of_kind(self, *kinds: str) -> list[str]:
        """Give the classes in some folders of the namespace."""
        return sorted(c for k in kinds for c in self._classes.get(k, ()))

    @cached_property
    def _classes(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for iri in self.instances(OWL + "Class"):
            found[kind(iri)].append(iri)
        return found

    # --- definitions -----------------------------------------------------------------------------

    @cached_property
    def definitions(self) -> dict[str, Expression]:
        """Give what every criterion and population is defined as."""
        found = {}
        for iri in self.of_kind("criterion", "population"):
            (node,) = self.values(iri, OWL + "equivalentClass")
            found[iri] = self._read(node)
        return found

    def _read(self, node: Node) -> Expression:
        if isinstance(node, ox.NamedNode):
            return Name(node.value)
        cell = {p: v for p, v in self.about[_name(node)].items() if p != RDF + "type"}
        for word, make in (("intersectionOf", And), ("unionOf", Or)):
            if set(cell) == {OWL + word}:
                return make(tuple(map(self._read, self._list(cell[OWL + word][0]))))
        role = _name(cell.pop(OWL + "onProperty")[0])
        if set(cell) == {OWL + "hasValue"}:
            return Value(role, _name(cell[OWL + "hasValue"][0]))
        if set(cell) == {OWL + "someValuesFrom"}:
            (filler,) = cell[OWL + "someValuesFrom"]
            if OWL + "DatatypeProperty" in self.types[role]:
                return self._facet(role, filler)
            return AtLeast(1, role, self._read(filler))
        if set(cell) == {OWL + "minQualifiedCardinality", OWL + "onClass"}:
            (number,) = cell[OWL + "minQualifiedCardinality"]
            return AtLeast(int(_name(number)), role, self._read(cell[OWL + "onClass"][0]))
        raise ValueError(f"the proof does not understand a restriction on {role}: {set(cell)}")

    def _facet(self, role: str, node: Node) -> Facet:
        cell = self.about[_name(node)]
        bounds: dict[str, Fraction | bool] = {}
        for part in self._list(cell[OWL + "withRestrictions"][0]):
            for predicate, (literal,) in self.about[_name(part)].items():
                side, is_open = _BOUNDS[predicate.removeprefix(XSD)]
                assert side not in bounds
                bounds[side] = Fraction(Decimal(_name(literal)))
                bounds[side + "_open"] = is_open
        return Facet(role, _name(cell[OWL + "onDatatype"][0]), **bounds)  # type: ignore[arg-type]

    def _list(self, head: Node) -> Iterator[Node]:
        while _name(head) != RDF + "nil":
            cell = self.about[_name(head)]
            yield cell[RDF + "first"][0]
            head = cell[RDF + "rest"][0]

    # --- what stands above what ------------------------------------------------------------------

    def above(self, iri: str, predicate: str = RDFS + "subClassOf") -> set[str]:
        """Give a term with all that stands above it by stated axioms."""
        found, queue = {iri}, [iri]
        while queue:
            for wider in self.names(queue.pop(), predicate):
                if wider not in found:
                    found.add(wider)
                    queue.append(wider)
        return found

    def roles_above(self, role: str) -> set[str]:
        """Give a role with all that stands above it."""
        return self.above(role, RDFS + "subPropertyOf")

    def roles_below(self, role: str) -> set[str]:
        """Give a role with all that stands below it."""
        return self._roles_below[role]

    @cached_property
    def _roles_below(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for role in self.instances(OWL + "ObjectProperty"):
            for wider in self.roles_above(role):
                found[wider].add(role)
        return found


def _name(node: Node) -> str:
    if isinstance(node, ox.BlankNode):
        return f"_:{node.value}"
    assert not isinstance(node, ox.Triple)
    return node.value
