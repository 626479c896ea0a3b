"""Patients who must not be called clear, each one change away from a twin who is.

The first line of the file is the patient that all start from; each further line says what its
twin adds to that patient, and then what makes it a case. Entries are added to lists, an
observation takes the place of one of the same name, and null leaves a part out.
"""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

SET = Path(__file__).parent / "never_clear.jsonl"
_SAME_FIELDS = ("patient", "context")
_LISTS = ("medications", "conditions", "allergies")


class Pair(NamedTuple):
    """A case that must not be called clear, and its twin that is."""

    room: str
    name: str
    twin: dict[str, Any]
    case: dict[str, Any]


def pairs() -> list[Pair]:
    """Give all cases with their twins, as the bodies of requests."""
    first, *rest = [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]
    found = []
    for row in rest:
        twin = changed(first["base"], row["twin"])
        found.append(Pair(row["room"], row["name"], twin, _as_case(first["base"], row)))
    return found


def _as_case(base: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """Let the case have its own entry in place of its twin's, and all else alike."""
    own = {k: v for k, v in row["twin"].items() if k not in row["change"] or k in _SAME_FIELDS}
    return changed(changed(base, own), row["change"])


def changed(body: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """Change the body of a request."""
    made = deepcopy(body)
    for part, value in change.items():
        if part == "drop":
            kept = [o for o in made["observations"] if o.get("text") not in value]
            made["observations"] = kept
        elif value is None:
            del made[part]
        elif part in _SAME_FIELDS:
            fields = {**made[part], **value}
            made[part] = {k: v for k, v in fields.items() if v is not None}
        elif part in _LISTS:
            made[part] = [*made[part], *value]
        elif part == "observations":
            names = {o.get("text") for o in value}
            made[part] = [*[o for o in made[part] if o.get("text") not in names], *value]
        else:
            made[part] = value
    return made
