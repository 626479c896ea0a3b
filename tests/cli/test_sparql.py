"""The command `sparql`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.cli.main import main
from kg.terms import OWL
from tests.stores import store_elsewhere

QUERY = "SELECT ?severity ?rank { ?severity a ik:Severity ; ik:rank ?rank } ORDER BY ?rank"


Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(release_folder: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> Ask:
    """Run the command and give its status and what it wrote."""

    def run(*words: str) -> tuple[int, str, str]:
        status = main(["sparql", *words, "--releases", str(release_folder.parent)])
        out, err = capsysbinary.readouterr()
        return status, out.decode(), err.decode()

    return run


def test_a_table_is_printed_one_row_a_line(ask: Ask) -> None:
    status, out, err = ask(QUERY)
    lines = [line.split() for line in out.splitlines() if line.split()]
    assert status == 0
    assert lines[0] == ["severity", "rank"]
    assert lines[2] == ["severity:inform", "1"]
    assert lines[-1] == ["severity:contraindicated", "5"]
    assert "5 rows" in err


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "xml"])
def test_a_table_is_written_for_programs(ask: Ask, form: str) -> None:
    status, out, _ = ask(QUERY, "--format", form)
    assert status == 0
    assert out.count("https://w3id.org/inokg/severity/") == 5
    if form == "json":
        assert len(json.loads(out)["results"]["bindings"]) == 5
    if form == "csv":
        assert out.splitlines()[0] == "severity,rank"


def test_a_graph_is_written_as_turtle(ask: Ask) -> None:
    _, out, _ = ask("DESCRIBE severity:avoid")
    assert out.startswith("@prefix ")
    assert out.count("@prefix") < 10, "only the prefixes that are used"
    assert len(list(ox.parse(out, ox.RdfFormat.TURTLE))) > 3


def test_a_yes_is_a_word(ask: Ask) -> None:
    assert ask("ASK { severity:avoid ik:rank 4 }")[:2] == (0, "yes\n")
    assert ask("ASK { severity:avoid ik:rank 5 }")[:2] == (0, "no\n")


def test_a_question_goes_by_its_name_and_a_file_by_its_path(ask: Ask, tmp_path: Path) -> None:
    assert "D-38" in ask("disagreement-numbers", "--format", "csv")[1]
    (tmp_path / "q.rq").write_text(QUERY, encoding="utf-8")
    assert "severity:avoid" in ask(str(tmp_path / "q.rq"))[1]
    status, out, _ = ask("--questions")
    assert status == 0
    assert "disagreement-numbers" in out
    assert "For reviewers" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["disagreement-number"], "did you mean disagreement-numbers"),
        (["nonsense"], "--questions"),
        (["SELECT * { ?s a clas:X }"], "did you mean class:"),
        (["SELECT * {"], "not SPARQL 1.1"),
        (["SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"], "SERVICE would call"),
        (["DROP ALL"], "DROP changes a store"),
        (["DESCRIBE severity:avoid", "--format", "csv"], "--format turtle"),
        (["ASK {}", "--format", "turtle"], "--format table"),
    ],
)
def test_a_wrong_call_is_one_line_with_its_repair(ask: Ask, words: list[str], said: str) -> None:
    status, out, err = ask(*words)
    assert status == 2
    assert out == ""
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_store_elsewhere_gives_the_same(ask: Ask, release_folder: Path, tmp_path: Path) -> None:
    here = ask("where-eu-and-us-differ", "--format", "csv")
    with store_elsewhere(release_folder, tmp_path) as url:
        assert ask("where-eu-and-us-differ", "--format", "csv", "--store", url) == here
    assert here[0] == 0


def test_a_store_of_another_release_is_refused(ask: Ask, tmp_path: Path) -> None:
    graph = "<https://w3id.org/inokg/graph/asserted>"
    (tmp_path / "graph.nq").write_text(
        f'<https://w3id.org/inokg/> <{OWL}versionInfo> "0.0.1" {graph} .\n', encoding="utf-8"
    )
    with store_elsewhere(tmp_path, tmp_path / "store") as url:
        status, out, err = ask("ASK {}", "--store", url)
    assert (status, out) == (1, "")
    assert "does not hold release" in err
    assert "graph.nq" in err


def test_a_store_that_is_not_there_is_named(ask: Ask) -> None:
    status, _, err = ask("ASK {}", "--store", "http://127.0.0.1:9/query")
    assert status == 1
    assert "did not answer" in err
    assert ask("ASK {}", "--store", "nowhere")[0] == 1
