"""What a request or a release holds never steers the terminal of whoever reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.cli.main import main
from kg.cli.terminal import visible

HOSTILE = "\x1b[2Jquibalol\u202e\x07"


def test_signs_that_steer_are_written_out() -> None:
    assert visible(HOSTILE) == "\\x1b[2Jquibalol\\u202e\\x07"
    assert visible("Ménière  40 µmol/L ≥ 3\u00a0×") == "Ménière  40 µmol/L ≥ 3\u00a0×"


@pytest.mark.parametrize(
    "words", [["check", "--med"], ["resolve"], ["explain", "--why-not"], ["explain", "--advisory"]]
)
def test_no_command_passes_them_on(
    words: list[str], release_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*words, HOSTILE, "--releases", str(release_folder.parent)])
    said = capsys.readouterr()
    assert "quibalol" in said.out + said.err
    assert not {"\x1b", "\x07", "\u202e"} & set(said.out + said.err)


def test_a_file_without_end_is_refused(
    release_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "/dev/zero", "--releases", str(release_folder.parent)]) == 2
    assert "larger than" in capsys.readouterr().err


def test_a_file_that_is_no_text_is_no_query(
    tmp_path: Path, release_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "query").write_bytes(b"\xff\xfe\x00")
    asked = ["sparql", str(tmp_path / "query"), "--releases", str(release_folder.parent)]
    assert main(asked) == 2
    assert "not UTF-8 text" in capsys.readouterr().err
