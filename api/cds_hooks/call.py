"""A CDS Hooks call: its structure, its context, and the four states of prefetched data."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import msgspec

from api.cds_hooks.lenient import put_right
from api.cds_hooks.standard import HOOKS, ID, SELECT, SIGN, VERIFY, HookJson
from kg.contract.json import read_once
from kg.errors import MalformedRequest

FieldState = Literal["absent", "null", "data", "error"]

_ORDERS = (SELECT, SIGN)
EXTENSION = "org.w3id.inokg"
CONFIGURATION = "pddi-configuration-items"


class Authorization(msgspec.Struct, frozen=True):
    """A token for requests to the client's server; used and then discarded."""

    access_token: str


class Call(msgspec.Struct, frozen=True, rename="camel"):
    """What a client sends."""

    hook: str
    hook_instance: UUID
    context: HookJson
    fhir_server: str | None = None
    fhir_authorization: Authorization | None = None
    prefetch: dict[str, Any] | None = None
    extension: HookJson | None = None
    # What of the call was put right before it was read.
    notes: tuple[str, ...] = ()

    @property
    def patient(self) -> str:
        """Give the id of the patient."""
        return str(self.context["patientId"])

    @property
    def user(self) -> str:
        """Give the reference of the user, or ''."""
        return str(self.context.get("userId", ""))

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
    sent, notes = put_right(read_once(body))
    try:
        call = msgspec.convert(sent, Call)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$.")
        raise wrong(place.rstrip("`") or "the call", what.replace("`", "'")) from error
    if call.hook not in HOOKS:
        raise wrong("hook", f"this service is not called under this hook, but: {', '.join(HOOKS)}")
    _check_context(call)
    return msgspec.structs.replace(call, notes=tuple(notes))


def _check_context(call: Call) -> None:
    """Refuse a call of which it is not known who the patient is, or what is ordered."""
    context = call.context
    if not isinstance(context.get("patientId"), str) or not ID.match(context["patientId"]):
        raise wrong("context.patientId", "this is no id of a patient")
    if call.hook == VERIFY:
        order = context.get("medication")
        if not isinstance(order, dict) or order.get("resourceType") != "MedicationRequest":
            raise wrong("context.medication", "this is no MedicationRequest")
    if call.hook in _ORDERS:
        orders = context.get("draftOrders")
        if not isinstance(orders, dict) or orders.get("resourceType") != "Bundle":
            raise wrong("context.draftOrders", "this is no Bundle")


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
