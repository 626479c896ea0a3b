"""An explanation holds everything that a finding needs, and nothing that it does not."""

from __future__ import annotations

from functools import cache

import msgspec
import pytest

from kg import terms
from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.explanation import Explanation
from kg.contract.request import Request, request_from
from kg.errors import UnknownSubject
from kg.explaining.advisory import explain_advisory
from kg.explaining.least_inputs import keeping, units_of
from kg.explaining.parts import find
from kg.explaining.without_patient import explain_drug, explain_without_patient
from kg.snapshot.model import Snapshot
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
            if node.iri is not None:
                assert node.iri in known, (key, node)
            assert node.iri or node.kind in ("input", "exemption", "fact"), (key, node)
        passages = [e for p in found.positions.values() for e in p.evidence]
        assert passages, key
        assert all(e.section and e.title and e.says for e in passages), key
        assert {"EU", "UK", "US"} <= set(found.positions), key
        assert len(found.summary) <= 140


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
    assert found.leaves == tuple(f"medications[{n}]" for n in range(6))
    assert "and 3 more" in found.summary


def test_what_is_open_says_what_would_settle_it(snapshot: Snapshot) -> None:
    iri = f"{terms.BASE}advisory/bilirubin-above-limit"
    request = request_from({"observations": [], "context": {"phase": "before_dose"}})
    found = explain_advisory(request, iri, snapshot)
    assert found.verdict == "cannot be evaluated"
    assert any("bilirubin" in need for need in found.needs)
    assert not found.supports
    assert "not given" in {n.kind for n in found.nodes}
    # What does hold already is shown, too.
    assert any(n.iri == f"{terms.BASE}phase/before-dose" for n in found.nodes)


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
            assert "not judged on" in found.summary
    azithromycin = explain_drug(f"{terms.BASE}drug/azithromycin", snapshot)
    by_class = {(e.source, e.label) for e in azithromycin.edges if e.label == "has, by class"}
    assert by_class == {(f"{terms.BASE}class/Macrolide", "has, by class")}


def test_every_advisory_can_be_explained_without_a_patient(snapshot: Snapshot) -> None:
    for iri, advisory in snapshot.advisories.items():
        found = explain_without_patient(iri, snapshot)
        statements = {n.iri for n in found.nodes if n.kind == "statement"}
        assert statements == set(advisory.statements)
        assert {n.iri for n in found.nodes} >= {advisory.applies_to}
        assert found.tree is not None


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


def test_what_does_not_apply_names_the_part_that_is_not_so(snapshot: Snapshot) -> None:
    iri = f"{terms.BASE}advisory/qt-firm-drug"
    request = request_from({"medications": [{"text": "azithromycin", "route": "local"}]})
    found = explain_advisory(request, iri, snapshot)
    assert found.verdict == "does not apply"
    assert [n.kind for n in found.nodes if n.kind == "input"] == []
    assert any(n.kind == "not so" and "prolongs QT" in n.label for n in found.nodes)


def test_a_value_stands_with_its_range_and_its_day(snapshot: Snapshot) -> None:
    """Say what the value was held against: the laboratory's limit, or the range of limits."""
    iri = f"{terms.BASE}advisory/bilirubin-above-limit"
    value = {"text": "total bilirubin", "value": 90, "unit": "umol/L", "taken_at": "2026-11-20"}
    said = []
    for limit in ({}, {"upper_limit": 21}):
        body = {"observations": [{**value, **limit}], "context": {"phase": "before_dose"}}
        found = explain_advisory(request_from(body), iri, snapshot)
        (given,) = (n for n in found.nodes if n.label == "observations[0]")
        said.append(given.detail or "")
    assert all("90 umol/L" in text and "taken 2026-11-20" in text for text in said)
    assert "no limits given" in said[0]
    assert "upper limit 21" in said[1]


def test_a_disagreement_keeps_every_passage(snapshot: Snapshot) -> None:
    found = explain_without_patient(f"{terms.BASE}advisory/qt-firm-drug", snapshot)
    for split in found.disagreements:
        known = snapshot.disagreements[split.disagreement]
        assert {e.statement for e in split.readings} == {*known.readings, *known.taken}
        assert all(e.section and e.source in snapshot.sources for e in split.readings)
        assert split.taken == known.taken


def test_a_list_read_in_part_stays_so_when_a_request_is_cut() -> None:
    body = {"medications": [{"text": "x"}, {"text": "y"}], "partly_read": ["medications"]}
    assert keeping(request_from(body), ["medications[0]"]).partly_read == ["medications"]
