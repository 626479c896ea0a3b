"""What is typed at a command line as the body of a request; what was not typed is left out."""

from __future__ import annotations

import argparse
import re
from typing import Any

from kg.contract.request import Coding
from kg.errors import MalformedRequest
from kg.resolving.codes import Coded, resolve_code
from kg.resolving.names import Found, ItemKind, named
from kg.snapshot.model import Snapshot

PARTS = ("medications", "conditions", "allergies", "observations", "flags")
# value, unit, and the laboratory's limits in brackets: 40 umol/L (<21), 3.1 mmol/L (3.5-5.1)
_MEASURED = re.compile(
    r"\s*(?P<value>(?:<=|>=|<|>)?\s*[+-]?\d+(?:\.\d+)?|[^\W\d_]+)\s*(?P<unit>[^()]*?)\s*"
    r"(?:\((?:<\s*(?P<below>[\d.]+)|>\s*(?P<above>[\d.]+)|(?P<low>[\d.]+)\s*-\s*(?P<high>[\d.]+))\))?\s*\Z"
)
_CONTEXT = "phase cycle day as_of last_dose jurisdiction index_drug salvage_line".split()
# A name, and a number as the next word.
_NAMED = re.compile(r"(?P<name>.*?[^ :])(?: ?: ?| )(?P<result>(?:<=|>=|<|>)? ?\d.*)\Z")


def body_of(options: argparse.Namespace, snapshot: Snapshot) -> dict[str, Any]:
    """Write the arguments as the body of a request; what was not typed is left out."""
    lists: dict[str, list[Any]] = {
        "medications": [item_for(t, "medication", snapshot) for t in options.med],
        "conditions": [item_for(t, "condition", snapshot) for t in options.condition],
        "allergies": [item_for(t, "allergy", snapshot) for t in options.allergy],
        "observations": [_observation(t, snapshot) for t in options.obs],
        "flags": list(options.flag),
    }
    for part in options.none:
        if part not in lists:
            raise MalformedRequest(
                code="unknown-part",
                message="there is no such part to have none of",
                subject=part,
                repair="name one of " + ", ".join(PARTS),
            )
        if lists[part]:
            raise MalformedRequest(
                code="some-and-none",
                message=f"'--none {part}' says there are none, and some were given",
                subject=part,
                repair=f"leave out '--none {part}', or what contradicts it",
            )
    given = {part: found for part, found in lists.items() if found or part in options.none}
    patient = {"age_years": options.age, "sex": options.sex, "flags": given.pop("flags", None)}
    context = {name: getattr(options, name, None) for name in _CONTEXT}
    parts = (("patient", patient), ("context", context))
    return given | {
        name: {k: v for k, v in part.items() if v is not None}
        for name, part in parts
        if any(v is not None for v in part.values())
    }


def item_for(text: str, kind: ItemKind, snapshot: Snapshot) -> dict[str, Any]:
    """Read what was typed as a name, or else as a code of whichever system knows it."""
    system, bar, code = text.partition("|")
    if bar:
        return {"system": _address(system, snapshot), "code": code}
    if isinstance(named(text, kind, snapshot), Found):
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
        raise MalformedRequest(
            code="wrong-value",
            message="this is no measurement",
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
