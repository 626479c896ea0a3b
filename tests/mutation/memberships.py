"""Mutants of membership: a drug, a class or a condition that lost one thing stated above it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pyoxigraph as ox

from kg import terms
from kg.build.load import Knowledge
from kg.terms import ik, local
from tests.mutation.change import Change, Mutant

_HAS_LIABILITY = ik("hasLiability")
# What is stated of how many, and where; the rest of a kind is drawn by its name alone.
_PLACES = (
    ("drug", terms.TYPE, "a drug out of a class"),
    ("drug", _HAS_LIABILITY, "a drug without a liability"),
    ("class", terms.SUBCLASS_OF, "a class of drugs without its axiom"),
    ("liability", terms.SUBCLASS_OF, "a group of liabilities out of its group"),
    ("liability", terms.TYPE, "a liability out of its group"),
    ("condition", terms.SUBCLASS_OF, "a condition out of its group"),
)


def membership_mutants(knowledge: Knowledge) -> Iterator[Mutant]:
    """Give every mutant of what is stated about membership, in an order that no list decides."""
    for kind, predicate, words in _PLACES:
        found = [
            mutant
            for iri in sorted(i for i in knowledge.places if terms.kind(i) == kind)
            for mutant in _of(knowledge, iri, predicate, words)
        ]
        yield from sorted(found, key=lambda m: hashlib.sha256(m.name.encode()).digest())


def _of(k: Knowledge, iri: str, predicate: str, words: str) -> Iterator[Mutant]:
    values = k.values(iri, predicate)
    for gone in values:
        ours = isinstance(gone, ox.BlankNode) or gone.value.startswith(terms.BASE)
        if not ours or gone.value in (ik("Drug"), ik("Condition"), ik("Liability")):
            continue
        kept = tuple(v for v in values if v != gone)
        change = Change(ox.NamedNode(iri), predicate, kept)
        yield Mutant(words, iri, f"{local(iri)}: no longer {_told(k, gone)}", (change,))


def _told(k: Knowledge, node: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    if isinstance(node, ox.BlankNode):
        (value,) = k.by_subject[node][terms.OWL + "hasValue"]
        return f"with {local(value.value)}"
    assert isinstance(node, ox.NamedNode)
    return local(node.value)
