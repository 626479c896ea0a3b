"""The SPARQL 1.1 Service Description of the endpoint."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox

from kg import terms
from kg.graph.sparql_forms import DOCUMENTS, TABLES
from kg.graph.sparql_query import DEFAULT, NAMED
from kg.graph.sparql_worker import Limits
from kg.snapshot.file import VOID

_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_SIMPLE = "http://www.w3.org/ns/entailment/Simple"
_PREFIXES = {"sd": _SD, "void": terms.VOID, "dcterms": terms.DCTERMS, "format": _FORMATS}
_NAMES = {
    "application/sparql-results+json": "SPARQL_Results_JSON",
    "application/sparql-results+xml": "SPARQL_Results_XML",
    "text/csv": "SPARQL_Results_CSV",
    "text/tab-separated-values": "SPARQL_Results_TSV",
    "text/turtle": "Turtle",
    "application/n-triples": "N-Triples",
    "application/rdf+xml": "RDF_XML",
    "application/ld+json": "JSON-LD",
    "application/trig": "TriG",
    "application/n-quads": "N-Quads",
}
_SAID = (
    "The release as SPARQL 1.1, queries only. The default graph is all that is stated and all "
    "that follows from it; the named graphs part the two, and keep a place for reviews. A query "
    "is stopped after {seconds:g} seconds and gives at most {rows:,} rows; nothing is fetched."
)
_HOLDS = {
    "asserted": "What is stated in the ontology's files.",
    "inferred": "What is not stated and follows from what is, under the OWL 2 direct semantics.",
    "reviews": "The place of reviewers' verdicts; a release leaves it empty.",
}


def description(where: str, folder: Path, limits: Limits, form: ox.RdfFormat) -> bytes:
    """Describe the endpoint at an address: its language, its forms, its graphs and their sizes."""
    service, dataset, union = ox.NamedNode(where), ox.BlankNode("dataset"), ox.BlankNode("default")
    sizes, licence = _sizes(folder), _licence(folder)
    triples = [
        # Without FROM or GRAPH a query sees the union of what is stated and what follows, and a
        # named graph may be empty: that of reviews is.
        _to(service, _SD + "feature", _SD + "UnionDefaultGraph"),
        _to(service, _SD + "feature", _SD + "EmptyGraphs"),
        # What follows stands in the store: nothing is worked out while a query is answered.
        _to(service, _SD + "defaultEntailmentRegime", _SIMPLE),
        _to(service, terms.RDFS + "seeAlso", terms.BASE + "void"),
        *(_to(service, terms.DCTERMS + "license", iri) for iri in licence),
        _to(service, terms.TYPE, _SD + "Service"),
        _to(service, _SD + "endpoint", service),
        _to(service, _SD + "supportedLanguage", _SD + "SPARQL11Query"),
        _say(service, terms.DCTERMS + "description", _SAID.format_map(_limits(limits))),
        _to(service, _SD + "defaultDataset", dataset),
        _to(dataset, terms.TYPE, _SD + "Dataset"),
        _to(dataset, _SD + "defaultGraph", union),
        _to(union, terms.TYPE, _SD + "Graph"),
        _count(union, sum(sizes.get(name, 0) for name in DEFAULT)),
    ]
    triples += [
        _to(service, _SD + "resultFormat", _FORMATS + _NAMES[media])
        for media in (*TABLES, *DOCUMENTS)
        if media in _NAMES
    ]
    for name in NAMED:
        key = terms.local(name)
        part, graph = ox.BlankNode(key), ox.BlankNode(f"{key}-graph")
        triples += [
            _to(dataset, _SD + "namedGraph", part),
            _to(part, terms.TYPE, _SD + "NamedGraph"),
            _to(part, _SD + "name", name),
            _to(part, _SD + "graph", graph),
            _to(graph, terms.TYPE, _SD + "Graph"),
            _say(graph, terms.DCTERMS + "description", _HOLDS[key]),
            _to(graph, terms.RDFS + "seeAlso", name),
            _count(graph, sizes.get(name, 0)),
        ]
    return ox.serialize(triples, format=form, prefixes=_PREFIXES) or b""


def _limits(limits: Limits) -> dict[str, float]:
    return {"seconds": limits.seconds, "rows": limits.rows}


def _licence(folder: Path) -> list[str]:
    """Read under which terms the dataset is had, as its catalogue entry says."""
    data = (folder / VOID).read_bytes()
    licences = (
        q.object.value
        for q in ox.parse(data, format=ox.RdfFormat.TURTLE)
        if q.predicate.value == terms.DCTERMS + "license" and isinstance(q.object, ox.NamedNode)
    )
    return sorted(set(licences))


def _sizes(folder: Path) -> dict[str, int]:
    """Read how many triples each graph of a release holds, as its catalogue entry says."""
    data = (folder / VOID).read_bytes()
    return {
        q.subject.value: int(q.object.value)
        for q in ox.parse(data, format=ox.RdfFormat.TURTLE)
        if q.predicate.value == terms.VOID + "triples"
        and isinstance(q.subject, ox.NamedNode)
        and isinstance(q.object, ox.Literal)
    }


_DescribedNode = ox.NamedNode | ox.BlankNode


def _to(subject: _DescribedNode, predicate: str, target: str | _DescribedNode) -> ox.Triple:
    node = ox.NamedNode(target) if isinstance(target, str) else target
    return ox.Triple(subject, ox.NamedNode(predicate), node)


def _say(subject: _DescribedNode, predicate: str, text: str) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), ox.Literal(text, language="en"))


def _count(subject: _DescribedNode, number: int) -> ox.Triple:
    value = ox.Literal(str(number), datatype=ox.NamedNode(terms.XSD + "integer"))
    return ox.Triple(subject, ox.NamedNode(terms.VOID + "triples"), value)
