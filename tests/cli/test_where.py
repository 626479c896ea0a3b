"""The command `where`: file and line of whatever one asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.cli.main import main
from tests.workshop import ONTOLOGY, line_of

ASKED = {
    "haloperidol": ("drugs/judged/antipsychotics.ttl", "drug:haloperidol"),
    "HALDOL": ("drugs/judged/antipsychotics.ttl", "drug:haloperidol"),
    "drug/haloperidol": ("drugs/judged/antipsychotics.ttl", "drug:haloperidol"),
    "https://w3id.org/inokg/condition/Cirrhosis": (
        "terms/conditions_hepatic.ttl",
        "condition:Cirrhosis",
    ),
    "advisory:bilirubin-before-transplant": (
        "advisories/hsct.ttl",
        "advisory:bilirubin-before-transplant",
    ),
    "haloperidol.qt-named.uk-protocol": (
        "drugs/judged/antipsychotics.ttl",
        "statement:haloperidol.qt-named.uk-protocol",
    ),
    "T-02": ("facts/thresholds.ttl", "fact:T-02"),
}


@pytest.mark.parametrize("text", ASKED)
def test_a_term_is_found_by_each_of_its_names(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name, subject = ASKED[text]
    assert main(["where", text, "--ontology", str(ONTOLOGY)]) == 0
    place = f"ontology/{name}:{line_of(ONTOLOGY / name, subject)}: {subject}"
    assert any(line.startswith(place) for line in capsys.readouterr().out.splitlines())


def test_a_code_is_found_in_every_table_that_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["where", "K74.6", "--ontology", str(ONTOLOGY)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    for line in lines:
        path, number, subject = line.split(":", 2)
        row = (ONTOLOGY.parent / path).read_text("utf-8").splitlines()[int(number) - 1]
        assert row.split("\t")[0].split(":")[1] == "K74.6"
        assert "(Cirrhosis)" in subject


def test_what_is_not_there_is_said_with_candidates(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["where", "haloperidl", "T-02", "--ontology", str(ONTOLOGY)]) == 1
    out = capsys.readouterr().out
    assert "no term is called haloperidl\ndid you mean:\n" in out
    assert "drug:haloperidol (haloperidol)" in out
    assert "fact:T-02" in out
    assert main(["where", "\x1b[2Jqqqq", "--ontology", str(ONTOLOGY)]) == 1
    assert "\x1b" not in capsys.readouterr().out


def test_without_an_ontology_the_repair_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["where", "x", "--ontology", str(tmp_path)]) == 1
    assert "name the folder 'ontology' of a checkout" in capsys.readouterr().err
