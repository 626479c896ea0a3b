"""Links from what is promised to the tests that show it, and what is wrong with one.

A link is a test (`tests/checking/test_check.py::test_name`), a module or a folder of tests, a
folder of golden cases (`cases:vod`) or one of them (`cases:vod/active-mild`).
"""

from __future__ import annotations

import ast
from pathlib import Path

from tests.workshop import ROOT

CASES = ROOT / "tests" / "cases"


def leads_nowhere(control: str) -> str:
    """Say why a link to a control is broken, or ''."""
    if control.startswith("cases:"):
        name = control.removeprefix("cases:")
        there = any((CASES / name).glob("*.toml")) or (CASES / f"{name}.toml").is_file()
        return "" if there else "there are no such cases"
    place, _, name = control.partition("::")
    path = ROOT / place
    if path.is_dir():
        return "" if any(path.rglob("test_*.py")) else "there are no tests in this folder"
    if not path.is_file():
        return "there is no such file"
    tests = named_tests(path)
    if name:
        return "" if name in tests else "there is no such test"
    return "" if tests else "there are no tests in this file"


def named_tests(path: Path) -> set[str]:
    """Give the tests of a module, as pytest collects them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = (n for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    return {n.name for n in found if n.name.startswith("test_")}
