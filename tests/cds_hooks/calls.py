"""Call the hooks as a prescribing program does; every answer is held against the rules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.http.dependencies import Answering
from api.settings import HookSettings, Settings
from tests.cds_hooks.rules import problems_of_answer
from tests.fhir.resources import (
    SNOMED,
    Json,
    allergy,
    bundle,
    coded,
    order,
    patient,
    searchset,
)
from tests.serving import in_a_thread

SERVICE = "inotuzumab-safety"
BASE = "https://cds.example"
TODAY = "2026-11-21"
INDEX = order("inotuzumab ozogamicin", key="i1")
TYPES = {
    "medications": "MedicationRequest",
    "statements": "MedicationStatement",
    "conditions": "Condition",
    "allergies": "AllergyIntolerance",
    "labs": "Observation",
    "ecg": "Observation",
    "procedures": "Procedure",
    "immunizations": "Immunization",
}


@cache
def _answering(releases: Path) -> Answering:
    """Read the release once for all tests."""
    return Answering(releases)


def _app(release: Path, folder: Path, **hooks: Any) -> FastAPI:
    kept = {"base_url": BASE, "database": folder / "feedback.sqlite", **hooks}
    settings = Settings(release.parent, hooks=HookSettings(**kept))
    app = create_app(settings, answering=_answering(release.parent))
    app.state.hooks.today = lambda: TODAY
    return app


@contextmanager
def open_hooks(release: Path, folder: Path, **hooks: Any) -> Iterator[TestClient]:
    """Open the service over a release, on a fixed day."""
    app = _app(release, folder, **hooks)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
    app.state.hooks.feedback.close()


@contextmanager
def running(release: Path, folder: Path, **hooks: Any) -> Iterator[str]:
    """Run the service on a free port, for clients of other programs."""
    app = _app(release, folder, **hooks)
    try:
        with in_a_thread(app) as url:
            yield url
    finally:
        app.state.hooks.feedback.close()


def found(kind: str, *resources: Json) -> Json:
    """Write what a search for a type of resource found."""
    return searchset(f"{kind}?patient=p1", *resources)


@dataclass(frozen=True)
class CallBuilder:
    """A call in the making; every step gives a new one."""

    hook: str = "order-sign"
    body: Json = field(default_factory=dict)
    prefetch: Json = field(default_factory=dict)
    context: Json = field(default_factory=dict)

    def drafting(self, *orders: Json) -> CallBuilder:
        """Put orders on the table."""
        return self.saying(draftOrders=bundle(*orders))

    def choosing(self, *references: str) -> CallBuilder:
        """Say which orders were just chosen."""
        return self.saying(selections=list(references))

    def saying(self, **context: Any) -> CallBuilder:
        """Set fields of the context."""
        return replace(self, context=self.context | context)

    def sending(self, **prefetch: Any) -> CallBuilder:
        """Send something along."""
        return replace(self, prefetch=self.prefetch | prefetch)

    def keeping_back(self, *keys: str) -> CallBuilder:
        """Do not send something along."""
        return replace(self, prefetch={k: v for k, v in self.prefetch.items() if k not in keys})

    def having(self, key: str, *resources: Json) -> CallBuilder:
        """Send what a search found."""
        return self.sending(**{key: found(TYPES[key], *resources)})

    def with_fields(self, **fields: Any) -> CallBuilder:
        """Set fields of the call itself."""
        return replace(self, body=self.body | fields)

    def json(self) -> Json:
        """Write the call."""
        return {
            "hook": self.hook,
            "hookInstance": str(uuid4()),
            "context": self.context,
            "prefetch": self.prefetch,
            **self.body,
        }


def a_call(hook: str = "order-sign") -> CallBuilder:
    """Begin a call about a patient who takes nothing and has nothing, all of it sent along."""
    known = coded(SNOMED, "716186003")
    prefetch = {key: found(kind) for key, kind in TYPES.items()}
    prefetch |= {"patient": patient(), "allergies": found("AllergyIntolerance", allergy(known))}
    context: Json = {"userId": "Practitioner/u1", "patientId": "p1"}
    if hook in ("order-select", "order-sign"):
        context["draftOrders"] = bundle()
    return CallBuilder(hook, {}, prefetch, context)


def post(client: TestClient, call: CallBuilder | Json, service: str = SERVICE) -> Any:
    """Send a call."""
    body = call.json() if isinstance(call, CallBuilder) else call
    return client.post(
        f"/cds-services/{service}",
        content=json.dumps(body),
        headers={"Content-Type": "application/json"},
    )


def cards(client: TestClient, call: CallBuilder | Json) -> list[Json]:
    """Send a call and give its cards, which keep to every rule."""
    answer = post(client, call)
    assert answer.status_code == 200, answer.text
    broken = list(problems_of_answer(answer.json()))
    assert not broken, broken
    found_cards: list[Json] = answer.json()["cards"]
    return found_cards


def advisories_of(card: Json) -> list[str]:
    """Give the keys of the advisories that a card says, or 'gap'."""
    urls = [str(link["url"]) for link in card.get("links", ())]
    return [u.rsplit("/", 1)[1] for u in urls if "/id/advisory/" in u] or ["gap"]


def by_advisory(shown: list[Json]) -> dict[str, Json]:
    """Give cards by each advisory that they say."""
    return {key: card for card in shown for key in advisories_of(card)}
