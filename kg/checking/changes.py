"""The changes that can be made: as operations on a request, in words, and applied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from kg.contract.parts import FLAGS
from kg.contract.place import Place, as_pointer, order_of_pointer
from kg.contract.report import Operation
from kg.contract.request import Request
from kg.snapshot.model import Change, Snapshot
from kg.snapshot.once import once_per_snapshot

_MEDICATIONS, _FLAGS, _DAY = "medications", "patient.flags", "context.as_of"


class Lever(NamedTuple):
    """One change prepared for one request: its operations, and its description."""

    change: Change
    operations: tuple[Operation, ...]
    what: str
    old: str = ""


class Changes(NamedTuple):
    """The changes that a release knows, by what they touch."""

    leave_out: Change | None
    replace: Change | None
    wait: Change | None
    of_flags: tuple[Change, ...]
    of_fields: tuple[Change, ...]


@once_per_snapshot
def changes(snapshot: Snapshot) -> Changes:
    """Give the changes that a release knows."""
    listed = [change for _, change in sorted(snapshot.changes.items())]
    by_kind = {(c.operation, c.field): c for c in listed}
    return Changes(
        leave_out=by_kind.get(("remove", _MEDICATIONS)),
        replace=by_kind.get(("replace", _MEDICATIONS)),
        wait=by_kind.get(("replace", _DAY)),
        of_flags=tuple(c for c in listed if c.field == _FLAGS and c.flag is not None),
        of_fields=tuple(c for c in listed if c.value_from is not None),
    )


# --- as operations --------------------------------------------------------------------------------


def leaving_out(change: Change, path: str, name: str) -> Lever:
    """Leave out one entry of the medication list."""
    return Lever(change, (Operation(op="remove", path=as_pointer(path)),), name)


def replacing(change: Change, path: str, entry: dict[str, str], name: str) -> Lever:
    """Put a medicine in the place of another."""
    operation = Operation(op="replace", path=as_pointer(path), value=entry)
    return Lever(change, (operation,), entry["text"], name)


def waiting(change: Change, day: str) -> Lever:
    """Put the question off to a day."""
    return Lever(change, (Operation(op="replace", path=as_pointer(_DAY), value=day),), day)


def of_flag(change: Change, flags: list[str], snapshot: Snapshot) -> Lever | None:
    """Add a flag in the place of its contrary, or remove it wherever it is listed."""
    flag = snapshot.flags[change.flag or ""]
    if change.operation == "remove":
        places = [n for n, key in enumerate(flags) if key == flag.key]
        gone = tuple(
            Operation(op="remove", path=Place("patient", n, FLAGS).pointer) for n in places
        )
        return Lever(change, gone, flag.label) if gone else None
    contrary = snapshot.flags[flag.contrary].key if flag.contrary else None
    if flag.key in flags or flags.count(contrary or "") > 1:
        return None
    if contrary in flags:
        path = Place("patient", flags.index(contrary), FLAGS).pointer
        put = Operation(op="replace", path=path, value=flag.key)
    else:
        put = Operation(op="add", path=f"{as_pointer(_FLAGS)}/-", value=flag.key)
    return Lever(change, (put,), flag.label)


def of_field(change: Change, request: Request) -> Lever | None:
    """Take a number that stands elsewhere in the same request; none is invented."""
    places = (Place.of(name or "") for name in (change.value_from, change.field))
    value, old = (None if place is None else place.value(request) for place in places)
    if value is None or old is None or value == old:
        return None
    operation = Operation(op="replace", path=as_pointer(change.field), value=value)
    return Lever(change, (operation,), f"{value:g}", f"{old:g}")


def as_patch(chosen: Iterable[Lever]) -> tuple[Operation, ...]:
    """Put the operations of a set in an order in which they can be applied to the request.

    What replaces or adds comes first, by place; removals come last, from the end of a list to
    its beginning, so that no operation moves what a later one means.
    """
    operations = [o for lever in chosen for o in lever.operations]
    stay = sorted(
        (o for o in operations if o.op != "remove"), key=lambda o: order_of_pointer(o.path)
    )
    gone = sorted(
        (o for o in operations if o.op == "remove"), key=lambda o: order_of_pointer(o.path)
    )
    return (*stay, *reversed(gone))


def patched(request: Request, operations: Sequence[Operation]) -> Request:
    """Apply operations of the kinds offered here to a request, in their order."""
    body: Any = msgspec.to_builtins(request)
    for operation in operations:
        *parents, last = operation.path.split("/")[1:]
        place = body
        for name in parents:
            place = place[int(name)] if isinstance(place, list) else place[name]
        if isinstance(place, list) and last == "-":
            place.append(operation.value)
            continue
        key: Any = int(last) if isinstance(place, list) else last
        if operation.op == "remove":
            del place[key]
        else:
            place[key] = operation.value
    return msgspec.convert(body, Request)


# --- in words -------------------------------------------------------------------------------------


def in_words(chosen: Sequence[Lever]) -> str:
    """Say a set of changes in a few words."""
    by_wording: dict[tuple[str, str], list[str]] = {}
    for lever in chosen:
        by_wording.setdefault((lever.change.wording, lever.old), []).append(lever.what)
    said = [
        wording.replace("{what}", _in_a_row(list(dict.fromkeys(what)))).replace("{old}", old)
        for (wording, old), what in by_wording.items()
    ]
    return ", ".join(said)


def _in_a_row(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
