"""From a code table to triples: each row is one code of one external code system.

The rows are the source and the triples the release: `code:SYSTEM-NOTATION` with its notation, its
system, the table it was taken from, and the one term of ours that it leads to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg import terms
from kg.errors import TableError
from kg.graph.sssom import MappingRow, MappingTable, read_table
from kg.graph.turtle import Prefixes
from kg.terms import ik

SUFFIX: Final = ".sssom.tsv"
MATCHES: Final = ("skos:exactMatch", "skos:closeMatch", "skos:broadMatch", "skos:narrowMatch")
_JUSTIFICATIONS = {
    f"semapv:{name}"
    for name in (
        "BackgroundKnowledgeBasedMatching CompositeMatching InstanceBasedMatching LexicalMatching "
        "LexicalSimilarityThresholdMatching LogicalReasoning ManualMappingCuration "
        "MappingChaining MappingInversion MappingReview SemanticSimilarityThresholdMatching "
        "StructuralMatching UnspecifiedMatching"
    ).split()
}
_INDIVIDUAL = "owl named individual"
_SIGNS = re.compile(r"[^A-Za-z0-9]+")
_HERE = "{code}"

# What a row says of its code: the columns, in the words of the schema.
_CodeSource = Iterator[tuple[str, ox.NamedNode | ox.Literal]]


def table_files(root: Path) -> list[Path]:
    """List the code tables, in an order that no machine changes."""
    return sorted(root.rglob(f"*{SUFFIX}"))


def read_codes(path: Path, shown: str) -> MappingTable:
    """Read one code table from its file."""
    return read_table(path.read_text(encoding="utf-8"), shown)


def header_triples(table: MappingTable) -> Iterator[ox.Triple]:
    """Give what a table says of itself: it is a module of the ontology."""
    module = ox.NamedNode(table.header["mapping_set_id"])
    yield ox.Triple(module, ox.NamedNode(terms.TYPE), ox.NamedNode(terms.ONTOLOGY))
    for key, predicate in (
        ("mapping_set_title", terms.LABEL),
        ("mapping_set_description", terms.DEFINITION),
        ("comment", terms.SCOPE_NOTE),
        ("rights", terms.DCTERMS + "rights"),
    ):
        if table.header.get(key):
            yield ox.Triple(module, ox.NamedNode(predicate), _words(table.header[key]))


class CodeReader:
    """Turns the rows of one table into triples, and refuses what a row may not say."""

    def __init__(
        self, table: MappingTable, prefixes: Prefixes, addresses: Mapping[str, str]
    ) -> None:
        self.table = table
        self.prefixes = prefixes
        self.addresses = addresses

    def code(self, row: MappingRow) -> str:
        """Give the name of the code that a row is about."""
        system, notation = self._split(row)
        block = "block-" if row.get("code_from") else ""
        return f"{terms.BASE}code/{system}-{block}{_SIGNS.sub('-', notation)}"

    def triples(self, row: MappingRow) -> Iterator[ox.Triple]:
        """Give all that a row says."""
        subject = ox.NamedNode(self.code(row))
        for predicate, value in self._described(row):
            yield ox.Triple(subject, ox.NamedNode(predicate), value)

    def _described(self, row: MappingRow) -> _CodeSource:
        system, notation = self._split(row)
        if row.get("predicate_id") not in MATCHES:
            raise self._refuse(
                row,
                "table-predicate",
                f"{row.get('predicate_id')} does not say how the code and the term fit",
                "use one of " + ", ".join(MATCHES),
            )
        if row.get("mapping_justification") not in _JUSTIFICATIONS:
            raise self._refuse(
                row,
                "table-justification",
                f"{row.get('mapping_justification')} is no justification that SSSOM knows",
                "use one of " + ", ".join(sorted(_JUSTIFICATIONS)),
            )
        yield terms.TYPE, ox.NamedNode(ik("Code"))
        if self.table.header.get("subject_type") == _INDIVIDUAL:
            yield terms.TYPE, ox.NamedNode(terms.NAMED_INDIVIDUAL)
        yield terms.NOTATION, ox.Literal(notation)
        yield ik("system"), ox.NamedNode(f"{terms.BASE}system/{system}")
        yield self.prefixes.expand(row.get("predicate_id")), self._named(row, "object_id")
        yield from self._sources(row)
        yield from self._range(row, notation)
        if row.get("implies_route"):
            yield ik("impliesRoute"), self._named(row, "implies_route")
        if row.get("former_code"):
            if row.get("former_code") != "true":
                raise self._refuse(
                    row, "table-row", "former_code is 'true' or empty", "correct the cell"
                )
            yield ik("formerCode"), ox.Literal("true", datatype=ox.NamedNode(terms.XSD + "boolean"))
        if row.get("code_verified"):
            yield ik("codeVerified"), _words(row.get("code_verified"))
        for note in row.several("comment"):
            yield terms.SKOS + "editorialNote", _words(note)

    def _sources(self, row: MappingRow) -> _CodeSource:
        first = row.get("subject_source") or self.table.header.get("subject_source", "")
        if not first:
            raise self._refuse(
                row,
                "table-row",
                "nothing says from which table this code was taken",
                "fill in subject_source, here or in the header",
            )
        for name in (first, *row.several("further_source")):
            yield ik("source"), self._expanded(row, name)

    def _range(self, row: MappingRow, notation: str) -> _CodeSource:
        first, last = row.get("code_from"), row.get("code_to")
        if not first and not last:
            return
        if notation != f"{first}-{last}":
            raise self._refuse(
                row,
                "table-range",
                f"the range from {first or '?'} to {last or '?'} is not what its code says",
                "write a range as SYSTEM:FIRST-LAST, with code_from FIRST and code_to LAST",
            )
        yield ik("codeFrom"), ox.Literal(first)
        yield ik("codeTo"), ox.Literal(last)

    def _split(self, row: MappingRow) -> tuple[str, str]:
        """Part a code from its system, which must be one of ours under its own address."""
        system, _, notation = row.get("subject_id").partition(":")
        address = self.addresses.get(system)
        if address is None or not notation or notation != "".join(notation.split()):
            raise self._refuse(
                row,
                "table-subject",
                "this is no code of a system that mappings/systems.ttl describes",
                "write SYSTEM:CODE, with SYSTEM one of " + ", ".join(sorted(self.addresses)),
            )
        if self.table.curies.get(system) != address:
            raise self._refuse(
                row,
                "table-prefix",
                f"the header does not bind '{system}:' to the address of its system",
                f"write under #curie_map: {system}: {address}",
            )
        return system, notation

    def _named(self, row: MappingRow, column: str) -> ox.NamedNode:
        return self._expanded(row, row.get(column))

    def _expanded(self, row: MappingRow, name: str) -> ox.NamedNode:
        prefix, colon, local = name.partition(":")
        namespace = self.prefixes.namespaces.get(prefix)
        if not colon or not local or namespace is None or not namespace.startswith(terms.BASE):
            raise self._refuse(
                row, "table-name", f"'{name}' is no short name of a term of ours", "write kind:name"
            )
        return ox.NamedNode(namespace + local)

    def _refuse(self, row: MappingRow, code: str, message: str, repair: str) -> TableError:
        return self.table.refuse(row.line, code, message, row.get("subject_id"), repair)


def address(concept: str, system: str) -> str:
    """Give what goes before a code in the address of its concept, else of its system."""
    return concept.partition(_HERE)[0] if concept else f"{system}#"


def _words(text: str) -> ox.Literal:
    return ox.Literal(text, language="en")
