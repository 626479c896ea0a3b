"""The doors that speak a standard, against a plain check and against the store itself."""

from __future__ import annotations

import json
import statistics
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from tests.api.serving import serving
from tests.bench.load import rate
from tests.bench.measure import Row, at_least, at_most, percentile, seconds
from tests.conformance.hooks import INDEX, SERVICE, a_call
from tests.conformance.resources import condition, order

_ROUNDS, _STRETCH = 5, 1.0
# Long enough that the way there and back is not what is measured.
_QUERY = """SELECT ?class (COUNT(DISTINCT ?drug) AS ?drugs) WHERE {
  ?drug <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> ?class .
  ?class <http://www.w3.org/2000/01/rdf-schema#subClassOf>* ?wider .
  ?wider <http://www.w3.org/2000/01/rdf-schema#label> ?label
} GROUP BY ?class ORDER BY DESC(?drugs) LIMIT 20"""


def rows(release: Path) -> Iterator[Row]:
    """Measure a call of a hook, and a query."""
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/feedback.sqlite"
        with serving(release.parent, "--quiet", "--database", database) as service:
            yield from _hooks(service.url)
            yield from _sparql(service.url, release)


def _hooks(url: str) -> Iterator[Row]:
    names, diagnosis = ("haloperidol", "citalopram"), "cirrhosis of the liver"
    taken = [order(name, key=f"m{n}") for n, name in enumerate(names)]
    call = a_call().drafting(INDEX).having("medications", *taken)
    hook = json.dumps(call.having("conditions", condition(diagnosis)).json()).encode()
    # The same patient, as a plain check says it.
    alike = {
        "patient": {"age_years": 46, "sex": "female"},
        "medications": [{"text": name} for name in names],
        "conditions": [{"text": diagnosis}],
        "allergies": [],
        "observations": [],
    }
    plain = json.dumps(alike).encode()
    pairs = [
        (
            rate(url, f"/cds-services/{SERVICE}", hook, _STRETCH),
            rate(url, "/v1/check", plain, _STRETCH),
        )
        for _ in range(_ROUNDS)
    ]
    value = statistics.median(len(a) / len(b) for a, b in pairs)
    alone = rate(url, f"/cds-services/{SERVICE}", hook, 2.0, connections=1)
    slowest = percentile(alone, 0.99) * 1000
    yield at_least("CDS Hooks call / check of the same patient", value, 0.5)
    yield at_most("CDS Hooks call, p99 in ms", slowest, 50, "one caller, on this machine")


def _sparql(url: str, release: Path) -> Iterator[Row]:
    store = ox.Store()
    store.bulk_load(path=str(release / "graph.nq"), format=ox.RdfFormat.N_QUADS)

    def direct() -> None:
        found = store.query(_QUERY, use_default_graph_as_union=True)
        assert isinstance(found, ox.QuerySolutions)
        assert found.serialize(format=ox.QueryResultsFormat.JSON)

    def asked() -> None:
        headers = {"Content-Type": "application/sparql-query"}
        accept = {"Accept": "application/sparql-results+json"}
        request = urllib.request.Request(f"{url}/sparql", _QUERY.encode(), headers | accept)  # noqa: S310
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own service
            assert answer.read()

    asked()
    direct()
    pairs = [(seconds(asked), seconds(direct)) for _ in range(15)]
    value = statistics.median(a / b for a, b in pairs)
    each = statistics.median(b for _, b in pairs) * 1000
    yield at_most("SPARQL endpoint / the store itself", value, 1.3, f"a query of {each:.0f} ms")
