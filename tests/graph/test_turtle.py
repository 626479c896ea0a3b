"""One way to write a graph, and honest words about a file that is not Turtle."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import TurtleError
from kg.graph.turtle import Prefixes, canonical, parse
from tests.workshop import ONTOLOGY

PREFIXES = Prefixes.read(ONTOLOGY / "prefixes.ttl")
HEAD = """@prefix drug: <https://w3id.org/inokg/drug/> .
@prefix ik: <https://w3id.org/inokg/schema/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""


def test_a_subject_is_written_in_reading_order_one_triple_a_line() -> None:
    text = HEAD + 'drug:x ik:assessed true ; rdfs:label "x"@en ; a ik:Drug , owl:Thing .\n'
    assert canonical(text, "x.ttl", PREFIXES).endswith(
        """
drug:x
    a ik:Drug ;
    a owl:Thing ;
    rdfs:label "x"@en ;
    ik:assessed true ;
.
"""
    )


def test_parts_stand_next_to_their_whole() -> None:
    text = HEAD + "".join(f"<https://w3id.org/inokg/{n}> a ik:Term .\n" for n in (
        "statement/b.one", "advisory/c", "advisory/b", "advisory/a"))  # fmt: skip
    written = canonical(text, "x.ttl", PREFIXES)
    subjects = [
        line for line in written.splitlines() if line and not line.startswith((" ", "@", "."))
    ]
    assert subjects == ["advisory:a", "advisory:b", "statement:b.one", "advisory:c"]


@pytest.mark.parametrize("path", sorted(ONTOLOGY.rglob("*.ttl")), ids=lambda p: p.stem)
def test_formatting_twice_is_formatting_once(path: Path) -> None:
    if path.name == "prefixes.ttl":
        return
    text = path.read_text(encoding="utf-8")
    once = canonical(text, path.name, PREFIXES)
    # Of a file that is in this form already, that is shown; it is not worked out again.
    assert once == text or canonical(once, path.name, PREFIXES) == once


def test_a_comment_is_refused_because_it_would_be_lost() -> None:
    with pytest.raises(TurtleError) as caught:
        canonical(HEAD + "# a thought\ndrug:x a ik:Drug .\n", "x.ttl", PREFIXES)
    assert caught.value.location == "x.ttl:5"
    assert "editorialNote" in caught.value.repair


def test_a_prefix_bound_otherwise_than_in_the_table_is_refused() -> None:
    text = "@prefix drug: <http://example.org/drug/> .\ndrug:x a drug:y .\n"
    with pytest.raises(TurtleError, match="not bound"):
        canonical(text, "x.ttl", PREFIXES)


def test_a_syntax_error_names_file_line_and_column() -> None:
    with pytest.raises(TurtleError) as caught:
        parse(HEAD + "drug:x a ik:Drug\n    rdfs:label ; .\n", "drugs/x.ttl")
    assert caught.value.location.startswith("drugs/x.ttl:6:")


def test_numbers_keep_their_lexical_form() -> None:
    text = HEAD + (
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
        'drug:x ik:a 1.50 ; ik:b 3 ; ik:c "5"^^xsd:decimal ; ik:d "a\\"b\\\\c\\n" .\n'
    )
    written = canonical(text, "x.ttl", PREFIXES)
    assert "ik:a 1.50 ;" in written
    assert "ik:b 3 ;" in written
    assert 'ik:c "5"^^xsd:decimal ;' in written
    assert 'ik:d "a\\"b\\\\c\\n" ;' in written


@pytest.mark.parametrize(
    "text",
    [
        "drug:x ik:a _:b . _:b ik:c _:b .",
        "drug:x ik:a _:b . _:b ik:c _:d . _:d ik:c _:b .",
        "drug:x ik:a _:b . _:b rdf:first drug:y ; rdf:rest _:b .",
        "drug:x ik:a _:b . _:b rdf:first drug:y .",
    ],
)
def test_a_circle_of_anonymous_nodes_is_refused(text: str) -> None:
    rdf = "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
    with pytest.raises(TurtleError) as caught:
        canonical(HEAD + rdf + text, "x.ttl", PREFIXES)
    assert caught.value.code == "turtle-circle"


def test_a_shared_anonymous_node_is_refused_rather_than_split() -> None:
    text = HEAD + "drug:x ik:a _:b . drug:y ik:a _:b . _:b ik:c drug:z .\n"
    with pytest.raises(TurtleError) as caught:
        canonical(text, "x.ttl", PREFIXES)
    assert caught.value.code == "turtle-unfaithful"
