"""Canonical Turtle: one way to write a graph, so that a diff shows only what changed.

Stock writers sort predicates by name, which puts *action* before *to whom*. This one knows
the reading order of a subject, writes one triple a line and ends a subject with a lone full
stop, so that adding or removing a value is a one-line diff.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg import terms
from kg.errors import TurtleError

# The reading order of a subject; what is not named here follows, sorted by name.
_ORDER = (
    # identity
    "rdf:type rdfs:label skos:definition ik:says skos:notation skos:altLabel ik:brandName "
    "ik:misspelling ik:confusableWith ik:encodes "
    # where it stands, what it is made of
    "owl:versionIRI owl:versionInfo owl:priorVersion owl:imports rdfs:subPropertyOf rdfs:domain "
    "rdfs:range rdfs:subClassOf owl:equivalentClass ik:hasLiability ik:hasComponent "
    "ik:hasExcipient "
    # to whom
    "ik:about ik:appliesTo ik:unless ik:setsAside ik:setsAsideBecause ik:refines ik:inPhase "
    "ik:concerns ik:concernsLiability ik:clears "
    # verdict
    "ik:topic ik:severityEU ik:severityUK ik:severityUS ik:management ik:monitoring ik:clearsIf "
    "ik:patientText ik:mechanism "
    # because
    "ik:source ik:locator ik:jurisdiction ik:evidenceGrade ik:supports ik:verification "
    "ik:confidence ik:erratum ik:statement ik:reading ik:readingTaken ik:resolution ik:reason "
    "ik:toBeConfirmedBy ik:disagreement "
    # outside codes
    "ik:system ik:codeFrom ik:codeTo skos:exactMatch skos:closeMatch skos:broadMatch "
    "skos:narrowMatch ik:impliesRoute ik:formerCode "
    # notes and life
    "skos:scopeNote skos:editorialNote skos:example ik:since ik:withdrawnIn ik:withdrawnBecause "
    "dcterms:isReplacedBy"
).split()
_RESTRICTION_ORDER = (
    "rdf:type owl:onProperty owl:onClass owl:onDatatype owl:withRestrictions "
    "owl:intersectionOf owl:unionOf owl:someValuesFrom owl:hasValue"
).split()

_PREFIX_LINE = re.compile(r"@prefix\s+([A-Za-z0-9_-]*):\s+<([^>]+)>\s*\.")
_SAFE_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?\Z")
_SHORT_NUMBER = {
    terms.XSD + "integer": re.compile(r"[+-]?[0-9]+\Z"),
    terms.XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+\Z"),
    terms.XSD + "boolean": re.compile(r"(true|false)\Z"),
}
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}

RdfNode = ox.NamedNode | ox.BlankNode | ox.Literal
Subject = ox.NamedNode | ox.BlankNode


@dataclass(frozen=True)
class Prefixes:
    """The one table of prefixes, in both directions."""

    namespaces: dict[str, str]

    @staticmethod
    def read(path: Path) -> Prefixes:
        """Read the table from the file that binds every prefix."""
        return Prefixes(dict(_PREFIX_LINE.findall(path.read_text(encoding="utf-8"))))

    def expand(self, curie: str) -> str:
        """Give the full name of a short one."""
        prefix, name = curie.split(":", 1)
        return self.namespaces[prefix] + name

    def shorten(self, iri: str) -> str:
        """Give the short name of a full one, or the full one in angle brackets."""
        cut = max(iri.rfind("/"), iri.rfind("#")) + 1
        for prefix, namespace in self.namespaces.items():
            if iri[:cut] == namespace and _SAFE_LOCAL.match(iri[cut:]):
                return f"{prefix}:{iri[cut:]}"
        return f"<{iri}>"


def parse(text: str, path: str) -> list[ox.Quad]:
    """Read Turtle; a mistake is reported with file, line and column."""
    try:
        return list(ox.parse(text.encode(), format=ox.RdfFormat.TURTLE))
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        raise TurtleError(
            code="turtle-syntax",
            message=f"this is not Turtle: {error.msg.split(': ', 1)[-1]}",
            subject=_line(text, line),
            location=f"{path}:{line}:{column}",
            repair="look for a missing ';', quote or bracket at or just before this place",
        ) from error


def _line(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""


def canonical(text: str, path: str, prefixes: Prefixes) -> str:
    """Write a file's graph in the one canonical way; the graph itself never changes."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#"):
            raise TurtleError(
                code="turtle-comment",
                message="a comment would be lost by the formatter",
                subject=line.strip(),
                location=f"{path}:{number}",
                repair="write it as skos:scopeNote or skos:editorialNote on the term it is about",
            )
    for name, namespace in _PREFIX_LINE.findall(text):
        if prefixes.namespaces.get(name) != namespace:
            raise TurtleError(
                code="turtle-prefix",
                message=f"the prefix '{name}:' is not bound to this namespace in prefixes.ttl",
                subject=namespace,
                location=path,
                repair="use the prefix table of prefixes.ttl, or add the prefix there",
            )
    quads = parse(text, path)
    written = _Writer(quads, prefixes, path).document()
    if not _same_graph(quads, parse(written, path)):
        raise TurtleError(
            code="turtle-unfaithful",
            message="formatting would change the graph, so nothing was written",
            subject=path,
            location=path,
            repair="look for a blank node that is shared or that stands outside a restriction",
        )
    return written


def _same_graph(one: list[ox.Quad], other: list[ox.Quad]) -> bool:
    left, right = ox.Dataset(one), ox.Dataset(other)
    left.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    right.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return left == right


class _Writer:
    """Writes one file; holds the graph by subject and the prefixes met on the way."""

    def __init__(self, quads: list[ox.Quad], prefixes: Prefixes, path: str) -> None:
        self.prefixes = prefixes
        self.path = path
        self.within: list[ox.BlankNode] = []
        self.used: set[str] = set()
        self.by_subject: dict[Subject, dict[str, list[RdfNode]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for quad in quads:
            self.by_subject[quad.subject][quad.predicate.value].append(quad.object)  # type: ignore[index, arg-type]
        self.rank = {prefixes.expand(c): n for n, c in enumerate(_ORDER)}
        self.inner_rank = {prefixes.expand(c): n for n, c in enumerate(_RESTRICTION_ORDER)}

    def document(self) -> str:
        """Give the whole text: prefixes used, module header, then subjects by name."""
        named = [s for s in self.by_subject if isinstance(s, ox.NamedNode)]
        blocks = [self.block(s) for s in sorted(named, key=self._subject_key)]
        head = [f"@prefix {p}: <{self.prefixes.namespaces[p]}> .\n" for p in sorted(self.used)]
        return "".join(head) + "".join("\n" + block for block in blocks)

    def _subject_key(self, subject: ox.NamedNode) -> tuple[bool, str, str]:
        types = {
            t.value for t in self.by_subject[subject][terms.TYPE] if isinstance(t, ox.NamedNode)
        }
        return (terms.ONTOLOGY not in types, terms.local(subject.value), subject.value)

    def block(self, subject: ox.NamedNode) -> str:
        lines = [self.name(subject.value)]
        lines += [
            f"    {self.verb(p)} {self.value(o, 1)} ;" for p, o in self._pairs(subject, self.rank)
        ]
        return "\n".join([*lines, "."]) + "\n"

    def _pairs(self, subject: Subject, rank: dict[str, int]) -> Iterator[tuple[str, RdfNode]]:
        values = self.by_subject[subject]
        for predicate in sorted(values, key=lambda p: (rank.get(p, len(rank)), p)):
            yield from ((predicate, o) for o in sorted(values[predicate], key=self._object_key))

    def _object_key(self, node: RdfNode) -> tuple[int, str, str, str]:
        if isinstance(node, ox.NamedNode):
            return (0, self.prefixes.shorten(node.value), "", "")
        if isinstance(node, ox.Literal):
            return (1, node.value, node.language or "", node.datatype.value)
        return (2, self.value(node, 0), "", "")

    def verb(self, predicate: str) -> str:
        return "a" if predicate == terms.TYPE else self.name(predicate)

    def name(self, iri: str) -> str:
        short = self.prefixes.shorten(iri)
        if not short.startswith("<"):
            self.used.add(short.split(":", 1)[0])
        return short

    def value(self, node: RdfNode, depth: int) -> str:
        if isinstance(node, ox.NamedNode):
            return "()" if node.value == terms.NIL else self.name(node.value)
        if isinstance(node, ox.Literal):
            return self.literal(node)
        if node in self.within:
            raise self._circle()
        self.within.append(node)
        text = self._anonymous(node, depth)
        self.within.pop()
        return text

    def _anonymous(self, node: ox.BlankNode, depth: int) -> str:
        pad = "    " * (depth + 1)
        if terms.FIRST in self.by_subject[node]:
            items = "\n".join(pad + self.value(item, depth + 1) for item in self._items(node))
            return f"(\n{items}\n{'    ' * depth})"
        pairs = self._pairs(node, self.inner_rank)
        lines = "\n".join(f"{pad}{self.verb(p)} {self.value(o, depth + 1)} ;" for p, o in pairs)
        return f"[\n{lines}\n{'    ' * depth}]"

    def _circle(self) -> TurtleError:
        return TurtleError(
            code="turtle-circle",
            message="an anonymous node contains itself",
            location=self.path,
            repair="give the node a name, or break the cycle",
        )

    def _items(self, node: RdfNode) -> Iterator[RdfNode]:
        seen: set[RdfNode] = set()
        while isinstance(node, ox.BlankNode):
            cell = self.by_subject[node]
            if node in seen or terms.FIRST not in cell or terms.REST not in cell:
                raise self._circle()
            seen.add(node)
            yield cell[terms.FIRST][0]
            node = cell[terms.REST][0]

    def literal(self, node: ox.Literal) -> str:
        datatype = node.datatype.value
        short = _SHORT_NUMBER.get(datatype)
        if short and short.match(node.value):
            return node.value
        quoted = '"' + "".join(_ESCAPES.get(c, c) for c in node.value) + '"'
        if node.language:
            return f"{quoted}@{node.language}"
        return quoted if datatype == terms.XSD + "string" else f"{quoted}^^{self.name(datatype)}"


def format_file(path: Path, shown: str, prefixes: Prefixes) -> tuple[str, str]:
    """Give a file's text as it is and as it should be."""
    text = path.read_text(encoding="utf-8")
    return text, canonical(text, shown, prefixes)
