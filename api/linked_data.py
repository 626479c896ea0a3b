"""Every term of the ontology under its own address: a page for people, RDF for programs.

The permanent name https://w3id.org/inokg/KIND/KEY leads to /id/KIND/KEY here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import pyoxigraph as ox
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, RedirectResponse
from starlette.exceptions import HTTPException

from api.answers import problem
from api.dependencies import CurrentManifest, CurrentSnapshot
from api.html import page
from api.negotiate import chosen
from api.term_page import Labels, local_link, term_page
from kg import terms
from kg.describe import Described
from kg.documents import document, readable
from kg.evidence import cited
from kg.export import export
from kg.releases import folder_of
from kg.snapshot import RDF_XML, TURTLE

router = APIRouter(tags=["linked data"])

_HTML = "text/html"
_FORMS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
}
_ENDINGS = {
    "html": _HTML,
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "nt": "application/n-triples",
}
_WHOLE = {"text/turtle": TURTLE, "application/rdf+xml": RDF_XML}
_PAGE = 200
_RDF: dict[int | str, dict[str, Any]] = {
    200: {"description": "The term", "content": {media: {} for media in (_HTML, *_FORMS)}},
    404: problem("The release has no term of this name"),
    406: problem("It is not to be had in the form that was asked for"),
    422: problem("A parameter is out of bounds"),
    503: problem("There is no sound release to answer from"),
}
_LIST = _RDF | {200: {"description": "A page of terms", "content": {_HTML: {}}}}


class Linked:
    """What one release says of its terms, with the labels looked up so far."""

    def __init__(self, folder: Path, release: str) -> None:
        self.folder = folder
        self.release = release
        self.described = Described(folder)
        self.labels = Labels(self.described)
        self.kinds: dict[str, list[str]] = {}

    def counts(self) -> list[tuple[str, int]]:
        """Give every kind of term there is, with the number of its terms."""
        kinds = {terms.kind(s) for s in self.described.subjects(terms.BASE)} - {""}
        return [(kind, len(self.of_kind(kind))) for kind in sorted(kinds)]

    def of_kind(self, kind: str) -> list[str]:
        """Give all terms of one kind."""
        if kind not in self.kinds:
            self.kinds[kind] = self.described.subjects(f"{terms.BASE}{kind}/")
        return self.kinds[kind]


def _linked(request: Request, manifest: CurrentManifest) -> Linked:
    """Open the graph of the release that answers, once."""
    found: Linked | None = getattr(request.app.state, "linked", None)
    if found is None or found.release != manifest.hash:
        folder = folder_of(request.app.state.settings.releases, manifest)
        found = request.app.state.linked = Linked(folder, manifest.hash)
    return found


CurrentLinked = Annotated[Linked, Depends(_linked)]
Form = Annotated[str | None, Query(alias="format", pattern="^(html|ttl|jsonld|rdf|nt)$")]


RdfForm = Annotated[str | None, Query(alias="format", pattern="^(ttl|jsonld|rdf|nt)$")]


def _media(request: Request, form: str | None, offered: Sequence[str]) -> str:
    media = _ENDINGS[form] if form else chosen(request.headers.get("accept"), offered)
    if media is None or media not in offered:
        raise HTTPException(406, "this is to be had as " + ", ".join(offered))
    return media


@router.get(
    "/id/",
    summary="The ontology itself: its page, or the whole of it as RDF",
    response_class=Response,
    responses=_RDF,
)
async def ontology(
    request: Request, linked: CurrentLinked, snapshot: CurrentSnapshot, form: Form = None
) -> Response:
    """Answer the permanent name of the ontology."""
    media = _media(request, form, (_HTML, *_FORMS))
    if media in _WHOLE:
        return FileResponse(linked.folder / _WHOLE[media], media_type=media, headers=_VARY)
    if media != _HTML:
        kind = "jsonld" if media == "application/ld+json" else "ntriples"
        data = await run_in_threadpool(export, linked.folder, kind)
        return Response(data, media_type=media, headers=_VARY)
    shown = term_page(terms.BASE, linked.described, linked.labels)
    kinds = await run_in_threadpool(linked.counts)
    return _vary(page("ontology.html", snapshot, keep=True, term=shown, kinds=kinds))


@router.get(
    "/id/release/{version}",
    summary="The release of a version",
    response_class=Response,
    status_code=303,
    responses={303: {"description": "To the ontology"}, 404: _RDF[404], 422: _RDF[422]},
)
async def release(version: str, manifest: CurrentManifest) -> Response:
    """Answer the version's own name, where this release is of that version."""
    if version != manifest.version:
        raise HTTPException(404, f"this service answers from release {manifest.version}")
    return RedirectResponse("/id/", status_code=303)


@router.get("/id/{kind}", summary="The terms of one kind", include_in_schema=False)
@router.get(
    "/id/{kind}/", summary="The terms of one kind", response_class=Response, responses=_LIST
)
async def of_kind(
    kind: str,
    request: Request,
    linked: CurrentLinked,
    snapshot: CurrentSnapshot,
    start: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """List the terms of one kind, a page at a time."""
    _media(request, None, (_HTML,))
    found = linked.of_kind(kind)
    if not found:
        raise HTTPException(404, "there are no terms of this kind")
    shown = [(linked.labels.of(i), local_link(i)) for i in found[start : start + _PAGE]]
    return page(
        "kind.html",
        snapshot,
        keep=True,
        kind=kind,
        shown=shown,
        start=start,
        total=len(found),
        step=_PAGE,
    )


@router.get(
    "/id/{kind}/{key:path}",
    summary="One term, as a page or as RDF",
    response_class=Response,
    responses=_RDF,
)
async def term(
    kind: str,
    key: str,
    request: Request,
    linked: CurrentLinked,
    snapshot: CurrentSnapshot,
    form: Form = None,
) -> Response:
    """Answer the permanent name of one term."""
    iri = f"{terms.BASE}{kind}/{key}"
    media = _media(request, form, (_HTML, *_FORMS))
    if media == _HTML:
        shown = term_page(iri, linked.described, linked.labels)
        if shown is not None:
            advisory = snapshot.advisories.get(iri)
            evidence = cited(advisory.statements, snapshot) if advisory else ()
            return _vary(page("term.html", snapshot, keep=True, term=shown, evidence=evidence))
    else:
        quads = linked.described.about(iri)
        if quads:
            triples = [q.triple for q in quads]
            write = readable if media == "text/turtle" else document
            return Response(write(triples, _FORMS[media]), media_type=media, headers=_VARY)
    raise HTTPException(404, "the release has no term of this name")


@router.get("/.well-known/void", include_in_schema=False)
@router.get(
    "/void",
    summary="The dataset described by VoID and DCAT",
    response_class=Response,
    responses=_RDF | {200: {"description": "It", "content": {media: {} for media in _FORMS}}},
)
async def void(request: Request, linked: CurrentLinked, form: RdfForm = None) -> Response:
    """Describe the dataset for catalogues."""
    media = _media(request, form, tuple(_FORMS))
    data = (linked.folder / "void.ttl").read_bytes()
    if media != "text/turtle":
        triples = (q.triple for q in ox.parse(data, format=ox.RdfFormat.TURTLE))
        data = document(triples, _FORMS[media])
    return Response(data, media_type=media, headers=_VARY)


_VARY = {"Vary": "Accept", "Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}


def _vary(response: Response) -> Response:
    response.headers["Vary"] = "Accept"
    return response
