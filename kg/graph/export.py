"""A release in the forms that other tools read."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import pyoxigraph as ox

from kg.graph.clinical_use import knowledge_bundle
from kg.graph.document import document
from kg.graph.networkx_view import graph_view
from kg.snapshot.file import DATASET, RDF_XML, TURTLE, encode, read_snapshot
from kg.snapshot.jurisdictions import laws
from kg.snapshot.labels import label_of
from kg.snapshot.model import Snapshot

_NAMED = ("advisory", "topic", "title")
# Between these stand the severities, a column for each jurisdiction.
_COLUMNS = (
    "for whom",
    "unless",
    "sets aside",
    "what to do",
    "source",
    "section",
    "jurisdiction",
    "grade",
    "verification",
    "it says",
    "its strength",
    "disagreements",
    "content hash",
    "review",
    "about",
)


def export(folder: Path, form: str) -> bytes:
    """Write the release in a folder in one of the forms."""
    return FORMS[form](folder)


def _written(folder: Path, form: ox.RdfFormat) -> bytes:
    """Write the whole ontology, as it is stated, in another form of RDF."""
    data = (folder / RDF_XML).read_bytes()
    triples = (q.triple for q in ox.parse(data, format=ox.RdfFormat.RDF_XML))
    return document(triples, form)


def _graphml(folder: Path) -> bytes:
    """Write what is stated and what follows as one graph of labelled nodes and edges."""
    quads = ox.parse((folder / DATASET).read_bytes(), format=ox.RdfFormat.N_QUADS)
    out = io.BytesIO()
    nx.write_graphml(graph_view(q.triple for q in quads), out, named_key_ids=True)
    return out.getvalue()


def _reviewers(folder: Path) -> bytes:
    """Write one line for each statement of each advisory, as a spreadsheet opens it."""
    snapshot, _ = read_snapshot(folder)
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow((*_NAMED, *laws(snapshot), *_COLUMNS))
    for iri in sorted(snapshot.advisories):
        lines.writerows(_rows(iri, snapshot))
    return out.getvalue().encode("utf-8-sig")


def _rows(iri: str, snapshot: Snapshot) -> list[list[str]]:
    advisory = snapshot.advisories[iri]

    def asks(criterion: str | None) -> str:
        known = snapshot.criteria[criterion] if criterion else None
        return (known.definition or known.label) if known else ""

    own = [
        iri,
        snapshot.topics.get(advisory.topic, advisory.topic),
        advisory.label,
        *(advisory.severities.get(j, "") for j in laws(snapshot)),
        asks(advisory.applies_to),
        asks(advisory.unless),
        " ".join(asks(c) for c in advisory.sets_aside),
        advisory.management,
    ]
    about = "; ".join(label_of(drug, snapshot) for drug in advisory.about)
    named = "; ".join(snapshot.disagreements[d].label for d in advisory.disagreements)
    rows = []
    for name in advisory.statements or ("",):
        said = snapshot.statements.get(name)
        source = snapshot.sources.get(said.source) if said else None
        passage = ["", "", "", "", "", "", ""]
        if said:
            passage = [
                source.label if source else said.source,
                said.locator,
                said.jurisdiction,
                said.grade,
                said.verification,
                said.says,
                said.supports or "",
            ]
        rows.append([*own, *passage, named, advisory.content_hash, "unreviewed", about])
    return [[_plain(cell) for cell in row] for row in rows]


def _plain(cell: str) -> str:
    """Keep a spreadsheet from reading a text as a formula."""
    return f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell


FORMS: dict[str, Callable[[Path], bytes]] = {
    "turtle": lambda folder: (folder / TURTLE).read_bytes(),
    "rdfxml": lambda folder: (folder / RDF_XML).read_bytes(),
    "jsonld": lambda folder: _written(folder, ox.RdfFormat.JSON_LD),
    "ntriples": lambda folder: _written(folder, ox.RdfFormat.N_TRIPLES),
    "nquads": lambda folder: (folder / DATASET).read_bytes(),
    "graphml": _graphml,
    "fhir-r5": lambda folder: encode(knowledge_bundle(read_snapshot(folder)[0])) + b"\n",
    "csv": _reviewers,
}
