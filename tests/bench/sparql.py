"""Queries: the endpoint against the store itself, a runaway that is stopped, a check beside it."""

from __future__ import annotations

import statistics
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox

from kg.graph.questions import read_questions
from kg.graph.sparql_query import DEFAULT, NAMED
from kg.graph.sparql_store import Embedded
from kg.graph.sparql_worker import Limits
from tests.bench.engine import typical
from tests.bench.load import rate
from tests.bench.measure import Row, at_most, seconds
from tests.serving import serving
from tests.workshop import ONTOLOGY

_PAIRS, _ROUNDS, _STRETCH = 15, 5, 2.0
_SHORTEST = 0.005
_WIDE = {
    "every type of every term": "SELECT ?term ?type { ?term a ?type }",
    "every class above a class": "SELECT ?class ?above { ?class rdfs:subClassOf+ ?above }",
    "what every statement says": "CONSTRUCT { ?s ik:says ?t } WHERE { ?s ik:says ?t }",
}
_RUNAWAYS = {
    "a product": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "a deep path": "SELECT (COUNT(*) AS ?n) { ?a (rdf:type|ik:about|ik:statement|^ik:about)+ ?b }",
}
_JSON, _TURTLE = "application/sparql-results+json", "text/turtle"


def rows(release: Path) -> Iterator[Row]:
    """Measure queries over HTTP, on this machine, with one worker of the service."""
    with serving(release.parent, "--quiet") as service:
        url = service.url
        _ask(url, "ASK {}")
        yield from _ratios(url, release)
        for name, query in _RUNAWAYS.items():
            yield _stopped(url, name, query)
            yield _beside(url, name, query)


def _ask(url: str, query: str) -> int:
    headers = {"Content-Type": "application/sparql-query", "Accept": f"{_JSON}, {_TURTLE};q=0.9"}
    request = urllib.request.Request(f"{url}/sparql", query.encode(), headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own service
            answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def _ratios(url: str, release: Path) -> Iterator[Row]:
    """Hold every question that takes long enough, and some wide ones, against the store itself."""
    store = Embedded(release)
    asked = {name: q.query for name, q in read_questions(ONTOLOGY).items()} | _WIDE
    slow = {name: query for name, query in asked.items() if _direct(store, query)() >= _SHORTEST}
    values = {}
    for name, query in slow.items():
        direct = _direct(store, query)
        pairs = [(seconds(lambda q=query: _ask(url, q)), direct()) for _ in range(_PAIRS)]  # type: ignore[misc]
        values[name] = statistics.median(a / b for a, b in pairs)
    worst = max(values, key=lambda name: values[name])
    note = f"{len(values)} queries over 5 ms; the dearest: {worst}, {values[worst]:.2f}"
    typically = statistics.median(values.values())
    yield at_most("SPARQL endpoint / the store itself, queries over 5 ms", typically, 1.3, note)


def _direct(store: Embedded, query: str) -> Callable[[], float]:
    def ask() -> float:
        begun = time.perf_counter()
        found = store._store.query(
            query,
            prefixes=store.prefixes,
            default_graph=[ox.NamedNode(g) for g in DEFAULT],
            named_graphs=[ox.NamedNode(g) for g in NAMED],
        )
        if isinstance(found, ox.QueryTriples):
            found.serialize(format=ox.RdfFormat.TURTLE)
        else:
            found.serialize(format=ox.QueryResultsFormat.JSON)
        return time.perf_counter() - begun

    ask()
    return ask


def _stopped(url: str, name: str, query: str) -> Row:
    limit = Limits().seconds
    begun = time.perf_counter()
    status = _ask(url, query)
    late = time.perf_counter() - begun - limit
    return at_most(f"{name} without end: seconds past its limit", late, 1.0, f"status {status}")


def _beside(url: str, name: str, query: str) -> Row:
    """Check patients alone, and beside as many runaways as are answered at a time."""
    pairs = []
    for _ in range(_ROUNDS):
        alone = rate(url, "/v1/check", typical(), _STRETCH, connections=1)
        with _running(url, query):
            beside = rate(url, "/v1/check", typical(), _STRETCH, connections=1)
        pairs.append((statistics.median(beside), statistics.median(alone)))
    value = statistics.median(a / b for a, b in pairs)
    note = f"{Limits().workers} of them at a time"
    return at_most(f"a check beside {name} without end / alone", value, 1.5, note)


@contextmanager
def _running(url: str, query: str) -> Iterator[None]:
    """Keep all workers busy with a query; what was measured is over before its limit."""
    threads = [threading.Thread(target=_ask, args=(url, query)) for _ in range(Limits().workers)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    try:
        yield
    finally:
        for thread in threads:
            thread.join()
