"""On the real release: in which order a list is given changes positions, and nothing else."""

from __future__ import annotations

import random
from typing import Any

from kg.errors import CaseError
from kg.snapshot.model import Snapshot
from tests.builders import LISTS
from tests.cases.golden import FILES, answer, golden
from tests.laws.test_engine_laws import without_positions

_MIXTURES = 400


def test_two_patients_in_one_are_judged_alike_in_any_order(snapshot: Snapshot) -> None:
    """Mix golden cases by twos, so that things are said twice and in two ways."""
    draw = random.Random(7)  # noqa: S311 - a draw, and no secret
    known = [golden(name).request for name in FILES]
    judged = 0
    for _ in range(_MIXTURES):
        mixed = _mixed(draw.choice(known), draw.choice(known))
        shuffled = {**mixed}
        for part in LISTS:
            if part in mixed:
                shuffled[part] = draw.sample(mixed[part], len(mixed[part]))
        try:
            report = answer(mixed, snapshot)
        except CaseError:
            continue
        judged += 1
        other = answer(shuffled, snapshot)
        assert without_positions(report) == without_positions(other), mixed
    assert judged > _MIXTURES / 2


def _mixed(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    found = dict(one)
    for part in LISTS:
        if part in other:
            found[part] = [*one.get(part, []), *other[part]]
    for part in ("patient", "context"):
        if part in other:
            found[part] = {**other[part], **one.get(part, {})}
    return found
