"""Mutants of the definitions: bounds, comparators, counts, parts, joints, roles, values."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from kg import terms
from kg.build.expressions import Translator, numbers_in, numbers_in_words, plain
from kg.build.load import Knowledge
from kg.errors import KnowledgeError
from kg.graph.turtle import RdfNode, Subject
from kg.snapshot.criteria import Expression
from kg.snapshot.model import Property
from kg.terms import ik, local
from tests.mutation.change import Change, Mutant, made
from tests.mutation.words import change, line

_OWL, _XSD = terms.OWL, terms.XSD
_STEPS = tomllib.loads((Path(__file__).parent / "steps.toml").read_text(encoding="utf-8"))
_JOINTS = (_OWL + "intersectionOf", _OWL + "unionOf")
_OTHER_SIDE = {
    "minInclusive": "maxInclusive",
    "minExclusive": "maxExclusive",
    "maxInclusive": "minInclusive",
    "maxExclusive": "minExclusive",
}
_OTHER_BOUND = {
    "minInclusive": "minExclusive",
    "minExclusive": "minInclusive",
    "maxInclusive": "maxExclusive",
    "maxExclusive": "maxInclusive",
}
# Roles that an author could take one for another.
_OTHER_ROLES = {
    "hasOngoing": ("hasCondition", "hasPast"),
    "hasPast": ("hasCondition", "hasOngoing"),
    "hasCondition": ("hasOngoing", "hasPast"),
    "takesOrPlans": ("takes", "hasMedication"),
    "takes": ("takesOrPlans",),
    "hasMedication": ("takesOrPlans", "stopped"),
    "stopped": ("takesOrPlans",),
}
_FAR = 10

# What is wrong, and the changes that make it so.
Found = tuple[str, tuple[Change, ...]]


class CriterionMutants:
    """Walks the definition of one criterion and changes one place at a time."""

    def __init__(
        self, knowledge: Knowledge, properties: dict[str, Property], criterion: str
    ) -> None:
        self.k = knowledge
        self.properties = properties
        self.criterion = criterion

    def mutants(self) -> Iterator[Mutant]:
        """Give every mutant of the definition, its sentence kept in step with its numbers."""
        before = line(self._translated())
        subject = ox.NamedNode(self.criterion)
        (top,) = self.k.values(self.criterion, terms.EQUIVALENT_CLASS)
        seen: set[str] = set()
        for kind, changes in self._of(subject, terms.EQUIVALENT_CLASS, top, ""):
            with made(self.k, changes):
                try:
                    after = self._translated()
                except KnowledgeError:  # what cannot be translated was never a release
                    continue
                sentence = self._sentence(numbers_in(after))
            shown = change(before, line(after))
            name = f"{local(self.criterion)}: {shown}"
            while name in seen:
                name += " again"
            seen.add(name)
            yield Mutant(kind, self.criterion, name, (*changes, *sentence))

    def _translated(self) -> Expression:
        return Translator(self.k).definition(self.criterion)

    @cached_property
    def _words(self) -> str:
        return self.k.text(self.criterion, terms.DEFINITION)

    def _sentence(self, numbers: set[str]) -> tuple[Change, ...]:
        """Let the sentence say the numbers of the axiom, as whoever makes the mistake would."""
        said = numbers_in_words(self._words)
        if said == numbers:
            return ()
        kept = " ".join(w for w in self._words.split() if not numbers_in_words(w))
        text = " ".join([kept, *sorted(numbers)])
        literal = ox.Literal(text, language="en")
        return (Change(ox.NamedNode(self.criterion), terms.DEFINITION, (literal,)),)

    def _of(self, owner: Subject, by: str, node: RdfNode, measured: str) -> Iterator[Found]:
        """Walk from a place, given by its subject and predicate, to what stands there."""
        if not isinstance(node, ox.BlankNode):
            return
        cell = self.k.by_subject[node]
        for joint in _JOINTS:
            if joint in cell:
                yield from self._of_parts(owner, by, node, joint, measured)
        if _OWL + "onProperty" in cell:
            yield from self._of_restriction(node, measured)

    def _of_parts(
        self, owner: Subject, by: str, node: Subject, joint: str, measured: str
    ) -> Iterator[Found]:
        (head,) = self.k.by_subject[node][joint]
        other = next(j for j in _JOINTS if j != joint)
        name = "and read as or" if joint == _JOINTS[0] else "or read as and"
        yield name, (Change(node, joint, ()), Change(node, other, (head,)))
        cells, parts = list(self._cells(head)), list(self.k.items(head))
        kinds = [p.value for p in parts if isinstance(p, ox.NamedNode)]
        measured = next((local(i) for i in kinds if terms.kind(i) == "observation"), measured)
        for n, part in enumerate(parts):
            if len(parts) == 2:
                yield "a part left out", (Change(owner, by, (parts[1 - n],)),)
            else:
                (rest,) = self.k.by_subject[cells[n]][terms.REST]
                place = (cells[n - 1], terms.REST) if n else (node, joint)
                yield "a part left out", (Change(*place, (rest,)),)
            yield from self._of(cells[n], terms.FIRST, part, measured)

    def _cells(self, head: RdfNode) -> Iterator[ox.BlankNode]:
        while isinstance(head, ox.BlankNode):
            yield head
            (head,) = self.k.by_subject[head][terms.REST]

    def _of_restriction(self, node: Subject, measured: str) -> Iterator[Found]:
        cell = self.k.by_subject[node]
        (on,) = cell[_OWL + "onProperty"]
        role = local(on.value)
        for other in _OTHER_ROLES.get(role, ()):
            changed = ox.NamedNode(ik(other))
            yield "a role swapped", (Change(node, _OWL + "onProperty", (changed,)),)
        if _OWL + "hasValue" in cell:
            (value,) = cell[_OWL + "hasValue"]
            sibling = ox.NamedNode(self._sibling(on.value, value.value))
            yield "a value swapped", (Change(node, _OWL + "hasValue", (sibling,)),)
        if _OWL + "minQualifiedCardinality" in cell:
            by = _OWL + "minQualifiedCardinality"
            (number,) = cell[by]
            assert isinstance(number, ox.Literal)
            for step in (1, -1):
                changed_to = ox.Literal(str(int(number.value) + step), datatype=number.datatype)
                yield "a count changed", (Change(node, by, (changed_to,)),)
            yield from self._of(node, _OWL + "onClass", cell[_OWL + "onClass"][0], measured)
        for filler in cell.get(_OWL + "someValuesFrom", ()):
            if isinstance(filler, ox.BlankNode):
                restrictions = self.k.by_subject[filler].get(_OWL + "withRestrictions")
                if restrictions:
                    yield from self._of_bounds(role, measured, restrictions[0])
                    continue
            yield from self._of(node, _OWL + "someValuesFrom", filler, measured)

    def _sibling(self, prop: str, value: str) -> str:
        """Give another value of the same closed list."""
        admitted = self.properties[prop].admits if prop in self.properties else ()
        if not admitted:
            (kind, *_) = [t for t in self.k.iris(value, terms.TYPE) if t.startswith(terms.BASE)]
            admitted = tuple(self.k.of_type(kind))
        if value not in admitted:  # a value that says that nothing was said
            return admitted[0]
        return admitted[(admitted.index(value) + 1) % len(admitted)]

    def _of_bounds(self, role: str, measured: str, head: RdfNode) -> Iterator[Found]:
        by_kind = _STEPS["observations"].get(measured) if role not in _STEPS["properties"] else None
        step = Decimal(by_kind or _STEPS["properties"].get(role, "1"))
        for facet in self.k.items(head):
            assert isinstance(facet, ox.BlankNode)
            for predicate, (bound,) in list(self.k.by_subject[facet].items()):
                side, value = local(predicate.replace("#", "/")), Decimal(bound.value)
                for word, table in (
                    ("a comparator turned round", _OTHER_SIDE),
                    ("a bound taken the other way", _OTHER_BOUND),
                ):
                    other = _XSD + table[side]
                    yield word, (Change(facet, predicate, ()), Change(facet, other, (bound,)))
                for word, moved in (
                    ("a bound moved by a step", value + step),
                    ("a bound moved by a step", value - step),
                    ("a bound moved far", value * 2 or Decimal(_FAR)),
                ):
                    assert isinstance(bound, ox.Literal)
                    number = ox.Literal(plain(str(moved)), datatype=bound.datatype)
                    yield word, (Change(facet, predicate, (number,)),)
