"""Set-up: what running needs stands apart from what testing needs, and every edit builds anew."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.workshop import ROOT

# A notebook brings these itself; a function that is for notebooks may ask for them when called.
NOTEBOOKS = {"IPython", "matplotlib", "pandas"}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _asked(extra: str | None = None) -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return [str(line) for line in listed]


def _brought(asked: Iterable[str]) -> set[str]:
    """Give every package that is installed by these, however indirectly."""
    found: set[str] = set()
    pending = [(Requirement(line), "") for line in asked]
    seen = set()
    while pending:
        wanted, extra = pending.pop()
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": extra}):
            continue
        name = _plain(wanted.name)
        found.add(name)
        for own in {"", *wanted.extras}:
            if (name, own) not in seen:
                seen.add((name, own))
                pending += [(Requirement(line), own) for line in requires(name) or ()]
    return found


def _imports(code: str) -> Iterator[tuple[str, bool]]:
    """Name each package imported from outside, and whether only when a function is called."""

    def walk(node: ast.AST, late: bool) -> Iterator[tuple[str, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from ((alias.name.split(".")[0], late) for alias in child.names)
            elif isinstance(child, ast.ImportFrom) and child.module and not child.level:
                yield child.module.split(".")[0], late
            later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            typed = isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
            yield from walk(child, late or later or typed)

    yield from walk(ast.parse(code), False)


@cache
def _allowed(extra: str | None = None) -> frozenset[str]:
    """Name what may be imported: ours, Python's own, and what comes from packages for running."""
    run = _brought(_asked() + (_asked(extra) if extra else []))
    theirs = {m for m, made in packages_distributions().items() if run & {_plain(d) for d in made}}
    return frozenset({"kg", "api"} | sys.stdlib_module_names | theirs)


def _not_brought(code: str, extra: str | None = None) -> set[str]:
    """Name what code imports and the run set-up does not bring, nor an extra of it."""
    return {
        name
        for name, late in _imports(code)
        if name not in _allowed(extra) and not (late and name in NOTEBOOKS)
    }


def test_running_imports_only_what_the_run_set_up_brings() -> None:
    files = [p for top in ("kg", "api") for p in (ROOT / top).rglob("*.py")]
    assert len(files) > 100
    missing = {
        p.relative_to(ROOT).as_posix(): lacking
        for p in files
        if (lacking := _not_brought(p.read_text(encoding="utf-8"), _extra_of(p)))
    }
    assert missing == {}


def _extra_of(path: Path) -> str | None:
    """Name the extra whose packages a room may ask for."""
    rooms = {ROOT / "kg" / "proving": "prove", ROOT / "api" / "mcp": "mcp"}
    return rooms.get(path.parent)


@pytest.mark.parametrize(
    "code",
    ["import pytest", "import pandas", "import z3", "def f():\n    from httpx2 import Client"],
)
def test_an_import_that_only_tests_may_have_is_seen(code: str) -> None:
    assert _not_brought(code)


def test_running_brings_no_package_of_the_tests() -> None:
    tests = {_plain(Requirement(line).name) for line in _asked("test")}
    assert len(tests) > 15
    assert _brought(_asked()) & tests == set()


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """Lay out a checkout in which everything is set up and built."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    in_order: tuple[Iterable[str], ...] = (
        ("pyproject.toml", "constraints.txt"),
        [f"{top}/browser/package{lock}.json" for top in ("api", "tests") for lock in ("", "-lock")],
        (".venv/.run-stamp",),
        (".venv/.test-stamp", "ontology/advice/a.ttl", "kg/errors.py", "kg/room/inner/deep.py"),
        ("build/browser/.stamp", "tests/browser/node_modules/.stamp"),
        ("build/releases/current/release.json",),
    )
    for names in in_order:
        for path in map(tmp_path.joinpath, names):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    # As if all was made an hour apart, so that an edit of now is newer for certain.
    for hour, names in enumerate(in_order, 1):
        for path in map(tmp_path.joinpath, names):
            for made in (path, *path.relative_to(tmp_path).parents[:-1]):
                os.utime(tmp_path / made, (hour * 3600, hour * 3600))
    return tmp_path


def _make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *words],  # noqa: S607
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


def _nothing_to_do(folder: Path, word: str) -> bool:
    return _make(folder, "--question", word).returncode == 0


def _said(folder: Path, *words: str) -> str:
    return _make(folder, "--dry-run", *words).stdout


def test_what_is_built_is_not_built_again(built: Path) -> None:
    assert _nothing_to_do(built, "build")


@pytest.mark.parametrize(
    "edited", ["kg/errors.py", "kg/room/inner/deep.py", "kg/new/room/new.py", "ontology/b.ttl"]
)
def test_an_edit_of_the_engine_or_the_knowledge_builds_anew(built: Path, edited: str) -> None:
    (built / edited).parent.mkdir(parents=True, exist_ok=True)
    (built / edited).touch()
    assert not _nothing_to_do(built, "build")


def test_a_file_that_was_taken_away_builds_anew(built: Path) -> None:
    (built / "ontology/advice/a.ttl").unlink()
    assert not _nothing_to_do(built, "build")


def test_running_sets_up_nothing_of_the_tests(built: Path) -> None:
    assert _nothing_to_do(built, "setup")
    (built / ".venv/.test-stamp").unlink()
    assert _nothing_to_do(built, "build")
    assert not _nothing_to_do(built, "setup")


def test_a_changed_pin_sets_up_anew(built: Path) -> None:
    (built / "constraints.txt").touch()
    assert not _nothing_to_do(built, "build")


def test_where_to_serve_is_said_to_make_alone(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST", "0.0.0.0")  # noqa: S104
    assert "serve --host '127.0.0.1' --port '8000'" in _said(built, "run")
    said = _said(built, "run", "PORT=8001", "HOST=192.0.2.1")
    assert "serve --host '192.0.2.1' --port '8001'" in said
    assert "[test" not in said
