"""Names in a row say once what they share, and keep apart what holds a comma."""

from __future__ import annotations

import pytest

from kg.snapshot.labels import together


@pytest.mark.parametrize(
    ("names", "row"),
    [
        ([], ""),
        (["fever"], "fever"),
        (["fever", "cough"], "fever, cough"),
        (["fever, high"], "fever, high"),
        (["fever, high", "cough"], "fever, high; cough"),
        (["fever, high", "fever, at night"], "fever, high; at night"),
        (["fever, high", "fever, at night, rare"], "fever, high; at night, rare"),
        (["fever, high", "fever"], "fever, high; fever"),
        (["fever", "fever, high"], "fever; high"),
        (["fever, high", "cough, dry", "fever, rare"], "fever, high; cough, dry; fever, rare"),
    ],
)
def test_names_in_a_row(names: list[str], row: str) -> None:
    assert together(names) == row
