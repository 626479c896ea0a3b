"""The tests stand in the rooms of what they test, and say once what several of them need."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path

import pytest

from tests.workshop import ROOT

TESTS = ROOT / "tests"
# These show what no room alone can show, or hold what several rooms need.
BESIDE = {
    *("architecture", "bench", "browser", "capabilities", "cases", "conformance"),
    *("fuzz", "gold"),
    *("hazards", "laws", "mini", "mutation", "notebooks", "ontology", "patients", "proof"),
    "reading",
}
MOST_SHARED = 6


def rooms(*houses: Path) -> set[str]:
    """Name the packages of the engine and of the doors."""
    return {p.parent.name for house in houses for p in house.glob("*/__init__.py")}


def strays(tests: Path, known: set[str]) -> set[str]:
    """Name the folders of tests that stand for nothing, and tests outside every folder."""
    ground = {f"test_{p.stem}.py" for house in ("kg", "api") for p in (ROOT / house).glob("*.py")}
    folders = {p.name for p in tests.iterdir() if p.is_dir() and p.name != "__pycache__"}
    return folders - known | {p.name for p in tests.glob("test_*.py")} - ground


def _sources() -> dict[str, str]:
    found = (*TESTS.glob("*.py"), *TESTS.glob("*/*.py"))
    return {p.relative_to(ROOT).as_posix(): p.read_text(encoding="utf-8") for p in found}


def _told(text: str) -> Iterator[str]:
    """Give the lines of a module that do something; imports and what is said of them apart."""
    imported = {
        n
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for n in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    for number, line in enumerate(text.splitlines(), 1):
        if number not in imported and line.strip() and not line.lstrip().startswith("#"):
            yield line.strip()


def repeated(sources: Mapping[str, str]) -> set[tuple[str, str]]:
    """Name the pairs of modules that say more lines in a row alike than two may."""
    seen: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for name, text in sources.items():
        lines = list(_told(text))
        for n in range(len(lines) - MOST_SHARED):
            seen[tuple(lines[n : n + MOST_SHARED + 1])].add(name)
    return {pair for names in seen.values() for pair in combinations(sorted(names), 2)}


def test_every_folder_of_tests_mirrors_a_room_or_is_known_beside_them() -> None:
    inside = rooms(ROOT / "kg", ROOT / "api")
    assert len(inside) > 12
    assert strays(TESTS, inside | BESIDE) == set()
    assert not [name for name in BESIDE if not (TESTS / name).is_dir()]
    untested = {name for name in inside if not any((TESTS / name).glob("test_*.py"))}
    assert untested == set()


@pytest.mark.parametrize("stray", ["kg/test_check.py", "utils/odd.py", "test_everything.py"])
def test_a_stray_is_noticed(tmp_path: Path, stray: str) -> None:
    path = tmp_path / stray
    path.parent.mkdir(exist_ok=True)
    path.touch()
    assert strays(tmp_path, {"checking"}) == {Path(stray).parts[0]}


def test_what_several_need_is_said_once() -> None:
    sources = _sources()
    assert len(sources) > 120
    assert repeated(sources) == set()


def test_a_preamble_said_twice_is_noticed() -> None:
    same = "".join(f"step_{n}()\n" for n in range(MOST_SHARED + 1))
    pair = {"a": f"import os\n\n{same}", "b": f"first()\n# why\n{same}last()\n"}
    assert repeated(pair) == {("a", "b")}
    assert repeated({"a": same, "b": same.partition("\n")[2]}) == set()
