"""In FHIR every input is named by its place in the bundle; no place of the contract is left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from kg.contract.place import Place
from kg.errors import MalformedRequest
from kg.fhir.asked import BesideBundle, FhirRequest, OwnSearches
from kg.fhir.check import check_fhir, plain_report
from kg.fhir.request import read_bundle, read_resources
from tests.fhir.resources import Json, bundle, condition, observation, order, quantity
from tests.world import world

WRONG: Json = {"resourceType": "Condition", "code": "a text where FHIR has a concept"}


def _everything() -> Json:
    """Write a bundle with all that the invented world knows, and something that it does not."""
    known = world()
    named = [*(d.label for d in known.drugs.values()), "Quagga"]
    resources = [order(name, key=f"m{n}") for n, name in enumerate(named)]
    resources += [
        condition({"text": c.label}, key=f"c{n}") for n, c in enumerate(known.conditions.values())
    ]
    resources += [
        observation({"text": o.label}, key=f"o{n}", valueQuantity=quantity(40, o.unit or "1"))
        for n, o in enumerate(known.observations.values())
    ]
    return bundle(*resources)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _left(report: object) -> list[str]:
    heads = ((text, Place.at_head(text)) for text in _texts(msgspec.to_builtins(report)))
    return [text for text, head in heads if head and head[0].listed and head[0].n is not None]


def test_no_place_of_the_contract_is_left() -> None:
    asked = read_bundle(_everything(), {}, None, world())
    told = check_fhir(asked, world())
    assert told.findings
    assert told.unrecognised
    assert any(burden.drugs for burden in told.burden.values())
    assert _left(told) == []
    # The engine itself does name them so: the search finds what it looks for.
    assert len(_left(plain_report(asked, world()))) > 20


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("medications[0]", "Bundle.entry[0].resource"),
        ("medications[0]: a dose", "Bundle.entry[0].resource: a dose"),
        ("medications[0].role", "Bundle.entry[0].resource.role"),
        ("medications[99]", "medications[99]"),
        ("observations", "Bundle.entry.resource.ofType(Observation)"),
        ("observations were made", "observations were made"),
        ("patient.sex", "Bundle.entry.resource.ofType(Patient).gender"),
        ("context.cycle", "context.cycle"),
        ("no place", "no place"),
    ],
)
def test_a_place_is_written_as_fhir_has_it(text: str, path: str) -> None:
    asked = read_bundle(bundle(order("quibalol")), {}, None, world())
    assert asked.in_fhir(text) == path


def _read(own: OwnSearches | None) -> FhirRequest:
    at = own.root if own else "Bundle"
    return read_resources([(f"{at}.conditions", WRONG)], BesideBundle(), world(), own)


def test_what_was_searched_for_us_does_not_stop_the_rest() -> None:
    asked = _read(OwnSearches("prefetch", "Patient/p1", frozenset({"Condition"})))
    assert [u.input for u in asked.unrecognised] == ["prefetch.conditions"]
    assert asked.request.conditions == []
    assert asked.request.partly_read == ["conditions"]


def test_what_a_program_sent_of_its_own_is_refused() -> None:
    with pytest.raises(MalformedRequest):
        _read(None)
