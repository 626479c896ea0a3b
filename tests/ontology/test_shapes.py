"""Every shape has an example it passes and one it catches, under both SHACL engines."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import cast

import pyoxigraph as ox
import pyshacl
import pyshacl_turbo
import pytest
import rdflib
from rdflib.namespace import SH

from kg.build.load import load
from kg.build.shapes import (
    Validate,
    data_graph,
    named_shapes,
    shapes_graph,
    violations,
)
from kg.graph.turtle import Prefixes
from tests.workshop import ONTOLOGY

EXAMPLES = ONTOLOGY / "shapes" / "examples"
SHAPES = shapes_graph(ONTOLOGY)
NAMES = named_shapes(SHAPES)
ENGINES = {
    "reference": cast(Validate, pyshacl.validate),
    "fast": cast(Validate, pyshacl_turbo.validate),
}


def example(name: str, side: str) -> rdflib.Graph:
    """Give one side of a pair: what both sides share, and what is its own."""
    quads = ox.parse((EXAMPLES / f"{name}.trig").read_bytes(), format=ox.RdfFormat.TRIG)
    graphs = {"": ox.DefaultGraph(), side: ox.NamedNode(f"https://w3id.org/inokg/example/{side}")}
    triples = [
        ox.Triple(q.subject, q.predicate, q.object)
        for q in quads
        if q.graph_name in graphs.values()
    ]
    data = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
    return rdflib.Graph().parse(data=data.decode(), format="nt")


@cache
def found(engine: str, name: str, side: str) -> tuple[tuple[str, str, str], ...]:
    """Give what an engine catches on one side of a pair of examples."""
    return tuple(violations(ENGINES[engine](example(name, side), shacl_graph=SHAPES)[1]))


def test_shapes_were_found() -> None:
    assert len(NAMES) >= 50


def test_every_shape_has_a_good_and_a_bad_example_and_no_example_lacks_its_shape() -> None:
    assert {p.name for p in EXAMPLES.iterdir()} == {f"{name}.trig" for name in NAMES}
    for name in NAMES:
        good, bad = (set(example(name, side)) for side in ("good", "bad"))
        assert good, name
        assert good != bad, name


def test_examples_use_the_prefixes_of_the_ontology() -> None:
    bound = Prefixes.read(ONTOLOGY / "prefixes.ttl").namespaces
    for path in EXAMPLES.iterdir():
        own = Prefixes.read(path).namespaces
        del own["example"]
        assert own.items() <= bound.items(), path.name


def test_every_shape_says_the_repair() -> None:
    for name in NAMES:
        shape = rdflib.URIRef(f"https://w3id.org/inokg/shape/{name}")
        message = SHAPES.value(shape, SH.message) or SHAPES.value(
            SHAPES.value(shape, SH.sparql), SH.message
        )
        assert message is not None, name
        assert len(str(message)) > 20, name


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", NAMES)
def test_the_bad_example_is_caught_by_its_shape_and_the_good_one_is_not(
    name: str, engine: str
) -> None:
    caught = {
        side: {shape for _, shape, _ in found(engine, name, side)} for side in ("good", "bad")
    }
    assert name in caught["bad"]
    assert name not in caught["good"]


def test_the_fast_engine_and_the_reference_report_the_same() -> None:
    for name, side in ((n, s) for n in NAMES for s in ("good", "bad")):
        reports = [found(engine, name, side) for engine in ENGINES]
        assert [(f, s) for f, s, _ in reports[0]] == [(f, s) for f, s, _ in reports[1]], (
            name,
            side,
        )


def test_the_real_advice_and_its_evidence_conform_under_the_reference_engine() -> None:
    folders = "schema terms criteria advisories sources facts".split()
    files = [p for f in folders for p in sorted((ONTOLOGY / f).glob("*.ttl"))]
    # Class knowledge speaks of drugs, which would take the reference engine many minutes.
    waiting = sorted((ONTOLOGY / "awaiting_confirmation").glob("*.ttl"))
    files += [p for p in waiting if not p.name.startswith("class_knowledge_")]
    files += sorted((ONTOLOGY / "drugs").glob("index_*.ttl"))
    knowledge = load(ONTOLOGY, files)
    _, report, text = ENGINES["reference"](data_graph(knowledge.quads), shacl_graph=SHAPES)
    # Whether a drug carries what such a statement says of it cannot be seen without the drug.
    of_drugs = "liability-statement-without-liability"
    assert {shape for _, shape, _ in violations(report)} <= {of_drugs}, text[:2000]


def test_the_whole_ontology_conforms(release_folder: Path) -> None:
    """A build of these very bytes gives the number of shapes only where each of them is kept."""
    report = json.loads((release_folder / "validation.json").read_text(encoding="utf-8"))
    assert report["shapes"] == len(NAMES)
