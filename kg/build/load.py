"""Read the ontology's files into one graph that remembers where each term stands."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from kg import terms
from kg.build.code_tables import CodeReader, address, header_triples, read_codes, table_files
from kg.build.definitions import derived_definitions
from kg.build.judgement_tables import judgement_files, read_judgements
from kg.build.judgements import JudgementReader, module_triples
from kg.errors import KnowledgeError, UnknownTerm
from kg.graph.sssom import MappingTable
from kg.graph.turtle import Prefixes, RdfNode, Subject, parse
from kg.terms import ik

# Folders of Turtle that are about the knowledge, not part of it.
_APART = {"reviews", "shapes"}
_SUBJECT_LINE = re.compile(r"^(\S+:\S*|<[^>]+>)\s*$")


@dataclass(frozen=True)
class SourcePlace:
    """Where a term is written down."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass
class Knowledge:
    """The asserted graph: triples by subject, and the place of every subject."""

    root: Path
    prefixes: Prefixes
    quads: list[ox.Triple] = field(default_factory=list)
    by_subject: dict[Subject, dict[str, list[RdfNode]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    places: dict[str, SourcePlace] = field(default_factory=dict)
    file_of_module: dict[str, str] = field(default_factory=dict)

    def add(self, triples: Iterable[ox.Quad | ox.Triple]) -> None:
        """Take triples in."""
        self.__dict__.pop("_typed", None)
        for quad in triples:
            self.quads.append(ox.Triple(quad.subject, quad.predicate, quad.object))
            self.by_subject[quad.subject][quad.predicate.value].append(quad.object)  # type: ignore[index, arg-type]

    def values(self, subject: str, predicate: str) -> list[RdfNode]:
        """Give the objects of a subject's predicate."""
        properties = self.by_subject.get(ox.NamedNode(subject))
        return list(properties.get(predicate, ())) if properties else []

    def iris(self, subject: str, predicate: str) -> list[str]:
        """Give the named objects of a subject's predicate, sorted."""
        return sorted(
            o.value for o in self.values(subject, predicate) if isinstance(o, ox.NamedNode)
        )

    def texts(self, subject: str, predicate: str) -> list[str]:
        """Give the literal objects of a subject's predicate, sorted."""
        return sorted(o.value for o in self.values(subject, predicate) if isinstance(o, ox.Literal))

    def text(self, subject: str, predicate: str) -> str:
        """Give one literal, or nothing."""
        return next(iter(self.texts(subject, predicate)), "")

    def iri(self, subject: str, predicate: str) -> str:
        """Give one named object, or nothing."""
        return next(iter(self.iris(subject, predicate)), "")

    def of_type(self, *types: str) -> list[str]:
        """Give the named subjects of any of these asserted types, sorted."""
        return sorted({s for t in types for s in self._typed.get(t, ())})

    @cached_property
    def _typed(self) -> dict[str, list[str]]:
        typed: dict[str, list[str]] = defaultdict(list)
        for subject, properties in self.by_subject.items():
            if isinstance(subject, ox.NamedNode):
                for node in properties.get(terms.TYPE, ()):
                    if isinstance(node, ox.NamedNode):
                        typed[node.value].append(subject.value)
        return typed

    def items(self, head: RdfNode) -> Iterator[RdfNode]:
        """Walk an RDF list."""
        while isinstance(head, ox.BlankNode):
            cell = self.by_subject[head]
            yield cell[terms.FIRST][0]
            head = cell[terms.REST][0]

    def where(self, iri: str) -> str:
        """Say in which file and line a term stands."""
        place = self.places.get(iri)
        return str(place) if place else "(nowhere)"

    def short(self, iri: str) -> str:
        """Give a term's short name."""
        return self.prefixes.shorten(iri)


def turtle_files(root: Path) -> list[Path]:
    """List every Turtle file but the prefix table, in an order that no machine changes."""
    return sorted(p for p in root.rglob("*.ttl") if p.name != "prefixes.ttl")


def knowledge_files(root: Path) -> list[Path]:
    """List the files of knowledge; the shapes and their examples stand apart."""
    return [p for p in turtle_files(root) if not _APART & set(p.relative_to(root).parts)]


def load(root: Path, files: Iterable[Path] | None = None) -> Knowledge:
    """Read all knowledge below a folder; every subject must stand in one place only."""
    knowledge = Knowledge(root, Prefixes.read(root / "prefixes.ttl"))
    for path in knowledge_files(root) if files is None else files:
        shown = path.relative_to(root.parent).as_posix()
        text = path.read_text(encoding="utf-8")
        _place_subjects(knowledge, text, shown)
        knowledge.add(parse(text, shown))
    addresses = _addresses(knowledge)
    for path in table_files(root) if files is None else ():
        table = read_codes(path, path.relative_to(root.parent).as_posix())
        _add_codes(knowledge, table, addresses)
    if files is None:
        _add_judgements(knowledge)
    # What is worked out from here on is no term's own place in a file.
    knowledge.add(derived_definitions(knowledge))
    for module in knowledge.of_type(terms.ONTOLOGY):
        knowledge.file_of_module[module] = knowledge.places[module].path
    return knowledge


def term_labels(root: Path) -> dict[str, str]:
    """Give the label of every term that the Turtle files describe, by its short name."""
    knowledge = load(root, knowledge_files(root))
    labels = ((iri, knowledge.text(iri, terms.LABEL)) for iri in knowledge.places)
    return {knowledge.short(iri): label for iri, label in labels if label}


def _addresses(knowledge: Knowledge) -> dict[str, str]:
    """Map each code system to what precedes a code in the addresses of its concepts."""
    return {
        terms.local(s): address(
            knowledge.text(s, ik("conceptAddress")), knowledge.text(s, ik("systemUri"))
        )
        for s in knowledge.of_type(ik("CodeSystem"))
    }


def _add_codes(knowledge: Knowledge, table: MappingTable, addresses: dict[str, str]) -> None:
    """Take a code table in: its header as a module, each row as a code in its place."""
    reader = CodeReader(table, knowledge.prefixes, addresses)
    module = table.header["mapping_set_id"]
    _place(knowledge, module, SourcePlace(table.path, table.lines["mapping_set_id"]))
    knowledge.add(header_triples(table))
    for row in table.rows:
        _place(knowledge, reader.code(row), SourcePlace(table.path, row.line))
        knowledge.add(reader.triples(row))


def _add_judgements(knowledge: Knowledge) -> None:
    """Take the judgement tables in: each header is a module, each row a statement."""
    reader = JudgementReader(knowledge)
    for path in judgement_files(knowledge.root):
        table = read_judgements(path, path.relative_to(knowledge.root.parent).as_posix())
        module = knowledge.prefixes.expand(table.header["module"])
        _place(knowledge, module, SourcePlace(table.path, 1))
        knowledge.add(module_triples(table, module))
        reader.take(table)
    for table in reader.tables:
        for row in table.rows:
            _place(knowledge, reader.name(row), SourcePlace(table.path, row.line))
            knowledge.add(reader.triples(table, row))


def _place_subjects(knowledge: Knowledge, text: str, shown: str) -> None:
    for number, line in enumerate(text.splitlines(), 1):
        match = _SUBJECT_LINE.match(line)
        if not match:
            continue
        name = match.group(1)
        prefix = name.split(":", 1)[0]
        if name.startswith("<"):
            iri = name[1:-1]
        elif prefix in knowledge.prefixes.namespaces:
            iri = knowledge.prefixes.expand(name)
        else:
            continue
        _place(knowledge, iri, SourcePlace(shown, number))


def _place(knowledge: Knowledge, iri: str, place: SourcePlace) -> None:
    """Note where a term is described, which may be one place only."""
    if iri in knowledge.places:
        raise KnowledgeError(
            code="term-twice",
            message=f"this term is already described at {knowledge.places[iri]}",
            subject=knowledge.short(iri),
            location=str(place),
            repair="keep one description of the term, in the file that it belongs to",
        )
    knowledge.places[iri] = place


def refuse_unknown_terms(knowledge: Knowledge) -> None:
    """Refuse a name of ours that is used but described nowhere."""
    for triple in knowledge.quads:
        for node in (triple.predicate, triple.object):
            if not isinstance(node, ox.NamedNode) or not node.value.startswith(terms.BASE):
                continue
            # A release is named by the header that makes it, and described nowhere else.
            if node.value in knowledge.places or terms.kind(node.value) == "release":
                continue
            raise _unknown(knowledge, triple, node.value)


def _unknown(knowledge: Knowledge, triple: ox.Triple, iri: str) -> UnknownTerm:
    peers = [t for t in knowledge.places if terms.kind(t) == terms.kind(iri)]
    near = difflib.get_close_matches(iri, peers or list(knowledge.places), n=3, cutoff=0.6)
    user = (
        triple.subject.value
        if isinstance(triple.subject, ox.NamedNode)
        else _owner(knowledge, triple)
    )
    suggestion = ", ".join(knowledge.short(t) for t in near)
    return UnknownTerm(
        code="unknown-term",
        message=f"no file describes {knowledge.short(iri)}",
        subject=knowledge.short(user),
        location=knowledge.where(user),
        repair=f"did you mean {suggestion}?" if near else "describe the term, or fix its spelling",
    )


def _owner(knowledge: Knowledge, triple: ox.Triple) -> str:
    """Find the named subject that an anonymous part belongs to."""
    parents = {t.object: t.subject for t in knowledge.quads if isinstance(t.object, ox.BlankNode)}
    node = triple.subject
    while isinstance(node, ox.BlankNode) and node in parents:
        node = parents[node]
    return node.value if isinstance(node, ox.NamedNode) else ""
