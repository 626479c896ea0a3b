"""What would clear a finding is one row of sentences in JSON, and knows its parts within."""

from __future__ import annotations

import msgspec

from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.report import ClearsIf, encode_report
from kg.contract.request import request_from
from tests.world import world


def test_a_row_of_sentences_knows_its_parts() -> None:
    found = ClearsIf.of(("Stop the drug.",), ("Nothing else.",), ("by waiting", "by leaving"))
    assert found.advice == ("Stop the drug.",)
    assert found.remarks == ("Nothing else.",)
    assert found.changes == ("by waiting", "by leaving")
    assert msgspec.json.decode(msgspec.json.encode(found)) == [
        "Stop the drug.",
        "Nothing else.",
        "Checked: it no longer applies by waiting.",
        "Checked: it no longer applies by leaving.",
    ]


def test_every_finding_says_one_sentence_for_each_change_set() -> None:
    known = world()
    drugs = [{"text": drug.label} for drug in known.drugs.values()]
    conditions = [{"text": condition.label} for condition in known.conditions.values()]
    body = {"medications": drugs, "conditions": conditions, "context": {"as_of": "2026-11-21"}}
    report = check(assemble(request_from(body), known), known)
    assert any(finding.clears_by for finding in report.findings)
    assert any(not finding.clears_by for finding in report.findings)
    sent = msgspec.json.decode(encode_report(report))["findings"]
    for finding, wire in zip(report.findings, sent, strict=True):
        parts = finding.clearing
        assert len(parts.changes) == len(finding.clears_by)
        assert bool(parts.changes) != ("No change of treatment" in "".join(parts.remarks))
        assert parts.advice == known.advisories[finding.advisory].clears_if
        assert wire["clears_if"] == list(finding.clears_if)
        assert len(wire["clears_if"]) == sum(map(len, (parts.advice, parts.remarks, parts.changes)))
