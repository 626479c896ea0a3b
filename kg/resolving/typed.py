"""Command-line arguments as the body of a request; what was not typed is left out."""

from __future__ import annotations

import argparse
import re
from typing import Any

from kg.contract.parts import FIELDS, FLAGS, LISTS, MAY_BE_NONE, SINGLE_PARTS, InputList, ItemKind
from kg.contract.request import Coding
from kg.errors import MalformedRequest
from kg.resolving.codes import Coded, resolve_code
from kg.resolving.names import NameMatch
from kg.resolving.observation_names import with_result
from kg.resolving.problem_match import plainly_named
from kg.snapshot.model import Snapshot

# value, unit, and the laboratory's limits in brackets: 40 umol/L (<21), 3.1 mmol/L (3.5-5.1)
_MEASURED = re.compile(
    r"\s*(?P<value>(?:<=|>=|<|>)?\s*[+-]?\d+(?:\.\d+)?|[^\W\d_]+)\s*(?P<unit>[^()]*?)\s*"
    r"(?:\((?:<\s*(?P<below>[\d.]+)|>\s*(?P<above>[\d.]+)|(?P<low>[\d.]+)\s*-\s*(?P<high>[\d.]+))\))?\s*\Z"
)
# A name, and a number as the next word.
_NAMED = re.compile(r"(?P<name>.*?[^ :])(?: ?: ?| )(?P<result>(?:<=|>=|<|>)? ?\d.*)\Z")


def body_of(options: argparse.Namespace, snapshot: Snapshot) -> dict[str, Any]:
    """Write the arguments as the body of a request; what was not typed is left out."""
    lists: dict[str, list[Any]] = {FLAGS: list(options.flag)} | {
        one.name: [_entry(text, one, snapshot) for text in getattr(options, one.option)]
        for one in LISTS
    }
    for part in options.none:
        if part not in lists:
            raise MalformedRequest(
                code="unknown-part",
                message="there is no such part that can be declared empty",
                subject=part,
                repair="name one of " + ", ".join(MAY_BE_NONE),
            )
        if lists[part]:
            raise MalformedRequest(
                code="some-and-none",
                message=f"'--none {part}' says there are none, and some were given",
                subject=part,
                repair=f"leave out '--none {part}', or what contradicts it",
            )
    given = {part: found for part, found in lists.items() if found or part in options.none}
    singles: dict[str, dict[str, Any]] = {part: {} for part in SINGLE_PARTS}
    for field in FIELDS:
        value = getattr(options, field.option, None) if field.option else None
        if value is not None:
            singles[field.part][field.name] = value
    if FLAGS in given:
        singles["patient"][FLAGS] = given.pop(FLAGS)
    return given | {part: said for part, said in singles.items() if said}


def _entry(text: str, of: InputList, snapshot: Snapshot) -> dict[str, Any]:
    return _observation(text, snapshot) if of.measured else item_for(text, of.kind, snapshot)


def item_for(text: str, kind: ItemKind, snapshot: Snapshot) -> dict[str, Any]:
    """Read what was typed as a name, or else as a code of whichever system knows it."""
    system, bar, code = text.partition("|")
    if bar:
        return {"system": _address(system, snapshot), "code": code}
    if isinstance(plainly_named(text, kind, snapshot), NameMatch):
        return {"text": text}
    codings = [
        {"system": s.uri, "code": text}
        for s in snapshot.systems.values()
        if isinstance(resolve_code(Coding(system=s.uri, code=text), kind, snapshot), Coded)
    ]
    return {"codings": codings} if codings else {"text": text}


def _address(system: str, snapshot: Snapshot) -> str:
    """Give the address of a system that was named by its label."""
    by_label = {s.label.lower(): s.uri for s in snapshot.systems.values()}
    return by_label.get(system.strip().lower(), system)


def _observation(text: str, snapshot: Snapshot) -> dict[str, Any]:
    # Blanks are made single first: patterns must not have to try how to share them out.
    text = " ".join(text.split())
    said = _NAMED.match(text)
    name, equals, result = text.partition("=")
    if said and (not equals or name.endswith(("<", ">"))):
        name, result = said.group("name", "result")
    match = _MEASURED.match(result)
    if match is None or not name.strip():
        plain = text.replace("=", " ", 1)
        if with_result(plain, snapshot):
            # As a laboratory prints it; what of the result is not read is said in the answer.
            return {"text": plain}
        raise MalformedRequest(
            code="wrong-value",
            message="this is not a measurement",
            subject=text,
            location="observations",
            repair="write NAME = VALUE UNIT, as in 'CODE = 40 umol/L'",
        )
    limits = {
        "lower_limit": match.group("above") or match.group("low"),
        "upper_limit": match.group("below") or match.group("high"),
    }
    return {
        **item_for(name.strip(), "observation", snapshot),
        "value": _number(match.group("value")),
        "unit": match.group("unit") or None,
        **{k: _number(v) for k, v in limits.items() if v is not None},
    }


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
