"""Every shape has an example it passes and one it catches, under both SHACL engines."""

from __future__ import annotations

from typing import cast

import pyshacl
import pyshacl_turbo
import pytest
import rdflib
from rdflib.namespace import SH

from kg.build.load import load
from kg.build.shapes import (
    Validate,
    check_shapes,
    data_graph,
    named_shapes,
    shapes_graph,
    violations,
)
from tests.workshop import ONTOLOGY

EXAMPLES = ONTOLOGY / "shapes" / "examples"
SHAPES = shapes_graph(ONTOLOGY)
NAMES = named_shapes(SHAPES)
ENGINES = {
    "reference": cast(Validate, pyshacl.validate),
    "fast": cast(Validate, pyshacl_turbo.validate),
}


def test_shapes_were_found() -> None:
    assert len(NAMES) >= 50


def test_every_shape_has_a_good_and_a_bad_example_and_no_example_lacks_its_shape() -> None:
    wanted = {f"{name}.{side}.ttl" for name in NAMES for side in ("good", "bad")}
    assert {p.name for p in EXAMPLES.iterdir()} == wanted


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
    caught = {}
    for side in ("good", "bad"):
        graph = rdflib.Graph().parse(EXAMPLES / f"{name}.{side}.ttl")
        _, report, _ = ENGINES[engine](graph, shacl_graph=SHAPES)
        caught[side] = {shape for _, shape, _ in violations(report)}
    assert name in caught["bad"]
    assert name not in caught["good"]


def test_the_fast_engine_and_the_reference_report_the_same() -> None:
    for path in sorted(EXAMPLES.iterdir()):
        graph = rdflib.Graph().parse(path)
        reports = [violations(run(graph, shacl_graph=SHAPES)[1]) for run in ENGINES.values()]
        assert [(f, s) for f, s, _ in reports[0]] == [(f, s) for f, s, _ in reports[1]], path.name


def test_the_real_advice_and_its_evidence_conform_under_the_reference_engine() -> None:
    folders = ("schema", "terms", "criteria", "advisories", "sources")
    files = [p for f in folders for p in sorted((ONTOLOGY / f).glob("*.ttl"))]
    files += sorted((ONTOLOGY / "drugs").glob("index_*.ttl"))
    knowledge = load(ONTOLOGY, files)
    conforms, _, text = ENGINES["reference"](data_graph(knowledge.quads), shacl_graph=SHAPES)
    assert conforms, text[:2000]


def test_the_whole_ontology_conforms() -> None:
    assert check_shapes(load(ONTOLOGY)) == len(NAMES)
