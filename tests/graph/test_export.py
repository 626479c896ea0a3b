"""A release leaves in forms that other tools read, and says the same in each."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import networkx as nx
import pyoxigraph as ox
import pytest
import rdflib

from kg import terms
from kg.cli.main import main
from kg.graph.export import FORMS, export
from kg.graph.networkx_view import graph_view
from kg.snapshot.model import Snapshot


@pytest.fixture(scope="session")
def stated(release_folder: Path) -> set[str]:
    """Give the stated triples that have no anonymous node."""
    data = export(release_folder, "rdfxml")
    return _plain(ox.parse(data, format=ox.RdfFormat.RDF_XML))


def _plain(quads: object) -> set[str]:
    return {
        str(q.triple)
        for q in quads  # type: ignore[attr-defined]
        if not isinstance(q.subject, ox.BlankNode) and not isinstance(q.object, ox.BlankNode)
    }


@pytest.mark.parametrize(
    ("form", "known"), [("turtle", ox.RdfFormat.TURTLE), ("jsonld", ox.RdfFormat.JSON_LD)]
)
def test_documents_say_the_same(
    release_folder: Path, stated: set[str], form: str, known: ox.RdfFormat
) -> None:
    assert _plain(ox.parse(export(release_folder, form), format=known)) == stated
    assert len(stated) > 100_000


def test_quads_hold_what_is_stated_and_what_follows(release_folder: Path) -> None:
    quads = ox.parse(export(release_folder, "nquads"), format=ox.RdfFormat.N_QUADS)
    graphs = {q.graph_name.value for q in quads if isinstance(q.graph_name, ox.NamedNode)}
    assert graphs == {terms.BASE + "graph/asserted", terms.BASE + "graph/inferred"}


def test_graphml_is_read_back_with_labels(release_folder: Path, snapshot: Snapshot) -> None:
    graph = nx.read_graphml(io.BytesIO(export(release_folder, "graphml")))
    drug = snapshot.index_drug
    assert graph.nodes[drug]["label"] == snapshot.drugs[drug].label
    assert graph.nodes[drug]["kind"] == "drug"
    assert set(snapshot.drugs) <= set(graph.nodes)


def test_a_restriction_is_an_edge_of_its_property() -> None:
    data = b"""@prefix : <https://w3id.org/inokg/class/> .
        @prefix ik: <https://w3id.org/inokg/schema/> .
        @prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        :A rdfs:label "a" ; owl:equivalentClass [ owl:intersectionOf ( :B
          [ a owl:Restriction ; owl:onProperty ik:p ; owl:someValuesFrom :C ] ) ] ."""
    graph = graph_view(q.triple for q in ox.parse(data, format=ox.RdfFormat.TURTLE))
    base = terms.BASE + "class/"
    edges = {(terms.local(d["label"]), t) for _, t, d in graph.out_edges(base + "A", data=True)}
    assert edges == {("equivalentClass", base + "B"), ("p", base + "C")}
    assert graph.nodes[base + "A"]["label"] == "a"


def test_the_graph_and_a_query_count_the_same(release_folder: Path) -> None:
    """Degrees in networkx agree with what SPARQL counts over the same triples."""
    data = export(release_folder, "rdfxml")
    store = ox.Store()
    store.load(data, format=ox.RdfFormat.RDF_XML)
    graph = graph_view(q.triple for q in store)
    predicate = terms.ik("hasLiability")
    rows = store.query(
        f"SELECT ?l (COUNT(?d) AS ?n) {{ ?d a <{terms.ik('Drug')}> ; <{predicate}> ?l }}"
        " GROUP BY ?l"
    )
    counted = {row["l"].value: int(row["n"].value) for row in rows}  # type: ignore[union-attr]
    drugs = {s for s, _, k in graph.in_edges(terms.ik("Drug"), keys=True) if k == terms.TYPE}
    for liability, number in counted.items():
        edges = graph.in_edges(liability, keys=True)
        assert number == len({s for s, _, k in edges if k == predicate and s in drugs})
    assert len(counted) > 10


def test_reviewers_get_a_line_for_each_statement(release_folder: Path, snapshot: Snapshot) -> None:
    text = export(release_folder, "csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {r["advisory"] for r in rows} == set(snapshot.advisories)
    assert len(rows) == sum(len(a.statements) for a in snapshot.advisories.values())
    assert not [r for r in rows if not (r["section"] and r["source"] and r["it says"])]
    assert not [cell for r in rows for cell in r.values() if cell[:1] in "=+-@" and cell]


def test_rdflib_reads_the_turtle(release_folder: Path) -> None:
    graph = rdflib.Graph().parse(
        data=export(release_folder, "turtle")[:200_000].rsplit(b" .\n", 1)[0] + b" .\n"
    )
    assert len(graph) > 100


def test_the_command_writes_a_file(
    release_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "inokg.csv"
    releases = str(release_folder.parent)
    assert main(["export", "csv", "--out", str(out), "--releases", releases]) == 0
    assert out.stat().st_size > 10_000
    assert str(out) in capsys.readouterr().err


def test_every_form_of_the_contract_is_there() -> None:
    wanted = {"turtle", "rdfxml", "jsonld", "nquads", "graphml", "csv", "fhir-r5"}
    assert wanted <= set(FORMS)
