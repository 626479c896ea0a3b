"""A label means something alone, and its letters are set by one rule for each kind of term."""

from __future__ import annotations

import re

import pyoxigraph as ox
import pytest

from tests.ontology.asking import ask

_OF_DRUGS = ("ik:Drug", "ik:Substance", "ik:Combination", "ik:Allergen")
# A numeral of a name is written large, and so is a letter that stands alone; the serotype of
# Haemophilus influenzae is the one that is written small.
_NUMERAL = re.compile(r"\b(?:ii|iii|iv|vi|vii|viii|ix|xi|xii|xiii)\b")
_LETTER = re.compile(r"(?<!influenzae type) [a-z](?=[ ,)]|$)")
_ISOTOPE = re.compile(r"\(\d+[a-z]")


def labels_of(graph: ox.Store, pattern: str) -> list[str]:
    return sorted({label for (label,) in ask(graph, f"SELECT ?l {{ {pattern} rdfs:label ?l }}")})


def labelled(graph: ox.Store, folder: str) -> list[str]:
    """Give the label of each term of one folder of the namespace."""
    mine = f"FILTER(STRSTARTS(STR(?t), STR({folder}:)))"
    return [
        label for _, label in ask(graph, f"SELECT DISTINCT ?t ?l {{ ?t rdfs:label ?l {mine} }}")
    ]


def test_a_grade_names_its_harm_and_no_two_are_named_alike(graph: ox.Store) -> None:
    grades = ask(
        graph,
        """SELECT ?grade ?label { ?grade a owl:NamedIndividual , ?kind ; rdfs:label ?label .
           FILTER(STRSTARTS(STR(?grade), STR(liability:))) } GROUP BY ?grade ?label""",
    )
    assert len(grades) > 25
    harms = labels_of(graph, "?k rdfs:subClassOf ik:Liability ;")
    assert not [
        label for _, label in grades if not label.startswith(tuple(f"{h}, " for h in harms))
    ]
    every = labelled(graph, "liability")
    assert len(set(every)) == len(every)


def test_a_class_of_drugs_begins_with_a_capital(graph: ox.Store) -> None:
    found = labelled(graph, "class")
    assert len(found) > 1000
    assert not [label for label in found if label[0].islower()]


@pytest.mark.parametrize("kind", _OF_DRUGS)
def test_letters_and_numerals_of_a_name_are_large(graph: ox.Store, kind: str) -> None:
    labels = labels_of(graph, f"?t a {kind} ;")
    wrong = [v for v in labels for rule in (_NUMERAL, _LETTER, _ISOTOPE) if rule.search(v)]
    assert labels
    assert not wrong
