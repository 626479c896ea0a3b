"""In FHIR, too, a name that stands twice in one object is refused: one would be dropped."""

from __future__ import annotations

import pytest

from kg.errors import MalformedRequest
from kg.fhir.request import decode_fhir


@pytest.mark.parametrize(
    "body",
    [
        b'{"resourceType": "Bundle", "entry": [{"a": 1}], "entry": []}',
        b'{"resourceType": "Bundle", "entry": [{"resource": {"code": 1, "code": 2}}]}',
    ],
)
def test_a_name_that_stands_twice_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedRequest) as refused:
        decode_fhir(body)
    assert refused.value.code == "repeated-field"


def test_half_a_sign_is_refused() -> None:
    with pytest.raises(MalformedRequest):
        decode_fhir(b'{"resourceType": "Bundle", "id": "\\ud800"}')
    assert decode_fhir(b'{"resourceType": "Bundle", "id": "\\ud83d\\ude00"}')


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(MalformedRequest):
        decode_fhir(b'{"resourceType": "Bundle", "total": NaN}')
