"""What is read from a query's text."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from kg.errors import QueryRefused
from kg.graph.sparql_query import LONGEST, read_query
from kg.terms import GRAPH

KNOWN = {"ik": "https://w3id.org/inokg/schema/", "graph": GRAPH}


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * {}", "SELECT"),
        ("ask{}", "ASK"),
        ("# SELECT\nPREFIX select: <http://e/> BASE <http://f/> CONSTRUCT WHERE {}", "CONSTRUCT"),
        ("PREFIX : <http://e/ask> describe :x", "DESCRIBE"),
    ],
)
def test_the_form_is_the_first_word_after_the_prefixes(text: str, form: str) -> None:
    assert read_query(text, KNOWN).form == form


@pytest.mark.parametrize(
    ("text", "graphs"),
    [
        ("SELECT * FROM graph:asserted FROM NAMED graph:inferred {}", ["asserted", "inferred"]),
        ("BASE <GRAPH> SELECT * FROM <reviews> {}", ["reviews"]),
        ("PREFIX g: <GRAPH> ASK FROM g:reviews { ?FROM ?p 'FROM <http://e/>' }", ["reviews"]),
        ("SELECT * { { SELECT ?s { ?s ?p ?o } } }", []),
    ],
)
def test_the_graphs_a_query_names_are_known(text: str, graphs: list[str]) -> None:
    text = text.replace("GRAPH", GRAPH)
    assert read_query(text, KNOWN).graphs == [GRAPH + name for name in graphs]


@pytest.mark.parametrize(
    ("text", "capped"),
    [
        ("SELECT * {}", "SELECT * {}\nLIMIT 5\n"),
        ("SELECT * {} # LIMIT 3", "SELECT * {} # LIMIT 3\nLIMIT 5\n"),
        ("SELECT * {} LIMIT 4", None),
        ("SELECT * {} OFFSET 9 LIMIT 6", "SELECT * {} OFFSET 9 LIMIT 5"),
        ("SELECT * {} VALUES ?x { 1 }", "SELECT * {} \nLIMIT 5\nVALUES ?x { 1 }"),
        ("SELECT * { {SELECT * {} LIMIT 9} }", "SELECT * { {SELECT * {} LIMIT 9} }\nLIMIT 5\n"),
        ("ASK {}", None),
        ("CONSTRUCT WHERE {}", None),
    ],
)
def test_a_table_gets_a_limit_it_may_not_pass(text: str, capped: str | None) -> None:
    assert read_query(text, KNOWN).capped(5) == capped


@pytest.mark.parametrize(
    "text",
    [
        'SELECT * {"' + '\\"' * 30_000,
        "SELECT * {'''" + "''\\'" * 15_000,
        'SELECT * {"' + "'\"" * 30_000,
        "SELECT * {" + "#" * 60_000,
        "SELECT * {" + "SERVICE#" * 7_900,
        "SELECT * {" + "SERVICE <" * 7_000,
        "SELECT * {" + "service service# \n" * 3_500,
        "<" * 60_000,
        "a:" * 30_000,
    ],
    ids=lambda t: t[:22],
)
def test_no_text_takes_long_to_read(text: str) -> None:
    assert len(text) <= LONGEST
    begun = time.process_time()
    with suppress(QueryRefused):
        read_query(text, KNOWN)
    assert time.process_time() - begun < 5
