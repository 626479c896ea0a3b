"""The house: one settings file, one word an intention, nothing that holds on one machine only."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from sysconfig import get_path

import pytest

from tests.workshop import ROOT

WORDS = {"build", "clean", "fmt", "help", "lint", "run", "setup", "test"}
OTHER_SETTINGS = {
    *(
        ".coveragerc",
        ".flake8",
        ".importlinter",
        ".pylintrc",
        ".ruff.toml",
        "mypy.ini",
        ".mypy.ini",
    ),
    *("Pipfile", "poetry.lock", "pytest.ini", "requirements.txt", "ruff.toml", "setup.cfg"),
    *("setup.py", "tox.ini", "uv.lock", "uv.toml"),
}
_MACHINE = re.compile(
    r"(?<![\w./-])/(?:home|Users|root|work|mnt|opt)/\w"  # a folder of somebody's machine
    r"|file:///\w|\b[A-Z]:\\Users"
    r"|\b(?:pypi|test[.]pypi)[.]org|pythonhosted[.]org|npmjs[.](?:org|com)|deb[.]debian[.]org"
    r"|crates[.]io|repo1?[.]maven|conda[.]anaconda[.]org"
)


@cache
def _files() -> list[Path]:
    """List what is or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def _make(*arguments: str, folder: Path = ROOT) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["make", *arguments],  # noqa: S607
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return done.stdout


def _targets() -> set[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):", text, re.MULTILINE))


def _commands(path: Path) -> list[list[str]]:
    """Read the shell commands of a page's fenced blocks, one a line."""
    fenced = re.findall(
        r"^```(?:sh|bash|console)?\n(.*?)^```", path.read_text("utf-8"), re.M | re.S
    )
    lines = "".join(fenced).replace("\\\n", " ").splitlines()
    return [
        words
        for line in lines
        if re.match(r"(?:\$ )?(?:make|(?:\.venv/bin/)?inokg) ", line)
        and (
            words := shlex.split(line.removeprefix("$ ").removeprefix(".venv/bin/"), comments=True)
        )
    ]


def test_pyproject_is_the_only_settings_file() -> None:
    assert len(_files()) > 50
    assert [p.relative_to(ROOT) for p in _files() if p.name in OTHER_SETTINGS] == []


def test_no_file_names_one_machine_or_a_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in _files()
        for match in _MACHINE.finditer(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "parts",
    [
        ("/ho", "me/anna/inokg"),
        ("see '/wo", "rk/x'"),
        ("https://pypi", ".org/simple"),
        ("C:", "\\Users"),
    ],
)
def test_the_search_for_machines_finds_one(parts: tuple[str, str]) -> None:
    assert _MACHINE.search("".join(parts))


@pytest.mark.parametrize("text", ["tests/work/a.py", "https://e.org/home/x", "either/or"])
def test_the_search_for_machines_leaves_other_paths_alone(text: str) -> None:
    assert not _MACHINE.search(text)


def test_every_word_of_the_makefile_is_in_its_help() -> None:
    shown = {line.split()[0] for line in _make("help").splitlines()}
    assert shown == _targets()
    assert shown >= WORDS
    assert _make() == _make("help")


def _watched(folder: Path) -> set[str]:
    """Give the files of which an edit makes the release anew."""
    told = _make("--print-data-base", "--dry-run", "help", folder=folder)
    (line,) = re.findall(r"^KNOWLEDGE :?= (.*)$", told, re.MULTILINE)
    return set(line.split())


def test_an_edit_of_knowledge_or_engine_in_any_room_makes_the_release_anew(tmp_path: Path) -> None:
    wanted = {
        name
        for path in _files()
        if (name := path.relative_to(ROOT).as_posix()).startswith(("kg/", "ontology/"))
    }
    assert {"kg/errors.py", "kg/build/reason.py"} <= wanted
    assert wanted - _watched(ROOT) == set()
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    (tmp_path / "kg" / "room" / "corner").mkdir(parents=True)
    (tmp_path / "kg" / "room" / "corner" / "module.py").touch()
    (tmp_path / "ontology").mkdir()
    for rule, seen in (
        (text, True),
        (text.replace("ontology kg ", "ontology kg -maxdepth 1 "), False),
    ):
        (tmp_path / "Makefile").write_text(rule, encoding="utf-8")
        assert ("kg/room/corner/module.py" in _watched(tmp_path)) is seen


@pytest.mark.parametrize("word", sorted(_targets()))
def test_every_word_of_the_makefile_is_made_each_time(word: str) -> None:
    # A word that is no file: a folder of the same name must not satisfy it.
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = {w for line in re.findall(r"^\.PHONY:(.*)", text, re.MULTILINE) for w in line.split()}
    assert word in phony


@pytest.mark.parametrize(
    "page", [p for p in _files() if p.name == "README.md"], ids=lambda p: str(p.relative_to(ROOT))
)
def test_every_command_of_a_readme_exists(page: Path) -> None:
    inokg = Path(get_path("scripts")) / "inokg"
    for program, word, *_ in _commands(page):
        if program == "make":
            assert word in _targets(), f"make {word}"
        else:
            done = subprocess.run([inokg, word, "--help"], capture_output=True, check=False)
            assert done.returncode == 0, f"inokg {word}"


def test_the_front_door_names_the_two_commands() -> None:
    said = [" ".join(words) for words in _commands(ROOT / "README.md")]
    assert "make run" in said
    assert "make test" in said


def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = ROOT / ".ci" / "run"
    text = script.read_text(encoding="utf-8")
    assert os.access(script, os.X_OK)
    assert "set -euo pipefail" in text
    assert re.search(r"^make test\b", text, re.MULTILINE)


def test_every_dependency_is_pinned_and_only_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    asked = [*project["dependencies"], *(line for extra in extras for line in extra)]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [p for p in pins if not re.fullmatch(r"[\w.-]+==[\w.!+-]+", p)] == []
    pinned = {re.sub(r"[-_.]+", "-", p.split("==")[0]).lower() for p in pins}
    names = {re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", a)[0]).lower() for a in asked}
    assert len(names) > 15
    assert names <= pinned
