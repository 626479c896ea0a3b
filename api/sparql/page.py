"""The page of the endpoint: a query, example questions, and the results as a table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from fastapi import Response

from api.http.errors import status_of
from api.http.html import local_link, page
from api.settings import Settings
from kg.errors import KgError
from kg.graph.questions import USERS, CompetencyQuestion, declared, read_questions, short
from kg.graph.sparql_store import prefixes
from kg.graph.sparql_worker import Reply
from kg.snapshot.model import Snapshot
from kg.snapshot.releases import ONTOLOGY

# The editor draws its signs from data, and the table of results brings one style sheet of its own.
_POLICY = {
    "img-src": "'self' data:",
    "style-src": "'self' 'sha256-zCK2EVMoPc04mRF/g5CotUvxbJPWS+8V0b+s9ptqQIk='",
}
_FIRST = "what-is-in-the-graph"
_WHEN_EMPTY = """SELECT ?class (COUNT(?term) AS ?terms)
WHERE { ?term a ?class }
GROUP BY ?class
ORDER BY DESC(?terms)
"""


class Cell(NamedTuple):
    """One value of a row: its text, where it leads, its full name or kind."""

    text: str
    link: str
    title: str


class SparqlPages:
    """The page over one release."""

    ROWS = 1000

    def __init__(self, folder: Path, snapshot: Snapshot, settings: Settings) -> None:
        self.folder = folder
        self._snapshot = snapshot
        self._settings = settings

    def empty(self, name: str | None) -> Response:
        """Show the page before anything was asked, with one question to begin from."""
        questions = _questions()
        begun = questions.get(name or _FIRST)
        query = begun.query if begun else _WHEN_EMPTY
        return self._page(declared(query, _prefixes(self.folder)), begun=begun)

    def refused(self, query: str, error: KgError) -> Response:
        """Show a query with the reason why it was not answered."""
        return self._page(query, status=status_of(error), error=error)

    def answered(self, query: str, reply: Reply, body: bytes, hints: Sequence[str]) -> Response:
        """Show a query with what was found."""
        if reply.form not in ("SELECT", "ASK"):
            return self._page(query, reply=reply, hints=hints, turtle=body.decode())
        data = json.loads(body)
        if "boolean" in data:
            return self._page(query, reply=reply, hints=hints, yes=data["boolean"])
        names = data["head"]["vars"]
        known = _prefixes(self.folder)
        rows = [
            [_cell(b[n], known) if n in b else None for n in names]
            for b in data["results"]["bindings"]
        ]
        return self._page(query, reply=reply, hints=hints, names=names, rows=rows)

    def _page(self, query: str, *, status: int = 200, **values: Any) -> Response:
        bound = _prefixes(self.folder)
        editor = (self._settings.browser / "node_modules/@zazuko/yasgui/build").is_dir()
        return page(
            "sparql.html",
            self._snapshot,
            status=status,
            policy=_POLICY,
            query=query,
            editor=editor,
            groups=_groups(),
            prefixes=bound,
            limits=self._settings.limits,
            most=self.ROWS,
            **values,
        )


@cache
def _questions() -> dict[str, CompetencyQuestion]:
    return read_questions(ONTOLOGY)


def _groups() -> list[tuple[str, list[CompetencyQuestion]]]:
    found = _questions().values()
    return [(title, [q for q in found if q.user == user]) for user, title in USERS.items()]


@cache
def _prefixes(folder: Path) -> dict[str, str]:
    return prefixes(folder)


def _cell(value: dict[str, str], known: dict[str, str]) -> Cell:
    text = value["value"]
    if value["type"] == "uri":
        return Cell(short(text, known), local_link(text), text)
    if value["type"] == "bnode":
        return Cell(f"_:{text}", "", "anonymous")
    kind = value.get("xml:lang") or short(value.get("datatype", ""), known)
    return Cell(text, "", kind)
