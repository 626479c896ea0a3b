"""Pages: the templates, what every page says of itself, and what a browser may do with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import Response
from jinja2 import Environment, FileSystemLoader, select_autoescape

from kg.model import Snapshot

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(),
    trim_blocks=True,
    lstrip_blocks=True,
)
# Our own style sheet, scripts and pictures and nothing else; a page that needs more says so.
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


def page(
    name: str,
    snapshot: Snapshot,
    *,
    status: int = 200,
    policy: dict[str, str] | None = None,
    keep: bool = False,
    **values: Any,
) -> Response:
    """Fill a template; `policy` widens what the page may load, `keep` lets it be cached."""
    text = _templates.get_template(name).render(
        index=snapshot.drugs[snapshot.index_drug].label,
        release=snapshot.version,
        hash=snapshot.knowledge_hash,
        advisories=len(snapshot.advisories),
        **values,
    )
    rules = _POLICY | (policy or {})
    headers = {
        "Content-Security-Policy": "; ".join(f"{k} {v}" for k, v in rules.items()),
        "Cache-Control": "no-cache" if keep else "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(text, status_code=status, media_type="text/html", headers=headers)
