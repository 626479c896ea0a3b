"""The dataset description for data catalogues: VoID and DCAT.

Its subject is copied from the ontology's header; what can be counted is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyoxigraph as ox

from kg import terms
from kg.build.annotate import SEE_ALSO
from kg.snapshot.file import RDF_XML, TURTLE
from kg.terms import DCAT, DCTERMS, SHACL, VOID, ik

_PARTS = terms.BASE + "dataset/"
_DATASET = ox.NamedNode(_PARTS + "inokg")
_IANA = "https://www.iana.org/assignments/media-types/"
_COPIED = (
    *("title", "description", "license", "rights", "creator", "contributor", "publisher"),
    *("issued", "modified", "language"),
)
_COPIED_DCAT = ("keyword", "theme")
# The forms in which the ontology's name is answered: key, media type, the ending that asks for it,
# and the file of a release that it is.
_FORMS = (
    ("turtle", "text/turtle", "ttl", TURTLE),
    ("rdf-xml", "application/rdf+xml", "rdf", RDF_XML),
    ("json-ld", "application/ld+json", "jsonld", ""),
)
_GRAPHS = {
    "asserted": "This graph holds what is stated in the ontology's files.",
    "inferred": "This graph holds what is not stated and follows from what is, by OWL 2 DL.",
    "reviews": "This graph is the place of reviewers' verdicts. A release leaves it empty.",
}
_SPARQL = terms.BASE + "sparql"
# Prefixes that all examples and pages use; programs that read the entry can take them from it.
_PREFIXES = {"inokg": terms.BASE, "ik": terms.SCHEMA, "graph": terms.GRAPH}


def dataset_entry(
    stated: Sequence[ox.Triple], graphs: Mapping[str, int], sizes: Mapping[str, int], version: str
) -> list[ox.Triple]:
    """Describe the dataset: what it holds, under which terms, where and how it is had."""
    return [
        *_itself(stated, graphs, version),
        *_copied(stated),
        *_graphs(graphs),
        *_partitions(stated),
        *_links(stated),
        *_forms(sizes, version),
        *_service(),
    ]


def _itself(
    stated: Sequence[ox.Triple], graphs: Mapping[str, int], version: str
) -> Iterator[ox.Triple]:
    kinds = _kinds(stated)
    for kind in (VOID, DCAT):
        yield _to(_DATASET, terms.TYPE, kind + "Dataset")
    for predicate, target in (
        (DCTERMS + "subject", terms.BASE),
        (VOID + "rootResource", terms.BASE),
        (VOID + "sparqlEndpoint", _SPARQL),
        (DCAT + "landingPage", terms.BASE),
        *((VOID + "vocabulary", v) for v in (terms.SCHEMA, terms.OWL, terms.SKOS, DCTERMS)),
        *((VOID + "exampleResource", e) for e in _examples(stated)),
    ):
        yield _to(_DATASET, predicate, target)
    yield _say(_DATASET, VOID + "uriSpace", terms.BASE)
    yield _say(_DATASET, DCAT + "version", version)
    yield _label(_DATASET, "the dataset")
    yield _count(_DATASET, VOID + "triples", sum(graphs.values()))
    yield _count(_DATASET, VOID + "classes", kinds[terms.CLASS])
    properties = sum(n for kind, n in kinds.items() if kind.endswith("Property"))
    yield _count(_DATASET, VOID + "properties", properties)
    yield _count(_DATASET, VOID + "entities", len({str(t.subject) for t in stated}))
    for name, place in _PREFIXES.items():
        node = ox.BlankNode(f"prefix-{name}")
        yield ox.Triple(_DATASET, ox.NamedNode(SHACL + "declare"), node)
        yield ox.Triple(node, ox.NamedNode(SHACL + "prefix"), ox.Literal(name))
        iri = ox.Literal(place, datatype=ox.NamedNode(terms.XSD + "anyURI"))
        yield ox.Triple(node, ox.NamedNode(SHACL + "namespace"), iri)


def _kinds(stated: Iterable[ox.Triple]) -> Counter[str]:
    return Counter(
        t.object.value
        for t in stated
        if t.predicate.value == terms.TYPE and isinstance(t.object, ox.NamedNode)
    )


def _examples(stated: Iterable[ox.Triple]) -> Iterator[str]:
    """Give one advisory, one source and one drug: the first of each by name."""
    for kind in ("Advisory", "Source", "Drug"):
        of_kind = ox.NamedNode(ik(kind))
        subjects = (
            t.subject.value
            for t in stated
            if t.object == of_kind
            and t.predicate.value == terms.TYPE
            and isinstance(t.subject, ox.NamedNode)
        )
        first = min(subjects, default="")
        if first:
            yield first


def _copied(stated: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """Repeat what the header says, and who the agents are that it names."""
    wanted = {DCTERMS + c for c in _COPIED} | {DCAT + c for c in _COPIED_DCAT}
    header = ox.NamedNode(terms.BASE)
    for t in stated:
        if t.subject == header and t.predicate.value in wanted:
            yield ox.Triple(_DATASET, t.predicate, t.object)
        elif isinstance(t.subject, ox.NamedNode) and t.predicate.value == terms.FOAF + "name":
            yield t
            yield _to(t.subject, terms.TYPE, terms.FOAF + "Agent")


def _graphs(graphs: Mapping[str, int]) -> Iterator[ox.Triple]:
    for name, said in _GRAPHS.items():
        part = ox.NamedNode(terms.GRAPH + name)
        yield _to(_DATASET, VOID + "subset", part.value)
        yield _to(part, terms.TYPE, VOID + "Dataset")
        yield _label(part, name)
        yield _define(part, said)
        yield _count(part, VOID + "triples", graphs.get(name, 0))


def _partitions(stated: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    for kind, number in sorted(_kinds(stated).items()):
        if kind.startswith(terms.SCHEMA) or kind == terms.CLASS:
            name = terms.local(kind)
            part = ox.NamedNode(f"{_PARTS}class-{'owl-' if kind == terms.CLASS else ''}{name}")
            yield _to(_DATASET, VOID + "classPartition", part.value)
            yield _label(part, f"members of {name}")
            yield _to(part, VOID + "class", kind)
            yield _count(part, VOID + "entities", number)


def _links(stated: Sequence[ox.Triple]) -> Iterator[ox.Triple]:
    """Describe the links that leave the graph, system by system and for sources."""
    system_of = {
        str(t.subject): terms.local(t.object.value)
        for t in stated
        if t.predicate.value == ik("system") and isinstance(t.object, ox.NamedNode)
    }
    links = Counter(
        system_of.get(str(t.subject), "sources")
        for t in stated
        if t.predicate.value == SEE_ALSO and isinstance(t.object, ox.NamedNode)
    )
    for name, number in sorted(links.items()):
        part = ox.NamedNode(f"{_PARTS}links-{name}")
        yield _to(_DATASET, VOID + "subset", part.value)
        yield _to(part, terms.TYPE, VOID + "Linkset")
        yield _label(part, f"links out: {name}")
        yield _to(part, VOID + "subjectsTarget", _DATASET.value)
        yield _to(part, VOID + "linkPredicate", SEE_ALSO)
        yield _count(part, VOID + "triples", number)


def _forms(sizes: Mapping[str, int], version: str) -> Iterator[ox.Triple]:
    kept = f"{terms.BASE}release/{version}"
    for key, media, ending, file in _FORMS:
        part, there = ox.NamedNode(_PARTS + key), f"{kept}?format={ending}"
        yield _to(_DATASET, DCAT + "distribution", part.value)
        yield _to(_DATASET, VOID + "dataDump", there)
        yield _to(part, terms.TYPE, DCAT + "Distribution")
        yield _label(part, f"the ontology as {media}")
        yield _to(part, DCAT + "accessURL", terms.BASE)
        yield _to(part, DCAT + "downloadURL", there)
        yield _to(part, DCAT + "mediaType", _IANA + media)
        if file in sizes:
            yield _count(part, DCAT + "byteSize", sizes[file], "nonNegativeInteger")


def _service() -> Iterator[ox.Triple]:
    service = ox.NamedNode(_PARTS + "sparql-service")
    yield _to(service, terms.TYPE, DCAT + "DataService")
    yield _label(service, "the SPARQL endpoint")
    yield _to(service, DCAT + "endpointURL", _SPARQL)
    yield _to(service, DCAT + "endpointDescription", _SPARQL)
    yield _to(service, DCAT + "servesDataset", _DATASET.value)
    yield _to(service, DCTERMS + "conformsTo", "https://www.w3.org/TR/sparql11-protocol/")


def _to(subject: ox.NamedNode, predicate: str, target: str) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), ox.NamedNode(target))


def _say(subject: ox.NamedNode, predicate: str, text: str) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), ox.Literal(text))


def _label(subject: ox.NamedNode, text: str) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(terms.LABEL), ox.Literal(text, language="en"))


def _define(subject: ox.NamedNode, text: str) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(terms.DEFINITION), ox.Literal(text, language="en"))


def _count(subject: ox.NamedNode, predicate: str, number: int, kind: str = "integer") -> ox.Triple:
    value = ox.Literal(str(number), datatype=ox.NamedNode(terms.XSD + kind))
    return ox.Triple(subject, ox.NamedNode(predicate), value)
