"""SPARQL as a judge of portraits: each is drawn in RDF, and every definition becomes a query.

The queries are made from the same OWL definitions and know nothing of least and most: a number
is drawn as the interval in which it lies, and a bound is met where the whole interval lies
within it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations, count

import pyoxigraph as ox

from kg.interval import Interval
from tests.proof.axioms import (
    OWL,
    RDF,
    RDFS,
    XSD,
    And,
    AtLeast,
    Expression,
    Facet,
    Name,
    Or,
    Value,
    classes_in,
)
from tests.proof.cells import decimal
from tests.proof.drugs import OF
from tests.proof.portraits import Painter
from tests.proof.shown import Shown, Thing

_CASE = "urn:case:"
_DRAWN = "urn:drawn:"
_DIGITS = 18
_TYPE = ox.NamedNode(RDF + "type")
_DIFFERENT = ox.NamedNode(OWL + "differentFrom")


@dataclass
class Sparql:
    """Asks a SPARQL store which criteria portraits, or single items, meet."""

    painter: Painter

    def members(self, shown: Mapping[str, Shown]) -> dict[str, frozenset[str]]:
        """Give, of everything shown, the criteria that it is found to meet."""
        store = ox.Store()
        store.extend(self._classes)
        for name, what in shown.items():
            store.extend(self._drawn(ox.NamedNode(_CASE + name), what))
        for query in self.updates:
            store.update(query)
        found = {}
        for name in shown:
            quads = store.quads_for_pattern(ox.NamedNode(_CASE + name), _TYPE, None)
            found[name] = frozenset(str(q.object.value) for q in quads)  # type: ignore[union-attr]
        return found

    @cached_property
    def _classes(self) -> list[ox.Quad]:
        """Draw what stands above what."""
        axioms = self.painter.axioms
        return [
            ox.Quad(ox.NamedNode(c), ox.NamedNode(RDFS + "subClassOf"), ox.NamedNode(wider))
            for c in axioms.of_kind("condition", "observation")
            for wider in axioms.names(c, RDFS + "subClassOf")
        ]

    # --- queries ----------------------------------------------------------------------------------

    @cached_property
    def updates(self) -> list[str]:
        """Write every definition as a query, in an order in which each finds what it names."""
        definitions = self.painter.axioms.definitions
        written: dict[str, str] = {}

        def write(iri: str) -> None:
            if iri in written:
                return
            for name in classes_in(definitions[iri]):
                if name in definitions:
                    write(name)
            pattern = self._pattern(definitions[iri], "?x", count())
            written[iri] = f"INSERT {{ ?x a <{iri}> }} WHERE {{ {pattern} }}"

        for iri in definitions:
            write(iri)
        return list(written.values())

    def _pattern(self, node: Expression, var: str, fresh: Iterator[int]) -> str:
        if isinstance(node, And):
            return " ".join(self._pattern(p, var, fresh) for p in _joins_last(node.parts))
        if isinstance(node, Or):
            return " UNION ".join(f"{{ {self._pattern(p, var, fresh)} }}" for p in node.parts)
        if isinstance(node, Value):
            return f"{var} <{node.role}> <{node.individual}> ."
        if isinstance(node, Facet):
            return _within(node, var, f"?n{next(fresh)}")
        if isinstance(node, Name):
            if node.iri in self.painter.axioms.definitions:
                return f"{var} a <{node.iri}> ."
            return f"{var} a/<{RDFS}subClassOf>* <{node.iri}> ."
        return self._along(node, var, fresh)

    def _along(self, node: AtLeast, var: str, fresh: Iterator[int]) -> str:
        roles = "|".join(f"<{r}>" for r in sorted(self.painter.axioms.roles_below(node.role)))
        fillers = [f"?y{next(fresh)}" for _ in range(node.number)]
        parts = [f"{var} ({roles}) {y} . {self._pattern(node.filler, y, fresh)}" for y in fillers]
        parts += [f"{a} <{OWL}differentFrom> {b} ." for a, b in combinations(fillers, 2)]
        return " ".join(parts)

    # --- portraits --------------------------------------------------------------------------------

    def _drawn(self, node: ox.NamedNode, what: Shown) -> Iterator[ox.Quad]:
        if isinstance(what, Thing):
            yield from self._thing(node, what)
            return
        yield from _values(node, what.values)
        yield from self._numbers(node, "", what.amounts)
        nodes = []
        for n, thing in enumerate(what.things):
            item = ox.NamedNode(f"{node.value}/{n}")
            nodes.append((item, {c.slot for c in thing.choices}))
            for role in thing.roles:
                yield ox.Quad(node, ox.NamedNode(role), item)
            yield from self._thing(item, thing)
        for (one, slots), (other, others) in combinations(nodes, 2):
            if None not in slots | others and not slots & others:
                yield ox.Quad(one, _DIFFERENT, other)
                yield ox.Quad(other, _DIFFERENT, one)

    def _thing(self, node: ox.NamedNode, thing: Thing) -> Iterator[ox.Quad]:
        for kind in thing.kinds:
            yield ox.Quad(node, _TYPE, ox.NamedNode(kind))
        yield from _values(node, thing.values)
        yield from self._numbers(node, thing.family, thing.amounts)
        if thing.family not in OF or thing.choices[0].drugs == ():
            return
        # Of several drugs one is meant: only what all have in common is drawn of it.
        shared: dict[str, frozenset[str]] = {}
        for choice in thing.choices:
            for drug in choice.drugs:
                shared[drug] = self.painter.drugs.classes_of(drug, thing.family)
        if len(thing.choices) > 1:
            shared = {node.value + "/drug": frozenset.intersection(*shared.values())}
        for drug, classes in shared.items():
            yield ox.Quad(node, ox.NamedNode(OF[thing.family]), ox.NamedNode(drug))
            for class_ in classes:
                yield ox.Quad(ox.NamedNode(drug), _TYPE, ox.NamedNode(class_))

    def _numbers(
        self, node: ox.NamedNode, family: str, amounts: Iterable[tuple[str, Interval]]
    ) -> Iterator[ox.Quad]:
        numbered: dict[str, Iterator[int]] = defaultdict(count)
        for prop, known in amounts:
            cuts = self.painter.questions.cuts(family, prop)
            drawn = ox.NamedNode(f"{node.value}/{prop.rsplit('/', 1)[-1]}{next(numbered[prop])}")
            yield ox.Quad(node, ox.NamedNode(prop), drawn)
            for side, value, is_open in (
                ("low", known.low, known.low_open),
                ("high", known.high, known.high_open),
            ):
                if value is not None:
                    yield ox.Quad(drawn, ox.NamedNode(_DRAWN + side), _decimal(value, cuts))
                    said = ox.Literal(str(is_open).lower(), datatype=ox.NamedNode(XSD + "boolean"))
                    yield ox.Quad(drawn, ox.NamedNode(_DRAWN + side + "Open"), said)


def _decimal(value: Fraction, cuts: Sequence[Fraction]) -> ox.Literal:
    return ox.Literal(decimal(value, _DIGITS, cuts), datatype=ox.NamedNode(XSD + "decimal"))


def _values(node: ox.NamedNode, values: Iterable[tuple[str, str]]) -> Iterator[ox.Quad]:
    for prop, value in values:
        yield ox.Quad(node, ox.NamedNode(prop), ox.NamedNode(value))


def _joins_last(parts: Iterable[Expression]) -> list[Expression]:
    """Put what finds few first: values, then names, then bounds and what lies along roles."""
    ranks = {Value: 0, Name: 1, AtLeast: 2, Or: 3, Facet: 4, And: 3}
    return sorted(parts, key=lambda p: ranks[type(p)])


def _within(facet: Facet, var: str, number: str) -> str:
    pattern = f"{var} <{facet.role}> {number} ."
    for side, value, is_open, beyond in (
        ("low", facet.low, facet.low_open, ">"),
        ("high", facet.high, facet.high_open, "<"),
    ):
        if value is None:
            continue
        end = f"{number}{side}"
        bound = f'"{decimal(value, _DIGITS, [value])}"^^<{XSD}decimal>'
        pattern += f" {number} <{_DRAWN}{side}> {end} ; <{_DRAWN}{side}Open> {end}Open ."
        at_bound = f"{end}Open" if is_open else "true"
        pattern += f" FILTER({end} {beyond} {bound} || ({end} = {bound} && {at_bound}))"
    return pattern
