"""The laws of the advice hold for all patients, and a fault in the advice breaks each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from kg import terms
from kg.proving.definitions import family_of
from kg.proving.laws import LAWS
from kg.proving.prove import prove
from kg.snapshot.criteria import AtLeast
from kg.snapshot.criteria_walk import nodes_of
from kg.snapshot.model import Snapshot


@pytest.mark.parametrize("law", LAWS)
def test_a_law_holds_for_all_patients(law: str, snapshot: Snapshot) -> None:
    found = prove(LAWS[law](snapshot))
    assert [str(r) for r in found.refuted] == []
    assert sum(found.claimed.values()) > 4


def test_the_three_contraindications_are_among_those_that_stay(snapshot: Snapshot) -> None:
    named = {claim.subject for claim in LAWS["contraindications"](snapshot)}
    topics = {snapshot.topics[snapshot.advisories[iri].topic] for iri in named}
    assert len([t for t in topics if t.startswith("contraindication.")]) == 3


def _changed(snapshot: Snapshot, **fields: Any) -> Snapshot:
    """Change a contraindication."""
    iri = next(iri for iri, a in snapshot.advisories.items() if _forbids(a, snapshot))
    changed = msgspec.structs.replace(snapshot.advisories[iri], **fields)
    return msgspec.structs.replace(snapshot, advisories={**snapshot.advisories, iri: changed})


def _forbids(advisory: Any, snapshot: Snapshot) -> bool:
    return snapshot.topics[advisory.topic].startswith("contraindication.")


def _about_medicines(snapshot: Snapshot) -> str:
    """Name a criterion that a medicine alone makes true."""
    for name in snapshot.decisions.criteria:
        node = snapshot.criteria[name].expression
        if isinstance(node, AtLeast) and family_of(node.role, snapshot) == terms.HAS_MEDICATION:
            return name
    raise AssertionError("there is none")


def _of_a_jurisdiction(snapshot: Snapshot) -> Snapshot:
    """Let a property that a definition asks for be filled from the jurisdiction."""
    advisory = next(a for a in snapshot.advisories.values() if _forbids(a, snapshot))
    nodes = nodes_of(snapshot.criteria[advisory.applies_to].expression, snapshot)
    asked = next(p for n in nodes if (p := getattr(n, "property", "")))
    other = msgspec.structs.replace(snapshot.properties[asked], input="context.jurisdiction")
    return msgspec.structs.replace(snapshot, properties={**snapshot.properties, asked: other})


FAULTS: dict[str, Callable[[Snapshot], Snapshot]] = {
    "contraindications": lambda s: _changed(
        s,
        sets_aside=tuple(s.decisions.asides)[:1],
        applies_to=_about_medicines(s),
    ),
    "medicines": lambda s: _changed(s, unless=_about_medicines(s)),
    "jurisdictions": _of_a_jurisdiction,
}


@pytest.mark.parametrize("law", FAULTS)
def test_a_fault_in_the_advice_breaks_a_law(law: str, snapshot: Snapshot) -> None:
    assert prove(LAWS[law](FAULTS[law](snapshot))).refuted
