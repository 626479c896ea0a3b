"""Every term has its page and its RDF under its own name; a check of good manners finds nothing."""

from __future__ import annotations

import re
from collections import Counter
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from fastapi.testclient import TestClient
from markupsafe import escape

from api.app import create_app
from api.http.negotiate import chosen
from api.http.problems import KINDS
from api.settings import Settings
from kg import terms
from kg.errors import SnapshotAltered
from kg.graph.describe import Described
from kg.graph.sparql_forms import CAPPED
from kg.graph.sparql_query import NAMED
from kg.snapshot.file import RDF_XML, TURTLE, Manifest, content_hash, encode
from kg.snapshot.model import Snapshot
from tests.workshop import ROOT

RDF = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
}


@pytest.fixture(scope="session")
def described(release_folder: Path) -> Described:
    return Described(release_folder)


def _name(node: object) -> str:
    return str(node)[1:-1]


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
            # What a document says of itself differs with its form; the dataset names examples.
            if "?format=" not in str(quad.subject) and "/dataset/" not in str(quad.subject):
                given.add(ox.Quad(quad.subject, quad.predicate, quad.object))
        wanted = ox.Dataset(ox.Quad(q.subject, q.predicate, q.object) for q in described.about(iri))
        for subject, predicate in described.mentions(iri, 300):
            names = (ox.NamedNode(n) for n in (subject, predicate, iri))
            wanted.add(ox.Quad(*names))
        for whole in (given, wanted):
            whole.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        assert given == wanted


def read(answer: Any) -> rdflib.Graph:
    assert answer.status_code == 200, answer.text
    return rdflib.Graph().parse(data=answer.text, format="turtle")


def test_a_client_at_a_drug_finds_its_codes_and_its_evidence(
    client: TestClient, snapshot: Snapshot
) -> None:
    """What is said of it from elsewhere is a part of its document: codes and statements."""
    evidence = next(
        s for s in snapshot.statements.values() if s.about[:1] and s.about[0] in snapshot.drugs
    )
    graph = read(client.get(path(evidence.about[0]), headers={"Accept": "text/turtle"}))
    drug = rdflib.URIRef(evidence.about[0])
    codes = list(graph.subjects(rdflib.SKOS.exactMatch, drug))
    assert codes
    assert list(graph.subjects(rdflib.URIRef(terms.ik("about")), drug))


def test_a_document_says_its_licence_and_its_release(
    client: TestClient, snapshot: Snapshot
) -> None:
    answer = client.get(path(snapshot.index_drug), headers={"Accept": "text/turtle"})
    graph = read(answer)
    name = rdflib.URIRef(snapshot.index_drug)
    document = graph.value(predicate=rdflib.FOAF.primaryTopic, object=name)
    assert str(graph.value(document, rdflib.OWL.versionInfo)) == snapshot.version
    licence = str(graph.value(document, rdflib.DCTERMS.license))
    assert licence.startswith("https://creativecommons.org/")
    assert f'<{licence}>; rel="license"' in answer.headers["link"]
    assert '</void>; rel="describedby"' in answer.headers["link"]
    # Its name leads to it.
    there = path(str(document)).split("?")
    assert client.get(there[0], params=there[1]).content == answer.content


def test_a_page_names_its_other_forms(client: TestClient, snapshot: Snapshot) -> None:
    for address in (path(snapshot.index_drug), "/id/", "/id/schema/", "/void"):
        answer = client.get(address, headers={"Accept": "text/html"})
        assert answer.headers["content-type"].startswith("text/html"), address
        assert answer.headers["vary"] == "Accept"
        assert '<?format=ttl>; rel="alternate"; type="text/turtle"' in answer.headers["link"]


def test_what_a_caller_has_is_not_sent_again(client: TestClient, snapshot: Snapshot) -> None:
    turtle = {"Accept": "text/turtle"}
    for address in (path(snapshot.index_drug), "/id/", "/void", "/id/severity/"):
        first = client.get(address, headers=turtle)
        tag = first.headers["etag"]
        again = client.get(address, headers=turtle | {"If-None-Match": f'"x", {tag}'})
        assert (again.status_code, again.content) == (304, b""), address
        assert again.headers["etag"] == tag
        other = client.get(address, headers={"Accept": "application/n-triples"})
        assert other.headers["etag"] != tag
        assert client.get(address, headers=turtle | {"If-None-Match": '"x"'}).status_code == 200


def test_the_vocabulary_is_had_under_its_namespace(
    client: TestClient, described: Described
) -> None:
    assert client.get("/id/schema", follow_redirects=False).headers["location"] == "/id/schema/"
    for media, form in RDF.items():
        answer = client.get("/id/schema/", headers={"Accept": media})
        assert answer.headers["vary"] == "Accept"
        said = {q.subject.value for q in ox.parse(answer.content, format=form)
                if q.predicate.value == terms.DEFINITION}  # fmt: skip
        assert said == set(described.subjects(terms.SCHEMA))


def test_a_list_is_had_whole_as_rdf(client: TestClient, described: Described) -> None:
    for kind in ("code", "drug", "severity", "problem", "graph"):
        graph = read(client.get(f"/id/{kind}/", headers={"Accept": "text/turtle"}))
        members = set(graph.objects(rdflib.URIRef(f"{terms.BASE}{kind}/"), rdflib.RDFS.member))
        known = described.subjects(f"{terms.BASE}{kind}/")
        assert {str(m) for m in members} >= set(known)
        assert all((m, rdflib.RDFS.label, None) in graph for m in members if kind != "code")


def test_names_in_answers_lead_somewhere(client: TestClient) -> None:
    """Graphs, the dataset with all its parts, and the kinds of refusals have pages and RDF."""
    catalogue = read(client.get("/void", headers={"Accept": "text/turtle"}))
    names = {str(n) for t in catalogue for n in t if str(n).startswith(terms.BASE)}
    names |= {n["type"] for n in (client.get("/id/drug/no-such").json(),)}
    names |= {CAPPED, *NAMED}
    left = {terms.BASE, terms.SCHEMA, f"{terms.BASE}sparql"}
    assert len(names - left) > 20
    for name in names - left:
        for media in ("text/html", "text/turtle"):
            answer = client.get(path(name), headers={"Accept": media})
            assert answer.status_code == 200, (name, media)


# Modules whose errors stop a release or a command and never leave through a door.
_INSIDE = (
    *("kg/build", "kg/cli", "kg/fhir/check.py", "kg/graph/turtle.py", "kg/snapshot/releases.py"),
    *("api/cds_hooks/state.py", "api/cds_hooks/trust.py", "api/run", "api/settings.py"),
)


def _behind_doors(root: Path) -> list[Path]:
    """List the modules whose errors leave through a door."""
    files = (p for package in ("kg", "api") for p in sorted((root / package).rglob("*.py")))
    inside = [root / name for name in _INSIDE]
    return [f for f in files if not any(f == i or i in f.parents for i in inside)]


def _codes_in(text: str) -> set[str]:
    """Find the codes that a module gives its errors."""
    codes = set(re.findall(r'code="([a-z-]+)"', text))
    codes |= set(re.findall(r'refused\(\s*"([a-z-]+)"', text))
    codes |= set(re.findall(r'"code": "([a-z]+-[a-z-]+)"', text))
    return codes | {
        HTTPStatus(int(s)).phrase.lower().replace(" ", "-")
        for s in re.findall(r"(?:HTTPException|of_status)\((\d{3}),", text)
    }


def test_the_search_for_refusals_looks_into_every_room(tmp_path: Path) -> None:
    assert [name for name in _INSIDE if not (ROOT / name).exists()] == []
    rooms = {f.relative_to(ROOT).parent for f in _behind_doors(ROOT)}
    assert len(rooms) > 12
    planted = tmp_path / "kg" / "room" / "corner" / "module.py"
    planted.parent.mkdir(parents=True)
    planted.write_text('raise CaseError(code="never-described", message="no")\n', encoding="utf-8")
    assert _behind_doors(tmp_path) == [planted]
    assert _codes_in(planted.read_text(encoding="utf-8")) - set(KINDS) == {"never-described"}


def test_every_kind_of_refusal_is_described() -> None:
    """A code that is written anywhere behind a door has its meaning and its repair."""
    codes = {c for file in _behind_doors(ROOT) for c in _codes_in(file.read_text("utf-8"))}
    assert len(codes) > 40
    assert codes <= set(KINDS)
    for code, kind in KINDS.items():
        assert kind.means.endswith("."), code
        assert kind.repair.endswith("."), code


def test_the_list_of_refusals_says_how_to_mend_each(client: TestClient) -> None:
    page = client.get("/id/problem/", headers={"Accept": "text/html"}).text
    for kind in KINDS.values():
        assert str(escape(kind.repair)) in page


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
        *(f"{dcterms}{n}" for n in ("modified", "contributor", "source", "language")),
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


def test_codes_and_sources_lead_out_of_the_graph(
    client: TestClient, described: Described, snapshot: Snapshot
) -> None:
    """A code's page links to the outside concept, a source's to the document, by name in full."""
    see_also = terms.RDFS + "seeAlso"
    links: dict[str, str] = {}
    for kind in ("code", "source"):
        for quad in described.under(f"{terms.BASE}{kind}/", [see_also]):
            address = _name(quad.object)
            links.setdefault(f"{kind} {address.split('/')[2]}", _name(quad.subject))
            assert address.startswith(("https://", "http://")), address
            assert "{" not in address
    assert len(links) >= 10
    for iri in links.values():
        outside = next(
            _name(q.object) for q in described.about(iri) if q.predicate.value == see_also
        )
        page = client.get(path(iri), headers={"Accept": "text/html"}).text
        shown = str(escape(outside))
        assert f'<a href="{shown}">{shown}</a>' in page


def test_every_code_has_a_label_and_every_term_its_module(described: Described) -> None:
    labelled = {_name(q.subject) for q in described.under(terms.BASE + "code/", [terms.LABEL])}
    assert labelled == set(described.subjects(terms.BASE + "code/"))
    defined = {_name(q.subject) for q in described.under(terms.BASE, [terms.RDFS + "isDefinedBy"])}
    everything = {i for i in described.subjects(terms.BASE) if terms.kind(i) not in ("", "module")}
    assert everything == defined


def test_no_value_is_cut_without_a_sign(client: TestClient, described: Described) -> None:
    """What does not stand at once is counted, and nothing scrolls within the page."""
    module = next(i for i in described.subjects(terms.BASE + "module/") if "schema" in i)
    page = client.get(path(module), headers={"Accept": "text/html"}).text
    number = Counter(p for _, p in described.mentions(module, 300)).most_common(1)[0][1]
    more = re.findall(r"<summary>and ([\d,]+) more</summary>", page)
    assert more
    assert f"<small>({number:,})</small>" in page
    assert f"{number - 15:,}" in more
    assert "max-height: none" in client.get("/static/term.css").text
    assert "/static/term.css" in page


def test_the_version_has_its_own_name(
    client: TestClient, snapshot: Snapshot, release_folder: Path
) -> None:
    """It leads to that version's own files, and not to the name that moves on."""
    for media, name in (("text/turtle", TURTLE), ("application/rdf+xml", RDF_XML)):
        answer = client.get(f"/id/release/{snapshot.version}", headers={"Accept": media})
        assert answer.content == (release_folder / name).read_bytes()
    page = client.get(f"/id/release/{snapshot.version}", headers={"Accept": "text/html"})
    assert "This release is in use" in page.text
    assert client.get("/id/release/9.9.9").status_code == 404
    assert client.get("/id/release/current").status_code == 404


def test_a_release_that_is_kept_is_had_as_it_was(release_folder: Path, tmp_path: Path) -> None:
    """Another version lies beside the one that answers; its own name gives its own file."""
    kept = tmp_path / "0.0.9-aaaaaaaaaaaa"
    kept.mkdir()
    (tmp_path / release_folder.name).symlink_to(release_folder)
    (tmp_path / "current").symlink_to(release_folder.name)
    data = b"<urn:a> <urn:b> <urn:c> .\n"
    (kept / TURTLE).write_bytes(data)
    files = {TURTLE: content_hash(data)}
    manifest = Manifest(version="0.0.9", hash=content_hash(encode(files)), files=files)
    (kept / "release.json").write_bytes(encode(manifest))
    with TestClient(create_app(Settings(releases=tmp_path))) as client:
        turtle = {"Accept": "text/turtle"}
        for name in ("0.0.9", kept.name):
            assert client.get(f"/id/release/{name}", headers=turtle).content == data
        page = client.get("/id/release/0.0.9", headers={"Accept": "text/html"}).text
        assert "another one is in use" in page
        unkept = client.get("/id/release/0.0.9", headers={"Accept": "application/rdf+xml"})
        assert unkept.status_code == 406
        (kept / TURTLE).write_bytes(b"")
        assert client.get("/id/release/0.0.9", headers=turtle).status_code == 503


@pytest.mark.parametrize("address", ["/void", "/.well-known/void"])
def test_the_dataset_is_described_for_catalogues(
    client: TestClient, release_folder: Path, address: str
) -> None:
    answer = client.get(address, headers={"Accept": "text/turtle"})
    graph = rdflib.Graph().parse(data=answer.text)
    void: Any = rdflib.Namespace("http://rdfs.org/ns/void#")
    dataset = rdflib.URIRef(terms.BASE + "dataset/inokg")
    lines = (release_folder / "graph.nq").read_bytes().count(b"\n")
    assert graph.value(dataset, void.triples).toPython() == lines
    assert graph.value(dataset, rdflib.DCTERMS.license)
    forms = list(graph.objects(dataset, rdflib.DCAT.distribution))
    assert len(forms) == 3
    for form in forms:
        there = str(graph.value(form, rdflib.DCAT.downloadURL))
        assert (dataset, void.dataDump, rdflib.URIRef(there)) in graph
        dump = client.get(path(there))
        assert dump.status_code == 200
        media = str(graph.value(form, rdflib.DCAT.mediaType)).split("media-types/")[1]
        assert dump.headers["content-type"].startswith(media)
        size = graph.value(form, rdflib.DCAT.byteSize)
        assert size is None or int(str(size)) == len(dump.content)
    for predicate in (
        *(rdflib.URIRef(terms.DCAT + n) for n in ("keyword", "theme", "landingPage", "version")),
        *(rdflib.DCTERMS[n] for n in ("title", "description", "modified", "language", "publisher")),
    ):
        assert graph.value(dataset, predicate), predicate
    publisher = graph.value(dataset, rdflib.DCTERMS.publisher)
    assert graph.value(publisher, rdflib.FOAF.name)
    assert (None, rdflib.DCAT.servesDataset, dataset) in graph
    assert list(graph.subjects(rdflib.RDF.type, void.Linkset))
    prefixes = {str(o) for o in graph.objects(None, rdflib.SH.prefix)}
    assert {"inokg", "ik", "graph"} <= prefixes
    for example in graph.objects(dataset, void.exampleResource):
        assert client.get(path(str(example))).status_code == 200
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
        # A page from anywhere may read the refusal, and no cache takes it for another form.
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["vary"] == "Accept"
    unfit = client.get("/id/", headers={"Accept": "image/png"})
    assert (unfit.status_code, unfit.headers["vary"]) == (406, "Accept")


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
