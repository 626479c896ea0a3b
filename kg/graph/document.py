"""The ontology, or a part of it, as a document with prefixes that a reader knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyoxigraph as ox

from kg import terms
from kg.graph.turtle import Prefixes, canonical

STANDARD = {
    "bibo": "http://purl.org/ontology/bibo/",
    "dcat": terms.DCAT,
    "dcterms": terms.DCTERMS,
    "foaf": terms.FOAF,
    "ik": terms.SCHEMA,
    "inokg": terms.BASE,
    "owl": terms.OWL,
    "rdf": terms.RDF,
    "rdfs": terms.RDFS,
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": terms.SKOS,
    "vann": "http://purl.org/vocab/vann/",
    "void": terms.VOID,
    "xsd": terms.XSD,
}


def document(triples: Iterable[ox.Triple], form: ox.RdfFormat) -> bytes:
    """Write triples as one document, in one order, with prefixes that a reader knows."""
    ordered = sorted(triples, key=str)
    return ox.serialize(ordered, format=form, prefixes=prefixes(ordered)) or b""


def readable(triples: Sequence[ox.Triple], form: ox.RdfFormat) -> bytes:
    """Write a few triples in the form in which the ontology's own files are written."""
    text = document(triples, form).decode()
    return canonical(text, "", Prefixes(prefixes(triples))).encode()


def prefixes(triples: Iterable[ox.Triple]) -> dict[str, str]:
    """Name each folder of the namespace after itself, and the standards as everybody does."""
    bound = dict(STANDARD)
    for triple in triples:
        for node in (triple.subject, triple.predicate, triple.object):
            if isinstance(node, ox.NamedNode):
                name = terms.kind(node.value)
                if name and name != "schema" and node.value != f"{terms.BASE}{name}":
                    bound.setdefault(name, f"{terms.BASE}{name}/")
    return dict(sorted(bound.items()))
