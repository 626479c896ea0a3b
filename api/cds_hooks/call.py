"""A CDS Hooks call: its structure, its context, and the four states of prefetched data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

import msgspec

from kg.contract.json import read_once
from kg.errors import MalformedRequest

HookJson = dict[str, Any]
FieldState = Literal["absent", "null", "data", "error"]

SELECT, SIGN, VIEW, VERIFY = "order-select", "order-sign", "patient-view", "medication-verify"
# Each hook with the version that is supported here.
HOOKS = {SELECT: "1.0", SIGN: "1.0", VIEW: "1.0", VERIFY: "0.1.0"}
_ORDERS = (SELECT, SIGN)
EXTENSION = "org.w3id.inokg"
CONFIGURATION = "pddi-configuration-items"
_REFERENCE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}\Z")
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}\Z")
_USERS = {"Practitioner", "PractitionerRole", "Patient", "RelatedPerson"}


class Authorization(msgspec.Struct, frozen=True):
    """A token for requests to the client's server; used and then discarded."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str
    subject: str
    patient: str | None = None


class Call(msgspec.Struct, frozen=True, rename="camel"):
    """What a client sends."""

    hook: str
    hook_instance: UUID
    context: HookJson
    fhir_server: str | None = None
    fhir_authorization: Authorization | None = None
    prefetch: dict[str, Any] | None = None
    extension: HookJson | None = None

    @property
    def patient(self) -> str:
        """Give the id of the patient."""
        return str(self.context["patientId"])

    @property
    def user(self) -> str:
        """Give the reference of the user."""
        return str(self.context["userId"])

    @property
    def orders(self) -> list[tuple[str, HookJson]]:
        """Give the orders that are being written, signed or verified, by their field."""
        name = "medication" if self.hook == VERIFY else "draftOrders"
        return [(name, self.context[name])] if self.hook in (*_ORDERS, VERIFY) else []

    @property
    def selections(self) -> tuple[str, ...]:
        """Give the orders that were just chosen; all others are context."""
        return tuple(self.context["selections"]) if self.hook == SELECT else ()

    def own(self) -> tuple[HookJson, list[str] | None]:
        """Give the context and the flags that a client sends in our own extension."""
        own = (self.extension or {}).get(EXTENSION)
        if own is None:
            return {}, None
        if not isinstance(own, dict) or not isinstance(own.get("context", {}), dict):
            raise wrong(f"extension.{EXTENSION}", "this extension holds 'context' and 'flags'")
        flags = own.get("flags")
        if flags is not None and not _texts(flags):
            raise wrong(f"extension.{EXTENSION}.flags", "this is a list of keys")
        return dict(own.get("context", {})), flags

    def configured(self, name: str) -> bool:
        """Say whether a client switched on a configuration item."""
        items = (self.extension or {}).get(CONFIGURATION)
        return isinstance(items, dict) and items.get(name) is True


def wrong(place: str, message: str, repair: str = "see CDS Hooks 2.0.1") -> MalformedRequest:
    """Refuse a call for one of its fields."""
    return MalformedRequest(
        code="wrong-call", message=message, location=place, repair=f"correct {place}; {repair}"
    )


def decode_call(body: bytes) -> Call:
    """Read a call, or say which of its fields is wrong."""
    sent = read_once(body)
    try:
        call = msgspec.convert(sent, Call)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$.")
        raise wrong(place.rstrip("`") or "the call", what.replace("`", "'")) from error
    if call.hook not in HOOKS:
        raise wrong("hook", f"this service is not called under this hook, but: {', '.join(HOOKS)}")
    if call.fhir_authorization is not None and not call.fhir_server:
        raise wrong("fhirServer", "a token comes with the address of its server")
    if call.fhir_server and {"?", "#"} & set(call.fhir_server):
        raise wrong("fhirServer", "the base address of a server has no search")
    _check_context(call)
    for key, value in (call.prefetch or {}).items():
        if value is not None and not (isinstance(value, dict) and "resourceType" in value):
            raise wrong(f"prefetch.{key}", "this is neither null nor a resource")
    return call


def _check_context(call: Call) -> None:
    """Check the context against what its hook requires."""
    context = call.context
    user = context.get("userId")
    if not isinstance(user, str) or not _REFERENCE.match(user) or user.split("/")[0] not in _USERS:
        raise wrong("context.userId", "this is no reference to who is at work, as Practitioner/id")
    if not isinstance(context.get("patientId"), str) or not _ID.match(context["patientId"]):
        raise wrong("context.patientId", "this is no id of a patient")
    if "encounterId" in context and not isinstance(context["encounterId"], str):
        raise wrong("context.encounterId", "this is no id of an encounter")
    if call.hook == VERIFY:
        order = context.get("medication")
        if not isinstance(order, dict) or order.get("resourceType") != "MedicationRequest":
            raise wrong("context.medication", "this is no MedicationRequest")
    if call.hook not in _ORDERS:
        return
    orders = context.get("draftOrders")
    if not isinstance(orders, dict) or orders.get("resourceType") != "Bundle":
        raise wrong("context.draftOrders", "this is no Bundle")
    if call.hook == SELECT:
        _check_selections(context.get("selections"), orders)


def _check_selections(selections: object, orders: HookJson) -> None:
    place = "context.selections"
    if not _texts(selections) or not selections:
        raise wrong(place, "at least one order is selected")
    drafted = set(references(orders))
    for selection in selections:  # type: ignore[attr-defined]
        if not _REFERENCE.match(selection):
            raise wrong(place, "a selection is a reference, as MedicationRequest/id")
        if selection not in drafted:
            raise wrong(place, "a selection is found among the draft orders")


def references(orders: Mapping[str, Any]) -> list[str]:
    """Give the references of the orders in a bundle."""
    referenced = []
    entries = orders.get("entry")
    for entry in entries if isinstance(entries, list) else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            referenced.append(f"{resource.get('resourceType')}/{resource.get('id')}")
    return referenced


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def state_of(call: Call, key: str) -> FieldState:
    """Say which of the four states a key is in; the states are never merged."""
    given = call.prefetch or {}
    if key not in given:
        return "absent"
    value = given[key]
    if value is None:
        return "null"
    return "error" if value.get("resourceType") == "OperationOutcome" else "data"
