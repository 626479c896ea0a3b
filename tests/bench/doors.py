"""A call of a hook against a plain check of the same patient."""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.load import rate
from tests.bench.measure import Row, at_least, at_most, percentile
from tests.cds_hooks.calls import INDEX, SERVICE, a_call
from tests.cds_hooks.typical import typical_call, typical_request
from tests.fhir.resources import condition, order
from tests.serving import serving

_ROUNDS, _STRETCH = 5, 1.0
_NAMES, _DIAGNOSIS = ("haloperidol", "citalopram"), "cirrhosis of the liver"


def rows(release: Path) -> Iterator[Row]:
    """Measure over HTTP, on this machine, with one worker."""
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/feedback.sqlite"
        with serving(release.parent, "--quiet", "--database", database) as service:
            for name, call, plain in (_usual(), _large()):
                yield from _hooks(service.url, name, call, plain)


def _usual() -> tuple[str, Any, Any]:
    taken = [order(name, key=f"m{n}") for n, name in enumerate(_NAMES)]
    call = a_call().drafting(INDEX).having("medications", *taken)
    alike = {
        "patient": {"age_years": 46, "sex": "female"},
        "medications": [{"text": name} for name in _NAMES],
        "conditions": [{"text": _DIAGNOSIS}],
        "allergies": [],
        "observations": [],
    }
    return "two drugs", call.having("conditions", condition(_DIAGNOSIS)).json(), alike


def _large() -> tuple[str, Any, Any]:
    return "52 entries", typical_call().json(), typical_request()


def _hooks(url: str, name: str, call: Any, plain: Any) -> Iterator[Row]:
    hook, check = json.dumps(call).encode(), json.dumps(plain).encode()
    pairs = [
        (
            rate(url, f"/cds-services/{SERVICE}", hook, _STRETCH),
            rate(url, "/v1/check", check, _STRETCH),
        )
        for _ in range(_ROUNDS)
    ]
    value = statistics.median(len(a) / len(b) for a, b in pairs)
    alone = rate(url, f"/cds-services/{SERVICE}", hook, 2.0, connections=1)
    slowest = percentile(alone, 0.99) * 1000
    yield at_least(f"CDS Hooks call / check of the same patient, {name}", value, 0.5)
    yield at_most(f"CDS Hooks call, p99 in ms, {name}", slowest, 50, "one caller, on this machine")
