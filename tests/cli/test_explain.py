"""The command `explain`: a tree for a person, or JSON, DOT or SVG for a program."""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.cli.explain import add_explain, run_explain
from kg.errors import CaseError
from kg.snapshot.model import Snapshot
from tests.workshop import ROOT


def typed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_explain(parser)
    return parser.parse_args(arguments)


def run(snapshot: Snapshot, *arguments: str, stdin: bytes = b"") -> str:
    out = io.StringIO()
    assert run_explain(typed(*arguments), snapshot, io.BytesIO(stdin), out) == 0
    return out.getvalue()


def calls() -> Iterator[tuple[list[str], str]]:
    yield ["--condition", "K74.6"], "Enough by itself: conditions[0]"
    yield ["--why-not", "chlorphenamine"], "raise nothing by class"
    yield ["--drug", "azithromycin"], "has, by class"
    yield ["--advisory", "qt-firm-drug"], "Sources disagree"
    yield ["--med", "haloperidol", "--dot", "--advisory", "qt-firm-drug"], "digraph why"
    yield ["--med", "haloperidol", "--input", "medications[0]"], "counts for"
    yield ["--med", "paracetamol", "--why-not", "paracetamol"], "needed: medications[0]: role"
    yield ["--med", "haloperidl", "--advisory", "qt-firm-drug"], "would be settled by"


@pytest.mark.parametrize(("arguments", "said"), list(calls()))
def test_the_command_explains(snapshot: Snapshot, arguments: list[str], said: str) -> None:
    assert said in " ".join(run(snapshot, *arguments).split())


def test_the_tree_leads_from_the_advice_to_what_was_given(snapshot: Snapshot) -> None:
    lines = run(snapshot, "--med", "azithromycin", "--advisory", "qt-firm-drug").splitlines()
    tree = [line for line in lines if "──" in line]
    order = ["criterion", "liability", "drug azithromycin", "medications[0]"]
    places = [next(n for n, line in enumerate(tree) if word in line) for word in order]
    assert places == sorted(places)
    assert any("EU" in line and "UK" in line and "US" in line for line in lines)


def test_json_is_what_the_service_answers_and_files_are_read(
    snapshot: Snapshot, tmp_path: Path
) -> None:
    body = {"conditions": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "K74.6"}]}
    typed_in = json.loads(run(snapshot, "--condition", "K74.6", "--json"))
    assert typed_in["verdict"] == "applies"
    assert typed_in["supports"] == [["conditions[0]"]]
    given = json.dumps(body).encode()
    assert json.loads(run(snapshot, "-", "--json", stdin=given))["about"] == typed_in["about"]
    coding = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "K74.6"}]}
    active = {"coding": [{"code": "active"}]}
    condition = {"resourceType": "Condition", "code": coding, "clinicalStatus": active}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": condition}]}
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(bundle), encoding="utf-8")
    assert json.loads(run(snapshot, str(path), "--json"))["about"] == typed_in["about"]
    picture = tmp_path / "why.svg"
    run(snapshot, "--condition", "K74.6", "--svg", str(picture))
    assert picture.read_text(encoding="utf-8").startswith("<svg ")


@pytest.mark.parametrize(
    ("arguments", "repair"),
    [
        ([], "--why-not DRUG"),
        (["--advisory", "qt-frim-drug"], "qt-firm-drug"),
        (["--why-not", "haloperidl"], "haloperidol"),
        (["--med", "haloperidol", "--input", "medications[9]"], "medications[0]"),
        (["--med", "haloperidl"], "--advisory KEY"),
        (["--condition", "K74.6", "--med", "haloperidol", "--dot"], "serious-hepatic-disease"),
    ],
)
def test_what_cannot_be_explained_is_refused_with_its_repair(
    snapshot: Snapshot, arguments: list[str], repair: str
) -> None:
    with pytest.raises(CaseError) as refused:
        run(snapshot, *arguments)
    assert repair in refused.value.repair


def test_nothing_found_is_not_said_as_all_clear(snapshot: Snapshot) -> None:
    with pytest.raises(CaseError) as refused:
        run(snapshot, "--med", "haloperidl")
    assert "cannot be evaluated" in str(refused.value)
    assert "not recognised: haloperidl" in str(refused.value)


def test_only_an_explanation_loads_the_graph_library() -> None:
    code = (
        "import sys; from kg.cli.main import main\n"
        "try: main({arguments})\n"
        "except SystemExit: pass\n"
        "print('networkx' in sys.modules)"
    )
    for command, expected in (("check", "False"), ("explain", "True")):
        asked = code.format(arguments=[command, "--help"])
        done = subprocess.run(
            [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert done.stdout.splitlines()[-1] == expected, command
