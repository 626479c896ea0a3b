"""Every capability is shown by tests that are there; a link that leads nowhere fails."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.links import leads_nowhere

ROWS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "capabilities.toml").read_text(encoding="utf-8")
)["capability"]


def numbered(family: str, most: int, *leaving_out: int) -> list[str]:
    """Name the rows of a family."""
    return [f"{family}-{n:02d}" for n in range(1, most + 1) if n not in leaving_out]


# All that the software must do, family by family, but for the knowledge itself (KM-, KC-), which
# tests/ontology/test_capabilities.py shows, most of the review of it (RG-, RV-), and whole
# populations (OP-02).
WANTED = [
    *numbered("CS", 13),
    *numbered("PC", 8),
    *numbered("IT", 6),
    *numbered("EX", 8),
    *numbered("IO", 10),
    *numbered("SP", 7),
    *numbered("SF", 6),
    *numbered("OP", 5, 2),
    *numbered("RG", 3),
    "RV-03",
]


def test_every_row_is_there_once() -> None:
    assert [row["id"] for row in ROWS] == WANTED


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["id"]))
def test_a_row_says_what_is_asked_and_its_tests_are_there(row: dict[str, Any]) -> None:
    assert set(row) == {"id", "what", "tests"}
    assert len(row["what"]) > 15
    assert row["tests"]
    assert len(set(row["tests"])) == len(row["tests"])
    broken = {link: why for link in row["tests"] if (why := leads_nowhere(link))}
    assert not broken, f"{row['id']}: {broken}"
    # A row is shown by tests that somebody can name; folders and files alone say too little.
    assert any("::" in link for link in row["tests"]), row["id"]


@pytest.mark.parametrize(
    "link",
    [
        "cases:nothing",
        "cases:vod/nothing",
        "tests/capabilities/test_nothing.py::test_cs_01",
        "tests/capabilities/test_checking.py::test_that_is_not_there",
        "tests/capabilities/test_checking.py::texts",
        "tests/capabilities/test_checking.py::answer",
        "tests/mini",
    ],
)
def test_a_link_that_leads_nowhere_is_noticed(link: str) -> None:
    assert leads_nowhere(link)


def test_every_test_of_a_row_is_named_by_it() -> None:
    """A test whose name begins with the number of a row stands in that row."""
    links = {(row["id"], link) for row in ROWS for link in row["tests"]}
    unlinked = []
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("def test_"):
                name = line.removeprefix("def ").partition("(")[0]
                row = "-".join(name.split("_")[1:3]).upper()
                link = f"tests/capabilities/{path.name}::{name}"
                if row in WANTED and (row, link) not in links:
                    unlinked.append(link)
    assert not unlinked
