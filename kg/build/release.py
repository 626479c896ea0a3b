"""Make a release: load, gate, reason, compile, write, and only then switch over to it.

Everything is written into a folder of its own first. The pointer to the current release is
replaced in one step at the very end, so a build that fails at any point leaves the last good
release in place.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg import terms
from kg.build.annotate import annotated
from kg.build.compile import compile_snapshot
from kg.build.contradictions import refuse_contradictions
from kg.build.dataset_entry import dataset_entry
from kg.build.gate import validate
from kg.build.kept_proof import let_in
from kg.build.load import Knowledge, load
from kg.build.profile import profile_report
from kg.build.provenance import provenance
from kg.build.reason import Inferences, rdf_xml, reason
from kg.errors import KnowledgeError, SnapshotError
from kg.graph.document import document
from kg.snapshot.file import (
    CURRENT,
    DATASET,
    MANIFEST,
    RDF_XML,
    TURTLE,
    VOID,
    Manifest,
    content_hash,
    encode,
    read_snapshot,
    write_snapshot,
)
from kg.snapshot.model import Snapshot
from kg.snapshot.proof import PROOF, WITNESSES
from kg.terms import ik

_CHANGELOG = "CHANGELOG.md"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Release:
    """One finished build: its folder and its manifest."""

    folder: Path
    manifest: Manifest
    counts: dict[str, int]
    proved: bool = False


@dataclass(frozen=True)
class Examined:
    """Knowledge that passed every gate, with what follows from it and its compiled form."""

    knowledge: Knowledge
    inferences: Inferences
    snapshot: Snapshot
    validation: dict[str, object]


def examine(ontology: Path, progress: Progress = lambda _: None) -> Examined:
    """Put the ontology in a folder through every gate; the first fault stops it."""
    progress("load")
    knowledge = load(ontology)
    version = release_version(knowledge)
    validation = validate(knowledge, progress)
    inferences = reason(knowledge, progress)
    refuse_contradictions(knowledge, inferences)
    progress("compile")
    snapshot = compile_snapshot(knowledge, inferences, version)
    return Examined(knowledge, inferences, snapshot, validation)


def build(ontology: Path, out: Path, progress: Progress = lambda _: None) -> Release:
    """Build the ontology in a folder into a release below another, and make it the current one."""
    done = examine(ontology, progress)
    knowledge, snapshot = done.knowledge, done.snapshot
    progress("write")
    out.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=out))
    try:
        write_snapshot(snapshot, draft)
        stated = stable([*knowledge.quads, *annotated(knowledge), *provenance(knowledge)])
        graphs = named_graphs(stated, done.inferences)
        graphs["inferred"] |= set(standing_triples(snapshot))
        (draft / DATASET).write_bytes(dataset(graphs))
        whole = published(stated)
        (draft / RDF_XML).write_bytes(rdf_xml(whole))
        (draft / TURTLE).write_bytes(document(whole, ox.RdfFormat.TURTLE))
        sizes = {name: len(triples) for name, triples in graphs.items()}
        bytes_of = {name: (draft / name).stat().st_size for name in (TURTLE, RDF_XML)}
        entry = dataset_entry(stated, sizes, bytes_of, snapshot.version)
        (draft / VOID).write_bytes(document(entry, ox.RdfFormat.TURTLE))
        changelog = ontology / _CHANGELOG
        if changelog.exists():
            (draft / _CHANGELOG).write_bytes(changelog.read_bytes())
        _write_json(draft / "validation.json", done.validation)
        _write_json(draft / "reasoning.json", done.inferences.reports)
        _write_json(draft / "profile.json", profile_report(knowledge))
        proved = let_in(snapshot, ontology, draft)
        manifest = _seal(draft, snapshot.version)
        folder = out / _folder_name(manifest)
        _settle(draft, folder, out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    counts = {
        "drugs": len(snapshot.drugs),
        "conditions": len(snapshot.conditions),
        "advisories": len(snapshot.advisories),
        "statements": len(snapshot.statements),
        "codes": sum(len(s.codes) for s in snapshot.systems.values()),
        "triples": len(knowledge.quads),
    }
    return Release(folder, manifest, counts, proved)


def with_new_proof(ontology: Path, out: Path) -> bool:
    """Make the current release again with the proof that now lies beside its ontology.

    It has the bytes that a build from the same sources would give, without the build.
    """
    here = (out / CURRENT).resolve()
    snapshot, _ = read_snapshot(here)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=out))
    try:
        for path in here.iterdir():
            if path.name not in (MANIFEST, PROOF, WITNESSES):
                shutil.copyfile(path, draft / path.name)
        proved = let_in(snapshot, ontology, draft)
        manifest = _seal(draft, snapshot.version)
        _settle(draft, out / _folder_name(manifest), out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return proved


def _folder_name(manifest: Manifest) -> str:
    return f"{manifest.version}-{manifest.hash.removeprefix('sha256:')[:12]}"


def release_version(knowledge: Knowledge) -> str:
    """Read the version from the ontology's header, the only place where it is written."""
    version = knowledge.text(terms.BASE, terms.OWL + "versionInfo")
    if not version:
        raise KnowledgeError(
            code="no-version",
            message="the ontology's header has no version",
            subject=terms.BASE,
            location="ontology/release.ttl",
            repair="give it owl:versionInfo",
        )
    return version


def published(stated: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Give the whole ontology as one document: one header, no imports."""
    header = ox.NamedNode(terms.BASE)
    imports = terms.OWL + "imports"
    return [
        t
        for t in stated
        if t.predicate.value != imports
        and not (
            t.subject != header
            and t.predicate.value == terms.TYPE
            and t.object == ox.NamedNode(terms.ONTOLOGY)
        )
    ]


def named_graphs(stated: Iterable[ox.Triple], inferences: Inferences) -> dict[str, set[ox.Triple]]:
    """Separate stated triples from inferred ones."""
    known = set(stated)
    return {"asserted": known, "inferred": set(inferred_triples(inferences)) - known}


def dataset(graphs: Mapping[str, Iterable[ox.Triple]]) -> bytes:
    """Write the release as named graphs, one statement a line, sorted."""
    quads = (
        ox.Quad(t.subject, t.predicate, t.object, ox.NamedNode(terms.GRAPH + name))
        for name, triples in graphs.items()
        for t in triples
    )
    return ox.serialize(sorted(quads, key=str), format=ox.RdfFormat.N_QUADS) or b""


def inferred_triples(inferences: Inferences) -> Iterable[ox.Triple]:
    """Give what the reasoner found: classes above classes, classes and liabilities of drugs."""
    tables = (
        (terms.SUBCLASS_OF, inferences.superclasses),
        (terms.TYPE, inferences.classes_of),
        (ik("hasLiability"), inferences.liabilities_of),
    )
    for predicate, table in tables:
        for subject, objects in table.items():
            for value in objects:
                if value != subject:
                    yield ox.Triple(
                        ox.NamedNode(subject), ox.NamedNode(predicate), ox.NamedNode(value)
                    )


def standing_triples(snapshot: Snapshot) -> Iterable[ox.Triple]:
    """Give where each drug stands on the axes: whether it is assessed, and what is open."""
    boolean = ox.NamedNode(terms.XSD + "boolean")
    axes = {key: ox.NamedNode(known.term) for key, known in snapshot.axes.items()}
    for iri, drug in snapshot.drugs.items():
        if drug.kind not in ("drug", "combination", "index"):
            continue
        subject = ox.NamedNode(iri)
        said = ox.Literal(str(drug.assessed).lower(), datatype=boolean)
        yield ox.Triple(subject, ox.NamedNode(ik("assessed")), said)
        for axis in drug.open_axes:
            yield ox.Triple(subject, ox.NamedNode(ik("openAxis")), axes[axis])


def stable(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Name anonymous nodes by their content, so that the same knowledge gives the same bytes."""
    whole = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    whole.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return [ox.Triple(q.subject, q.predicate, q.object) for q in whole]


def _write_json(path: Path, value: object) -> None:
    path.write_bytes(encode(value) + b"\n")


def _seal(folder: Path, version: str) -> Manifest:
    files = {p.name: content_hash(p.read_bytes()) for p in sorted(folder.iterdir())}
    manifest = Manifest(version=version, hash=content_hash(encode(files)), files=files)
    _write_json(folder / MANIFEST, manifest)
    return manifest


def _whole(folder: Path) -> bool:
    """Say whether a finished release of this content already lies there, unaltered."""
    try:
        read_snapshot(folder)
    except SnapshotError:
        return False
    return True


def _settle(draft: Path, folder: Path, out: Path) -> None:
    """Move a finished draft to its place and point to it, each in one step."""
    draft.chmod(0o755)
    if not _whole(folder):
        if folder.exists():
            # A broken folder of this name is moved aside, so that no step leaves nothing there.
            os.replace(folder, draft.with_name(draft.name + "-broken"))
        os.replace(draft, folder)
    pointer = out / f".{CURRENT}-{os.getpid()}"
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(folder.name)
    os.replace(pointer, out / CURRENT)
