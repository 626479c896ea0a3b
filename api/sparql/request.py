"""A request to the endpoint: its query, its graphs, and the formats it accepts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

import pyoxigraph as ox
from fastapi import Request
from starlette.exceptions import HTTPException

from api.http.dependencies import bounded_body
from api.http.negotiate import chosen
from kg.errors import QueryRefused, TooLarge
from kg.graph.sparql_forms import DOCUMENTS, TABLES
from kg.graph.sparql_query import refuse_outside
from kg.graph.sparql_store import Graphs
from kg.graph.sparql_worker import QueryTask

HTML = "text/html"
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
_POSTED = f"{QUERY}, {FORM}"
_UPDATE = "application/sparql-update"
_JSON, _TURTLE = "application/sparql-results+json", "text/turtle"
# The short names that links and clients use; one that is not known leaves it to Accept.
_SHORT = {
    "json": f"{_JSON}, application/ld+json",
    "xml": "application/sparql-results+xml, application/rdf+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    **dict.fromkeys(("ttl", "turtle", "n3"), _TURTLE),
    "nt": "application/n-triples",
    **dict.fromkeys(("rdf", "rdf+xml"), "application/rdf+xml"),
    **dict.fromkeys(("jsonld", "json-ld"), "application/ld+json"),
    "trig": "application/trig",
    "nq": "application/n-quads",
    "html": HTML,
}
Parameters = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class SparqlRequest:
    """One request: a form of answer is None where the caller takes none of its kind."""

    query: str | None
    graphs: Graphs | None
    table: str | None
    document: str | None

    @property
    def page(self) -> bool:
        """Say whether a person reads whatever the answer is."""
        return self.table == self.document == HTML

    def read_by_a_person(self, form: str) -> bool:
        """Say whether a person reads the answer to a query of some form."""
        return (self.table if form in ("SELECT", "ASK") else self.document) == HTML

    def question(self, rows: int) -> QueryTask:
        """Hand it over; a person is shown so many rows."""
        table, document = self.table == HTML, self.document == HTML
        return QueryTask(
            self.query or "",
            _JSON if table else self.table,
            _TURTLE if document else self.document,
            self.graphs,
            rows if table else None,
            rows if document else None,
        )


async def body_of(request: Request) -> Parameters:
    """Read a query that is posted, as it is or as a form."""
    media, _, rest = request.headers.get("content-type", "").partition(";")
    kind = media.strip().lower()
    if kind == _UPDATE:
        raise refused("update-refused", "an update changes a store, and this one is only read")
    if kind not in (FORM, QUERY) or ("charset" in rest.lower() and "utf-8" not in rest.lower()):
        raise HTTPException(415, f"send {QUERY} or {FORM}, in UTF-8", {"Accept-Post": _POSTED})
    try:
        body = await bounded_body(request)
    except TooLarge as error:
        raise TooLarge(
            code=error.code, message=error.message, repair="ask in several queries"
        ) from error
    try:
        text = body.decode("utf-8")
        if kind == QUERY:
            return [("query", text), *request.query_params.multi_items()]
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        raise refused("query-malformed", "the body is not UTF-8, or not a form") from None


def read_asked(given: Parameters, accept: str | None) -> SparqlRequest:
    """Read what is asked, and choose the form of answer that is liked best."""
    values: dict[str, list[str]] = {}
    for name, value in given:
        values.setdefault(name, []).append(value)
    if "update" in values:
        raise refused("update-refused", "an update changes a store, and this one is only read")
    queries = values.get("query", [])
    if len(queries) > 1:
        raise refused("query-malformed", "there is more than one query")
    form = values.get("format", [""])[0].lower()
    accept = _SHORT.get(form, form if "/" in form else accept)
    return SparqlRequest(
        query=queries[0] if queries else None,
        graphs=_graphs(values),
        table=chosen(accept, (*TABLES, HTML)),
        document=chosen(accept, (*DOCUMENTS, HTML)),
    )


def _graphs(values: Mapping[str, list[str]]) -> Graphs | None:
    default, named = values.get("default-graph-uri", []), values.get("named-graph-uri", [])
    for name in (*default, *named):
        try:
            ox.NamedNode(name)
        except ValueError:
            raise refused("query-malformed", "the name of a graph is no IRI") from None
    refuse_outside("default-graph-uri", default)
    refuse_outside("named-graph-uri", named)
    return Graphs(tuple(default), tuple(named)) if default or named else None


def refused(code: str, message: str) -> QueryRefused:
    """Give the refusal of a request that the protocol does not know."""
    return QueryRefused(code=code, message=message, repair="see the SPARQL 1.1 Protocol")
