"""Units are printed as people write them."""

from __future__ import annotations

import pytest

from api.http.print_units import unit_in_print


@pytest.mark.parametrize(
    ("sent", "printed"),
    [
        ("40 umol/L, upper limit 21", "40 µmol/L, upper limit 21"),
        ("0.9 10*9/L", "0.9 × 10⁹/L"),
        ("38 x10^9/L", "38 × 10⁹/L"),
        ("5 ug and 2 uL", "5 µg and 2 µL"),
        ("a mug of lug", "a mug of lug"),
        ("110*9", "110*9"),
    ],
)
def test_signs_of_programs_become_signs_of_people(sent: str, printed: str) -> None:
    assert unit_in_print(sent) == printed
