"""A name means one thing: no class and no type stands under one name in two modules."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.workshop import ROOT


def named_types(source: str) -> Iterator[str]:
    """Give the classes and the types that a module defines, without a leading underscore."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            yield node.name.lstrip("_")
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                name = target.id.lstrip("_") if isinstance(target, ast.Name) else ""
                # Types are written in CapWords, constants in capitals.
                if name[:1].isupper() and not name.isupper():
                    yield name


def twice_named(modules: dict[str, str]) -> dict[str, list[str]]:
    """Give the names that stand in more than one module."""
    found: dict[str, list[str]] = defaultdict(list)
    for module, source in modules.items():
        for name in sorted(set(named_types(source))):
            found[name].append(module)
    return {name: where for name, where in found.items() if len(where) > 1}


def _modules() -> dict[str, str]:
    paths = (p for folder in ("kg", "api") for p in sorted((ROOT / folder).rglob("*.py")))
    return {str(Path(p).relative_to(ROOT)): p.read_text(encoding="utf-8") for p in paths}


def test_no_type_name_stands_in_two_modules() -> None:
    modules = _modules()
    assert len(modules) > 150
    assert twice_named(modules) == {}


def test_a_name_that_is_used_again_is_found() -> None:
    modules = _modules()
    planted = modules | {
        "kg/planted.py": "class _Item:\n    pass\n",
        "api/planted.py": "Verdict = int | str\n",
    }
    assert twice_named(planted) == {
        "Item": ["kg/casing/case.py", "kg/planted.py"],
        "Verdict": ["kg/judging/judge.py", "api/planted.py"],
    }
