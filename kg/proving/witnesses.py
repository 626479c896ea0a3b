"""Pairs of patients, one to whom an advisory applies and a nearest one to whom it does not."""

from __future__ import annotations

from collections.abc import Callable

from kg.casing.assemble import assemble
from kg.contract.request import request_from
from kg.errors import CaseError
from kg.interval import FALSE, TRUE
from kg.judging.judge import judge
from kg.proving.entries import differing
from kg.proving.patients import Patients
from kg.proving.realised import Realiser, RequestBody
from kg.proving.solver import Solver
from kg.snapshot.advice import own_advisories
from kg.snapshot.model import Snapshot
from kg.snapshot.proof import Witnesses

_MOST_PAIRS = 12


def witnesses(
    snapshot: Snapshot, progress: Callable[[str], None] = lambda _: None
) -> dict[str, Witnesses]:
    """Find a pair for each advisory, and let the engine judge both."""
    solver, realiser, found = Solver(), Realiser(snapshot), {}
    progress("find witnesses")
    for iri, advisory in own_advisories(snapshot).items():
        for pair in Patients(advisory, snapshot, solver).pairs(_MOST_PAIRS):
            bodies = [realiser.request(m, advisory) for m in (pair.applies, pair.fails)]
            one, other = bodies
            if one is None or other is None:
                continue
            if truth(iri, one, snapshot) == TRUE and truth(iri, other, snapshot) == FALSE:
                found[iri] = Witnesses(one, other, tuple(differing(one, other)))
                break
    return found


def truth(iri: str, body: RequestBody, snapshot: Snapshot) -> int | None:
    """Let the engine judge one advisory of a request; None where it refuses it."""
    try:
        case = assemble(request_from(body), snapshot)
    except CaseError:
        return None
    if case.unrecognised:
        return None
    return next((v.truth for v in judge(case, snapshot) if v.ready.iri == iri), None)
