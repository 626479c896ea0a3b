"""Read the graph for the compiler: one small query per method."""

from __future__ import annotations

from typing import Any, TypeVar

from kg import terms
from kg.build.expressions import plain
from kg.build.load import Knowledge
from kg.build.reason import Inferences
from kg.snapshot.value import Term
from kg.terms import ik

T = TypeVar("T", bound=Term)


class Facts:
    """The asserted graph and what follows from it."""

    def __init__(self, knowledge: Knowledge, inferences: Inferences) -> None:
        self.k = knowledge
        self.inferred = inferences

    def kind(self, name: str) -> list[str]:
        """List the terms of one kind."""
        return [i for i in sorted(self.k.places) if terms.kind(i) == name]

    def in_force(self, type_: str) -> list[str]:
        """List the terms of a type of ours that have not been withdrawn."""
        return [
            i
            for i in self.k.of_type(ik(type_))
            if self.k.text(i, terms.OWL + "deprecated") != "true"
        ]

    def term(self, what: type[T], iri: str, **more: Any) -> T:
        """Fill in what every term has."""
        return what(
            label=self.k.text(iri, terms.LABEL),
            definition=self.k.text(iri, terms.DEFINITION),
            names=tuple(self.k.texts(iri, terms.ALT_LABEL)),
            **more,
        )

    def many(self, iri: str, name: str) -> tuple[str, ...]:
        """Give the named values of a property of ours."""
        return tuple(self.k.iris(iri, ik(name)))

    def texts(self, iri: str, name: str) -> tuple[str, ...]:
        """Give the literal values of a property of ours."""
        return tuple(self.k.texts(iri, ik(name)))

    def maybe(self, iri: str, name: str) -> str | None:
        """Give the one value of a property of ours, if there is one."""
        return self.k.iri(iri, ik(name)) or self.k.text(iri, ik(name)) or None

    def decimal(self, iri: str, name: str) -> str | None:
        """Give a number in its plain form, if there is one."""
        text = self.k.text(iri, ik(name))
        return plain(text) if text else None

    def pair(self, iri: str, low: str, high: str) -> tuple[str, str] | None:
        """Give two numbers, if both are there."""
        first, last = self.decimal(iri, low), self.decimal(iri, high)
        return (first, last) if first is not None and last is not None else None

    def is_true(self, iri: str, name: str) -> bool:
        """Say whether a property of ours is stated to be true."""
        return self.k.text(iri, ik(name)) == "true"

    def whole(self, iri: str, name: str) -> int | None:
        """Give a whole number, if there is one."""
        text = self.k.text(iri, ik(name))
        return int(text) if text else None

    def two_numbers(self, iri: str, name: str) -> tuple[str, str] | None:
        """Give the lowest and the highest number of a range that is written as two words."""
        words = self.k.text(iri, ik(name)).split()
        return (plain(words[0]), plain(words[1])) if len(words) == 2 else None

    def above(self, iri: str) -> tuple[str, ...]:
        """Everything above a class of ours, itself included, as the reasoner found it."""
        kind = terms.kind(iri)
        found = self.inferred.superclasses.get(iri, frozenset())
        return tuple(sorted({iri} | {c for c in found if terms.kind(c) == kind}))
