"""The ontology as one document, and the description by which catalogues find it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import pyoxigraph as ox

from kg import terms
from kg.turtle import Prefixes, canonical

_VOID, _DCAT = "http://rdfs.org/ns/void#", "http://www.w3.org/ns/dcat#"
_STANDARD = {
    "bibo": "http://purl.org/ontology/bibo/",
    "dcat": _DCAT,
    "dcterms": terms.DCTERMS,
    "ik": terms.SCHEMA,
    "owl": terms.OWL,
    "rdf": terms.RDF,
    "rdfs": terms.RDFS,
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": terms.SKOS,
    "vann": "http://purl.org/vocab/vann/",
    "void": _VOID,
    "xsd": terms.XSD,
}
_DATASET = ox.NamedNode(terms.BASE + "dataset/inokg")
# The forms in which the permanent name of the ontology is answered, by content negotiation.
_MEDIA = ("text/turtle", "application/rdf+xml", "application/ld+json")
_COPIED = ("title", "description", "license", "rights", "creator", "publisher", "issued")


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
    found = dict(_STANDARD)
    for triple in triples:
        for node in (triple.subject, triple.predicate, triple.object):
            if isinstance(node, ox.NamedNode):
                name = terms.kind(node.value)
                if name and name != "schema" and node.value != f"{terms.BASE}{name}":
                    found.setdefault(name, f"{terms.BASE}{name}/")
    return dict(sorted(found.items()))


def catalogue_entry(
    stated: Sequence[ox.Triple], graphs: Mapping[str, int], version: str
) -> list[ox.Triple]:
    """Describe the dataset by VoID and DCAT: what it holds, under which terms, where it is had."""
    header = ox.NamedNode(terms.BASE)
    kinds = Counter(
        t.object.value
        for t in stated
        if t.predicate.value == terms.TYPE and isinstance(t.object, ox.NamedNode)
    )
    found = [
        _to(_DATASET, terms.TYPE, _VOID + "Dataset"),
        _to(_DATASET, terms.TYPE, _DCAT + "Dataset"),
        _to(_DATASET, terms.DCTERMS + "subject", terms.BASE),
        _to(_DATASET, _VOID + "rootResource", terms.BASE),
        _to(_DATASET, _VOID + "exampleResource", terms.BASE + "schema/Advisory"),
        _to(_DATASET, _VOID + "sparqlEndpoint", terms.BASE + "sparql"),
        _to(_DATASET, _DCAT + "landingPage", terms.BASE),
        _to(_DATASET, _VOID + "vocabulary", terms.OWL),
        _to(_DATASET, _VOID + "vocabulary", terms.SKOS),
        _say(_DATASET, _VOID + "uriSpace", terms.BASE),
        _say(_DATASET, _DCAT + "version", version),
        _count(_DATASET, "triples", sum(graphs.values())),
        _count(_DATASET, "classes", kinds[terms.CLASS]),
        _count(_DATASET, "properties", sum(n for k, n in kinds.items() if k.endswith("Property"))),
        _count(_DATASET, "entities", len({str(t.subject) for t in stated})),
    ]
    for t in stated:
        if t.subject == header and t.predicate.value in {terms.DCTERMS + c for c in _COPIED}:
            found.append(ox.Triple(_DATASET, t.predicate, t.object))
    for name, number in graphs.items():
        part = ox.NamedNode(terms.GRAPH + name)
        found += [_to(_DATASET, _VOID + "subset", part.value), _count(part, "triples", number)]
        found += [_to(part, terms.TYPE, _VOID + "Dataset"), _say(part, terms.LABEL, name)]
    for kind, number in sorted(kinds.items()):
        if kind.startswith(terms.SCHEMA):
            part = ox.NamedNode(f"{terms.BASE}dataset/class-{terms.local(kind)}")
            found += [_to(_DATASET, _VOID + "classPartition", part.value)]
            found += [_to(part, _VOID + "class", kind), _count(part, "entities", number)]
    for media in _MEDIA:
        part = ox.NamedNode(f"{terms.BASE}dataset/{media.rpartition('/')[2]}")
        found += [
            _to(_DATASET, _DCAT + "distribution", part.value),
            _to(part, terms.TYPE, _DCAT + "Distribution"),
            _to(part, _DCAT + "accessURL", terms.BASE),
            _say(part, _DCAT + "mediaType", media),
        ]
    return found


def _to(subject: ox.NamedNode, predicate: str, target: str) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), ox.NamedNode(target))


def _say(subject: ox.NamedNode, predicate: str, text: str) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), ox.Literal(text))


def _count(subject: ox.NamedNode, name: str, number: int) -> ox.Triple:
    value = ox.Literal(str(number), datatype=ox.NamedNode(terms.XSD + "integer"))
    return ox.Triple(subject, ox.NamedNode(_VOID + name), value)
