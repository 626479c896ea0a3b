"""How much of a report is asked for, as a parameter of the address."""

from __future__ import annotations

from typing import Any, get_args

from fastapi import Request

from kg.contract.detail import FULL, Detail
from kg.contract.request import malformed

NAME = "detail"
_CHOICES: tuple[Detail, ...] = get_args(Detail)

PARAMETER: dict[str, Any] = {
    "name": NAME,
    "in": "query",
    "required": False,
    "schema": {"type": "string", "enum": list(_CHOICES), "default": FULL},
    "description": (
        "how much is answered: `full` is the report; `brief` the severity, a summary, each finding "
        "with the first sentence of what to do, and what is missing; `verdicts` of each advisory "
        "whether it applies, and nothing else. Each computes only what it shows. An answer in "
        "FHIR is always full"
    ),
}
# What the shorter forms look like, beside the report.
ANSWERS: dict[str, Any] = {
    "anyOf": [
        {"$ref": f"#/components/schemas/{name}"}
        for name in ("Report", "BriefReport", "VerdictReport")
    ]
}


def detail_of(request: Request, *, others: bool = False) -> Detail:
    """Read the detail that is asked for; without `others` nothing may stand beside it."""
    given = request.query_params.getlist(NAME)
    for name in request.query_params:
        if name != NAME and not others:
            raise malformed(
                name,
                "nothing stands beside a request in JSON, and nothing is passed over in silence",
                "say it in `context` or `patient.flags`, within the request",
            )
    if not given:
        return FULL
    for choice in _CHOICES:
        if given == [choice]:
            return choice
    raise malformed(NAME, "there is no such detail", f"send one of {', '.join(_CHOICES)}, once")


def beside_detail(request: Request) -> list[tuple[str, str]]:
    """Give the other parameters of an address."""
    return [(name, value) for name, value in request.query_params.multi_items() if name != NAME]
