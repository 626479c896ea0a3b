"""The tools that tell what the release knows: resolve, drug, advisory, disagreements, release."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import msgspec

from api.mcp.desk import AssistantDesk, ToolArguments, nothing_else, taken
from api.mcp.told import ToldAnswer, quoted
from kg import terms
from kg.contract.parts import ItemKind
from kg.contract.request import malformed
from kg.errors import UnknownSubject
from kg.explaining.parts import find
from kg.explaining.without_patient import explain_drug, explain_without_patient
from kg.resolving.resolution import Resolution, resolution
from kg.snapshot.catalogue import detail, search
from kg.snapshot.labels import label_of
from kg.snapshot.model import Snapshot
from kg.snapshot.proof import in_use

KINDS: dict[str, ItemKind] = {k: k for k in get_args(ItemKind)} | {"drug": "medication"}
_MOST_SHOWN = 20


def resolve(arguments: ToolArguments, desk: AssistantDesk) -> ToldAnswer:
    """Say what a name or a code stands for; nothing is chosen where it is not certain."""
    kind = taken(arguments, "kind") or "drug"
    if kind not in KINDS:
        raise malformed("kind", "there is no such kind", f"send one of {', '.join(KINDS)}")
    given = {n: v for n in ("text", "system", "code") if (v := taken(arguments, n))}
    nothing_else(arguments)
    if not given:
        raise malformed(
            "text", "neither a name nor a code was given", "send text, or system and code"
        )
    found = resolution(given, KINDS[kind], desk.snapshot)
    data = {"resolution": msgspec.to_builtins(found)}
    if found.terms:
        meant = ", ".join(t.label for t in found.terms)
        lines = [found.note] if found.note else []
        said = f"{quoted(found.given, 60)} is read as {meant}"
        return ToldAnswer(status="no patient", verdict=said, lines=lines, data=data)
    return ToldAnswer(
        status="not answered",
        verdict="The name or code was not read, and nothing was chosen",
        unread=[found.given],
        lines=[f"{found.reason}.", _meant(found)],
        data=data,
    )


def _meant(found: Resolution) -> str:
    near = ", ".join(
        s.label + (f" (not {', '.join(s.not_the_same_as)})" if s.not_the_same_as else "")
        for s in found.suggestions
    )
    return f"Ask which is meant: {near}." if near else "Nothing is near; ask for the full name."


def drug(arguments: ToolArguments, desk: AssistantDesk) -> ToldAnswer:
    """Say what a drug can raise and by what, or that it was not assessed."""
    name = taken(arguments, "drug")
    nothing_else(arguments)
    if not name:
        raise malformed("drug", "no drug was named", "send drug")
    snapshot = desk.snapshot
    drugs = _drugs(name, snapshot)
    found = [explain_drug(iri, snapshot) for iri in drugs]
    lines: list[str] = []
    for iri, one in zip(drugs, found, strict=True):
        lines += [*_axes(iri, snapshot), *one.steps]
    return ToldAnswer(
        status="no patient",
        verdict=" ".join(one.summary for one in found),
        lines=lines,
        data={
            "drugs": [
                {
                    "term": iri,
                    "label": one.title,
                    "assessed": snapshot.drugs[iri].assessed,
                    "not_judged": [label_of(a, snapshot) for a in snapshot.drugs[iri].open_axes],
                    "raises": list(one.raises),
                    "steps": list(one.steps),
                }
                for iri, one in zip(drugs, found, strict=True)
            ]
        },
    )


def _drugs(name: str, snapshot: Snapshot) -> list[str]:
    """Find a drug by its key, or by a name as a patient's list would have it."""
    found = resolution({"text": name}, "medication", snapshot)
    drugs = [t.term for t in found.terms if t.term in snapshot.drugs]
    if drugs:
        return drugs
    if not found.suggestions:
        return [find("drug", name, snapshot.drugs, snapshot)]
    raise UnknownSubject(
        code="unknown-subject",
        message="this name is no drug for certain, and nothing was chosen",
        subject=name,
        repair=_meant(found),
    )


def _axes(iri: str, snapshot: Snapshot) -> Iterator[str]:
    known = snapshot.drugs[iri]
    if known.open_axes:
        open_ones = ", ".join(label_of(a, snapshot) for a in known.open_axes)
        yield f"Nobody has judged {known.label} on: {open_ones}. What it does there is not known."


def advisory(arguments: ToolArguments, desk: AssistantDesk) -> ToldAnswer:
    """Say for whom an advisory is, how severe, and on what evidence."""
    key = taken(arguments, "advisory")
    nothing_else(arguments)
    if not key:
        raise malformed("advisory", "no advisory was named", "send advisory, its key or title")
    snapshot = desk.snapshot
    iri = find("advisory", key, snapshot.advisories, snapshot)
    found = explain_without_patient(iri, snapshot)
    whole: dict[str, Any] = detail("advisories", terms.local(iri), snapshot) or {}
    whole["review"] = msgspec.to_builtins(desk.reviews.of(iri))
    return ToldAnswer(
        status="no patient",
        verdict=found.summary,
        lines=[*found.steps, f"Review: {desk.reviews.of(iri).status}."],
        data={"advisory": whole},
    )


def disagreements(arguments: ToolArguments, desk: AssistantDesk) -> ToldAnswer:
    """List where sources disagree, with each reading and the one that is taken."""
    text = taken(arguments, "text", 200)
    nothing_else(arguments)
    found = search("disagreements", text, desk.snapshot)
    shown = found[:_MOST_SHOWN]
    whole = [detail("disagreements", e.key, desk.snapshot) or {} for e in shown]
    about = f" that {quoted(text, 60)} names" if text else ""
    more = f"; the first {len(shown)} are shown" if len(found) > len(shown) else ""
    return ToldAnswer(
        status="no patient",
        verdict=f"{len(found)} disagreements of sources{about}{more}",
        lines=[
            f"{w['label']}: {w.get('resolution', '')} Reason: {w.get('reason', '')}" for w in whole
        ],
        data={"total": len(found), "disagreements": whole},
    )


def release(arguments: ToolArguments, desk: AssistantDesk) -> ToldAnswer:
    """Say which release answers, and whether it was proved."""
    nothing_else(arguments)
    found = in_use(desk.manifest)
    number = len(desk.snapshot.advisories)
    return ToldAnswer(
        status="no patient",
        verdict=f"Release {found.version}, {found.hash[:19]}, {found.proof}",
        lines=[f"It holds {number} advisories; the reviews have the hash {desk.reviews.hash}."],
        data={"release": msgspec.to_builtins(found), "reviews": desk.reviews.hash},
    )
