"""What a hostile query is after: another server, a file, a crash. Nothing is opened, ever."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import msgspec
import pytest

from kg.graph.sparql_query import LONGEST, MOST_LINKS
from kg.graph.sparql_worker import BEGUN, LENGTH, Charge, Limits, QueryTask, receive
from tests.workshop import ROOT

POST = {"Content-Type": "application/sparql-query"}


class Trap:
    """A server that should never be reached, and counts how often it was."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.visits = 0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while True:
            try:
                visitor, _ = self.listener.accept()
            except OSError:
                return
            self.visits += 1
            visitor.close()

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self._thread.join()


@pytest.fixture
def trap() -> Iterator[Trap]:
    found = Trap()
    yield found
    found.close()


# AT stands for the address of the trap. Each calls a server in the reading of some parser, and the
# odd ones were tried: the parser of the embedded store reads them so.
SERVICES = [
    "SELECT * WHERE { SERVICE <http://AT/> { ?s ?p ?o } }",
    "SELECT * WHERE { SERVICE SILENT <http://AT/> { ?s ?p ?o } }",
    "select * where { service<http://AT/>{ ?s ?p ?o } }",
    "ASK { SERVICE # <- a comment\n <http://AT/> { ?s ?p ?o } }",
    "CONSTRUCT { ?s ?p ?o } WHERE { OPTIONAL { SERVICE <http://AT/> { ?s ?p ?o } } }",
    "DESCRIBE ?s WHERE { { SELECT ?s { SERVICE <http://AT/> { ?s ?p ?o } } } }",
    "SELECT * WHERE { BIND(<http://AT/> AS ?e) SERVICE ?e { ?s ?p ?o } }",
    "SELECT * WHERE { ?a a ik:Severity FILTER EXISTS { SERVICE <http://AT/> { ?s ?p ?o } } }",
    "PREFIX x: <http://AT/> SELECT * WHERE { SERVICE x:y { ?s ?p ?o } }",
    "PREFIX x: <http://AT/> SELECT * WHERE { ?a ?b trueSERVICE x:y { ?s ?p ?o } }",
    "PREFIX : <http://AT/> SELECT * WHERE { ?a ?b trueSERVICE:y { ?s ?p ?o } }",
    "SELECT * WHERE { ?a ?b 1SERVICE<http://AT/>{ ?s ?p ?o } }",
    "PREFIX : <http://AT/> SELECT * { ?a ?b ?c FILTER(?a<?c||true)SERVICE#>\n:y { ?s ?p ?o } }",
    "PREFIX : <http://AT/> SELECT * { ?a ?b ?c FILTER(?a<?c||true)SERVICE:y#<\n{ ?s ?p ?o } }",
    "SELECT * WHERE { \\u0053ERVICE <http://AT/> { ?s ?p ?o } }",
    'SELECT * WHERE { ?s ?p "\\u0022 . SERVICE <http://AT/> { ?a ?b ?c } #" }',
    "BASE <http://AT/> SELECT * WHERE { SERVICE <x> { ?s ?p ?o } }",
]  # fmt: skip
FROM = [
    "SELECT * FROM <http://AT/> WHERE { ?s ?p ?o }",
    "SELECT * FROM NAMED <http://AT/x> WHERE { GRAPH ?g { ?s ?p ?o } }",
    "PREFIX x: <http://AT/> ASK FROM x:y { ?s ?p ?o }",
    "BASE <http://AT/> DESCRIBE ?s FROM <x> WHERE { ?s ?p ?o }",
    "SELECT * FROM <file:@a/b> WHERE { ?s ?p ?o }".replace("@", "///"),
    "SELECT * FROM <ftp://AT/> WHERE { ?s ?p ?o }",
]
LOADS = [
    "LOAD <http://AT/>",
    "LOAD SILENT <http://AT/> INTO GRAPH <https://w3id.org/inokg/graph/reviews>",
    "LOAD <file:@a/b>".replace("@", "///"),
    "PREFIX x: <http://AT/> LOAD x:y",
]


@pytest.mark.parametrize("query", SERVICES)
def test_no_query_calls_another_server(
    http: httpx2.Client, endpoint: str, trap: Trap, query: str
) -> None:
    query = query.replace("AT", trap.address, 1)
    for answer in (
        http.post(endpoint, content=query, headers=POST),
        http.get(endpoint, params={"query": query}),
    ):
        assert answer.status_code == 403, answer.text
        assert answer.json()["type"].endswith("/service-refused")
    assert trap.visits == 0


@pytest.mark.parametrize("query", FROM)
def test_no_query_reads_from_outside(
    http: httpx2.Client, endpoint: str, trap: Trap, query: str
) -> None:
    answer = http.post(endpoint, content=query.replace("AT", trap.address, 1), headers=POST)
    assert answer.status_code == 403, answer.text
    assert answer.json()["type"].endswith("/from-outside")
    assert trap.visits == 0


@pytest.mark.parametrize("query", LOADS)
def test_no_query_loads(http: httpx2.Client, endpoint: str, trap: Trap, query: str) -> None:
    answer = http.post(endpoint, content=query.replace("AT", trap.address, 1), headers=POST)
    assert answer.status_code == 403, answer.text
    assert trap.visits == 0


def test_graphs_that_a_caller_names_are_not_fetched(
    http: httpx2.Client, endpoint: str, trap: Trap
) -> None:
    for name in ("default-graph-uri", "named-graph-uri"):
        parameters = {"query": "ASK { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"}
        answer = http.get(endpoint, params={**parameters, name: f"http://{trap.address}/x"})
        assert answer.status_code == 403
        assert answer.json()["type"].endswith("/from-outside")
    assert trap.visits == 0


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * WHERE { ?service ?silent ?o } LIMIT 1",
        'ASK { ?s rdfs:label ?l FILTER(CONTAINS(?l, "SERVICE <http://example.org/> here")) }',
        "# no SERVICE here\nASK { ?s ?p ?o }",
        "PREFIX service: <http://example.org/> ASK { ?s service:p ?o }",
        "ASK { <http://example.org/service> ?p ?o }",
    ],
)
def test_the_word_alone_is_no_offence(http: httpx2.Client, embedded: str, query: str) -> None:
    assert http.post(embedded + "/sparql", content=query, headers=POST).status_code == 200


# Each link was seen to bring down some parser that calls itself for it, the store elsewhere whole.
LINKS = {
    "!": "ASK { FILTER(LINKStrue) }",
    "+1": "SELECT (1LINKS AS ?x) {}",
    "/a": "ASK { <x:s> aLINKS <x:o> }",
    "a|": "ASK { <x:s> LINKSa <x:o> }",
    "||true": "ASK { FILTER(trueLINKS) }",
    "{} UNION ": "ASK { LINKS{} }",
    "OPTIONAL {} ": "ASK { LINKS }",
    "MINUS {} ": "ASK { <x:s> a <x:o> LINKS }",
    "FILTER(true) ": "ASK { <x:s> a <x:o> LINKS }",
    "GRAPH <x:g> {} ": "ASK { LINKS }",
    "<x:s> a <x:o> . ": "ASK { LINKS }",
    "<x:o>, ": "ASK { <x:s> a LINKS <x:o> }",
}


@pytest.mark.parametrize("link", LINKS)
def test_a_chain_that_would_bring_a_store_down_is_refused(
    http: httpx2.Client, hasty: str, link: str
) -> None:
    query = LINKS[link].replace("LINKS", link * 5000)
    answer = http.post(hasty, content=query, headers=POST)
    assert answer.status_code in (400, 413), answer.text
    assert answer.json()["type"].endswith(("/query-too-deep", "/query-too-long"))
    query = LINKS[link].replace("LINKS", link * MOST_LINKS)
    answer = http.post(hasty, content=query[:LONGEST], headers=POST)
    assert answer.json()["type"].endswith(("/query-too-deep", "/query-malformed"))
    assert http.post(hasty, content="ASK { ?s ?p ?o }", headers=POST).json()["boolean"] is True


@pytest.mark.parametrize("values", ["VALUES ?x { LIST }", "FILTER(?x IN (LIST))"])
def test_a_long_list_of_values_is_no_chain(http: httpx2.Client, endpoint: str, values: str) -> None:
    sign = ", " if "IN" in values else " "
    listed = values.replace("LIST", sign.join(["1"] * 5000))
    query = f"ASK {{ BIND(1 AS ?y) {listed} }}"
    assert http.post(endpoint, content=query, headers=POST).status_code == 200


# What the text does not show: each brings a worker of the embedded store down, and nothing else.
HEAVY = [
    "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f",
    "SELECT (GROUP_CONCAT(STR(?c)) AS ?n) { ?a ?b ?c . ?d a ik:Code }",
]


@pytest.mark.parametrize("query", HEAVY)
def test_a_worker_that_falls_is_replaced(http: httpx2.Client, hasty: str, query: str) -> None:
    answer = http.post(hasty, content=query, headers=POST)
    assert answer.status_code == 503
    assert answer.json()["type"].endswith(("/query-too-heavy", "/query-timeout"))
    assert http.post(hasty, content="ASK { ?s ?p ?o }", headers=POST).json()["boolean"] is True


# The second wall alone: a family of workers in which nothing is refused on the text.
UNGUARDED = """
import kg.graph.sparql_query as text
text._refuse_service = lambda query: None
from kg.graph.sparql_worker import main
main()
"""


@pytest.mark.parametrize("query", SERVICES[:2])
def test_a_worker_can_open_nothing_even_where_nothing_was_refused(
    release_folder: Path, tmp_path: Path, trap: Trap, query: str
) -> None:
    charge = Charge(str(release_folder), Limits(workers=1))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "ask"))
        listener.listen()
        family = subprocess.Popen(
            [sys.executable, "-c", UNGUARDED, str(listener.fileno())],
            stdin=subprocess.PIPE,
            pass_fds=(listener.fileno(),),
            process_group=0,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    assert family.stdin
    with family.stdin as told, socket.socket(socket.AF_UNIX) as asker:
        told.write(msgspec.json.encode(charge) + b"\n")
        told.flush()
        asker.connect(str(tmp_path / "ask"))
        question = QueryTask(query.replace("AT", trap.address, 1), "application/json")
        said = msgspec.json.encode(question)
        asker.sendall(LENGTH.pack(len(said)) + said)
        assert asker.recv(1) == BEGUN
        head = msgspec.json.decode(receive(asker))
    family.wait()
    assert trap.visits == 0
    if "SILENT" not in query:
        assert head["error"], "without SILENT the failed call is a fault"
