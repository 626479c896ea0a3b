"""An explanation holds everything that a finding needs, and nothing that it does not."""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Iterator
from functools import cache
from xml.etree import ElementTree

import msgspec
import pytest

from kg import terms
from kg.assemble import assemble
from kg.check import check
from kg.cli_explain import add_explain, run_explain
from kg.draw import dot, svg
from kg.errors import CaseError, UnknownSubject
from kg.explain import explain_advisory
from kg.explain_input import explain_input
from kg.explain_parts import find
from kg.explain_terms import explain_drug, explain_without_patient
from kg.explanation import Explanation
from kg.model import Snapshot
from kg.request import Request, request_from
from kg.support import comes, keeping, units_of
from tests.cases.golden import FILES, golden

# Every golden case whose expectation names findings, each with one of them in turn.
FIRING = [(name, advisory) for name in FILES for advisory in golden(name).expect.findings]


@cache
def request_of(name: str) -> Request:
    return request_from(golden(name).request)


def one_for_each_advisory() -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for name, advisory in FIRING:
        found.setdefault(advisory, name)
    return sorted((name, advisory) for advisory, name in found.items())


@pytest.fixture(scope="module")
def explained(snapshot: Snapshot) -> dict[str, tuple[Request, Explanation]]:
    """Explain one golden finding of every advisory."""
    return {
        advisory: (
            request_of(name),
            explain_advisory(request_of(name), f"{terms.BASE}advisory/{advisory}", snapshot),
        )
        for name, advisory in one_for_each_advisory()
    }


Explained = dict[str, tuple[Request, Explanation]]


def test_there_is_one_for_every_advisory(explained: Explained, snapshot: Snapshot) -> None:
    assert {f"{terms.BASE}advisory/{a}" for a in explained} == set(snapshot.advisories)
    assert {e.verdict for _, e in explained.values()} == {"applies"}


def test_supports_are_enough_and_none_could_be_smaller(
    explained: Explained, snapshot: Snapshot
) -> None:
    """Keep only the leaves: the finding stays. Drop any one of them: it goes."""
    for key, (request, found) in explained.items():
        iri = f"{terms.BASE}advisory/{key}"
        assert found.supports, key
        for support in found.supports:
            assert comes(keeping(request, support), iri, snapshot), (key, support)
            for leaf in support:
                less = [u for u in support if u != leaf]
                assert not comes(keeping(request, less), iri, snapshot), (key, support, leaf)


def test_what_counts_stands_in_the_graph_and_leads_to_the_advice(
    explained: Explained, snapshot: Snapshot
) -> None:
    for key, (request, found) in explained.items():
        report = check(assemble(request, snapshot), snapshot)
        finding = next(f for f in report.findings if f.advisory == found.about)
        inputs = {n.label for n in found.nodes if n.kind == "input"}
        assert {b.input for b in finding.because if b.input} <= inputs, key
        leading = {e.source for e in found.edges}
        assert all(n.id in leading for n in found.nodes if n.kind == "input"), key


def test_every_step_is_a_term_and_every_passage_has_its_place(
    explained: Explained, snapshot: Snapshot
) -> None:
    known = {
        iri
        for table in Snapshot.__struct_fields__
        if isinstance(entries := getattr(snapshot, table), dict)
        for iri in entries
    }
    for key, (_, found) in explained.items():
        for node in found.nodes:
            if node.iri is not None and terms.kind(node.iri) != "liability":
                assert node.iri in known, (key, node)
        passages = [e for p in found.positions.values() for e in p.evidence]
        assert passages, key
        assert all(e.section and e.title and e.says for e in passages), key
        assert {"EU", "UK", "US"} <= set(found.positions), key
        assert len(found.summary) <= 140


def test_pictures_are_sound_for_every_advisory(explained: Explained) -> None:
    for key, (_, found) in explained.items():
        root = ElementTree.fromstring(svg(found))  # noqa: S314 - our own picture
        assert root.find("{http://www.w3.org/2000/svg}title") is not None, key
        box = [float(n) for n in root.attrib["viewBox"].split()]
        for rect in root.iter("{http://www.w3.org/2000/svg}rect"):
            if "x" in rect.attrib:
                assert float(rect.attrib["x"]) + float(rect.attrib["width"]) <= box[2], key
                assert float(rect.attrib["y"]) + float(rect.attrib["height"]) <= box[3], key
        assert dot(found).count(" -> ") == len(found.edges)


def test_a_disagreement_comes_with_its_choice(explained: Explained, snapshot: Snapshot) -> None:
    for iri, advisory in snapshot.advisories.items():
        _, found = explained[terms.local(iri)]
        assert {d.disagreement for d in found.disagreements} == set(advisory.disagreements)
        assert all(d.resolution and d.reason and d.readings for d in found.disagreements)


def test_six_drugs_are_six_supports(snapshot: Snapshot) -> None:
    names = [
        "haloperidol",
        "citalopram",
        "clarithromycin",
        "amiodarone",
        "quinidine",
        "azithromycin",
    ]
    request = request_from({"medications": [{"text": n} for n in names]})
    found = explain_advisory(request, f"{terms.BASE}advisory/qt-firm-drug", snapshot)
    assert set(found.supports) == {(f"medications[{n}]",) for n in range(6)}


def test_why_not_names_what_set_a_drug_aside(snapshot: Snapshot) -> None:
    request = request_from({"medications": [{"text": "paracetamol", "role": "premedication"}]})
    found = explain_input(request, "medications[0]", snapshot)
    assert not found.raises
    aside = [s for s in found.silent if s.advisory in snapshot.advisories]
    assert aside
    assert all(s.evidence for s in aside)


def test_what_is_open_says_what_would_settle_it(snapshot: Snapshot) -> None:
    iri = f"{terms.BASE}advisory/bilirubin-above-limit"
    request = request_from({"observations": [], "context": {"phase": "before_dose"}})
    found = explain_advisory(request, iri, snapshot)
    assert found.verdict == "cannot be evaluated"
    assert any("bilirubin" in need for need in found.needs)
    assert not found.supports


def test_what_an_exemption_keeps_away_names_it(snapshot: Snapshot) -> None:
    iri = f"{terms.BASE}advisory/bilirubin-above-limit"
    bilirubin = {"text": "total bilirubin", "value": 60, "unit": "umol/L", "upper_limit": 20}
    body = {"observations": [bilirubin], "conditions": [], "context": {"phase": "before_dose"}}
    raised = explain_advisory(request_from(body), iri, snapshot)
    gilbert = {**body, "conditions": [{"text": "Gilbert's syndrome"}]}
    exempt = explain_advisory(request_from(gilbert), iri, snapshot)
    assert (raised.verdict, exempt.verdict) == ("applies", "does not apply")
    assert "exemption" in {n.kind for n in exempt.nodes}


def test_another_jurisdiction_is_said(snapshot: Snapshot) -> None:
    iri = next(i for i, a in snapshot.advisories.items() if "US" not in a.severities)
    found = explain_advisory(request_from({"context": {"jurisdiction": "US"}}), iri, snapshot)
    assert found.verdict == "does not apply"
    assert "US" in found.summary


def test_every_drug_can_be_explained(snapshot: Snapshot) -> None:
    for drug in sorted(snapshot.drugs)[::7]:
        found = explain_drug(drug, snapshot)
        assert found.summary
        known = snapshot.drugs[drug]
        if not known.assessed and drug != snapshot.index_drug and not found.raises:
            assert "known by name only" in found.summary
    azithromycin = explain_drug(f"{terms.BASE}drug/azithromycin", snapshot)
    by_class = {(e.source, e.label) for e in azithromycin.edges if e.label == "has, by class"}
    assert by_class == {(f"{terms.BASE}class/Macrolide", "has, by class")}


def test_every_advisory_can_be_explained_without_a_patient(snapshot: Snapshot) -> None:
    for iri, advisory in snapshot.advisories.items():
        found = explain_without_patient(iri, snapshot)
        statements = {n.iri for n in found.nodes if n.kind == "statement"}
        assert statements == set(advisory.statements)
        assert ElementTree.fromstring(svg(found)) is not None  # noqa: S314 - our own picture


@pytest.mark.parametrize("key", ["qt-frim-drug", "", "../../etc", "x" * 5000])
def test_what_is_not_there_is_refused_with_what_is_near(key: str, snapshot: Snapshot) -> None:
    with pytest.raises(UnknownSubject) as refused:
        find("advisory", key, snapshot.advisories, snapshot)
    assert refused.value.repair
    assert len(str(refused.value)) < 500


def test_a_request_is_cut_to_what_is_kept() -> None:
    body = {
        "patient": {"age_years": 40, "flags": ["a", "b"]},
        "medications": [{"text": "x"}, {"text": "y"}],
        "conditions": [],
        "context": {"cycle": 2, "jurisdiction": "EU"},
    }
    request = request_from(body)
    every = units_of(request)
    assert msgspec.to_builtins(keeping(request, every)) == msgspec.to_builtins(request)
    less = keeping(request, ["medications[1]", "patient.flags[0]", "conditions"])
    assert [m.text for m in less.medications or ()] == ["y"]
    assert less.patient is not None
    assert less.patient.flags == ["a"]
    assert less.conditions == []
    assert less.context is not None
    assert (less.context.cycle, less.context.jurisdiction) == (None, "EU")


def typed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_explain(parser)
    return parser.parse_args(arguments)


def run(snapshot: Snapshot, *arguments: str) -> str:
    out = io.StringIO()
    assert run_explain(typed(*arguments), snapshot, io.BytesIO(), out) == 0
    return out.getvalue()


def calls() -> Iterator[tuple[list[str], str]]:
    yield ["--condition", "K74.6"], "Enough by itself: conditions[0]"
    yield ["--why-not", "chlorphenamine"], "raise nothing by class"
    yield ["--advisory", "qt-firm-drug"], "Sources disagree"
    yield ["--med", "haloperidol", "--dot", "--advisory", "qt-firm-drug"], "digraph why"
    yield ["--med", "haloperidol", "--input", "medications[0]"], "counts for"


@pytest.mark.parametrize(("arguments", "said"), list(calls()))
def test_the_command_explains(snapshot: Snapshot, arguments: list[str], said: str) -> None:
    assert said in run(snapshot, *arguments)


def test_the_command_writes_json_and_refuses_what_it_cannot_explain(snapshot: Snapshot) -> None:
    assert json.loads(run(snapshot, "--condition", "K74.6", "--json"))["verdict"] == "applies"
    for arguments in ([], ["--advisory", "nothing"], ["--med", "haloperidol", "--input", "x[9]"]):
        with pytest.raises(CaseError):
            run(snapshot, *arguments)
