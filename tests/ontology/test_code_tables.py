"""The code tables of the ontology: every row is a code of the release, and nothing else is."""

from __future__ import annotations

import csv
from pathlib import Path

import pyoxigraph as ox
import yaml  # type: ignore[import-untyped]

from kg.build.code_tables import read_codes, table_files
from kg.graph.turtle import Prefixes
from tests.ontology.asking import ask, column
from tests.workshop import ONTOLOGY

TABLES = table_files(ONTOLOGY)


def _rows() -> list[dict[str, str]]:
    """Read the tables as any spreadsheet does: lines with '#' apart, then tabs."""
    rows = []
    for path in TABLES:
        text = path.read_text("utf-8").splitlines()
        lines = [line for line in text if not line.startswith("#")]
        rows += list(csv.DictReader(lines, delimiter="\t", strict=True))
    return rows


def test_rows_and_codes_are_the_same_number_without_a_clash(graph: ox.Store) -> None:
    rows = _rows()
    codes = column(graph, "SELECT ?c { ?c a ik:Code }")
    assert len(rows) == len(codes) > 13_000
    assert len({r["subject_id"] for r in rows}) == len(rows)
    # Each leads to one term, and each code of a system stands once.
    led = ask(
        graph,
        """SELECT DISTINCT ?c ?system ?code ?term { ?c a ik:Code ; ik:system ?system ;
           skos:notation ?code ; skos:exactMatch|skos:closeMatch|skos:broadMatch|skos:narrowMatch
           ?term }""",
    )
    assert len(led) == len(codes)
    assert len({(r[1], r[2]) for r in led}) == len(codes)


def test_no_code_stands_in_a_turtle_file() -> None:
    assert not [p for p in ONTOLOGY.rglob("*.ttl") if "\n    a ik:Code ;" in p.read_text("utf-8")]


def test_every_row_says_what_its_code_says_in_the_release(graph: ox.Store) -> None:
    short = Prefixes.read(ONTOLOGY / "prefixes.ttl")
    led = ask(
        graph,
        """SELECT ?system ?code ?p ?term { ?c a ik:Code ; ik:system ?system ; skos:notation ?code .
           ?c ?p ?term FILTER(STRENDS(STR(?p), "Match")) }""",
    )
    released = {(s.split(":")[-1] + ":" + c, p, t) for s, c, p, t in led}
    tables = {(r["subject_id"], r["predicate_id"], r["object_id"]) for r in _rows()}
    assert short.namespaces["drug"]
    assert released == tables


def test_the_header_is_yaml_as_sssom_asks() -> None:
    for path in TABLES:
        text = path.read_text("utf-8").splitlines()
        header = yaml.safe_load("\n".join(line[1:] for line in text if line.startswith("#")))
        table = read_codes(path, path.name)
        assert header["curie_map"] == table.curies, path.name
        assert header["license"].startswith("https://")
        assert header["mapping_set_id"].startswith("https://w3id.org/inokg/module/")
        defined = {d["slot_name"] for d in header.get("extension_definitions", ())}
        columns = set(next(t for t in text if not t.startswith("#")).split("\t"))
        standard = {"subject_id", "predicate_id", "object_id", "object_label"}
        standard |= {"mapping_justification", "subject_source", "comment"}
        assert columns - standard <= defined, path.name
        for name in _short_names(path):
            assert name.split(":")[0] in header["curie_map"], (path.name, name)


def _short_names(path: Path) -> set[str]:
    rows = read_codes(path, path.name).rows
    return {r.get(c) for r in rows for c in ("subject_id", "predicate_id", "object_id")}
