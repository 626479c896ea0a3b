"""What excludes each other and is yet claimed together stops the build, with place and repair."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import terms
from kg.build.contradictions import refuse_contradictions
from kg.build.load import Knowledge, load
from kg.build.reason import Inferences
from kg.build.release import examine
from kg.errors import Inconsistency
from kg.graph.turtle import RdfNode
from kg.terms import ik
from tests.workshop import ONTOLOGY, edit

_A = terms.TYPE
_BELOW = terms.SUBCLASS_OF
# What is planted: of which term what is claimed, and how the refusal is called.
PLANTED = {
    "a live vaccine that is inactivated": (
        "drug/bcg-vaccine", _A, "class/InactivatedVaccine", "disjoint",
    ),
    "a drug on both sides of its class": (
        "drug/palonosetron", _A, "class/QtSerotonin3Antagonist", "disjoint",
    ),
    "a fluoroquinolone on both sides": (
        "drug/delafloxacin", _A, "class/QtFluoroquinolone", "disjoint",
    ),
    "a drug that is a condition": ("drug/citalopram", _A, "condition/Cirrhosis", "disjoint"),
    "a condition that is an observation": (
        "condition/Cirrhosis", _BELOW, "schema/Observation", "disjoint",
    ),
    "an observation that is a drug": (
        "observation/TotalBilirubin", _BELOW, "schema/Drug", "disjoint",
    ),
    "a severity that is a topic": ("severity/avoid", _A, "schema/Topic", "disjoint"),
}  # fmt: skip


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load(ONTOLOGY)


def named(name: str) -> ox.NamedNode:
    return ox.NamedNode(terms.BASE + name)


@contextmanager
def planted(knowledge: Knowledge, subject: str, predicate: str, value: RdfNode) -> Iterator[None]:
    said = knowledge.by_subject[named(subject)][predicate]
    said.append(value)
    yield
    said.remove(value)


def closed(knowledge: Knowledge) -> Inferences:
    """Close what is asserted by name, which is enough to see what is planted."""

    def above(iri: str, seen: frozenset[str] = frozenset()) -> frozenset[str]:
        wider = set(knowledge.iris(iri, _BELOW)) - seen
        return frozenset({iri}).union(*(above(w, seen | wider) for w in wider))

    classes = knowledge.of_type(terms.CLASS)
    return Inferences({c: above(c) for c in classes}, {}, {}, ())


def refusal(knowledge: Knowledge) -> Inconsistency:
    with pytest.raises(Inconsistency) as caught:
        refuse_contradictions(knowledge, closed(knowledge))
    return caught.value


def test_the_ontology_as_it_is_contradicts_nothing(knowledge: Knowledge) -> None:
    refuse_contradictions(knowledge, closed(knowledge))


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_contradiction_is_refused_with_place_and_repair(
    what: str, knowledge: Knowledge
) -> None:
    subject, predicate, value, code = PLANTED[what]
    with planted(knowledge, subject, predicate, named(value)):
        found = refusal(knowledge)
    assert found.code == code
    assert subject.split("/")[1] in found.subject or value.split("/")[1] in found.message
    assert found.location.startswith("ontology/")
    assert found.repair


def test_contrary_flags_in_one_definition_are_refused(knowledge: Knowledge) -> None:
    both, first, second = ox.BlankNode(), ox.BlankNode(), ox.BlankNode()
    end: RdfNode = ox.NamedNode(terms.NIL)
    for part, rest, flag in ((second, end, "cd22-negative"), (first, second, "cd22-positive")):
        cell = ox.BlankNode()
        knowledge.by_subject[cell][terms.OWL + "onProperty"] = [ox.NamedNode(terms.HAS_FLAG)]
        knowledge.by_subject[cell][terms.OWL + "hasValue"] = [named(f"flag/{flag}")]
        knowledge.by_subject[part][terms.FIRST] = [cell]
        knowledge.by_subject[part][terms.REST] = [rest]
    knowledge.by_subject[both][terms.OWL + "intersectionOf"] = [first]
    asked = "criterion/LiverTestsDidNotRecover"
    with planted(knowledge, asked, terms.EQUIVALENT_CLASS, both):
        found = refusal(knowledge)
    assert found.code == "contrary-flags"
    assert found.location.startswith("ontology/criteria/")
    assert "unionOf" in found.repair


def test_a_drug_on_both_sides_of_its_class_stops_the_build(mini: Path) -> None:
    drugs = mini / "mini" / "drugs.ttl"
    edit(
        drugs,
        "    rdfs:subClassOf class:Zarolide ;\n.\n\nclass:Zarolide",
        "    rdfs:subClassOf class:Zarolide ;\n    owl:disjointWith class:HummingZarolide ;\n.\n\n"
        "class:Zarolide",
    )
    edit(
        drugs,
        "    a class:SilentZarolide ;\n",
        "    a class:HummingZarolide ;\n    a class:SilentZarolide ;\n",
    )
    with pytest.raises(Inconsistency) as caught:
        examine(mini)
    assert caught.value.code == "disjoint"
    assert caught.value.subject == "drug:zaroquiet"
    assert "drugs.ttl:" in caught.value.location


def test_the_pairs_that_exclude_each_other_are_declared(knowledge: Knowledge) -> None:
    pairs = {
        frozenset((knowledge.short(left), knowledge.short(right)))
        for left in knowledge.of_type(terms.CLASS)
        for right in knowledge.iris(left, terms.OWL + "disjointWith")
    }
    wanted = (
        ("class:LiveVaccine", "class:InactivatedVaccine"),
        ("ik:Condition", "ik:Observation"),
        ("ik:Condition", "ik:Substance"),
        ("ik:Observation", "ik:Substance"),
        ("class:FluoroquinoloneClearedOfQt", "class:QtFluoroquinolone"),
        ("class:Serotonin3AntagonistClearedOfQt", "class:QtSerotonin3Antagonist"),
    )
    assert {frozenset(p) for p in wanted} <= pairs
    assert ik("Drug") in knowledge.of_type(terms.CLASS)
