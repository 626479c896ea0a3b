"""The HTML form: its fields and choices, and its content as a request."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from api.pages.report_words import BOXES, Words
from kg.contract.parts import FIELDS, LISTS, InputField, ListedPart
from kg.contract.request import Request, request_from
from kg.errors import CaseError
from kg.resolving.typed import body_of
from kg.snapshot import jurisdictions
from kg.snapshot.model import Flag, Snapshot
from kg.snapshot.once import once_per_snapshot

FormFields = Mapping[str, Sequence[str]]

# Where a browser that runs scripts looks for names to complete.
_COMPLETES = [(one.option, one.name, f"/v1/{one.completes}") for one in LISTS]


class Choices(NamedTuple):
    """What an empty form offers."""

    lists: list[tuple[str, ListedPart, str]]
    flags: list[list[tuple[str, str]]]
    phases: list[tuple[str, str]]
    names: dict[str, str]
    jurisdictions: tuple[str, ...]


@once_per_snapshot
def choices(snapshot: Snapshot) -> Choices:
    """Give what the form offers under a release."""
    return Choices(
        _COMPLETES,
        [[(f.key, f.label) for f in group] for group in _together(snapshot)],
        [(p.key, p.label) for p in snapshot.phases.values()],
        {field.box: field.label for field in FIELDS},
        jurisdictions.choices(snapshot),
    )


def _together(snapshot: Snapshot) -> Iterator[list[Flag]]:
    """Put flags in the order of their labels, and those that answer one question together."""
    groups = [g.flags for g in snapshot.flag_groups]
    seen: set[str] = set()
    for iri, flag in sorted(snapshot.flags.items(), key=lambda f: f[1].label.casefold()):
        if iri in seen:
            continue
        beside = next((g for g in groups if iri in g), (iri, flag.contrary or iri))
        members = [i for i in dict.fromkeys((iri, *beside)) if i not in seen]
        seen.update(members)
        yield [snapshot.flags[i] for i in members]


def request_of(given: FormFields, snapshot: Snapshot) -> Request:
    """Write what stands in the form as a request."""
    body = body_of(_options(given), snapshot)
    for field in FIELDS:
        # What a command line does not take.
        value = None if field.option else _value(field, given)
        if value is not None:
            body.setdefault(field.part, {})[field.name] = value
    return request_from(body)


def words_of(given: FormFields, snapshot: Snapshot) -> Words:
    """Give the words by which a report calls what stands in the form."""
    typed = {part: _lines(given, box) for part, box in BOXES.items()}
    return Words(typed, given.get("flag", []), snapshot)


def _options(given: FormFields) -> Namespace:
    """Read the form as the arguments that the command line takes."""
    options = Namespace(none=given.get("none", []), flag=given.get("flag", []), file=None)
    for box in BOXES.values():
        setattr(options, box, _lines(given, box))
    for field in FIELDS:
        if field.option:
            setattr(options, field.option, _value(field, given))
    return options


def _lines(given: FormFields, box: str) -> list[str]:
    """Give the entries of a list: one a line."""
    lines = "\n".join(given.get(box, [])).splitlines()
    return [line.strip() for line in lines if line.strip()]


def _value(field: InputField, given: FormFields) -> Any:
    """Read one box: a word, or a number of a kind; None where it is empty."""
    text = next(iter(given.get(field.box, [])), "").strip()
    if not text:
        return None
    try:
        return field.kind(text)
    except ValueError as error:
        raise CaseError(
            code="wrong-number",
            message=f"'{text[:40]}' is not a number",
            location=field.box,
            repair="write a number, or leave the box empty",
        ) from error
