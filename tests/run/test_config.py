"""Settings come from a file or the environment; what cannot be honoured stops the start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.settings import Settings
from api.settings_file import use_file, variables
from kg.errors import MalformedRequest

RUN = "from api.command import main; raise SystemExit(main())"


def _inokg(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
    )


def test_a_file_sets_what_the_environment_does_not(tmp_path: Path) -> None:
    path = tmp_path / "inokg.toml"
    path.write_text(
        'largest_body = 500_000\ncds_open = true\ncors_origins = ["http://a", "http://b"]\n'
    )
    environment = {"INOKG_CONFIG": str(path), "INOKG_LARGEST_BODY": "7"}
    assert use_file(environment) == ["INOKG_CDS_OPEN", "INOKG_CORS_ORIGINS"]
    assert environment["INOKG_CDS_OPEN"] == "1"
    assert environment["INOKG_CORS_ORIGINS"] == "http://a,http://b"
    assert environment["INOKG_LARGEST_BODY"] == "7"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("largest_boddy = 5\n", "INOKG_LARGEST_BODDY"),
        ("largest_body = [5]\n", "INOKG_LARGEST_BODY"),
        ("[largest_body]\nbytes = 5\n", "INOKG_LARGEST_BODY"),
        ("largest_body = = 5\n", "INOKG_CONFIG"),
        ("\x00", "INOKG_CONFIG"),
    ],
)
def test_a_file_that_cannot_be_honoured_is_refused(tmp_path: Path, text: str, where: str) -> None:
    path = tmp_path / "inokg.toml"
    path.write_text(text)
    with pytest.raises(MalformedRequest) as refused:
        use_file({"INOKG_CONFIG": str(path)})
    assert refused.value.location == where


def test_every_setting_can_be_named_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "inokg.toml"
    names = sorted(variables())
    assert len(names) > 30
    path.write_text("".join(f'{n.removeprefix("INOKG_").lower()} = ""\n' for n in names))
    assert use_file({"INOKG_CONFIG": str(path)}) == names


def test_check_names_every_fault_and_what_to_do(tmp_path: Path, release_folder: Path) -> None:
    missing = str(tmp_path / "none")
    found = _inokg(
        "config",
        "check",
        INOKG_RELEASES=str(release_folder.parent),
        INOKG_LARGEST_BODDY="5",
        INOKG_SPARQL_SECONDS="0",
    )
    assert found.returncode == 1
    assert "set INOKG_LARGEST_BODY" in found.stderr
    assert "INOKG_SPARQL_SECONDS: this is not a number" in found.stderr
    found = _inokg(
        "config",
        "check",
        INOKG_RELEASES=str(release_folder.parent),
        INOKG_TOKENS=missing,
        INOKG_FHIR_CERTIFICATES=missing,
        INOKG_BASE_URL="inokg.example",
        INOKG_DATABASE="mysql://u:secret@host/name",
    )
    assert found.returncode == 1
    for variable in ("TOKENS", "FHIR_CERTIFICATES", "BASE_URL", "DATABASE"):
        assert f"inokg: INOKG_{variable}: " in found.stderr, variable
    assert "secret" not in found.stderr + found.stdout


def test_check_passes_what_can_be_honoured(release_folder: Path) -> None:
    found = _inokg("config", "check", INOKG_RELEASES=str(release_folder.parent))
    assert (found.returncode, found.stderr) == (0, "")
    assert "every setting can be honoured" in found.stdout
    listed = _inokg("config", "list", INOKG_LARGEST_BODY="77").stdout
    assert "INOKG_LARGEST_BODY" in listed
    assert "77  (environment)" in listed
    assert "(default)" in listed


def test_the_service_does_not_start_with_what_it_cannot_honour(tmp_path: Path) -> None:
    path = tmp_path / "inokg.toml"
    path.write_text("largest_boddy = 5\n")
    for refused in (
        _inokg("serve", "--port", "0", "--config", str(path)),
        _inokg("serve", "--port", "0", INOKG_LARGEST_BODDY="5"),
    ):
        assert refused.returncode == 2
        assert "there is no such setting" in refused.stderr
        assert refused.stderr.count("\n") == 1


def test_usual_settings_are_their_own_defaults() -> None:
    assert Settings().tokens is None
