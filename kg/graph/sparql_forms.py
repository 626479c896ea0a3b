"""The forms in which an answer is written, and what is said in them beside the rows."""

from __future__ import annotations

import msgspec
import pyoxigraph as ox

from kg import terms

CAPPED = terms.BASE + "problem/row-cap"
TABLES = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "application/xml": ox.QueryResultsFormat.XML,
    "text/xml": ox.QueryResultsFormat.XML,
    "text/csv": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
DOCUMENTS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/trig": ox.RdfFormat.TRIG,
    "application/n-quads": ox.RdfFormat.N_QUADS,
}
WITH_PREFIXES = {ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG, ox.RdfFormat.RDF_XML}
_SHORT_DOCUMENT = 1 << 18


def tidied(body: bytes) -> bytes:
    """Keep those prefixes of a short document that it uses."""
    if len(body) > _SHORT_DOCUMENT:
        return body
    lines = body.splitlines(keepends=True)
    head = [line for line in lines if line.startswith(b"@prefix ")]
    rest = b"".join(lines[len(head) :])
    return b"".join(sorted(line for line in head if line.split()[1] in rest)) + b"\n" + rest


class _Results(msgspec.Struct):
    bindings: list[msgspec.Raw] = []


class _WrittenTable(msgspec.Struct):
    results: _Results = msgspec.field(default_factory=_Results)


def count(body: bytes, form: ox.QueryResultsFormat, enough: int) -> int:
    """Count the rows of a written table, unless it is too short to hold enough of them."""
    if len(body) < enough:
        return 0
    if form == ox.QueryResultsFormat.JSON:
        return len(msgspec.json.decode(body, type=_WrittenTable).results.bindings)
    if form == ox.QueryResultsFormat.XML:
        return body.count(b"<result>")
    if form == ox.QueryResultsFormat.TSV:
        return body.count(b"\n") - 1
    # Outside its quotes a line break ends a row; a quote within quotes is written twice.
    return sum(part.count(b"\n") for part in body.split(b'"')[::2]) - 1


def flagged(body: bytes, form: ox.QueryResultsFormat) -> bytes:
    """Say in the head, where the form has one, that there may be more rows."""
    if form == ox.QueryResultsFormat.JSON:
        return body.replace(b'"head":{', b'"head":{"link":["%s"],' % CAPPED.encode(), 1)
    if form == ox.QueryResultsFormat.XML:
        return body.replace(b"</head>", b'<link href="%s"/></head>' % CAPPED.encode(), 1)
    return body
