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
        # A module outside every room.
        ("kg/util.py", "", "- kg.util"),
        ("api/util.py", "", "- api.util"),
        # An arrow up: into the doors, between rooms, from the release side into the request side.
        ("kg/snapshot/model.py", "import api", "kg is not allowed to import api"),
        (
            "kg/judging/judge.py",
            "import kg.checking.check",
            "kg.judging is not allowed to import kg.checking",
        ),
        (
            "kg/build/load.py",
            "import kg.resolving.resolve",
            "kg.build is not allowed to import kg.resolving",
        ),
        # RDF on the request side, also indirectly, and also hidden in a function.
        ("kg/judging/view.py", "import rdflib", "kg.judging is not allowed to import rdflib"),
        ("kg/errors.py", "import owlready2", "kg.snapshot is not allowed to import owlready2"),
        (
            "kg/resolving/fuzzy.py",
            "def f():\n    import kg.graph.turtle",
            "kg.resolving is not allowed to import kg.graph",
        ),
        (
            "kg/cli/check.py",
            "def f():\n    import kg.build.load",
            "kg.cli.check is not allowed to import kg.build",
        ),
        # One door into another.
        (
            "api/v1/catalogue.py",
            "import api.sparql.routes",
            "api.v1 is not allowed to import api.sparql",
        ),
    ],
)
def test_a_planted_fault_is_refused(tmp_path: Path, path: str, line: str, complaint: str) -> None:
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


def test_contracts_name_rooms_and_stay_short() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    start = text.index("[tool.importlinter]")
    assert len(text[start:].splitlines()) <= 60
    named = {m for c in _contracts().values() for m in c.get("source_modules", [])}
    inside = {m for m in named if m.count(".") > 1}
    assert inside == {f"kg.cli.{c}" for c in ("check", "diff", "explain", "resolve")}


def test_every_room_of_the_engine_is_on_one_side() -> None:
    pure = _contracts()[PURE]
    request = {m for m in pure["source_modules"] if m.count(".") == 1}
    release = {m for m in pure["forbidden_modules"] if m.startswith("kg.")}
    rooms = {
        f"kg.{p.stem}"
        for p in (ROOT / "kg").iterdir()
        if (p.suffix == ".py" or (p / "__init__.py").exists()) and p.stem != "__init__"
    }
    assert not request & release
    assert len(rooms) > 10
    assert rooms - {"kg.cli"} == request | release, "say in pyproject.toml on which side it stands"


def _no_packages(root: Path) -> list[str]:
    """List the folders with modules that are no packages: the contracts would not see them."""
    folders = {p.parent for package in ("kg", "api") for p in (root / package).rglob("*.py")}
    return sorted(str(f.relative_to(root)) for f in folders if not (f / "__init__.py").exists())


def test_no_folder_of_modules_escapes_the_contracts(tmp_path: Path) -> None:
    assert _no_packages(ROOT) == []
    for name in ("kg/__init__.py", "kg/shed/tool.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert _no_packages(tmp_path) == ["kg/shed"]


@pytest.mark.parametrize("package", ["kg", "api"])
def test_few_modules_stand_outside_the_rooms(package: str) -> None:
    modules = {p.stem for p in (ROOT / package).glob("*.py")} - {"__init__"}
    assert 1 <= len(modules) <= 5
