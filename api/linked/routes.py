"""Every term of the ontology under its own address: a page for people, RDF for programs.

The permanent name https://w3id.org/inokg/KIND/KEY leads to /id/KIND/KEY here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pyoxigraph as ox
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi import Path as InPath
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from api.http.answers import problem
from api.http.dependencies import CurrentSnapshot
from api.http.html import local_link, page
from api.http.problems import KINDS
from api.linked.rdf_answers import ENDING_OF, FORMS, HTML, OPEN, media_for, opened, send
from api.linked.release import MOST_MENTIONS, Linked, linked, sound
from api.linked.term_page import term_page
from kg import terms
from kg.checking.evidence import cited
from kg.errors import UnknownRelease
from kg.graph.document import document, readable
from kg.graph.export import export
from kg.snapshot.alike import hints
from kg.snapshot.file import CURRENT, RDF_XML, TURTLE, VOID, Manifest, read_manifest
from kg.snapshot.releases import find_release, folder_of, list_releases

router = APIRouter(tags=["linked data"])

_WHOLE = {"text/turtle": TURTLE, "application/rdf+xml": RDF_XML}
_EXPORTED = {"application/ld+json": "jsonld", "application/n-triples": "ntriples"}
_PAGE = 200
_RDF: dict[int | str, dict[str, Any]] = {
    200: {"description": "The term", "content": {media: {} for media in (HTML, *FORMS)}},
    304: {"description": "It is as the caller has it"},
    404: problem("The release has no term of this name"),
    406: problem("It is not to be had in the form that was asked for"),
    422: problem("A parameter is out of bounds"),
    503: problem("There is no sound release to answer from"),
}


CurrentLinked = Annotated[Linked, Depends(linked)]
RdfForm = Annotated[str | None, Query(alias="format", pattern="^(html|ttl|jsonld|rdf|nt)$")]
Version = Annotated[str, InPath(max_length=100, description="a version, or a release's folder")]


@router.get("/id", include_in_schema=False)
async def whole() -> Response:
    """Lead to the one address of the ontology."""
    return RedirectResponse("/id/", 301)


@router.get(
    "/id/",
    summary="The ontology itself: its page, or the whole of it as RDF",
    response_class=Response,
    responses=_RDF,
)
async def ontology(
    request: Request, linked: CurrentLinked, snapshot: CurrentSnapshot, form: RdfForm = None
) -> Response:
    """Answer the permanent name of the ontology."""
    media = media_for(request, form, (HTML, *FORMS))
    if media != HTML:
        return await _whole(request, linked.folder, linked.manifest, media, linked.licence)
    shown = term_page(terms.BASE, linked, linked.labels)
    kinds = await run_in_threadpool(linked.counts)
    told = page("ontology.html", snapshot, keep=True, term=shown, kinds=kinds)
    return opened(told, linked.licence, *FORMS)


@router.get(
    "/id/release/{version}",
    summary="The ontology as a release that is kept here has it, for good",
    response_class=Response,
    responses=_RDF | {200: {"description": "Its page, or the whole of it as RDF"}},
)
async def release(
    version: Version,
    request: Request,
    linked: CurrentLinked,
    snapshot: CurrentSnapshot,
    form: RdfForm = None,
) -> Response:
    """Answer a version's own name from that version's own files."""
    media = media_for(request, form, (HTML, *FORMS))
    releases = request.app.state.settings.releases
    folder, manifest = await run_in_threadpool(_kept, releases, version, linked.manifest)
    if media != HTML:
        return await _whole(request, folder, manifest, media, linked.licence)
    told = page(
        "release.html",
        snapshot,
        keep=True,
        kept=manifest,
        answers=manifest.hash == linked.manifest.hash,
        files=sorted(manifest.files),
        others=[f.name for f, _ in await run_in_threadpool(list_releases, releases) if f != folder],
    )
    return opened(told, linked.licence, *FORMS)


def _kept(releases: Path, version: str, current: Manifest) -> tuple[Path, Manifest]:
    """Find a release that is kept; of several builds of one version the one that answers counts."""
    if version == current.version:
        return folder_of(releases, current), current
    try:
        folder = find_release(releases, version) if version != CURRENT else None
    except UnknownRelease as error:
        raise HTTPException(404, f"{error.message}; to fix it: {error.repair}", OPEN) from error
    if folder is None:
        raise HTTPException(404, "the release that answers has its version's name, and /id/", OPEN)
    return folder, read_manifest(folder)


async def _whole(
    request: Request, folder: Path, manifest: Manifest, media: str, licence: str
) -> Response:
    """Send the ontology of one release in one form."""
    name = _WHOLE.get(media, RDF_XML)
    if name not in manifest.files:
        raise HTTPException(406, f"this release was not yet kept as {media}", OPEN)
    data = await run_in_threadpool(sound, folder, name, manifest)
    if media in _WHOLE:
        return send(request, data, media, licence, manifest.files[name])
    data = await run_in_threadpool(export, folder, _EXPORTED[media])
    return send(request, data, media, licence)


@router.get("/id/{kind}", include_in_schema=False)
async def without_slash(kind: str, linked: CurrentLinked) -> Response:
    """Lead to the one address of a list."""
    if not linked.of_kind(kind):
        raise HTTPException(404, "there are no terms of this kind", OPEN)
    return RedirectResponse(f"/id/{kind}/", 301)


@router.get(
    "/id/{kind}/",
    summary="The terms of one kind, as a page or as RDF; of the schema all that it says",
    response_class=Response,
    responses=_RDF | {200: {"description": "A page of terms, or all of them as RDF"}},
)
async def of_kind(
    kind: str,
    request: Request,
    linked: CurrentLinked,
    snapshot: CurrentSnapshot,
    start: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    form: RdfForm = None,
) -> Response:
    """List the terms of one kind: for people a page at a time, for programs whole."""
    media = media_for(request, form, (HTML, *FORMS))
    iris = linked.of_kind(kind)
    if not iris:
        raise HTTPException(404, "there are no terms of this kind", OPEN)
    if media != HTML:
        data = await run_in_threadpool(_list, linked, kind, media)
        return send(request, data, media, linked.licence)
    shown = [
        (
            linked.labels.of(i),
            local_link(i),
            KINDS.get(terms.local(i)) if kind == "problem" else None,
        )
        for i in iris[start : start + _PAGE]
    ]
    told = page(
        "kind.html",
        snapshot,
        keep=True,
        kind=kind,
        shown=shown,
        start=start,
        total=len(iris),
        step=_PAGE,
    )
    return opened(told, linked.licence, *FORMS)


def _list(linked: Linked, kind: str, media: str) -> bytes:
    iri = f"{terms.BASE}{kind}/"
    said = linked.members(kind) + linked.document_of(iri, ENDING_OF[media], media)
    return document(said, FORMS[media])


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
    form: RdfForm = None,
) -> Response:
    """Answer the permanent name of one term."""
    iri = f"{terms.BASE}{kind}/{key}"
    media = media_for(request, form, (HTML, *FORMS))
    if media == HTML:
        shown = term_page(iri, linked, linked.labels, MOST_MENTIONS)
        if shown is not None:
            advisory = snapshot.advisories.get(iri)
            evidence = cited(advisory.statements, snapshot) if advisory else ()
            told = page(
                "term.html",
                snapshot,
                keep=True,
                term=shown,
                evidence=evidence,
                witnesses=linked.witnesses.get(iri),
            )
            return opened(told, linked.licence, *FORMS)
    else:
        said = linked.around(iri)
        if said:
            said += linked.document_of(iri, ENDING_OF[media], media)
            write = readable if media == "text/turtle" else document
            return send(request, write(said, FORMS[media]), media, linked.licence)
    near = hints([iri], snapshot)
    raise HTTPException(404, "; ".join(["the release has no term of this name", *near]), OPEN)


@router.get("/.well-known/void", include_in_schema=False)
@router.get(
    "/void",
    summary="The dataset described by VoID and DCAT, as a page or as RDF",
    response_class=Response,
    responses=_RDF | {200: {"description": "It", "content": {m: {} for m in (HTML, *FORMS)}}},
)
async def void(
    request: Request, linked: CurrentLinked, snapshot: CurrentSnapshot, form: RdfForm = None
) -> Response:
    """Describe the dataset for catalogues; who takes anything is no person."""
    media = media_for(request, form, (*FORMS, HTML))
    if media == HTML:
        shown = term_page(terms.BASE + "dataset/inokg", linked, linked.labels, MOST_MENTIONS)
        told = page("term.html", snapshot, keep=True, term=shown, evidence=())
        return opened(told, linked.licence, *FORMS)
    data = sound(linked.folder, VOID, linked.manifest)
    if media != "text/turtle":
        triples = (q.triple for q in ox.parse(data, format=ox.RdfFormat.TURTLE))
        data = document(triples, FORMS[media])
    return send(request, data, media, linked.licence)
