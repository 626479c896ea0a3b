"""The OpenAPI document: the routes, and the closed lists of the release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.http.answers import problem
from api.http.dependencies import Answering
from kg import terms
from kg.casing.closed_lists import index_drugs, vocabulary
from kg.snapshot.catalogue import CatalogueKind, search
from kg.snapshot.file import CURRENT
from kg.snapshot.jurisdictions import choices
from kg.snapshot.model import Snapshot

OpenApiJson = dict[str, Any]
_REF = "#/components/schemas/{name}"
# Dates that a request may hold: a day, or a moment of which the day counts, in our time.
_DAY = r"^(19|2[01])\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([T ]\d\d:\d\d.*)?$"


def describe(app: FastAPI, spoken: Sequence[type]) -> OpenApiJson:
    """Describe the whole interface, with the types that are spoken and examples that run."""
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    _, parts = msgspec.json.schema_components(spoken, ref_template=_REF)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(parts)
    for kind in ("HTTPValidationError", "ValidationError"):
        schemas.pop(kind, None)
    for operation in _operations(document):
        _say_refusals(operation)
    answering: Answering = app.state.answering
    if answering.sound:
        snapshot, _ = answering.release()
        _say_words(schemas, snapshot)
        _say_beside(document["paths"]["/v1/check"]["post"]["parameters"], schemas["ContextPart"])
        _say_examples(document, snapshot)
    return document


def _operations(document: OpenApiJson) -> Iterator[OpenApiJson]:
    for path in document["paths"].values():
        yield from path.values()


def _say_refusals(operation: OpenApiJson) -> None:
    """Say that every refusal is a problem, where a route does not say otherwise."""
    for status, response in operation["responses"].items():
        unsaid = "HTTPValidationError" in str(response) or "content" not in response
        if status >= "400" and unsaid:
            said = response["description"]
            response |= problem("A parameter is out of bounds" if status == "422" else said)


def _say_words(schemas: OpenApiJson, snapshot: Snapshot) -> None:
    """Add the closed lists and the bounds that the release knows."""
    lists = vocabulary(snapshot)
    for part, field, words in (
        ("PatientPart", "sex", lists.sexes),
        ("ContextPart", "phase", lists.phases),
        ("MedicationEntry", "role", lists.roles),
        ("MedicationEntry", "route", lists.routes),
        ("ConditionEntry", "severity", lists.severities),
    ):
        _narrow(schemas[part], field, "string", {"enum": sorted(words)})
    laws = {"enum": list(choices(snapshot))}
    _narrow(schemas["ContextPart"], "jurisdiction", "string", laws)
    answered = {"enum": sorted(index_drugs(snapshot))}
    _narrow(schemas["ContextPart"], "index_drug", "string", answered)
    for part, field, prop in (
        ("PatientPart", "age_years", terms.AGE_YEARS),
        ("ContextPart", "cycle", terms.CYCLE),
        ("ContextPart", "day", terms.CYCLE_DAY),
        ("ContextPart", "salvage_line", terms.SALVAGE_LINE),
    ):
        bounds = snapshot.properties[prop].plausible
        if bounds:
            low, high = (float(b) for b in bounds)
            _narrow(schemas[part], field, None, {"minimum": low, "maximum": high})
    for part, field in (
        ("MedicationEntry", "last_taken"),
        ("MedicationEntry", "started"),
        ("ConditionEntry", "onset"),
        ("ObservationEntry", "taken_at"),
        *(("ContextPart", field) for field in ("as_of", "first_dose", "last_dose", "dose_due")),
    ):
        _narrow(schemas[part], field, "string", {"pattern": _DAY})
    flags = schemas["PatientPart"]["properties"]["flags"]
    flags["description"] = "known flags: " + ", ".join(sorted(lists.flags))


def _say_beside(parameters: Sequence[OpenApiJson], context: OpenApiJson) -> None:
    """Describe the query parameters beside a FHIR Bundle as the context of a request is."""
    for parameter in parameters:
        field = context["properties"].get(parameter["name"])
        for branch in field["anyOf"] if field else ():
            if branch.get("type") != "null":
                parameter["schema"] = branch


def _narrow(schema: OpenApiJson, field: str, kind: str | None, more: Mapping[str, Any]) -> None:
    """Add to the branch of a field that is not null."""
    for branch in schema["properties"][field]["anyOf"]:
        if branch["type"] != "null" and kind in (None, branch["type"]):
            branch |= more


def _say_examples(document: OpenApiJson, snapshot: Snapshot) -> None:
    """Give each part of an address an example that leads somewhere."""
    drug = terms.local(snapshot.index_drug)
    given = {"kind": terms.kind(snapshot.index_drug), "key": drug, "version": snapshot.version}
    given |= {"subject_kind": "advisory", "subject_key": min(map(terms.local, snapshot.advisories))}
    given |= {"older": CURRENT, "newer": CURRENT, "service": snapshot.doors.service}
    for path, operations in document["paths"].items():
        listed = path.removeprefix("/v1/").removesuffix("/{key}")
        for parameter in (p for o in operations.values() for p in o.get("parameters", ())):
            if parameter["in"] == "path" and parameter["name"] in given:
                own = path == f"/v1/{listed}/{{key}}"
                keys = (
                    [e.key for e in search(cast(CatalogueKind, listed), "", snapshot)[:1]]
                    if own
                    else []
                )
                # Where there is nothing to name, nothing is shown.
                shown = keys if own else [given[parameter["name"]]]
                if shown:
                    parameter["example"] = shown[0]
