"""Settings from a file in TOML; a variable of the environment wins over it.

The file holds `largest_body = 500_000` for INOKG_LARGEST_BODY, and so on. A name that no setting
has is refused, in the file and in the environment alike: what was meant would not be honoured.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from api.settings import VARIABLE, HookSettings, ReviewSettings, Settings, sparql_variables
from kg.errors import MalformedRequest

CONFIG = "INOKG_CONFIG"
_PREFIX = "INOKG_"
# Read by commands that do not serve, and by the tests.
_OF_OTHERS = frozenset({CONFIG, "INOKG_ONTOLOGY", "INOKG_PROOF_CASES", "INOKG_FUZZ_CASES"})


def variables() -> frozenset[str]:
    """Name the variable of every setting."""
    declared = [f for kind in (Settings, HookSettings, ReviewSettings) for f in fields(kind)]
    named = {str(f.metadata[VARIABLE]) for f in declared if VARIABLE in f.metadata}
    return frozenset(named | set(sparql_variables().values()))


def use_file(environment: MutableMapping[str, str] = os.environ) -> list[str]:
    """Take settings from the file that is named, if any; give the variables that it set."""
    path = environment.get(CONFIG, "").strip()
    if not path:
        return []
    said = {f"{_PREFIX}{name.upper()}": value for name, value in _read(Path(path)).items()}
    for variable in said:
        _refuse_unknown(variable)
    taken = [variable for variable in said if not environment.get(variable)]
    environment.update({variable: _written(variable, said[variable]) for variable in taken})
    return taken


def unknown(environment: Mapping[str, str] = os.environ) -> Iterator[MalformedRequest]:
    """Give the variables of the environment that look like settings and are none."""
    for variable in sorted(environment):
        if variable.startswith(_PREFIX):
            try:
                _refuse_unknown(variable)
            except MalformedRequest as error:
                yield error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MalformedRequest(
            code="wrong-setting",
            message=f"the file of the settings cannot be read: {error}",
            subject=path.name,
            location=CONFIG,
            repair="write one setting a line, such as largest_body = 500_000",
        ) from error


def _refuse_unknown(variable: str) -> None:
    known = variables()
    if variable in known or variable in _OF_OTHERS:
        return
    near = difflib.get_close_matches(variable, known, n=1)
    raise MalformedRequest(
        code="wrong-setting",
        message="there is no such setting",
        location=variable[:80],
        repair=f"set {near[0]}" if near else "take it out; `inokg config list` names them all",
    )


def _written(variable: str, value: Any) -> str:
    """Write a value as its variable would hold it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list) and all(isinstance(v, str) and "," not in v for v in value):
        return ",".join(value)
    raise MalformedRequest(
        code="wrong-setting",
        message="a setting is a text, a number, true or false, or a list of texts",
        location=variable,
        repair="write it so in the file",
    )
