"""Check the knowledge against its SHACL shapes; each shape says how to fix a violation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol, cast

import pyoxigraph as ox
import pyshacl_turbo
import rdflib
from rdflib.namespace import SH

from kg import terms
from kg.build.load import Knowledge
from kg.errors import KnowledgeError, ShapeViolation
from kg.graph.turtle import parse
from kg.terms import ik


class Validate(Protocol):
    """What both SHACL engines offer: the build uses the fast one, the tests the reference."""

    def __call__(
        self, data_graph: rdflib.Graph, *, shacl_graph: rdflib.Graph
    ) -> tuple[bool, rdflib.Graph, str]:
        """Say whether data conform, with the report as a graph and as text."""


def shape_files(root: Path) -> list[Path]:
    """List the files of shapes in any folder, their examples apart."""
    shapes = root / "shapes"
    return sorted(p for p in shapes.rglob("*.ttl") if shapes / "examples" not in p.parents)


def shapes_graph(root: Path) -> rdflib.Graph:
    """Read all shapes into one graph."""
    graph = rdflib.Graph()
    for path in shape_files(root):
        parse(path.read_text(encoding="utf-8"), path.relative_to(root.parent).as_posix())
        graph.parse(path, format="turtle")
    return graph


def data_graph(triples: Iterable[ox.Triple]) -> rdflib.Graph:
    """Hand triples over to the library that both SHACL engines read.

    An anonymous class is a part of a definition and no term, so its type is left out.
    """
    graph = rdflib.Graph()
    kept = (
        t
        for t in triples
        if not (isinstance(t.subject, ox.BlankNode) and t.predicate.value == terms.TYPE)
    )
    data = ox.serialize(kept, format=ox.RdfFormat.N_TRIPLES) or b""
    graph.parse(data=data.decode(), format="nt")
    return graph


def check_shapes(knowledge: Knowledge, validate: Validate | None = None) -> int:
    """Refuse the first term, by its place, that lacks what its shape asks for."""
    shapes = shapes_graph(knowledge.root)
    if not named_shapes(shapes):
        raise KnowledgeError(
            code="no-shapes",
            message="there are no shapes to check the knowledge against",
            location=str(knowledge.root / "shapes"),
            repair="restore the folder of shapes",
        )
    run = validate or cast(Validate, pyshacl_turbo.validate)
    conforms, report, text = run(data_graph(_shaped(knowledge)), shacl_graph=shapes)
    if conforms:
        return len(named_shapes(shapes))
    faults = violations(report)
    if not faults:
        raise ShapeViolation(code="shape-engine", message=text, repair="correct the shapes graph")
    focus, shape, message = min(faults, key=lambda f: (knowledge.where(f[0]), f))
    raise ShapeViolation(
        code=shape,
        message=f"{message} ({len(faults)} such faults in all)" if len(faults) > 1 else message,
        subject=knowledge.short(focus),
        location=knowledge.where(focus),
        repair="see ontology/shapes and the message above",
    )


def _shaped(knowledge: Knowledge) -> Iterator[ox.Triple]:
    """Give what shapes look at: of a judgement only what it brings, for its table has columns."""
    judgements = {ox.NamedNode(i) for i in knowledge.of_type(ik("Judgement"))}
    brings = {ox.NamedNode(ik(name)) for name in ("about", "concernsLiability")}
    for triple in knowledge.quads:
        if triple.subject not in judgements or triple.predicate in brings:
            yield triple


def named_shapes(shapes: rdflib.Graph) -> list[str]:
    """List the shapes that have a name: one rule each."""
    kinds = (SH.NodeShape, SH.PropertyShape)
    found = {s for k in kinds for s in shapes.subjects(rdflib.RDF.type, k)}
    return sorted(str(s).rsplit("/", 1)[-1] for s in found if isinstance(s, rdflib.URIRef))


def violations(report: rdflib.Graph) -> list[tuple[str, str, str]]:
    """Read a report: the term at fault, the shape's name, the shape's message."""
    faults = []
    for result in report.subjects(rdflib.RDF.type, SH.ValidationResult):
        focus = str(report.value(result, SH.focusNode))
        shape = str(report.value(result, SH.sourceShape)).rsplit("/", 1)[-1]
        message = str(report.value(result, SH.resultMessage))
        faults.append((focus, shape, message))
    return sorted(faults)
