"""Every setting and every limit has its variable, is checked at the start, and is documented."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import Field, dataclass, field, fields
from typing import Any, NamedTuple

import msgspec
import pytest

from api.settings import SHOWN, VARIABLE, HookSettings, ReviewSettings, Settings, sparql_variables
from kg.errors import MalformedRequest
from kg.graph.sparql_worker import Limits
from tests.workshop import ROOT

# Said at the command line, for one start.
_BY_ARGUMENT = {"log"}
_NESTED = {"limits", "hooks", "review"}
# It shares the variable of the feedback; the link is made at each start.
_OF_REVIEWS = {"database", "first_link"}


class _Setting(NamedTuple):
    place: str
    variable: str
    usual: Any
    shown: str


def _declared(kind: type, beside: set[str]) -> Iterator[_Setting]:
    """Walk the fields of a table of settings; one without a variable stands out by its name."""
    usual = kind()
    known: tuple[Field[Any], ...] = fields(kind)
    for one in known:
        if one.name not in beside:
            found = one.metadata.get(VARIABLE, "")
            yield _Setting(one.name, found, getattr(usual, one.name), one.metadata.get(SHOWN, ""))


def _settings() -> list[_Setting]:
    variables = sparql_variables()
    return [
        *_declared(Settings, _BY_ARGUMENT | _NESTED),
        *_declared(HookSettings, set()),
        *_declared(ReviewSettings, _OF_REVIEWS),
        *(
            _Setting(f"limits.{name}", variables.get(name, ""), value, f"{value:,}")
            for name, value in msgspec.structs.asdict(Limits()).items()
        ),
    ]


def _without_variable(settings: list[_Setting]) -> list[str]:
    return [s.place for s in settings if not re.fullmatch(r"INOKG_[A-Z]+(_[A-Z]+)*", s.variable)]


def _reached(settings: Settings, place: str) -> Any:
    """Look a setting up where it stands."""
    for holder in (settings, settings.hooks, settings.review):
        if hasattr(holder, place):
            return getattr(holder, place)
    return getattr(settings.limits, place.removeprefix("limits."))


NUMBERS = [s for s in _settings() if type(s.usual) in (int, float)]


def test_every_setting_has_a_variable_of_its_own() -> None:
    settings = _settings()
    assert len(settings) > 25
    assert _without_variable(settings) == []
    variables = [s.variable for s in settings]
    assert len(variables) == len(set(variables))


def test_a_setting_without_a_variable_is_noticed() -> None:
    @dataclass(frozen=True)
    class Planted(Settings):
        largest_dream: int = field(default=7)

    found = list(_declared(Planted, _BY_ARGUMENT | _NESTED))
    assert _without_variable(found) == ["largest_dream"]


@pytest.mark.parametrize("setting", NUMBERS, ids=lambda s: s.variable)
def test_a_number_is_read_from_its_variable(
    setting: _Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = setting.usual + 3
    monkeypatch.setenv(setting.variable, str(wanted))
    assert _reached(Settings(), setting.place) == wanted


@pytest.mark.parametrize("wrong", ["soon", "-1", "inf", "nan", "1e999"])
@pytest.mark.parametrize("setting", NUMBERS, ids=lambda s: s.variable)
def test_what_is_no_such_number_is_refused_by_name(
    setting: _Setting, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(setting.variable, wrong)
    with pytest.raises(MalformedRequest) as caught:
        Settings()
    assert (caught.value.code, caught.value.location) == ("wrong-setting", setting.variable)
    assert "set a number such as" in caught.value.repair


@pytest.mark.parametrize(
    "variable", [*sparql_variables().values(), "INOKG_FETCH_SECONDS", "INOKG_MOST_PAGES"]
)
def test_nought_would_be_no_limit_and_is_refused(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "0")
    with pytest.raises(MalformedRequest) as caught:
        Settings()
    assert caught.value.location == variable


@pytest.mark.parametrize("variable", ["INOKG_FHIR_PRIVATE", "INOKG_FHIR_HTTP"])
def test_a_switch_is_on_or_off_and_nothing_else(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "yes")
    with pytest.raises(MalformedRequest) as caught:
        Settings()
    assert caught.value.location == variable
    for text, wanted in (("1", True), ("0", False), ("", False)):
        monkeypatch.setenv(variable, text)
        hooks = Settings().hooks
        assert {"INOKG_FHIR_PRIVATE": hooks.private, "INOKG_FHIR_HTTP": hooks.unencrypted}[
            variable
        ] is wanted


def test_a_limit_that_is_wrong_stops_the_start_in_one_line() -> None:
    run = "from api.command import main; raise SystemExit(main())"
    done = subprocess.run(
        [sys.executable, "-c", run, "serve", "--port", "0"],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "INOKG_SPARQL_SECONDS": "0"},
    )
    assert done.returncode == 2
    assert done.stderr.startswith("inokg: INOKG_SPARQL_SECONDS")
    assert done.stderr.count("\n") == 1


def test_the_readme_lists_every_variable_with_its_usual_value() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(INOKG_\w+)` \|(.*)\|$", text, re.MULTILINE))
    assert set(rows) == {s.variable for s in _settings()}
    machine = {"INOKG_BATCH_PROCESSES"}
    for setting in NUMBERS:
        if setting.variable not in machine:
            assert rows[setting.variable].split("|")[0].strip() == setting.shown, setting.variable
