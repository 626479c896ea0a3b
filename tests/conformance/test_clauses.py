"""Every clause of the standards that we follow is shown by a test, and no test cites another."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.conformance.clauses import CLAUSES, clause
from tests.workshop import ROOT

TESTS = ROOT / "tests"


def _cited(path: Path) -> dict[str, set[str]]:
    """Give the clauses that each test of a file cites."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and getattr(mark.func, "id", "") == "clause":
                    names = {a.value for a in mark.args if isinstance(a, ast.Constant)}
                    found.setdefault(node.name, set()).update(str(n) for n in names)
    return found


def _all_cited() -> set[str]:
    return {c for p in TESTS.rglob("test_*.py") for names in _cited(p).values() for c in names}


def test_the_list_of_clauses_is_whole() -> None:
    families = {"CH": 39, "PD": 5, "FH": 7}
    for family, least in families.items():
        names = [n for n in CLAUSES if n.startswith(family)]
        assert len(names) == least, family
    assert all(len(said) > 15 for said in CLAUSES.values())


def test_every_clause_is_shown_by_a_test() -> None:
    assert set(CLAUSES) - _all_cited() == set()


def test_no_test_cites_what_is_no_clause() -> None:
    assert _all_cited() - set(CLAUSES) == set()
    with pytest.raises(AssertionError, match="CH-99"):
        clause("CH-99")


def test_the_search_for_citations_finds_them() -> None:
    assert len(_all_cited()) == len(CLAUSES)
    cited = _cited(TESTS / "cds_hooks" / "test_repeat.py")
    assert cited["test_without_the_items_nothing_is_held_back"] == {"PD-04"}
