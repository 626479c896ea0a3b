"""Read what real callers send where the standard asks for more than the advice needs.

A field that is missing or of another form is put right or left out, and a note says so. What names
the patient, the hook and the list of medicines is never guessed; the strict reading decides there.
"""

from __future__ import annotations

from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from api.cds_hooks.standard import REFERENCE, SELECT, HookJson

_USERS = {"Practitioner", "PractitionerRole", "Patient", "RelatedPerson"}
_LONGEST, _MOST_NOTES = 2000, 20


def put_right(sent: object) -> tuple[object, list[str]]:
    """Give a call in the form that the standard asks for, and notes on what was put right."""
    if not isinstance(sent, dict):
        return sent, []
    call, notes = {k: v for k, v in sent.items() if k != "notes"}, list[str]()
    for put in (_instance, _server, _authorization, _context, _prefetch, _extension):
        put(call, notes)
    if len(notes) > _MOST_NOTES:
        notes = [*notes[:_MOST_NOTES], f"{len(notes) - _MOST_NOTES} further fields alike"]
    return call, notes


def _instance(call: HookJson, notes: list[str]) -> None:
    given = call.get("hookInstance")
    if isinstance(given, str) and given and len(given) <= _LONGEST:
        try:
            UUID(given)
        except ValueError:
            call["hookInstance"] = str(uuid5(NAMESPACE_URL, given))
            notes.append("hookInstance is not a UUID; card ids are derived from its text")
        return
    call["hookInstance"] = str(uuid4())
    notes.append("hookInstance is missing; repeating the call gives cards with other ids")


def _server(call: HookJson, notes: list[str]) -> None:
    given = call.get("fhirServer")
    if given is None:
        call.pop("fhirServer", None)
    elif not isinstance(given, str) or {"?", "#"} & set(given):
        del call["fhirServer"]
        notes.append("fhirServer is not a base address; nothing is fetched")


def _authorization(call: HookJson, notes: list[str]) -> None:
    given = call.pop("fhirAuthorization", None)
    if given is None:
        return
    if not call.get("fhirServer"):
        notes.append("fhirAuthorization has no fhirServer; nothing is fetched")
        return
    if not isinstance(given, dict) or not isinstance(given.get("access_token"), str):
        notes.append("fhirAuthorization has no access token; nothing is fetched")
        return
    kind = given.get("token_type", "Bearer")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        notes.append("fhirAuthorization is not a Bearer token; nothing is fetched")
        return
    call["fhirAuthorization"] = {"access_token": given["access_token"]}
    if any(not isinstance(given.get(name), str) for name in ("scope", "subject", "token_type")):
        notes.append("fhirAuthorization lacks required fields; its token is used")
    elif kind != "Bearer" or type(given.get("expires_in")) is not int:
        notes.append("fhirAuthorization has a field in the wrong form; its token is used")


def _context(call: HookJson, notes: list[str]) -> None:
    if not isinstance(call.get("context"), dict):
        return
    context = call["context"] = dict(call["context"])
    _user(context, notes)
    _patient(context, notes)
    if "encounterId" in context and not isinstance(context["encounterId"], str):
        del context["encounterId"]
        notes.append("context.encounterId is not an id; treated as absent")
    orders = context.get("draftOrders")
    if isinstance(orders, dict) and "entry" in orders and orders["entry"] is None:
        context["draftOrders"] = {k: v for k, v in orders.items() if k != "entry"}
        notes.append("context.draftOrders.entry is null; treated as no orders")
    if call.get("hook") == SELECT:
        _selections(context, notes)


def _user(context: HookJson, notes: list[str]) -> None:
    given = context.pop("userId", None)
    if isinstance(given, str) and len(given) <= _LONGEST:
        last = "/".join(given.rsplit("/", 2)[-2:])
        if REFERENCE.match(last) and last.partition("/")[0] in _USERS:
            context["userId"] = last
            if last != given:
                notes.append("context.userId is an absolute URL; the reference at its end is used")
            return
    notes.append("context.userId does not name a user; treated as absent")


def _patient(context: HookJson, notes: list[str]) -> None:
    given = context.get("patientId")
    if isinstance(given, str) and "/" in given and len(given) <= _LONGEST:
        kind, last = given.rsplit("/", 2)[-2:]
        if kind == "Patient":
            context["patientId"] = last
            notes.append("context.patientId is a reference; the id in it is used")


def _selections(context: HookJson, notes: list[str]) -> None:
    """Keep the selections that name a draft order; where none does, every order is in focus."""
    given = context.get("selections")
    drafted = references(context.get("draftOrders"))
    known = {reference.partition("/")[2]: reference for reference in drafted}
    known |= {reference: reference for reference in drafted}
    listed = given if isinstance(given, list) else []
    named = [known.get(s, known.get(s.rpartition("/")[2])) for s in listed if isinstance(s, str)]
    context["selections"] = [reference for reference in named if reference is not None]
    if not context["selections"]:
        notes.append("context.selections names no draft order; all orders are in focus")
    elif context["selections"] != listed:
        notes.append("context.selections is used only where it names draft orders")


def _prefetch(call: HookJson, notes: list[str]) -> None:
    given = call.get("prefetch")
    if given is None:
        call.pop("prefetch", None)
        return
    if not isinstance(given, dict):
        del call["prefetch"]
        notes.append("prefetch is not an object; treated as absent")
        return
    kept = {k: v for k, v in given.items() if v is None or _is_resource(v)}
    left_out = [k[:64] for k in given if k not in kept]
    notes += [f"prefetch.{key} is not a resource; treated as absent" for key in left_out]
    call["prefetch"] = kept


def _is_resource(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("resourceType"), str)


def _extension(call: HookJson, notes: list[str]) -> None:
    given = call.get("extension")
    if given is not None and not isinstance(given, dict):
        notes.append("extension is not an object; treated as absent")
    if not isinstance(given, dict):
        call.pop("extension", None)


def references(orders: object) -> list[str]:
    """Give the references of the orders in a bundle."""
    entries = orders.get("entry") if isinstance(orders, dict) else None
    found = []
    for entry in entries if isinstance(entries, list) else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            found.append(f"{resource.get('resourceType')}/{resource.get('id')}")
    return found
