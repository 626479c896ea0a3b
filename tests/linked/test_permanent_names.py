"""The rules that make permanent names resolve, replayed against the service."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from fastapi.testclient import TestClient

from kg import terms
from kg.graph.describe import Described
from kg.graph.sparql_query import NAMED
from tests.workshop import ROOT

RULES = [
    (re.compile(pattern), target, int(status))
    for pattern, target, status in re.findall(
        r"^RewriteRule (\S+) (\S+) \[R=(\d+),L\]$",
        (ROOT / "ontology/w3id/.htaccess").read_text(),
        re.M,
    )
]


def led(iri: str) -> tuple[str, int]:
    """Give where the first rule that fits leads, as Apache does it: the query goes along."""
    path, _, query = iri.removeprefix(terms.BASE).partition("?")
    for pattern, target, status in RULES:
        if found := pattern.search(path):
            where = urlsplit(target.replace("$1", found[1] if pattern.groups else ""))
            assert where.hostname == "inokg.example.org"
            return where.path + (f"?{query}" if query else ""), status
    raise AssertionError(f"no rule leads on from {iri}")


def test_every_line_of_the_rules_was_read() -> None:
    lines = (ROOT / "ontology/w3id/.htaccess").read_text().splitlines()
    assert len(RULES) == sum(line.startswith("RewriteRule") for line in lines) == 3


def test_names_of_every_kind_lead_to_their_documents(
    client: TestClient, release_folder: Path
) -> None:
    described = Described(release_folder)
    first_of = {terms.kind(iri): iri for iri in reversed(described.subjects(terms.BASE))}
    version = release_folder.name.split("-")[0]
    names = {
        *first_of.values(),
        *(f"{terms.BASE}{kind}/" for kind in first_of if kind),
        *NAMED,
        *(f"{terms.BASE}{n}" for n in ("", "void", "dataset/inokg", f"release/{version}")),
        f"{terms.PROBLEM}row-cap",
    }
    for name in sorted(names):
        where, status = led(name)
        assert status == 303, name
        answer = client.get(where, headers={"Accept": "text/turtle"}, follow_redirects=False)
        assert answer.status_code == 200, (name, where)
        assert answer.headers["content-type"].startswith("text/turtle")


def test_the_form_in_a_name_is_kept(client: TestClient) -> None:
    where, _ = led(f"{terms.BASE}graph/asserted?format=jsonld")
    assert client.get(where).headers["content-type"].startswith("application/ld+json")


def test_a_query_that_is_posted_stays_one(client: TestClient) -> None:
    """307 keeps method and body; 303 would turn the question into a visit."""
    where, status = led(f"{terms.BASE}sparql")
    assert (where, status) == ("/sparql", 307)
    headers = {"Accept": "text/turtle"}
    assert client.get(where, headers=headers).status_code == 200
