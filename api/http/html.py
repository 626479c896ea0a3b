"""Pages: the templates, what every page says of itself, and what a browser may do with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import Response
from jinja2 import Environment, FileSystemLoader, select_autoescape

from api.http.print_units import unit_in_print
from kg import terms
from kg.snapshot.advice import own_advisories
from kg.snapshot.model import Snapshot


def local_link(iri: str) -> str:
    """Give where a term of ours has its page here; other names link to themselves."""
    if iri.startswith(terms.BASE):
        return "/id/" + iri.removeprefix(terms.BASE)
    return iri if iri.startswith(("https://", "http://")) else ""


_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(),
    trim_blocks=True,
    lstrip_blocks=True,
)
# Where a term has its page here.
_templates.filters["here"] = local_link
_templates.filters["units"] = unit_in_print
# Content-Security-Policy: our own style sheet, scripts and pictures and nothing else; a page that
# needs more says so.
_POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "connect-src": "'self'",
    "img-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


# The links on every page, in their order.
_LINKS = (
    ("/", "Check"),
    ("/id/drug/", "Drugs"),
    ("/id/advisory/", "Advisories"),
    ("/id/disagreement/", "Disagreements"),
    ("/id/source/", "Sources"),
    ("/id/", "Ontology"),
    ("/review", "Review"),
    ("/sparql", "SPARQL"),
    ("/openapi.json", "API description"),
)
_HERE = {"check.html": "/", "ontology.html": "/id/", "sparql.html": "/sparql"}


def page(
    name: str,
    snapshot: Snapshot | None,
    *,
    status: int = 200,
    policy: dict[str, str] | None = None,
    keep: bool = False,
    **values: Any,
) -> Response:
    """Fill a template; `policy` widens the Content-Security-Policy, `keep` lets it be cached.

    Without a release only a refusal can be shown.
    """
    text = _templates.get_template(name).render(**_of_release(snapshot), **_place(name, values))
    rules = _POLICY | (policy or {})
    headers = {
        "Content-Security-Policy": "; ".join(f"{k} {v}" for k, v in rules.items()),
        "Cache-Control": "no-cache" if keep else "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(text, status_code=status, media_type="text/html", headers=headers)


def _of_release(snapshot: Snapshot | None) -> dict[str, Any]:
    """Say which release a page shows."""
    if snapshot is None:
        return {"release": ""}
    return {
        "index": snapshot.drugs[snapshot.index_drug].label,
        "release": snapshot.version,
        "hash": snapshot.knowledge_hash,
        "advisories": len(own_advisories(snapshot)),
    }


def _place(name: str, values: dict[str, Any]) -> dict[str, Any]:
    """Add the line of links, and which of them this page is."""
    here = f"/id/{values.get('kind')}/" if name == "kind.html" else _HERE.get(name, "")
    here = "/review" if name.startswith("review_") else here
    return {"links": _LINKS, "here": here, **values}
