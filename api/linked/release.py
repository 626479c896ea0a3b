"""What one release says about its terms, and about its graphs, files and problem types."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
from fastapi import Request

from api.http.dependencies import CurrentManifest
from api.http.problems import described as problems
from api.linked.term_page import Labels
from kg import terms
from kg.errors import SnapshotAltered
from kg.graph.describe import Described
from kg.snapshot.file import VOID, Manifest, content_hash
from kg.snapshot.releases import folder_of

_MEMBER = terms.RDFS + "member"
# As many of the statements that point to a term are given as its page shows.
MOST_MENTIONS = 300


class Linked:
    """What one release says, with the labels looked up so far."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self.manifest = manifest
        self.labels = Labels(self)
        self._described = Described(folder)
        self._beside = Beside([*_read(folder, manifest), *problems()])
        self._kinds: dict[str, list[str]] = {}
        self.licence = next(
            (
                q.object.value
                for q in self._described.about(terms.BASE)
                if q.predicate.value == terms.DCTERMS + "license"
                and isinstance(q.object, ox.NamedNode)
            ),
            "",
        )

    def counts(self) -> list[tuple[str, int]]:
        """Give every kind of term that the graph speaks of, with the number of its terms."""
        kinds = {terms.kind(s) for s in self._described.subjects(terms.BASE)} - {""}
        return [(kind, len(self.of_kind(kind))) for kind in sorted(kinds)]

    def of_kind(self, kind: str) -> list[str]:
        """Give all terms of one kind."""
        if kind not in self._kinds:
            prefix = f"{terms.BASE}{kind}/"
            found = self._described.subjects(prefix) or self._beside.subjects(prefix)
            if not found:
                # A kind that is not there is not remembered: anybody can ask for any.
                return []
            self._kinds[kind] = found
        return self._kinds[kind]

    def about(self, iri: str) -> list[ox.Quad]:
        """Give every statement whose subject is a term."""
        described = self._described.about(iri)
        said = {q.triple for q in described}
        return described + [q for q in self._beside.about(iri) if q.triple not in said]

    def mentions(self, iri: str, most: int) -> list[tuple[str, str]]:
        """Give the terms that point to a term, each with the property."""
        found = self._described.mentions(iri, most)
        return (found + self._beside.mentions(iri, most))[:most]

    def around(self, iri: str) -> list[ox.Triple]:
        """Give what is said of a term and what points to it: a client may come from either side."""
        own = self.about(iri)
        if not own:
            return []
        target = ox.NamedNode(iri)
        pointing = (
            ox.Triple(ox.NamedNode(s), ox.NamedNode(p), target)
            for s, p in self.mentions(iri, MOST_MENTIONS)
        )
        return list(dict.fromkeys([*(q.triple for q in own), *pointing]))

    def members(self, kind: str) -> list[ox.Triple]:
        """Give the list of a kind: of the schema all that is said, of others label and type."""
        whole = ox.NamedNode(f"{terms.BASE}{kind}/")
        iris = self.of_kind(kind)
        listed = [ox.Triple(whole, ox.NamedNode(_MEMBER), ox.NamedNode(i)) for i in iris]
        label = ox.Literal(kind, language="en")
        listed.append(ox.Triple(whole, ox.NamedNode(terms.LABEL), label))
        if kind == "schema":
            return listed + [q.triple for iri in iris for q in self.about(iri)]
        said = (terms.LABEL, terms.TYPE)
        quads = self._described.under(whole.value, said) or [
            q for i in iris for q in self._beside.about(i) if q.predicate.value in said
        ]
        return list(dict.fromkeys([*listed, *(q.triple for q in quads)]))

    def document_of(self, iri: str, ending: str, media: str) -> list[ox.Triple]:
        """Describe the document itself: its subject, its release, and its terms of use."""
        node = ox.NamedNode(f"{iri}?format={ending}")
        pairs: list[tuple[str, ox.NamedNode | ox.Literal]] = [
            (terms.TYPE, ox.NamedNode(terms.FOAF + "Document")),
            (terms.FOAF + "primaryTopic", ox.NamedNode(iri)),
            (terms.VOID + "inDataset", ox.NamedNode(terms.BASE + "dataset/inokg")),
            (terms.OWL + "versionInfo", ox.Literal(self.manifest.version)),
            (terms.DCTERMS + "format", ox.Literal(media)),
        ]
        if self.licence:
            pairs.append((terms.DCTERMS + "license", ox.NamedNode(self.licence)))
        return [ox.Triple(node, ox.NamedNode(p), o) for p, o in pairs]


class Beside:
    """A few triples, to look things up in as in the graph."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._by_subject: dict[str, list[ox.Quad]] = {}
        self._pointing: dict[str, list[tuple[str, str]]] = {}
        for t in triples:
            quad = ox.Quad(t.subject, t.predicate, t.object)
            self._by_subject.setdefault(str(t.subject), []).append(quad)
            if isinstance(t.subject, ox.NamedNode) and isinstance(t.object, ox.NamedNode):
                pointing = self._pointing.setdefault(t.object.value, [])
                pointing.append((t.subject.value, t.predicate.value))

    def subjects(self, prefix: str) -> list[str]:
        """Give every term whose name goes on after a prefix."""
        start = f"<{prefix}"
        found = (s for s in self._by_subject if s.startswith(start) and s != f"{start}>")
        return sorted(s[1:-1] for s in found)

    def about(self, iri: str) -> list[ox.Quad]:
        """Give every statement whose subject is a term, with the anonymous nodes it uses."""
        statements, wanted, seen = [], [f"<{iri}>"], set()
        while wanted:
            node = wanted.pop()
            if node not in seen:
                seen.add(node)
                quads = self._by_subject.get(node, [])
                statements += quads
                wanted += [str(q.object) for q in quads if isinstance(q.object, ox.BlankNode)]
        return statements

    def mentions(self, iri: str, most: int) -> list[tuple[str, str]]:
        """Give the terms that point to a term, each with the property."""
        return self._pointing.get(iri, [])[:most]


def sound(folder: Path, name: str, manifest: Manifest) -> bytes:
    """Read a file of a release; an altered one is refused."""
    data = (folder / name).read_bytes()
    if content_hash(data) != manifest.files.get(name):
        raise SnapshotAltered(
            code="snapshot-altered",
            message="the release was altered: a file of it does not match its hash",
            subject=name,
            location=str(folder),
            repair="make the release again with: inokg build",
        )
    return data


def _read(folder: Path, manifest: Manifest) -> list[ox.Triple]:
    if VOID not in manifest.files:
        return []
    data = sound(folder, VOID, manifest)
    return [q.triple for q in ox.parse(data, format=ox.RdfFormat.TURTLE)]


def linked(request: Request, manifest: CurrentManifest) -> Linked:
    """Open the graph of the release that answers, once."""
    state = request.app.state
    found: Linked | None = getattr(state, "linked", None)
    if found is None or found.manifest.hash != manifest.hash:
        found = state.linked = Linked(folder_of(state.settings.releases, manifest), manifest)
    return found
