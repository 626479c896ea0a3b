"""A request is read as the contract says, or refused with the field that is wrong."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kg.casing.assemble import assemble
from kg.contract.request import LONGEST_TEXT, MOST_ITEMS, decode_request, request_from
from kg.errors import CaseError, MalformedRequest, TooLarge
from tests.world import world


def refused(body: Any) -> CaseError:
    with pytest.raises(CaseError) as caught:
        assemble(request_from(body), world())
    return caught.value


def test_an_empty_request_is_a_request() -> None:
    request = decode_request(b"{}")
    assert request.medications is None


def test_null_is_as_good_as_left_out() -> None:
    body = b'{"patient": null, "medications": null, "context": {"last_dose": null}}'
    assert assemble(decode_request(body), world()).medications is None


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"medication": []}, "medication"),
        ({"patient": {"age": 4}}, "patient.age"),
        ({"medications": [{"name": "x"}]}, "medications[0].name"),
        ({"medications": [{}, {"text": 3}]}, "medications[1].text"),
        ({"medications": {}}, "medications"),
        ({"medications": [{"status": "gone"}]}, "medications[0].status"),
        ({"conditions": [{"status": "refuted"}]}, "conditions[0].status"),
        ({"conditions": [{"grade": 6}]}, "conditions[0].grade"),
        ({"context": {"jurisdiction": "FR"}}, "context.jurisdiction"),
        ({"context": {"cycle": 1.5}}, "context.cycle"),
        ({"context": {"cycle": True}}, "context.cycle"),
        ({"context": {"hsct_planned": "yes"}}, "context.hsct_planned"),
        ({"patient": {"age_years": -1}}, "patient.age_years"),
    ],
)
def test_a_wrong_field_type_or_word_names_its_place(body: Any, path: str) -> None:
    error = refused(body)
    assert isinstance(error, MalformedRequest)
    assert error.location == path
    assert error.repair


@pytest.mark.parametrize(
    ("body", "path", "repair"),
    [
        ({"context": {"phase": "before_frist_dose"}}, "context.phase", "before_first_dose"),
        ({"patient": {"sex": "femal"}}, "patient.sex", "female"),
        ({"medications": [{"text": "a", "route": "locall"}]}, "medications[0].route", "local"),
        ({"medications": [{"text": "a", "role": "zzz"}]}, "medications[0].role", "premedication"),
        ({"conditions": [{"severity": "sever"}]}, "conditions[0].severity", "severe"),
    ],
)
def test_a_word_outside_a_closed_list_is_refused_with_the_nearest(
    body: Any, path: str, repair: str
) -> None:
    error = refused(body)
    assert error.location == path
    assert repair in error.repair


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"patient": {"age_years": 131}}, "patient.age_years"),
        ({"patient": {"weight_kg": 0.4}}, "patient.weight_kg"),
        ({"patient": {"height_cm": 281}}, "patient.height_cm"),
        ({"context": {"cycle": 0}}, "context.cycle"),
        ({"context": {"day": 61}}, "context.day"),
        ({"context": {"as_of": "2026-02-30"}}, "context.as_of"),
        ({"context": {"as_of": "21.11.2026"}}, "context.as_of"),
        ({"context": {"as_of": "2026-W01"}}, "context.as_of"),
        ({"context": {"as_of": "2026-01-01", "last_dose": "2026-01-02"}}, "context.last_dose"),
        (
            {"context": {"phase": "before_first_dose", "last_dose": "2026-01-02"}},
            "context.last_dose",
        ),
        ({"patient": {"flags": ["lit", "unlit"]}}, "patient.flags"),
    ],
)
def test_a_number_date_or_pair_of_flags_that_cannot_be_is_refused(body: Any, path: str) -> None:
    assert refused(body).location == path


def test_an_unknown_flag_is_no_reason_to_refuse() -> None:
    case = assemble(request_from({"patient": {"flags": ["glowing"]}}), world())
    assert [u.input for u in case.unrecognised] == ["patient.flags[0]"]


@pytest.mark.parametrize(
    "body",
    [
        {"medications": [{}] * (MOST_ITEMS + 1)},
        {"medications": [{"text": "x" * (LONGEST_TEXT + 1)}]},
        {"patient": {"flags": ["x"] * (MOST_ITEMS + 1)}},
    ],
)
def test_more_than_the_bounds_allow_is_too_large(body: Any) -> None:
    assert isinstance(refused(body), TooLarge)


@pytest.mark.parametrize(
    "data", [b"", b"[", b"null", b"[]", b"\xff", b'{"patient": ' * 5000, b'{"a": 1e999}']
)
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedRequest):
        decode_request(data)


def test_two_hundred_medications_are_one_request() -> None:
    body = msgspec.json.encode({"medications": [{"text": "quibalol"}] * 200})
    assert len(assemble(decode_request(body), world()).medications or ()) == 200
