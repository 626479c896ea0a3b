"""What has been read of a FHIR request so far: lines of the lists, and all that is no line.

Every resource ends here: as a line of a list, as left out with the reason, or as not
recognised. Nothing is dropped in silence.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from kg.contract.parts import LIST_NAMES, LIST_OF_RESOURCE, ItemKind, ListedPart
from kg.contract.report import LeftOut, Recognised, Unrecognised
from kg.contract.request import LONGEST_TEXT, MOST_ITEMS, Coding, instant, refusal
from kg.errors import MalformedRequest, TooLarge
from kg.fhir import resources as fhir
from kg.resolving.codes import Coded, resolve_code
from kg.resolving.names import NameMatch, named
from kg.resolving.nothing import nothing_in, statement_key
from kg.snapshot.hl7 import NoneStatement
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

T = TypeVar("T", bound=fhir.Element)

# Words that are joined from several places are read no further than this.
LONGEST_WORDS = 4000
MODIFIED = "it is modified in a way that is not known here"
# What may turn the meaning of a resource round; FHIR forbids to read on without knowing it.
_MODIFIERS = frozenset({"modifierExtension", "implicitRules"})
_OWN = "http://terminology.hl7.org/"
_SIGNS = tuple(name.encode() for name in _MODIFIERS)


class FoundResource(msgspec.Struct, frozen=True):
    """One resource of a request: where it stands, and how others point to it."""

    path: str
    type: str
    resource: dict[str, Any]
    full_url: str | None = None

    @property
    def reference(self) -> str | None:
        """Give the reference by which an answer may point to this resource."""
        own = self.resource.get("id")
        if isinstance(own, str) and own:
            return f"{self.type}/{own}"
        return self.full_url


class FhirLine(msgspec.Struct, frozen=True):
    """One entry of one list, with the place and the resource that it comes from."""

    path: str
    entry: dict[str, Any]
    found: FoundResource


@dataclass
class Intake:
    """Collects what the readers of the single resources find."""

    snapshot: Snapshot
    as_of: str | None = None
    lines: dict[ListedPart, list[FhirLine]] = field(
        default_factory=lambda: {p: [] for p in LIST_NAMES}
    )
    read: set[ListedPart] = field(default_factory=set)
    partly: set[ListedPart] = field(default_factory=set)
    unknown: set[ListedPart] = field(default_factory=set)
    recognised: list[Recognised] = field(default_factory=list)
    unrecognised: list[Unrecognised] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)

    def add(self, part: ListedPart, path: str, entry: dict[str, Any], found: FoundResource) -> None:
        """Take an entry into a list."""
        if part != "observations" and len(self.lines[part]) >= MOST_ITEMS:
            raise TooLarge(
                code="too-large",
                message=f"the request holds more than {MOST_ITEMS} {part}",
                location=path,
                repair="send one patient, and only current entries",
            )
        kept = {k: v for k, v in entry.items() if v is not None}
        self.lines[part].append(FhirLine(path, kept, found))

    def leave_out(self, path: str, given: str, because: str) -> None:
        """Record what is no fact about the patient, with the reason."""
        self.left_out.append(LeftOut(input=path, given=given, because=because))

    def miss(self, path: str, given: str, reason: str) -> None:
        """Record what was not recognised, with the reason."""
        self.unrecognised.append(Unrecognised(input=path, given=given, reason=reason))

    def note(self, path: str, note: str) -> None:
        """Say something beside an entry that was recognised."""
        self.notes.setdefault(path, []).append(note)

    def day(self, path: str, text: str | None) -> str | None:
        """Give a date or moment that names a day; what names none is said and not counted."""
        if not text:
            return None
        try:
            instant(text, path)
        except MalformedRequest:
            self.note(path, f"the date {text[:40]} names no day and is not counted")
            return None
        return text

    def item(self, concept: fhir.Concept | None, kind: ItemKind) -> dict[str, Any]:
        """Write a concept as the contract names things; without a text its display is read.

        A display is the sender's wording of a code, and may contradict it. Of a measurement it
        adds nothing where the code is known.
        """
        if concept is None:
            return {}
        codings = [_coding(c) for c in concept.coding if c.code]
        text = (concept.text or "").strip()
        if kind == "medication" and not self._known(concept, kind):
            text = self._readable([text, *[c.display or "" for c in concept.coding]], kind)
        elif not text and (kind != "observation" or not self._known(concept, kind)):
            text = next((c.display for c in concept.coding if c.display), "")
        given: dict[str, Any] = {"text": text, "codings": codings}
        if len(codings) == 1 and codings[0]["system"]:
            # Said the short way, so that it need not be read anew each time.
            given = {"text": text, **codings[0]}
        return {name: value for name, value in given.items() if value}

    def _readable(self, wordings: list[str], kind: ItemKind) -> str:
        """Give the first wording that is read for certain; where none is, the first there is."""
        given = [w.strip() for w in wordings if w.strip()]
        if len(given) > 1 and kind == "medication":
            for wording in given:
                text = wording[:LONGEST_TEXT]
                if isinstance(named(text, kind, self.snapshot), NameMatch):
                    return text
        return next(iter(given), "")

    def _known(self, concept: fhir.Concept, kind: ItemKind) -> bool:
        given = (Coding(system=c.system, code=c.code) for c in concept.coding if c.code)
        return any(isinstance(resolve_code(c, kind, self.snapshot), Coded) for c in given)

    def nothing(
        self, concept: fhir.Concept | None, found: FoundResource, *, beside: bool = False
    ) -> NoneStatement | None:
        """Recognise the statement that there is none of something, or that nobody knows.

        What says something else too, in itself or beside it, is no such statement.
        """
        part = LIST_OF_RESOURCE.get(found.type, "")
        said_so = (None, True) if concept is None else nothing_said(concept, part, self.snapshot)
        iri, alone = said_so
        if iri is None:
            return None
        if beside or not alone:
            self.note(found.path, "it says that there is none, and it says something else")
            return None
        said = self.snapshot.doors.nothing[iri]
        note = {"some": "this leaves others open", "unknown": "this says that nobody knows"}
        self.recognised.append(
            Recognised(
                input=found.path,
                term=iri,
                label=said.label,
                matched="code" if concept and concept.coding else "name",
                assessed=True,
                note=note.get(said.covers),
            )
        )
        if LIST_OF_RESOURCE.get(found.type) == said.part:
            so_far = {"some": self.partly, "unknown": self.unknown}.get(said.covers, self.read)
            so_far.add(said.part)
        return said


def _coding(coding: fhir.FhirCoding) -> dict[str, str | None]:
    return {"system": coding.system, "code": coding.code}


def convert(value: object, kind: type[T], path: str) -> T:
    """Read a resource, or say which of its fields has not the form that FHIR gives it."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        told = refusal(str(error))
        raise MalformedRequest(
            code="not-fhir",
            message=f"this does not have the form that FHIR R4 defines: {told.message}",
            location=f"{path}.{told.location}".rstrip("."),
            repair="send the type that FHIR R4 names for this element",
        ) from error


def said_of(concept: fhir.Concept | None) -> str:
    """Write a concept for people."""
    if concept is None:
        return ""
    codes = [c.display or f"{c.system or ''}|{c.code or ''}" for c in concept.coding]
    return concept.text or "; ".join(codes)


def word_of(concept: fhir.Concept | None) -> str:
    """Give the code of a concept from a list that FHIR itself owns, or ''."""
    if concept is None:
        return ""
    codes = {c.code.strip().lower() for c in concept.coding if c.code and _is_own(c.system)}
    if len(codes) > 1:
        # Codes that disagree say nothing.
        return ""
    first = next((c.code for c in concept.coding if c.code), concept.text or "")
    return codes.pop() if codes else first.strip().lower()


def _is_own(system: str | None) -> bool:
    return system is None or system.startswith(_OWN)


def term_of(concept: fhir.Concept | None, among: Collection[str], snapshot: Snapshot) -> str | None:
    """Find the term among some that a code of a record stands for."""
    for coding in concept.coding if concept else ():
        term = _codes(snapshot).get(coding.system or "", {}).get(coding.code or "")
        if term in among:
            return term
    return None


@once_per_snapshot
def _codes(snapshot: Snapshot) -> dict[str, dict[str, str]]:
    """Give every code of every system that stands exactly for a term."""
    return {
        system.uri: {c: code.term for c, code in system.codes.items() if code.match == "exact"}
        for system in snapshot.systems.values()
    }


def nothing_said(concept: fhir.Concept, part: str, snapshot: Snapshot) -> tuple[str | None, bool]:
    """Find the none statement in a concept, and say whether all of the concept says so.

    A text that is the display of such a code is its wording, and says nothing else.
    """
    statements: list[str | None] = []
    wordings: set[str] = set()
    for coding in concept.coding:
        term = _codes(snapshot).get(coding.system or "", {}).get(coding.code or "")
        display = coding.display or ""
        is_code = term in snapshot.doors.nothing
        none = term if is_code else nothing_in(display, part, snapshot)
        if none is not None or coding.code or coding.display:
            statements.append(none)
        if none is not None:
            wordings.add(statement_key(display))
    text = statement_key(concept.text or "")
    if text and text not in wordings:
        statements.append(nothing_in(text, part, snapshot))
    return next((none for none in statements if none is not None), None), None not in statements


def is_modified(found: FoundResource) -> bool:
    """Say whether a resource, or a part of it, is modified in a way that is not known here."""
    text = msgspec.json.encode(found.resource)
    if not any(sign in text for sign in _SIGNS):
        return False
    parts: list[Any] = [found.resource]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            if not _MODIFIERS.isdisjoint(part):
                return True
            part = part.values()
        parts += [inner for inner in part if isinstance(inner, (dict, list))]
    return False


def spoken_of(found: FoundResource) -> str:
    """Give the reference of whom a resource is about, or ''."""
    subject = found.resource.get("subject") or found.resource.get("patient")
    named = subject.get("reference") if isinstance(subject, dict) else None
    return named if isinstance(named, str) and not named.startswith("#") else ""


def of_other_patient(found: FoundResource, own: frozenset[str]) -> bool:
    """Say whether a resource is about somebody else than the patient of the request."""
    named = spoken_of(found)
    return bool(named) and is_other(named, own)


def is_other(named: str, own: frozenset[str]) -> bool:
    """Say whether a reference names another than the patient, where it is known who that is."""
    if not own or named in own:
        return False
    return named.partition("/_history")[0] not in own and _last(named) not in own


def _last(reference: str) -> str:
    return "/".join(reference.partition("/_history")[0].rsplit("/", 2)[-2:])
