"""Warm the caches before forking, so that workers share them and no first answer is slow."""

from __future__ import annotations

import msgspec
from fastapi import FastAPI

from api.http.dependencies import Answering
from api.http.examples import CHECK
from api.review.state import Bench
from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.request import decode_request
from kg.errors import CaseError
from kg.snapshot.catalogue import search


def warm(app: FastAPI) -> None:
    """Answer one example of each kind, for the sake of what is kept beside the Snapshot."""
    # Counters are named while the application is put together: once, for all workers.
    app.middleware_stack = app.build_middleware_stack()
    app.openapi()
    answering: Answering = app.state.answering
    if not answering.sound:
        return
    snapshot, _ = answering.release()
    search("drugs", "", snapshot)
    # What was signed is read once for all workers; each then has connections of its own.
    bench: Bench = app.state.bench
    bench.reviews(snapshot)
    bench.database.close()
    for body in (b"{}", msgspec.json.encode(CHECK)):
        try:
            check(assemble(decode_request(body), snapshot), snapshot)
        except CaseError:
            # Another ontology may not know the words of the example; nothing is lost by that.
            continue
