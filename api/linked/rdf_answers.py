"""RDF responses: formats, headers, and ETags for conditional requests."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pyoxigraph as ox
from fastapi import Request, Response
from starlette.exceptions import HTTPException

from api.http.negotiate import chosen

HTML = "text/html"
FORMS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
}
ENDINGS = {
    "html": HTML,
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "nt": "application/n-triples",
}
ENDING_OF = {media: ending for ending, media in ENDINGS.items()}
# Anybody's page may read it: there is nothing here that is not public, and no cookie counts.
OPEN = {
    "Vary": "Accept",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link",
    "X-Content-Type-Options": "nosniff",
}


def media_for(request: Request, form: str | None, offered: Sequence[str]) -> str:
    """Choose the form that is asked for in the address, else the one liked best."""
    media = ENDINGS[form] if form else chosen(request.headers.get("accept"), offered)
    if media is None or media not in offered:
        raise HTTPException(406, "this is to be had as " + ", ".join(offered), OPEN)
    return media


def send(
    request: Request, data: bytes, media: str, licence: str = "", content: str | None = None
) -> Response:
    """Send a document, unless the caller has its ETag; `content` is its hash where known."""
    digest = content or hashlib.sha256(data).hexdigest()
    # Weak, for it may be sent packed or not.
    etag = f'W/"{digest.removeprefix("sha256:")[:32]}"'
    headers = OPEN | {"ETag": etag, "Cache-Control": "no-cache", "Link": links(licence)}
    held = request.headers.get("if-none-match", "")
    if held.strip() == "*" or etag.removeprefix("W/") in (
        part.strip().removeprefix("W/") for part in held.split(",")
    ):
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=media, headers=headers)


def opened(response: Response, licence: str, *alternates: str) -> Response:
    """Say beside a page which other forms it has, and under which terms."""
    link = links(licence)
    for media in alternates:
        link += f', <?format={ENDING_OF[media]}>; rel="alternate"; type="{media}"'
    response.headers.update(OPEN | {"Link": link})
    return response


def links(licence: str) -> str:
    """Write the links that hold for every document of the dataset."""
    found = ['</void>; rel="describedby"; type="text/turtle"']
    if licence:
        found.insert(0, f'<{licence}>; rel="license"')
    return ", ".join(found)
