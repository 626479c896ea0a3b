"""Every term has its page and its RDF under its own name; a check of good manners finds nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from fastapi.testclient import TestClient

from api.app import create_app
from api.negotiate import chosen
from api.settings import Settings
from kg import terms
from kg.describe import Described
from kg.errors import SnapshotAltered
from kg.model import Snapshot

RDF = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
}


@pytest.fixture(scope="session")
def client(release_folder: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(releases=release_folder.parent))) as found:
        yield found


@pytest.fixture(scope="session")
def described(release_folder: Path) -> Described:
    return Described(release_folder)


def path(iri: str) -> str:
    return "/id/" + iri.removeprefix(terms.BASE)


@pytest.mark.parametrize("media", RDF)
def test_a_term_says_the_same_in_every_form(
    client: TestClient, described: Described, snapshot: Snapshot, media: str
) -> None:
    for iri in (
        snapshot.index_drug,
        next(iter(snapshot.criteria)),
        next(iter(snapshot.advisories)),
    ):
        answer = client.get(path(iri), headers={"Accept": media})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(media)
        assert "Accept" in answer.headers["vary"]
        given = ox.Dataset()
        for quad in ox.parse(answer.content, format=RDF[media]):
            given.add(ox.Quad(quad.subject, quad.predicate, quad.object))
        wanted = ox.Dataset(ox.Quad(q.subject, q.predicate, q.object) for q in described.about(iri))
        for whole in (given, wanted):
            whole.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        assert given == wanted


def test_every_kind_of_term_has_pages(client: TestClient, described: Described) -> None:
    """Take the first and the last term of each kind; each page names its term."""
    kinds: dict[str, list[str]] = {}
    for iri in described.subjects(terms.BASE):
        kinds.setdefault(terms.kind(iri), []).append(iri)
    for kind, iris in kinds.items():
        if not kind:
            continue
        listing = client.get(f"/id/{kind}/", headers={"Accept": "text/html"})
        assert f"{len(iris)} term" in listing.text
        for iri in (iris[0], iris[-1]):
            page = client.get(path(iri), headers={"Accept": "text/html,*/*;q=0.1"})
            assert page.status_code == 200, iri
            assert iri in page.text


def test_links_between_pages_lead_somewhere(client: TestClient, snapshot: Snapshot) -> None:
    start = path(next(i for i, a in snapshot.advisories.items() if a.unless and a.statements))
    seen = client.get(start, headers={"Accept": "text/html"}).text
    links = sorted(set(re.findall(r'href="(/id/[^"?]+)"', seen)))
    assert len(links) > 10
    for link in links:
        assert client.get(link, headers={"Accept": "text/html"}).status_code == 200, link


def test_a_page_shows_the_passage_behind_an_advisory(
    client: TestClient, snapshot: Snapshot
) -> None:
    iri, advisory = next((i, a) for i, a in snapshot.advisories.items() if a.statements)
    page = client.get(path(iri), headers={"Accept": "text/html"}).text
    for name in advisory.statements:
        assert snapshot.statements[name].locator.replace("&", "&amp;") in page


def test_the_ontology_has_good_manners(client: TestClient) -> None:
    """What a check of findability and reuse asks of an ontology's own description."""
    answer = client.get("/id/", headers={"Accept": "text/turtle"})
    graph = rdflib.Graph()
    header = rdflib.URIRef(terms.BASE)
    for quad in ox.parse(answer.content, format=ox.RdfFormat.TURTLE):
        if quad.subject == ox.NamedNode(terms.BASE):
            graph.add((header, rdflib.URIRef(quad.predicate.value), _term(quad.object)))
    dcterms, vann = terms.DCTERMS, "http://purl.org/vocab/vann/"
    for wanted in (
        *(f"{terms.OWL}{n}" for n in ("versionIRI", "versionInfo")),
        *(f"{dcterms}{n}" for n in ("title", "description", "abstract", "license", "creator")),
        *(f"{dcterms}{n}" for n in ("publisher", "created", "issued", "bibliographicCitation")),
        f"{vann}preferredNamespacePrefix",
        f"{vann}preferredNamespaceUri",
        "http://purl.org/ontology/bibo/status",
    ):
        assert (header, rdflib.URIRef(wanted), None) in graph, wanted


def _term(node: object) -> rdflib.term.Identifier:
    if isinstance(node, ox.NamedNode):
        return rdflib.URIRef(node.value)
    return rdflib.Literal(getattr(node, "value", ""))


def test_every_term_of_ours_has_a_label_and_is_defined(described: Described) -> None:
    for iri in described.subjects(terms.SCHEMA):
        said = {q.predicate.value for q in described.about(iri)}
        assert {terms.LABEL, terms.DEFINITION} <= said, iri


def test_the_version_has_its_own_name(client: TestClient, snapshot: Snapshot) -> None:
    answer = client.get(f"/id/release/{snapshot.version}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/id/")
    assert client.get("/id/release/9.9.9").status_code == 404


@pytest.mark.parametrize("address", ["/void", "/.well-known/void"])
def test_the_dataset_is_described_for_catalogues(
    client: TestClient, release_folder: Path, address: str
) -> None:
    answer = client.get(address, headers={"Accept": "text/turtle"})
    graph = rdflib.Graph().parse(data=answer.text)
    void = rdflib.Namespace("http://rdfs.org/ns/void#")
    dataset = rdflib.URIRef(terms.BASE + "dataset/inokg")
    lines = (release_folder / "graph.nq").read_bytes().count(b"\n")
    assert graph.value(dataset, void.triples).toPython() == lines  # type: ignore[union-attr]
    assert graph.value(dataset, rdflib.DCTERMS.license)
    assert len(list(graph.objects(dataset, rdflib.DCAT.distribution))) == 3
    assert client.get(address, headers={"Accept": "application/ld+json"}).json()


def test_what_is_not_there_is_refused(client: TestClient) -> None:
    for address in (
        "/id/drug/no-such-drug",
        "/id/no-such-kind/",
        "/id/drug/%2e%2e%2f",
        "/id/drug/a%20b",
    ):
        answer = client.get(address)
        assert answer.status_code == 404, address
        assert answer.headers["content-type"] == "application/problem+json"
    assert client.get("/id/", headers={"Accept": "image/png"}).status_code == 406


def test_an_altered_graph_is_refused(release_folder: Path, tmp_path: Path) -> None:
    for name in ("graph.nq", "release.json"):
        (tmp_path / name).write_bytes((release_folder / name).read_bytes())
    with (tmp_path / "graph.nq").open("ab") as file:
        file.write(b"\n")
    with pytest.raises(SnapshotAltered):
        Described(tmp_path)


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, "a/x"),
        ("", "a/x"),
        ("*/*", "a/x"),
        ("b/y", "b/y"),
        ("b/*", "b/y"),
        ("a/x;q=0.5, b/y", "b/y"),
        ("a/x;q=0, */*", "b/y"),
        ("c/z", None),
        ("a/x;q=nonsense", None),
        ("B/Y;q=0.1;charset=utf-8", "b/y"),
    ],
)
def test_the_best_liked_form_is_chosen(accept: str | None, wanted: str | None) -> None:
    assert chosen(accept, ("a/x", "b/y")) == wanted
