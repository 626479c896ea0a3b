"""The engine: knows RDF and logic, knows no drug by name.

In a notebook: `import kg; kg.check({"medications": [{"text": "…"}]})`. Everything here is loaded
when it is first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from kg.contract.explanation import Explanation
    from kg.contract.parts import ItemKind
    from kg.contract.report import Report
    from kg.contract.request import Request
    from kg.errors import KgError
    from kg.resolving.names import Missed
    from kg.resolving.resolve import Resolved
    from kg.snapshot.model import Snapshot

__all__ = [
    "Explanation",
    "KgError",
    "Report",
    "Request",
    "Snapshot",
    "check",
    "explain",
    "open_release",
    "resolve",
    "to_json",
]
_TYPES = {
    "Explanation": "kg.contract.explanation",
    "KgError": "kg.errors",
    "Report": "kg.contract.report",
    "Request": "kg.contract.request",
    "Snapshot": "kg.snapshot.model",
}
_MOST_OPEN = 4


def __getattr__(name: str) -> Any:
    """Load a type when it is first asked for."""
    if name not in _TYPES:
        raise AttributeError(f"module 'kg' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(_TYPES[name]), name)


def open_release(name: str = "current", releases: Path | None = None) -> Snapshot:
    """Open a release by its version, the start of its hash, or as the one that is current."""
    from kg.snapshot.releases import RELEASES, find_release

    return _read(find_release(releases or RELEASES, name))


@lru_cache(maxsize=_MOST_OPEN)
def _read(folder: Path) -> Snapshot:
    from kg.snapshot.file import read_snapshot

    return read_snapshot(folder)[0]


@lru_cache(maxsize=1)
def _current() -> Snapshot:
    return open_release()


def check(request: Request | Mapping[str, Any], *, release: Snapshot | None = None) -> Report:
    """Say what applies to a patient, and what could not be judged."""
    from kg.casing.assemble import assemble
    from kg.checking.check import check

    snapshot = release or _current()
    return check(assemble(_typed(request), snapshot), snapshot)


def explain(
    subject: str,
    request: Request | Mapping[str, Any] | None = None,
    *,
    release: Snapshot | None = None,
) -> Explanation:
    """Say why: of an advisory or a drug by name, or, of a patient, of an advisory or an input."""
    from kg.contract.place import begins_as_place
    from kg.errors import UnknownSubject
    from kg.explaining.advisory import explain_advisory
    from kg.explaining.input import explain_input
    from kg.explaining.parts import find
    from kg.explaining.without_patient import explain_drug, explain_without_patient

    snapshot = release or _current()
    if request is not None and begins_as_place(subject):
        return explain_input(_typed(request), subject, snapshot)
    try:
        advisory = find("advisory", subject, snapshot.advisories, snapshot)
    except UnknownSubject:
        if request is not None:
            raise
        return explain_drug(find("drug", subject, snapshot.drugs, snapshot), snapshot)
    if request is None:
        return explain_without_patient(advisory, snapshot)
    return explain_advisory(_typed(request), advisory, snapshot)


def resolve(
    text: str, kind: ItemKind = "medication", *, release: Snapshot | None = None
) -> Resolved | Missed:
    """Say what a name stands for, or what it might."""
    from kg.resolving.resolve import look_up

    return look_up({"text": text}, kind, release or _current())


def to_json(found: Report | Explanation) -> bytes:
    """Write a report or an explanation as the service answers it."""
    from kg.contract.report import Report, encode_report
    from kg.snapshot.file import encode

    return encode_report(found) if isinstance(found, Report) else encode(found)


def _typed(request: Request | Mapping[str, Any]) -> Request:
    from kg.contract.request import Request, request_from

    return request if isinstance(request, Request) else request_from(dict(request))
