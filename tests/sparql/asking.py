"""Ask the endpoint, and read an answer as rows of names with prefixes."""

from __future__ import annotations

from collections.abc import Mapping

import httpx2
import pyoxigraph as ox

from kg.graph.questions import short

Rows = list[tuple[str, ...]]
_ACCEPT = "application/sparql-results+json, application/n-triples;q=0.9"


def asked(http: httpx2.Client, url: str, query: str, known: Mapping[str, str]) -> bool | Rows:
    """Give a yes or no, the rows of a table, or the triples of a graph."""
    headers = {"Accept": _ACCEPT, "Content-Type": "application/sparql-query"}
    answer = http.post(url, content=query, headers=headers)
    assert answer.status_code == 200, answer.text
    if answer.headers["content-type"].startswith("application/n-triples"):
        return sorted(
            tuple(short(str(node.value), known) for node in (q.subject, q.predicate, q.object))
            for q in ox.parse(answer.content, ox.RdfFormat.N_TRIPLES)
        )
    data = answer.json()
    if "boolean" in data:
        return bool(data["boolean"])
    names = data["head"]["vars"]
    return [
        tuple(short(row[n]["value"], known) if n in row else "" for n in names)
        for row in data["results"]["bindings"]
    ]
