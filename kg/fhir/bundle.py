"""A bundle as single resources: where each stands, what was searched, and what did not come.

An empty searchset says that there is none of what was searched; a page that others follow, or
a search that was narrowed, says nothing of the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from kg.errors import TooLarge
from kg.fhir import resources as fhir
from kg.fhir.intake import MODIFIED, FoundResource, Intake, convert, is_modified

MOST_RESOURCES = 5000
_DEEPEST = 5
# Parameters that leave a search whole: whose, how many a page, in what order and form.
_WHOSE = {"patient", "subject"}
_WHOLE = _WHOSE | {"_sort", "_format", "_pretty", "_total", "_include"}
# The current medications are a whole list: a medication that was stopped is stated elsewhere.
_STILL_WHOLE = {("MedicationRequest", "status"), ("MedicationStatement", "status")}
_CURRENT = "active"
_NOTHING_LEFT_OUT = {("_offset", "0"), ("_summary", "false")}
# What narrows a search that does not say about whom it was.
NOBODY_NAMED = ("whose", "")
_FAULTS = {"error", "fatal"}


@dataclass
class Gathered:
    """All resources of a request, in their order, and what is known of the searches."""

    found: list[FoundResource] = field(default_factory=list)
    searched: set[str] = field(default_factory=set)
    # When the bundles were made, where they say so.
    made: list[str] = field(default_factory=list)
    partly: set[str] = field(default_factory=set)
    # Whether the searches are our own, which ask for all that is needed of a type.
    own_searches: bool = False
    # Whom the searches were about, by the type that was searched.
    about: set[tuple[str, str]] = field(default_factory=set)
    # Places to which something points.
    used: set[str] = field(default_factory=set)
    # How many entries, and how many parts of products, were looked at: work has a bound.
    entries: int = 0
    parts: int = 0
    _products: dict[str, fhir.Medication | None] = field(default_factory=dict)
    _at: dict[str, FoundResource] = field(default_factory=dict)
    _twins: set[str] = field(default_factory=set)
    _contained: dict[str, dict[str, FoundResource | None]] = field(default_factory=dict)

    def take(self, found: FoundResource, intake: Intake) -> None:
        """Take a resource in; the same resource in the same words counts once."""
        name = found.reference
        known = self._at.get(name) if name else None
        if known is not None and known.resource == found.resource:
            intake.leave_out(found.path, found.type, f"the same resource stands at {known.path}")
            return
        if len(self.found) >= MOST_RESOURCES:
            raise _too_many()
        self.found.append(found)
        for pointer in {name, found.full_url}:
            if pointer and self._at.setdefault(pointer, found) is not found:
                # Which of the two is meant cannot be told.
                self._twins.add(pointer)

    def of_type(self, *types: str) -> Iterator[FoundResource]:
        """Give the resources of these types."""
        return (f for f in self.found if f.type in types)

    def pointed_to(self, reference: str, base: FoundResource) -> FoundResource | None:
        """Follow a reference to the one resource that it names, contained or in the request."""
        if reference.startswith("#"):
            inner = self._within(base).get(reference[1:])
            self.used |= {inner.path} if inner else set()
            return inner
        plain = reference.partition("/_history/")[0]
        relative = "/".join(plain.rsplit("/", 2)[-2:])
        pointer = plain if plain in self._at else relative
        found = self._at.get(pointer)
        if found is None:
            return None
        self.used.add(found.path)
        return None if pointer in self._twins else found

    def product(self, found: FoundResource) -> fhir.Medication | None:
        """Read a product, if it can be, and count its parts however often it is pointed to."""
        if found.path not in self._products:
            known = convert(found.resource, fhir.Medication, found.path)
            self._products[found.path] = None if is_modified(found) else known
        product = self._products[found.path]
        self.parts += 1 + len(product.ingredient if product else ())
        if self.parts > MOST_RESOURCES:
            raise TooLarge(
                code="too-large",
                message=f"the products of the request have more than {MOST_RESOURCES} parts",
                location=found.path,
                repair="send each product's ingredients once",
            )
        return product

    def unused_in(self, base: FoundResource, types: Collection[str]) -> Iterator[FoundResource]:
        """Give what a resource contains of these types and nothing points to."""
        for n, part in enumerate(_list(base.resource.get("contained"))):
            path = f"{base.path}.contained[{n}]"
            if _type(part) in types and path not in self.used:
                yield FoundResource(path, _type(part), part)

    def _within(self, base: FoundResource) -> dict[str, FoundResource | None]:
        """Give what a resource contains by its name; of two of one name, none."""
        contained = self._contained.get(base.path)
        if contained is None:
            contained = self._contained[base.path] = {}
            for n, part in enumerate(_list(base.resource.get("contained"))):
                name = part.get("id") if isinstance(part, dict) else None
                if isinstance(name, str):
                    one = FoundResource(f"{base.path}.contained[{n}]", _type(part), part)
                    contained[name] = None if name in contained else one
        return contained


def _too_many() -> TooLarge:
    return TooLarge(
        code="too-large",
        message=f"the request holds more than {MOST_RESOURCES} resources",
        repair="send one patient, and only the latest results",
    )


def gather(path: str, resource: object, intake: Intake, into: Gathered, depth: int = 0) -> None:
    """Take in one resource, or every resource of a bundle."""
    kind = _type(resource)
    if not isinstance(resource, dict) or not kind:
        intake.miss(path, "", "this is no FHIR resource: it does not say its resourceType")
        return
    if kind != "Bundle":
        into.take(FoundResource(path, kind, resource), intake)
        return
    if depth >= _DEEPEST:
        raise TooLarge(
            code="too-large",
            message=f"bundles are nested more than {_DEEPEST} deep",
            location=path,
            repair="send the resources in one bundle",
        )
    into.entries += len(_list(resource.get("entry")))
    if into.entries > MOST_RESOURCES:
        raise _too_many()
    bundle = convert(resource, fhir.Bundle, path)
    if intake.day(path, bundle.timestamp) is not None and bundle.timestamp is not None:
        into.made.append(bundle.timestamp)
    kinds = [
        _entry(f"{path}.entry[{n}]", e, intake, into, depth) for n, e in enumerate(bundle.entry)
    ]
    _account(path, bundle, set(kinds) - {""}, intake, into)
    if "implicitRules" in resource:
        intake.miss(path, kind, MODIFIED)
        into.partly |= set(kinds)


def _entry(path: str, entry: fhir.FhirEntry, intake: Intake, into: Gathered, depth: int) -> str:
    """Take in one entry; give the type that it adds to what was searched."""
    place = f"{path}.resource"
    if entry.resource is None:
        intake.miss(path, entry.full_url or "", "this entry holds no resource")
        return ""
    kind = _type(entry.resource)
    if entry.modifier_extension is not None:
        intake.miss(place, kind, MODIFIED)
        into.partly.add(kind)
        return kind
    if kind in ("Bundle", ""):
        gather(place, entry.resource, intake, into, depth + 1)
        return ""
    if kind == "OperationOutcome":
        return _outcome(place, entry.resource, intake)
    into.take(FoundResource(place, kind, entry.resource, entry.full_url), intake)
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
    # Of our own searches it is known what was searched, and about whom.
    search = None if into.own_searches else searched(bundle)
    asked = search.type if search else ""
    narrowed = search is not None and bool(search.narrowing)
    into.about |= {(asked, whom) for whom in search.about} if search else set()
    failed = "OperationOutcome" in kinds
    kinds = (kinds - {"OperationOutcome"}) | ({asked} if asked else set())
    into.searched |= kinds
    if narrowed or failed or _more_to_come(bundle):
        into.partly |= kinds
    if bundle.type != "searchset" or bundle.entry or into.own_searches:
        return
    if not kinds:
        why = "this searchset is empty and does not say what was searched (link 'self')"
        intake.miss(path, "Bundle", why)
    elif narrowed:
        why = "this searchset is empty, and its search leaves out some of what is asked for"
        intake.miss(path, "Bundle", f"{why} or does not say about whom it was")


class SearchSet(NamedTuple):
    """What a searchset says of itself: what was searched, about whom, and what narrowed it."""

    type: str
    about: tuple[str, ...]
    narrowing: frozenset[tuple[str, str]]


def searched(bundle: fhir.Bundle) -> SearchSet | None:
    """Read from its own address what a searchset searched; None where it does not say."""
    own = next((k.url for k in bundle.link if _relation(k) == "self" and k.url), "")
    address, _, query = own.partition("?")
    *above, kind = address.rstrip("/").rsplit("/", 3)
    if bundle.type not in (None, "searchset") or not kind[:1].isupper() or not kind.isalpha():
        return None
    asked = [
        (name.removesuffix(":Patient"), value)
        for name, value in parse_qsl(query, keep_blank_values=True)
    ]
    about = tuple(value for name, value in asked if name in _WHOSE)
    if above[-2:-1] == ["Patient"]:
        about = (*about, f"Patient/{above[-1]}")
    narrowing = {pair for pair in asked if _narrows(kind, *pair)}
    # Who is not named was perhaps not asked about.
    return SearchSet(kind, about, frozenset(narrowing if about else {*narrowing, NOBODY_NAMED}))


def _narrows(kind: str, name: str, value: str) -> bool:
    """Say whether a parameter leaves out some of what is current."""
    if name == "_count":
        return not value.strip(" 0")
    if (name, value) in _NOTHING_LEFT_OUT:
        return False
    if (kind, name) in _STILL_WHOLE:
        return _CURRENT not in codes_of(value)
    return name not in _WHOLE


def codes_of(value: str) -> set[str]:
    """Give the codes of a parameter of a search, of which any is enough."""
    return {word.rpartition("|")[2] for word in value.split(",")}


def _relation(link: fhir.FhirLink) -> str:
    return (link.relation or "").lower()


def _more_to_come(bundle: fhir.Bundle) -> bool:
    """Say whether a bundle is a page that others follow, or holds less than was found."""
    if any(_relation(link) == "next" for link in bundle.link):
        return True
    matches = [e for e in bundle.entry if e.search is None or e.search.mode in (None, "match")]
    return bundle.type == "searchset" and (bundle.total or 0) > len(matches)


def _type(resource: object) -> str:
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    return kind if isinstance(kind, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
