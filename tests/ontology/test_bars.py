"""The size and the completeness that the release promises."""

from __future__ import annotations

import json
from pathlib import Path

import pyoxigraph as ox

from kg.build.load import load
from kg.snapshot.model import Snapshot
from tests.ontology.asking import ask, column
from tests.workshop import ONTOLOGY

IK = "https://w3id.org/inokg/"


def test_the_catalogue_is_broad(snapshot: Snapshot) -> None:
    drugs = [d for d in snapshot.drugs.values() if d.kind == "drug"]
    assert len(drugs) >= 1200
    assert len([d for d in snapshot.drugs.values() if d.kind == "combination"]) >= 150
    assert sum(d.assessed for d in drugs) >= 500
    assert not all(d.assessed for d in drugs), "a drug that nobody judged must say so"


def test_drugs_with_a_graded_sourced_liability(graph: ox.Store) -> None:
    drugs = column(
        graph,
        """SELECT DISTINCT ?drug { ?drug a ik:Drug ; ik:hasLiability ?liability .
           ?s ik:about ?drug ; ik:concernsLiability ?liability ; ik:source ?source }""",
    )
    assert len(drugs) >= 400


def test_qt_prolonging_drugs_follow_and_many_of_them_from_their_class(
    snapshot: Snapshot, graph: ox.Store
) -> None:
    assert len(snapshot.classes[IK + "class/QtProlongingDrug"].members) >= 170
    through_class = column(
        graph,
        """SELECT DISTINCT ?drug { ?class rdfs:subClassOf ?r .
           ?r owl:onProperty ik:hasLiability ; owl:hasValue ?liability .
           ?liability a/rdfs:subClassOf* liability:QtProlongation .
           ?drug a ?class ; a ik:Drug ; ik:hasLiability ?liability }""",
    )
    # Two classes are named as such by a source; all other drugs have a judgement of their own.
    assert len(through_class) >= 20


def test_both_reasoners_found_the_ontology_consistent(release_folder: Path) -> None:
    reports = json.loads((release_folder / "reasoning.json").read_text(encoding="utf-8"))
    assert {r["reasoner"] for r in reports} == {"HermiT", "rustdl"}
    assert all(r["consistent"] and r["unsatisfiable"] == 0 for r in reports)
    assert all(r["classes"] > 1000 for r in reports)


def test_every_advisory_is_whole(snapshot: Snapshot) -> None:
    assert len(snapshot.advisories) >= 60
    for key, advisory in snapshot.advisories.items():
        assert advisory.definition, key
        assert advisory.severities, key
        assert advisory.management, key
        assert all(snapshot.statements[s].locator for s in advisory.statements), key


def test_every_severity_is_used(snapshot: Snapshot) -> None:
    used = {s for a in snapshot.advisories.values() for s in a.severities.values()}
    assert used == {"contraindicated", "avoid", "hold", "caution", "inform"}


def test_every_code_has_a_system_a_source_and_one_term(snapshot: Snapshot, graph: ox.Store) -> None:
    codes = column(graph, "SELECT ?c { ?c a ik:Code ; ik:system ?s ; ik:source ?o }")
    assert len(codes) == len(column(graph, "SELECT ?c { ?c a ik:Code }")) > 5000
    known = {*snapshot.drugs, *snapshot.classes, *snapshot.conditions, *snapshot.observations}
    # Records also have codes for routes and degrees, for examinations, and for having nothing.
    known |= {*snapshot.values, *snapshot.doors.orders, *snapshot.doors.nothing}
    for system in snapshot.systems.values():
        assert {c.term for c in system.codes.values()} <= known


def test_every_module_has_a_label_of_its_own(graph: ox.Store) -> None:
    modules = ask(graph, "SELECT ?m ?label { ?m a owl:Ontology ; rdfs:label ?label }")
    assert len(modules) == len({label for _, label in modules}) > 40


def test_anonymous_nodes_stand_only_inside_class_expressions() -> None:
    knowledge = load(ONTOLOGY)
    named = {
        t.predicate.value
        for t in knowledge.quads
        if isinstance(t.object, ox.BlankNode) and isinstance(t.subject, ox.NamedNode)
    }
    owl, rdfs = "http://www.w3.org/2002/07/owl#", "http://www.w3.org/2000/01/rdf-schema#"
    assert named == {owl + "equivalentClass", rdfs + "subClassOf"}
