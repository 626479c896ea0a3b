"""Translate OWL class expressions into trees the engine can judge, or refuse them.

Only the fragment for which the compiled answer is proven equal to the logic passes: no
negation, no universal, no counting but of medications, numbers only as decimals and
integers. Anything else is refused with its place; nothing is approximated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import pyoxigraph as ox

from kg import terms
from kg.build.load import Knowledge
from kg.errors import Untranslatable
from kg.graph.turtle import RdfNode, Subject
from kg.snapshot.criteria import AllOf, AnyOf, AtLeast, Expression, Has, Is, Named, Number, Of

Context = Literal["patient", "medication", "condition", "observation", "allergy"]

_OWL = terms.OWL
# Which kind of item hangs on each role, by the role's topmost property.
_ITEM_OF_ROLE: dict[str, Context] = {
    terms.ik("hasMedication"): "medication",
    terms.ik("hasCondition"): "condition",
    terms.ik("hasObservation"): "observation",
    terms.ik("hasAllergy"): "allergy",
}
_OF: dict[str, Context] = {terms.ik("ofDrug"): "medication", terms.ik("toSubstance"): "allergy"}
_ROOT_OF_KIND: dict[Context, str] = {
    "condition": terms.ik("Condition"),
    "observation": terms.ik("Observation"),
}
_NUMBER_TYPES = {terms.XSD + "decimal", terms.XSD + "integer"}
_FACETS = {
    terms.XSD + "minInclusive": ("low", False),
    terms.XSD + "minExclusive": ("low", True),
    terms.XSD + "maxInclusive": ("high", False),
    terms.XSD + "maxExclusive": ("high", True),
}
_COUNTABLE = {terms.ik(n) for n in ("takesOrPlans", "takes", "plans", "stopped")}
_REFUSED = {
    "complementOf": "negation",
    "allValuesFrom": "'only'",
    "maxQualifiedCardinality": "a maximum count",
    "qualifiedCardinality": "an exact count",
    "maxCardinality": "a maximum count",
    "cardinality": "an exact count",
    "oneOf": "an enumeration of individuals",
    "disjointUnionOf": "a disjoint union",
    "inverseOf": "an inverse property",
}
_NUMERAL = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w])")


@dataclass(frozen=True)
class Translator:
    """Translates the definitions of one ontology."""

    knowledge: Knowledge

    def definition(self, criterion: str) -> Expression:
        """Translate what a criterion is defined as; there must be exactly one definition."""
        values = self.knowledge.values(criterion, terms.EQUIVALENT_CLASS)
        if len(values) != 1:
            raise self._refuse(
                criterion, f"it has {len(values)} definitions", "give it exactly one"
            )
        return self._expression(values[0], "patient", criterion, top=True)

    def _expression(
        self, node: RdfNode, context: Context | None, owner: str, *, top: bool = False
    ) -> Expression:
        if isinstance(node, ox.NamedNode):
            return self._named(node.value, context, owner)
        if isinstance(node, ox.Literal):
            raise self._refuse(owner, "a literal stands where a class should", "name a class")
        cell = self.knowledge.by_subject[node]
        for name, words in _REFUSED.items():
            if _OWL + name in cell:
                raise self._refuse(
                    owner, f"{words} is outside the fragment", "say it with and, or, some, at least"
                )
        # A criterion's own context (patient or item) shows in its leaves, so it is not checked.
        inner = None if top else context
        if _OWL + "intersectionOf" in cell:
            return AllOf(self._parts(cell[_OWL + "intersectionOf"][0], inner, owner))
        if _OWL + "unionOf" in cell:
            return AnyOf(self._parts(cell[_OWL + "unionOf"][0], inner, owner))
        if _OWL + "onProperty" in cell:
            return self._restriction(node, owner)
        raise self._refuse(owner, "an unknown constructor", "say it with and, or, some, at least")

    def _parts(self, head: RdfNode, context: Context | None, owner: str) -> tuple[Expression, ...]:
        parts = tuple(self._expression(n, context, owner) for n in self.knowledge.items(head))
        if not parts:
            raise self._refuse(owner, "an empty list of parts", "give it at least two parts")
        return parts

    def _named(self, iri: str, context: Context | None, owner: str) -> Expression:
        if terms.kind(iri) in ("criterion", "population"):
            return Named(iri)
        if terms.kind(iri) in ("condition", "observation") or iri in _ROOT_OF_KIND.values():
            return Is(iri)
        raise self._refuse(
            owner,
            f"{self.knowledge.short(iri)} is not a class of patients or of their items",
            "name a criterion, a population, a condition or an observation here; "
            "a drug class goes behind ik:ofDrug",
        )

    def _restriction(self, node: Subject, owner: str) -> Expression:
        cell = self.knowledge.by_subject[node]
        (on,) = cell[_OWL + "onProperty"]
        if not isinstance(on, ox.NamedNode):
            raise self._refuse(owner, "an unnamed property", "name the property")
        prop = on.value
        if _OWL + "hasValue" in cell:
            (value,) = cell[_OWL + "hasValue"]
            if not isinstance(value, ox.NamedNode):
                raise self._refuse(owner, "an exact number", "write it as a bound on both sides")
            return Has(prop, value.value)
        if _OWL + "minQualifiedCardinality" in cell:
            return self._count(prop, cell, owner)
        if _OWL + "someValuesFrom" not in cell:
            raise self._refuse(owner, "an unknown restriction", "use some, value or at least")
        (filler,) = cell[_OWL + "someValuesFrom"]
        if terms.DATATYPE_PROPERTY in self.knowledge.iris(prop, terms.TYPE):
            return self._number(prop, filler, owner)
        if prop in _OF:
            if not isinstance(filler, ox.NamedNode):
                raise self._refuse(
                    owner, "a nested class of drugs", "give the class of drugs a name of its own"
                )
            return Of(prop, filler.value)
        role = self._role(prop, owner)
        return AtLeast(prop, 1, self._expression(filler, role, owner))

    def _count(self, prop: str, cell: dict[str, list[RdfNode]], owner: str) -> Expression:
        if prop not in _COUNTABLE:
            raise self._refuse(
                owner,
                f"{self.knowledge.short(prop)} cannot be counted",
                "count only medications: they alone are merged to one an item",
            )
        (number,) = cell[_OWL + "minQualifiedCardinality"]
        (filler,) = cell[_OWL + "onClass"]
        least = int(number.value)
        return AtLeast(prop, least, self._expression(filler, "medication", owner))

    def _role(self, prop: str, owner: str) -> Context:
        seen = {prop}
        queue = [prop]
        while queue:
            name = queue.pop()
            if name in _ITEM_OF_ROLE:
                return _ITEM_OF_ROLE[name]
            wider = set(self.knowledge.iris(name, terms.SUBPROPERTY_OF)) - seen
            seen |= wider
            queue += sorted(wider)
        raise self._refuse(
            owner,
            f"{self.knowledge.short(prop)} is not a role on which items hang",
            "use one of the roles of the clinical schema",
        )

    def _number(self, prop: str, filler: RdfNode, owner: str) -> Number:
        cell = self.knowledge.by_subject.get(filler) if isinstance(filler, ox.BlankNode) else None
        if not cell or _OWL + "withRestrictions" not in cell:
            raise self._refuse(owner, "a number without a bound", "give it a facet")
        (datatype,) = cell[_OWL + "onDatatype"]
        if datatype.value not in _NUMBER_TYPES:
            raise self._refuse(
                owner,
                f"numbers of type {self.knowledge.short(datatype.value)}",
                "write decimals or integers: a double is silently never equal to a decimal",
            )
        bounds: dict[str, str | bool] = {}
        for facet in self.knowledge.items(cell[_OWL + "withRestrictions"][0]):
            for name, values in self.knowledge.by_subject[facet].items():  # type: ignore[index]
                if name not in _FACETS or len(values) != 1:
                    raise self._refuse(owner, f"the facet {terms.local(name)}", "use min and max")
                side, is_open = _FACETS[name]
                if side in bounds:
                    raise self._refuse(owner, "two bounds on one side", "keep the stricter one")
                literal = values[0]
                if (
                    not isinstance(literal, ox.Literal)
                    or literal.datatype.value not in _NUMBER_TYPES
                ):
                    raise self._refuse(owner, "a bound that is no decimal", "write a decimal")
                bounds[side] = plain(literal.value)
                bounds[side + "_open"] = is_open
        return Number(prop, **bounds)  # type: ignore[arg-type]

    def _refuse(self, owner: str, what: str, repair: str) -> Untranslatable:
        return Untranslatable(
            code="untranslatable",
            message=f"the compiler cannot prove this definition: {what}",
            subject=self.knowledge.short(owner),
            location=self.knowledge.where(owner),
            repair=repair,
        )


def plain(number: str) -> str:
    """Write a decimal without trailing zeros or exponent."""
    value = Decimal(number)
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def ratio(number: str) -> str:
    """Write a decimal in its plain form; a ratio, which no decimal gives exactly, stays one."""
    return number if "/" in number else plain(number)


def numbers_in_words(sentence: str) -> set[str]:
    """Find the numbers that a sentence says."""
    return {plain(n) for n in _NUMERAL.findall(sentence)}


def numbers_in(expression: Expression) -> set[str]:
    """Find the numbers that an expression compares or counts with; a plain 'some' counts none."""
    if isinstance(expression, AllOf | AnyOf):
        return set().union(*map(numbers_in, expression.parts))
    if isinstance(expression, AtLeast):
        own = {str(expression.least)} if expression.least > 1 else set()
        return own | numbers_in(expression.item)
    if isinstance(expression, Number):
        return {b for b in (expression.low, expression.high) if b is not None}
    return set()


def names_in(expression: Expression) -> set[str]:
    """Find the criteria that an expression refers to by name."""
    if isinstance(expression, AllOf | AnyOf):
        return set().union(*map(names_in, expression.parts))
    if isinstance(expression, AtLeast):
        return names_in(expression.item)
    return {expression.criterion} if isinstance(expression, Named) else set()


def roles_in(expression: Expression) -> set[str]:
    """Find the roles that an expression looks along."""
    if isinstance(expression, AllOf | AnyOf):
        return set().union(*map(roles_in, expression.parts))
    if isinstance(expression, AtLeast):
        return {expression.role} | roles_in(expression.item)
    return set()
