"""The catalogue as a pharmacist leafs through it: where a drug stands says what is known of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from kg import terms
from kg.build.load import Knowledge, load
from kg.terms import ik
from tests.ontology.asking import column
from tests.workshop import ONTOLOGY

IK = "https://w3id.org/inokg/"
AWAITING = IK + "verification/awaiting-confirmation"
_LONGEST = 1500
# The two shelves of single drugs; a combination stands for its parts, and the index drug apart.
_SHELVES = ("judged", "known_by_name")
_PATTERN = re.compile(r" is a (medicine|vaccine) of the group | is a herbal product or food ")


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load(ONTOLOGY)


def _shelf(knowledge: Knowledge, iri: str) -> str:
    folders = knowledge.places[iri].path.split("/")
    return folders[2] if folders[1] == "drugs" and len(folders) == 4 else ""


def _drugs(knowledge: Knowledge) -> Iterator[str]:
    return (
        i
        for i in knowledge.of_type(ik("Drug"))
        if ik("IndexDrug") not in knowledge.iris(i, terms.TYPE)
    )


def test_no_file_of_the_catalogue_is_too_long_to_leaf_through() -> None:
    files = [p for p in (ONTOLOGY / "drugs").rglob("*.*") if p.suffix in (".ttl", ".tsv")]
    files += (ONTOLOGY / "awaiting_confirmation").iterdir()
    assert len(files) > 100
    long = {p.name: n for p in files if (n := len(p.read_text("utf-8").splitlines())) > _LONGEST}
    assert long == {}


def _classes_of_advice(knowledge: Knowledge) -> set[str]:
    """Give the classes that a definition names."""
    return {
        t.object.value
        for t in knowledge.quads
        if t.predicate.value != terms.TYPE
        and isinstance(t.subject, ox.BlankNode)
        and isinstance(t.object, ox.NamedNode)
        and terms.kind(t.object.value) == "class"
    }


def test_what_a_reviewer_signs_of_a_drug_decides_its_shelf(knowledge: Knowledge) -> None:
    stated: dict[str, list[str]] = defaultdict(list)
    judgements = set(knowledge.of_type(ik("Judgement")))
    for statement in set(knowledge.of_type(ik("Statement"))) - judgements:
        for subject in knowledge.iris(statement, ik("about")):
            stated[subject].append(statement)
    named, wrong = _classes_of_advice(knowledge), {}
    counts = dict.fromkeys(_SHELVES, 0)
    for drug in _drugs(knowledge):
        judged = (
            bool(stated[drug])
            or bool(knowledge.values(drug, ik("halfLifeUpperHours")))
            or bool(named & set(knowledge.iris(drug, terms.TYPE)))
        )
        shelf = _shelf(knowledge, drug)
        counts[shelf] += 1
        if judged and shelf != _SHELVES[0]:
            wrong[knowledge.short(drug)] = knowledge.where(drug)
    assert wrong == {}
    assert min(counts.values()) > 900


def test_a_drug_known_by_name_is_in_no_class_that_carries_advice(knowledge: Knowledge) -> None:
    named = _classes_of_advice(knowledge)
    assert len(named) > 20
    for drug in _drugs(knowledge):
        if _shelf(knowledge, drug) == _SHELVES[1]:
            assert not named & set(knowledge.iris(drug, terms.TYPE)), drug


def test_combinations_stand_apart(knowledge: Knowledge) -> None:
    for iri in knowledge.of_type(ik("Combination")):
        assert _shelf(knowledge, iri) == "combinations", knowledge.where(iri)


def test_ketoconazole_stands_among_the_antifungals(knowledge: Knowledge) -> None:
    for name in ("ketoconazole", "miconazole"):
        assert knowledge.places[f"{IK}drug/{name}"].path.endswith("judged/antifungals.ttl")


def test_no_definition_of_a_drug_only_names_its_group(
    knowledge: Knowledge, graph: ox.Store
) -> None:
    written = [
        f"{path.name}: {line.strip()}"
        for path in (ONTOLOGY / "drugs").rglob("*.ttl")
        for line in path.read_text("utf-8").splitlines()
        if line.strip().startswith("skos:definition ") and _PATTERN.search(line)
    ]
    assert written == []
    # They are in the release all the same.
    said = column(graph, "SELECT ?d { GRAPH ?g { ?d a ik:Drug ; skos:definition ?t } }")
    assert len(said) == len(knowledge.of_type(ik("Drug")))
    groups = column(
        graph,
        'SELECT ?d { ?d a ik:Drug ; skos:definition ?t FILTER(CONTAINS(?t, " of the group ")) }',
    )
    assert 1500 < len(groups) < len(said)


def test_what_awaits_confirmation_has_a_folder_of_its_own(knowledge: Knowledge) -> None:
    debt = 0
    # A judgement stands in its table, which says of each row how far it was checked.
    judgements = set(knowledge.of_type(ik("Judgement")))
    for iri in set(knowledge.of_type(ik("Statement"))) - judgements:
        awaits = AWAITING in knowledge.iris(iri, ik("verification"))
        debt += awaits
        folder = knowledge.places[iri].path.split("/")[1]
        assert awaits == (folder == "awaiting_confirmation"), knowledge.where(iri)
    assert debt > 0
    here = {i for i, p in knowledge.places.items() if "/awaiting_confirmation/" in p.path}
    assert {terms.kind(i) for i in here} == {"statement", "module"}
