"""The rules of CDS Hooks for what a service answers, each with the clause it comes from.

They are held against every answer in these tests, and against the mistakes of published
examples, which they must find.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from tests.fhir.resources import Json

_ID = re.compile(r"[A-Za-z0-9._~-]+\Z")
_REFERENCE = re.compile(
    r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}\Z|urn:(?:uuid|oid):\S+\Z|https?://\S+\Z|#\S+\Z"
)
_VERSION = re.compile(r"\d+\.\d+\.\d+(?:-[a-z0-9.]+)?\Z")
_KEY = re.compile(r"[a-z][a-zA-Z0-9_-]*\Z")
_PLACEHOLDER = re.compile(r"\b(?:None|null|undefined|unknown|NaN|\{\{)\b", re.IGNORECASE)
_EMPTY_ALLOWED = {"cards", "services"}
_CARD = {
    *("uuid", "summary", "detail", "indicator", "source", "suggestions", "selectionBehavior"),
    *("overrideReasons", "links", "extension"),
}
_PARAMETERS = {"patient", "status", "category", "code", "_count", "_sort", "date"}
_TOKENS = re.compile(r"\{\{([^}]*)\}\}")
_KNOWN_TOKENS = {"context.patientId", "context.userId", "context.encounterId"}


def problems_of_discovery(answer: Json) -> Iterator[str]:
    """Name every rule of discovery that an answer breaks."""
    services = answer.get("services")
    if not isinstance(services, list):
        yield "CH-10: services is a list"
        return
    yield from _empty(answer, "")
    for n, service in enumerate(services):
        at = f"services[{n}]"
        for name in ("hook", "id", "description"):
            if not isinstance(service.get(name), str) or not service[name]:
                yield f"CH-11: {at}.{name} is required"
        if not _VERSION.match(str(service.get("version", ""))):
            yield f"CH-01: {at}.version is the version of the standard"
        if not _ID.match(str(service.get("id", ""))):
            yield f"CH-11: {at}.id is a segment of a path"
        for key, query in service.get("prefetch", {}).items():
            yield from _template(f"{at}.prefetch.{key}", key, query)


def _template(at: str, key: str, query: object) -> Iterator[str]:
    if not _KEY.match(key) or not isinstance(query, str):
        yield f"CH-11: {at} is a key with a search"
        return
    for token in _TOKENS.findall(query):
        if token not in _KNOWN_TOKENS:
            yield f"CH-30: {at} has the token {token}"
    kind, _, search = query.partition("?")
    if search and not kind.isalpha():
        yield f"CH-30: {at} searches one type"
    for parameter in filter(None, search.split("&")):
        if parameter.partition("=")[0] not in _PARAMETERS:
            yield f"CH-30: {at} uses {parameter}"


def problems_of_answer(answer: Json) -> Iterator[str]:
    """Name every rule of service answers that an answer breaks."""
    cards = answer.get("cards")
    if not isinstance(cards, list):
        yield "CH-40: cards is a list"
        return
    if "systemActions" in answer:
        yield "CH-40: system actions are not agreed upon"
    yield from _empty(answer, "")
    for n, card in enumerate(cards):
        yield from _card(f"cards[{n}]", card)
    names = [c.get("uuid") for c in cards]
    if len(set(names)) < len(names):
        yield "CH-46: every card has an id of its own"


def _empty(value: Any, at: str) -> Iterator[str]:
    """What has nothing to say is left out: no null, no empty text, list or object."""
    if isinstance(value, dict):
        for key, held in value.items():
            if held in (None, "", [], {}) and held is not False and key not in _EMPTY_ALLOWED:
                yield f"CH-02: {at}.{key} is empty"
            yield from _empty(held, f"{at}.{key}")
    elif isinstance(value, list):
        for n, held in enumerate(value):
            yield from _empty(held, f"{at}[{n}]")


def _card(at: str, card: Json) -> Iterator[str]:
    unknown = set(card) - _CARD
    if unknown:
        yield f"CH-41: {at} has {sorted(unknown)}"
    summary = card.get("summary")
    if not isinstance(summary, str) or not 0 < len(summary) < 140 or "\n" in summary:
        yield f"CH-41: {at}.summary is one sentence of fewer than 140 characters"
    said = json.dumps([summary, [s.get("label") for s in card.get("suggestions", [])]])
    if _PLACEHOLDER.search(said):
        yield f"PD-05: {at} prints a placeholder"
    if card.get("indicator") not in ("info", "warning", "critical"):
        yield f"CH-41: {at}.indicator"
    if not _is_uuid(card.get("uuid")):
        yield f"CH-41: {at}.uuid"
    yield from _source(f"{at}.source", card.get("source"))
    suggestions = card.get("suggestions", [])
    behaviour = card.get("selectionBehavior")
    if suggestions and behaviour is None:
        yield f"CH-43: cds-resp-6: {at}.selectionBehavior"
    if behaviour not in (None, "any", "at-most-one"):
        yield f"CH-43: cds-resp-7: {at}.selectionBehavior"
    recommended = sum(bool(s.get("isRecommended")) for s in suggestions)
    if behaviour == "at-most-one" and recommended > 1:
        yield f"CH-43: cds-resp-1: {at}.suggestions"
    for n, suggestion in enumerate(suggestions):
        yield from _suggestion(f"{at}.suggestions[{n}]", suggestion)
    for n, reason in enumerate(card.get("overrideReasons", [])):
        if not all(isinstance(reason.get(k), str) for k in ("code", "system", "display")):
            yield f"CH-43: cds-resp-4: {at}.overrideReasons[{n}]"
    for n, link in enumerate(card.get("links", [])):
        yield from _link(f"{at}.links[{n}]", link)
    if re.search(r"<\s*(?:script|img|iframe|a|svg)\b", card.get("detail") or "", re.IGNORECASE):
        yield f"CH-01: {at}.detail holds HTML"


def _source(at: str, source: object) -> Iterator[str]:
    if not isinstance(source, dict) or not isinstance(source.get("label"), str):
        yield f"CH-41: {at}.label is required"
        return
    unknown = set(source) - {"label", "url", "icon", "topic", "extension"}
    if unknown:
        yield f"CH-41: {at} has {sorted(unknown)}"
    if "topic" in source and not {"system", "code"} <= set(source["topic"]):
        yield f"CH-41: {at}.topic is a coding"


def _suggestion(at: str, suggestion: Json) -> Iterator[str]:
    if not isinstance(suggestion.get("label"), str):
        yield f"CH-42: {at}.label"
    if not _is_uuid(suggestion.get("uuid")):
        yield f"CH-42: {at}.uuid"
    if "actionSelectionBehavior" in suggestion:
        yield f"CH-01: {at}.actionSelectionBehavior is not known to be supported"
    for n, action in enumerate(suggestion.get("actions", [])):
        yield from _action(f"{at}.actions[{n}]", action)


def _action(at: str, action: Json) -> Iterator[str]:
    kind = action.get("type")
    if kind not in ("create", "update", "delete"):
        yield f"CH-42: {at}.type"
    if not isinstance(action.get("description"), str):
        yield f"CH-43: cds-resp-5: {at}.description"
    if kind == "delete":
        if "resource" in action or not _REFERENCE.match(str(action.get("resourceId", ""))):
            yield f"CH-43: cds-resp-2: {at} names what is deleted"
        return
    if "resourceId" in action:
        yield f"CH-43: cds-resp-2: {at} has a resource and no id"
    yield from _resource(f"{at}.resource", action.get("resource"))


def _resource(at: str, resource: object) -> Iterator[str]:
    """Hold a resource against the real model of FHIR R4."""
    if not isinstance(resource, dict):
        yield f"CH-42: {at} is a whole resource"
        return
    kind = str(resource.get("resourceType"))
    try:
        model = get_fhir_model_class(kind)
    except ValueError:
        yield f"CH-42: {at}: R4 has no {kind}"
        return
    try:
        model.model_validate(resource)
    except ValidationError as error:
        yield f"CH-42: {at}: {error.errors()[0]['msg']}"
    for path, reference in _references(resource, at):
        if not _REFERENCE.match(reference):
            yield f"CH-42: {path} is a bare id"


def _references(value: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str) and not value.get("resourceType"):
            yield at, value["reference"]
        for key, held in value.items():
            yield from _references(held, f"{at}.{key}")
    elif isinstance(value, list):
        for n, held in enumerate(value):
            yield from _references(held, f"{at}[{n}]")


def _link(at: str, link: Json) -> Iterator[str]:
    for name in ("label", "url"):
        if not isinstance(link.get(name), str):
            yield f"CH-41: {at}.{name}"
    if link.get("type") not in ("absolute", "smart"):
        yield f"CH-41: {at}.type"
    if link.get("type") == "absolute" and not str(link.get("url")).startswith(
        ("https://", "http://")
    ):
        yield f"CH-41: {at}.url is absolute"
    if "appContext" in link and link.get("type") != "smart":
        yield f"CH-43: cds-resp-3: {at}.appContext"


def _is_uuid(value: object) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True
