"""Data sent with a call and data that could still be fetched: each key is in one of four states.

Absent and in error mean not assessed; null and an empty bundle mean assessed, none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from api.cds_hooks.call import Call, state_of, wrong
from api.cds_hooks.fetch import Fetcher, more_pages
from api.cds_hooks.outside import NotFetched
from api.cds_hooks.standard import HookJson
from api.settings import HookSettings
from kg.errors import MalformedRequest
from kg.fhir import resources as fhir
from kg.fhir.asked import Unread
from kg.fhir.bundle import NOBODY_NAMED, codes_of, searched
from kg.fhir.intake import convert, is_other
from kg.snapshot.hl7 import Prefetch
from kg.snapshot.model import Snapshot

PERSON = "Patient"
_ABSENT = "it was not sent along"
_PAGED = "there are further pages that were not read"
_OTHER = "the bundle says that something else was searched"
_NARROWED = "the search leaves out some of what was asked for"
_FAILED = "the program that called could not read it"
_NO_ENTRIES = "the list of what was found is null"


class Unmet(Exception):
    """Required data could not be had: which, and why."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = dict(reasons)


@dataclass
class Prefetched:
    """What is known by key, and what could not be read, with the reasons."""

    data: dict[str, HookJson] = field(default_factory=dict)
    searched: set[str] = field(default_factory=set)
    unread: dict[str, Unread] = field(default_factory=dict)
    paged: dict[str, Unread] = field(default_factory=dict)
    # Where nothing was sent and nobody could be asked, as for a list that the client does not keep.
    absent: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


def type_of(template: Prefetch) -> str:
    """Give the type of resource that a template asks for."""
    return template.query.partition("?")[0].partition("/")[0]


async def prefetched(call: Call, snapshot: Snapshot, settings: HookSettings) -> Prefetched:
    """Collect what was sent, and fetch what was not where that is possible."""
    collected = Prefetched()
    lacking: dict[str, str] = {}
    for key, template in snapshot.doors.prefetch.items():
        state = state_of(call, key)
        if state == "data":
            if not _take(collected, key, template, (call.prefetch or {})[key], call):
                lacking[key] = _OTHER
        elif state == "null":
            collected.searched.add(type_of(template))
        else:
            lacking[key] = _ABSENT if state == "absent" else _FAILED
            collected.absent |= {f"prefetch.{key}"} if state == "absent" else set()
    if lacking:
        await _fetch(call, snapshot, settings, lacking, collected)
    templates = snapshot.doors.prefetch
    unmet = {key: reason for key, reason in lacking.items() if templates[key].required}
    if unmet:
        raise Unmet(unmet)
    for key, reason in lacking.items():
        collected.unread[key] = Unread(f"prefetch.{key}", type_of(templates[key]), reason)
    for key, value in collected.data.items():
        if more_pages(value):
            collected.paged[key] = Unread(f"prefetch.{key}", type_of(templates[key]), _PAGED)
    return collected


def _take(found: Prefetched, key: str, template: Prefetch, value: HookJson, call: Call) -> bool:
    """Take in what was sent under a key; not where it says that it is something else."""
    kind, place = type_of(template), f"prefetch.{key}"
    wanted = "Bundle" if "?" in template.query else kind
    if value.get("resourceType") != wanted:
        return False
    if "entry" in value and value["entry"] is None:
        value = {name: held for name, held in value.items() if name != "entry"}
        found.unread[key] = Unread(place, kind, _NO_ENTRIES)
        found.notes.append(f"{place}.entry is null; nothing is known of what was found")
    if kind == PERSON and value.get("id") not in (None, call.patient):
        raise wrong(place, "this is another patient than that of the context")
    search = searched(convert(value, fhir.Bundle, place)) if wanted == "Bundle" else None
    if search is not None:
        own = frozenset({call.patient, f"{PERSON}/{call.patient}"})
        if search.type != kind or any(is_other(whom, own) for whom in search.about):
            return False
        # What stands under a key of ours was asked about this patient, said or not.
        narrowing = search.narrowing - {NOBODY_NAMED}
        if not all(_asked_for(name, value, template) for name, value in narrowing):
            found.unread[key] = Unread(place, kind, _NARROWED)
    found.data[key] = value
    found.searched.add(kind)
    return True


def _asked_for(name: str, value: str, template: Prefetch) -> bool:
    """Say whether a template narrows its search by a parameter just as far."""
    wanted = _parameters(template.query)
    return any(name == n and codes_of(v) <= codes_of(value) for n, v in wanted)


@lru_cache(maxsize=64)
def _parameters(query: str) -> list[tuple[str, str]]:
    """Give the parameters of a template, of which there are few, and none of a patient's."""
    return parse_qsl(query.partition("?")[2])


async def _fetch(
    call: Call,
    snapshot: Snapshot,
    settings: HookSettings,
    lacking: dict[str, str],
    found: Prefetched,
) -> None:
    """Ask the client's server for what is lacking; what cannot be had stays lacking."""
    if call.fhir_authorization is None or call.fhir_server is None:
        return
    try:
        fetcher = Fetcher(settings, call.fhir_server, call.fhir_authorization.access_token)
    except NotFetched as reason:
        for key in lacking:
            lacking[key] += f", and {reason}"
        return
    templates = snapshot.doors.prefetch
    found.absent -= {f"prefetch.{key}" for key in lacking}
    tasks = {
        key: asyncio.ensure_future(fetcher.read(_query(templates[key], call))) for key in lacking
    }
    try:
        await asyncio.wait(tasks.values(), timeout=settings.fetch_seconds)
    finally:
        for task in tasks.values():
            task.cancel()
    for key, task in tasks.items():
        outcome = await _outcome(task)
        if isinstance(outcome, str):
            lacking[key] += f", and {outcome}"
            continue
        if outcome.get("resourceType") == "OperationOutcome":
            lacking[key] += ", and the server answered with a fault"
            continue
        try:
            taken = _take(found, key, templates[key], outcome, call)
        except MalformedRequest as error:
            lacking[key] += f", and the server answered with something else: {error.message}"
            continue
        if not taken:
            lacking[key] += f", and {_OTHER}"
            continue
        del lacking[key]


async def _outcome(task: asyncio.Future[HookJson]) -> HookJson | str:
    try:
        return await task
    except asyncio.CancelledError:
        return "the server took too long"
    except NotFetched as reason:
        return str(reason)


def _query(template: Prefetch, call: Call) -> str:
    """Fill the tokens of a template in, and write it so that it can stand in an address."""
    values: dict[str, Any] = {"context.patientId": call.patient, "context.userId": call.user}
    query = template.query
    for name, value in values.items():
        query = query.replace("{{" + name + "}}", str(value))
    return query.replace("|", "%7C")
