"""Drugs are judged by axis: every row of the tables is encoded, and what is open is named.

The figures are those of the tables that the judgements were taken from, and were counted before
the engine was asked.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import terms
from kg.build.judgement_tables import (
    GROUNDS,
    JudgementTable,
    judgement_files,
    read_judgements,
    written_judgements,
)
from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.request import request_from
from kg.errors import TableError
from kg.explaining.input import explain_input
from kg.explaining.without_patient import explain_drug
from kg.snapshot.model import Drug, Snapshot
from tests.ontology.asking import ask, column
from tests.workshop import ONTOLOGY

IK = terms.BASE
# Of each axis: rows of drugs by name, and of groups.
ROWS = {
    "qt": 1762,
    "liver": 1958,
    "sinusoidal": 8,
    "marrow": 498,
    "immunity": 275,
    "bleeding": 270,
    "electrolytes": 17,
    "heart-rate": 10,
    "live-organism": 2,
}
GROUPS = 93
# Beside them: what older tables said and no newer row does, and the part of a combination that
# the row of the combination is about.
BESIDE = {
    ("drug:isavuconazole", "axis:qt"),
    ("drug:palonosetron", "axis:qt"),
    ("drug:sulfamethoxazole", "axis:marrow"),
}
# A row that does not decide: a combination of this drug has a row of its own, and of a
# combination the worst grade counts.
OUTRANKED = {("drug:lopinavir", "axis:qt"), ("drug:piperacillin", "axis:qt")}
# Fully judged: single ingredients, combinations, vaccines.
JUDGED = {"ingredient": 1419, "combination": 190, "vaccine": 74}
NEEDED = ("qt", "liver", "marrow", "immunity", "bleeding")


@pytest.fixture(scope="module")
def tables() -> list[JudgementTable]:
    return [
        read_judgements(path, path.name)
        for path in judgement_files(ONTOLOGY)
        if path.name != GROUNDS
    ]


def _medicines(snapshot: Snapshot) -> list[tuple[str, Drug]]:
    return [
        (iri, drug)
        for iri, drug in sorted(snapshot.drugs.items())
        if drug.kind in ("drug", "combination")
    ]


def test_every_row_is_encoded(tables: list[JudgementTable], graph: ox.Store) -> None:
    rows = [(r.get("drug"), r.get("axis")) for t in tables for r in t.rows]
    assert len(rows) == len(set(rows))
    assert set(rows) >= BESIDE
    counted = Counter(
        axis.partition(":")[2] for row in rows if row not in BESIDE for axis in row[1:]
    )
    assert counted == ROWS
    assert sum(counted.values()) == 4800
    assert sum(not drug.startswith("drug:") for drug, _ in rows) == GROUPS
    outranked = {
        (r.get("drug"), r.get("axis")) for t in tables for r in t.rows if r.get("outranked_by")
    }
    assert outranked == OUTRANKED
    found = column(
        graph, "SELECT ?s { GRAPH <https://w3id.org/inokg/graph/asserted> { ?s a ik:Judgement } }"
    )
    assert len(found) == 4800 + len(BESIDE)


def test_every_judgement_names_its_source_and_where_it_stands(graph: ox.Store) -> None:
    sourced = column(
        graph,
        """SELECT ?s { ?s a ik:Judgement ; ik:source ?source ; ik:locator ?where ; ik:says ?said ;
           ik:onAxis ?axis ; ik:judgedAs ?grade ; ik:verification ?how .
           FILTER(STRLEN(?where) > 10) }""",
    )
    assert len(sourced) == 4800 + len(BESIDE)
    ((where, said),) = ask(
        graph,
        """SELECT ?where ?said { <https://w3id.org/inokg/statement/abacavir.judged.qt>
           ik:locator ?where ; ik:says ?said }""",
    )
    assert "2026-11-30" in where
    assert "not listed" in said


def test_no_table_is_too_long_to_leaf_through(tables: list[JudgementTable]) -> None:
    files = judgement_files(ONTOLOGY)
    assert max(len(p.read_text("utf-8").splitlines()) for p in files) <= 1500


def test_as_many_are_fully_judged_as_the_tables_allow(snapshot: Snapshot) -> None:
    vaccines = set(snapshot.classes[IK + "class/Vaccine"].members)
    found: Counter[str] = Counter()
    for iri, drug in _medicines(snapshot):
        kind = "vaccine" if iri in vaccines else drug.kind.replace("drug", "ingredient")
        found[kind] += drug.assessed
    # What was added to the catalogue since is judged later, and takes nothing away.
    assert all(found[kind] >= number for kind, number in JUDGED.items()), found
    closed = [d for _, d in _medicines(snapshot) if not {"qt", "liver"} & set(d.open_axes)]
    assert len(closed) >= 1600


def test_nothing_says_assessed_without_the_axes_that_are_needed(snapshot: Snapshot) -> None:
    vaccines = set(snapshot.classes[IK + "class/Vaccine"].members)
    for iri, drug in _medicines(snapshot):
        if drug.assessed:
            needed = ("live_organism",) if iri in vaccines else NEEDED
            assert set(needed) <= set(drug.axes), iri
            assert not set(drug.open_axes) & set(needed), iri
        else:
            assert drug.open_axes, iri


def test_every_open_axis_is_named_and_explain_says_what_check_says(snapshot: Snapshot) -> None:
    asked = {axis for group in snapshot.classes.values() for axis in group.axes}
    read = 0
    for iri, drug in _medicines(snapshot):
        body = {"medications": [{"text": drug.label}]}
        request = request_from(body)
        report = check(assemble(request, snapshot), snapshot)
        terms_read = {r.term for r in report.recognised if r.input == "medications[0]"}
        if terms_read != {iri}:
            # A name that means several things is a question, never a guess.
            assert report.complete is False
            continue
        read += 1
        (seen,) = [r for r in report.recognised if r.input == "medications[0]"]
        assert seen.assessed is drug.assessed
        assert (seen.axes or {}) == drug.axes if drug.axes else True
        needs = {need for entry in report.not_evaluable for need in entry.needs}
        parts = [snapshot.drugs[p] for p in drug.components] or [drug]
        for part in parts:
            for axis in set(part.open_axes) & asked:
                settling = snapshot.axes[snapshot.axes[axis].settled_by or axis]
                assert f"{settling.label} of {part.label}: not judged" in needs, (iri, axis)
        raised = {
            f.advisory
            for f in report.findings
            if any(b.input == "medications[0]" for b in f.because)
        }
        of_input = explain_input(request, "medications[0]", snapshot)
        assert set(of_input.raises) == raised, iri
        open_here = {u.advisory for u in of_input.unsettled}
        assert open_here <= {n.advisory for n in report.not_evaluable}, iri
        if not drug.assessed:
            assert "raises nothing" not in of_input.summary, iri
        if drug.kind == "drug":
            of_drug = explain_drug(iri, snapshot)
            assert raised <= set(of_drug.raises), iri
            said = not raised and not drug.assessed and not of_drug.raises
            assert ("not judged on" in of_drug.summary) == said, iri
    assert read >= 2200


# --- the table refuses what it may not say --------------------------------------------------------

_HEAD = "#module: module:x\n#title: X\n#description: This is X.\n"
_COLUMNS = "drug\taxis\tgrade\tground\tdetail\tconfidence\tliability\tsupersedes\toutranked_by\n"


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        (_COLUMNS, 1, "judgement-header"),
        (_HEAD + "drug\taxis\n", 4, "judgement-columns"),
        (_HEAD + _COLUMNS + "drug:a\taxis:qt\tnone\n", 5, "judgement-row"),
        (_HEAD + _COLUMNS + "drug:a\taxis:qt\tnone\tg" + "\t" * 6 + "\n", 5, "judgement-row"),
        ("#what: x\n" + _HEAD + _COLUMNS, 1, "judgement-header"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int, code: str
) -> None:
    path = tmp_path / "x.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TableError) as refused:
        read_judgements(path, "ontology/x.tsv")
    assert refused.value.code == code
    assert refused.value.location == f"ontology/x.tsv:{line}"


def test_a_table_is_written_in_one_way_only(tables: list[JudgementTable]) -> None:
    for path in judgement_files(ONTOLOGY):
        assert written_judgements(read_judgements(path, path.name)) == path.read_text("utf-8")
