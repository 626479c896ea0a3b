"""A bundle as single resources: where each stands, what was searched, and what did not come.

An empty searchset says that there is none of what was searched; a page that others follow, or
a search that was narrowed, says nothing of the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from kg import fhir_resources as fhir
from kg.errors import TooLarge
from kg.fhir_intake import Found, Intake, convert

MOST_RESOURCES = 5000
_DEEPEST = 5
# Parameters that leave a search whole: whose, how many a page, in what order and form.
_WHOLE = {"patient", "subject", "_count", "_sort", "_format", "_pretty", "_total", "_include"}
# The current medications are a whole list: a medication that was stopped is stated elsewhere.
_STILL_WHOLE = {("MedicationRequest", "status"), ("MedicationStatement", "status")}
_FAULTS = {"error", "fatal"}


@dataclass
class Gathered:
    """All resources of a request, in their order, and what is known of the searches."""

    found: list[Found] = field(default_factory=list)
    searched: set[str] = field(default_factory=set)
    partly: set[str] = field(default_factory=set)
    # Whether the searches are our own, which ask for all that is needed of a type.
    own_searches: bool = False
    _at: dict[str, Found] = field(default_factory=dict)

    def take(self, found: Found, intake: Intake) -> None:
        """Take a resource in; the same resource in the same words counts once."""
        name = found.reference
        known = self._at.get(name) if name else None
        if known is not None and known.resource == found.resource:
            intake.leave_out(found.path, found.type, f"the same resource stands at {known.path}")
            return
        if len(self.found) >= MOST_RESOURCES:
            raise TooLarge(
                code="too-large",
                message=f"the request holds more than {MOST_RESOURCES} resources",
                repair="send one patient, and of results the latest",
            )
        self.found.append(found)
        for pointer in (name, found.full_url):
            if pointer:
                self._at.setdefault(pointer, found)

    def of_type(self, *types: str) -> Iterator[Found]:
        """Give the resources of these types."""
        return (f for f in self.found if f.type in types)

    def pointed_to(self, reference: str, base: Found) -> Found | None:
        """Follow a reference, to a contained resource or to one in the request."""
        if reference.startswith("#"):
            for n, part in enumerate(_list(base.resource.get("contained"))):
                if isinstance(part, dict) and part.get("id") == reference[1:]:
                    return Found(f"{base.path}.contained[{n}]", _type(part), part)
            return None
        plain = reference.partition("/_history/")[0]
        relative = "/".join(plain.rsplit("/", 2)[-2:])
        return self._at.get(plain) or self._at.get(relative)


def gather(path: str, resource: object, intake: Intake, into: Gathered, depth: int = 0) -> None:
    """Take in one resource, or every resource of a bundle."""
    kind = _type(resource)
    if not isinstance(resource, dict) or not kind:
        intake.miss(path, "", "this is no FHIR resource: it does not say its resourceType")
        return
    if kind != "Bundle":
        into.take(Found(path, kind, resource), intake)
        return
    if depth >= _DEEPEST:
        raise TooLarge(
            code="too-large",
            message=f"bundles stand within bundles more than {_DEEPEST} deep",
            location=path,
            repair="send the resources in one bundle",
        )
    bundle = convert(resource, fhir.Bundle, path)
    kinds = [
        _entry(f"{path}.entry[{n}]", e, intake, into, depth) for n, e in enumerate(bundle.entry)
    ]
    _account(path, bundle, set(kinds) - {""}, intake, into)


def _entry(path: str, entry: fhir.Entry, intake: Intake, into: Gathered, depth: int) -> str:
    """Take in one entry; give the type that it adds to what was searched."""
    place = f"{path}.resource"
    if entry.resource is None:
        intake.miss(path, entry.full_url or "", "this entry holds no resource")
        return ""
    kind = _type(entry.resource)
    if kind in ("Bundle", ""):
        gather(place, entry.resource, intake, into, depth + 1)
        return ""
    if kind == "OperationOutcome":
        return _outcome(place, entry.resource, intake)
    into.take(Found(place, kind, entry.resource, entry.full_url), intake)
    extra = entry.search is not None and entry.search.mode not in (None, "match")
    return "" if extra else kind


def _outcome(path: str, resource: dict[str, Any], intake: Intake) -> str:
    """Read what the server remarked: a fault means that something could not be read."""
    outcome = convert(resource, fhir.OperationOutcome, path)
    if any(i.severity in _FAULTS for i in outcome.issue):
        intake.miss(path, "OperationOutcome", "the server that was asked answered with a fault")
        return "OperationOutcome"
    intake.leave_out(path, "OperationOutcome", "a remark of the server that was asked")
    return ""


def _account(
    path: str, bundle: fhir.Bundle, kinds: set[str], intake: Intake, into: Gathered
) -> None:
    """Note what a bundle says of whole types: what was searched, and whether all of it came."""
    asked, narrowed = _asked(bundle)
    failed = "OperationOutcome" in kinds
    kinds = (kinds - {"OperationOutcome"}) | ({asked} if asked else set())
    into.searched |= kinds
    if (narrowed and not into.own_searches) or failed or _more_to_come(bundle):
        into.partly |= kinds
    if bundle.type == "searchset" and not kinds:
        intake.miss(
            path,
            "Bundle",
            "this searchset is empty and does not say what was searched (link 'self')",
        )


def _asked(bundle: fhir.Bundle) -> tuple[str, bool]:
    """Read from its own address what a searchset searched, and whether that was narrowed."""
    own = next((k.url for k in bundle.link if k.relation == "self" and k.url), "")
    address, _, query = own.partition("?")
    kind = address.rstrip("/").rsplit("/", 1)[-1]
    if bundle.type not in (None, "searchset") or not kind[:1].isupper() or not kind.isalpha():
        return "", False
    names = [name for name, _ in parse_qsl(query)]
    return kind, any(n not in _WHOLE and (kind, n) not in _STILL_WHOLE for n in names)


def _more_to_come(bundle: fhir.Bundle) -> bool:
    """Say whether a bundle is a page that others follow, or holds less than was found."""
    if any(link.relation == "next" for link in bundle.link):
        return True
    matches = [e for e in bundle.entry if e.search is None or e.search.mode in (None, "match")]
    return bundle.type == "searchset" and (bundle.total or 0) > len(matches)


def _type(resource: object) -> str:
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    return kind if isinstance(kind, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
