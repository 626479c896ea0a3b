"""What a check promises of a whole list: one answer, one finding a matter, three outcomes."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from fastapi.testclient import TestClient

from kg.contract.report import Report
from kg.contract.request import request_from
from kg.contract.severity import rank
from kg.explaining.advisory import explain_advisory
from kg.snapshot.model import Snapshot
from tests.cases.golden import FILES, answer, golden, key
from tests.laws.test_clearing_laws import apply

ICD10 = "http://hl7.org/fhir/sid/icd-10"


def texts(*names: str, **more: Any) -> list[dict[str, Any]]:
    return [{"text": name, **more} for name in names]


def found(report: Report) -> dict[str, str]:
    return {key(f.advisory): f.severity for f in report.findings}


# --- CS-01 and CS-02: everything at once --------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 60, 200])
def test_cs_01_each_of_many_medicines_counts_as_it_does_alone(
    size: int, snapshot: Snapshot
) -> None:
    """Take different drugs from all over the catalogue; what one raises, the whole list raises."""
    catalogue = [d.label for _, d in sorted(snapshot.drugs.items()) if d.kind == "drug"]
    step = len(catalogue) // 200
    drugs = catalogue[::step][:size]
    whole = answer({"medications": texts(*drugs)}, snapshot)
    assert len(set(drugs)) == size
    assert [r.input for r in whole.recognised] == [f"medications[{n}]" for n in range(size)]
    because = {f.advisory: {b.input for b in f.because} for f in whole.findings}
    for n, name in enumerate(drugs):
        for finding in answer({"medications": texts(name)}, snapshot).findings:
            assert f"medications[{n}]" in because[finding.advisory], (name, finding.advisory)
    raised = {f.advisory for name in drugs for f in answer_alone(name, snapshot).findings}
    # Beside them only what two medicines raise together.
    together = {key(a) for a in set(because) - raised}
    assert together <= {"qt-conditional-drug-with-risk", "dual-alkylator"}


def answer_alone(name: str, snapshot: Snapshot) -> Report:
    return answer({"medications": texts(name)}, snapshot)


def test_cs_01_the_place_in_the_list_does_not_matter(snapshot: Snapshot) -> None:
    harmless = ["metformin"] * 199
    for place in (0, 100, 199):
        names = [*harmless[:place], "haloperidol", *harmless[place:]]
        report = answer({"medications": texts(*names)}, snapshot)
        (finding,) = [f for f in report.findings if f.topic == "qt.drug"]
        assert [b.input for b in finding.because] == [f"medications[{place}]"]


def test_cs_02_medicines_and_diseases_are_one_ranked_answer(client: TestClient) -> None:
    body = {
        "medications": texts("citalopram", "fluconazole", "warfarin"),
        "conditions": [{"system": ICD10, "code": "K74.6"}, {"text": "long QT syndrome"}],
        "allergies": texts("polysorbate 80"),
    }
    report = client.post("/v1/check", json=body).json()
    told = {f["topic"]: [b["input"] for b in f["because"]] for f in reversed(report["findings"])}
    assert told["contraindication.serious_hepatic_disease"] == ["conditions[0]"]
    assert told["contraindication.hypersensitivity"] == ["allergies[0]"]
    assert told["qt.history"] == ["conditions[1]"]
    assert told["qt.drug"] == ["medications[0]", "medications[1]"]
    assert told["bleeding.drug"] == ["medications[2]"]
    assert report["severity"] == "contraindicated"
    ranks = [rank(f["severity"]) for f in report["findings"]]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) >= 4


# --- CS-05: one finding a matter ----------------------------------------------------------------

SIX = ("citalopram", "haloperidol", "erythromycin", "methadone", "clarithromycin", "sotalol")


@pytest.mark.parametrize("names", [SIX, SIX[::-1], SIX[:1], (*SIX, *SIX)])
def test_cs_05_so_many_qt_drugs_are_one_finding_that_lists_them(
    names: tuple[str, ...], snapshot: Snapshot
) -> None:
    report = answer({"medications": texts(*names)}, snapshot)
    (finding,) = [f for f in report.findings if f.topic == "qt.drug"]
    assert finding.severity == "avoid"
    assert [b.input for b in finding.because] == [f"medications[{n}]" for n in range(len(names))]
    assert [b.label for b in finding.because] == list(names)


def test_cs_05_a_second_step_of_the_same_drugs_is_folded_under_it(snapshot: Snapshot) -> None:
    """Some drugs stand on the step of their class as well; a reader is shown one line."""
    names = ("quinidine", "amiodarone", "ondansetron", "citalopram", "haloperidol", "imipramine")
    report = answer({"medications": texts(*names)}, snapshot)
    of_matter = [f for f in report.findings if f.topic == "qt.drug"]
    (shown,) = [f for f in of_matter if f.refined_by is None]
    assert shown.severity == "avoid"
    assert [b.label for b in shown.because] == list(names)
    assert all(f.refined_by == shown.advisory for f in of_matter if f is not shown)


def test_cs_05_a_page_shows_it_once(client: TestClient) -> None:
    page = client.post("/check", data={"med": "\n".join(SIX)}).text
    headings = [part.partition("</h3>")[0] for part in page.split("<h3>")[1:]]
    assert sum("QT-prolonging medicine" in heading for heading in headings) == 1
    assert f"Because: {', '.join(SIX)}." in re.sub("<[^>]+>", "", page)


# --- CS-08: three outcomes, and nothing between -------------------------------------------------


@pytest.mark.parametrize("name", sorted(FILES)[::97])
def test_cs_08_every_rule_has_one_of_three_outcomes(name: str, snapshot: Snapshot) -> None:
    """Ask of every advisory by itself; findings, gaps and what does not apply make up them all."""
    body = golden(name).request
    asked = request_from(body)
    verdicts = {a: explain_advisory(asked, a, snapshot).verdict for a in _asked_in(body, snapshot)}
    report = answer(body, snapshot)
    raised = [f.advisory for f in report.findings]
    unsettled = [n.advisory for n in report.not_evaluable]
    silent = [a for a, verdict in verdicts.items() if verdict == "does not apply"]
    assert len(raised) + len(unsettled) + len(silent) == len(verdicts)
    assert {*raised, *unsettled, *silent} == set(verdicts)
    assert {a for a, v in verdicts.items() if v == "applies"} == set(raised)
    assert {a for a, v in verdicts.items() if v == "cannot be evaluated"} == set(unsettled)


def _asked_in(body: dict[str, Any], snapshot: Snapshot) -> list[str]:
    """Give the advisories that have a severity in the jurisdiction of a request."""
    chosen = body.get("context", {}).get("jurisdiction", "any")
    known = snapshot.advisories.items()
    return [a for a, advice in known if chosen == "any" or chosen in advice.severities]


def test_cs_08_the_rules_are_those_of_the_catalogue(client: TestClient, snapshot: Snapshot) -> None:
    """Nothing said clears of next to nothing; a patient of whom all is said is told all."""
    listed = client.get("/v1/advisories?limit=1").json()
    assert listed["total"] == len(snapshot.advisories) + len(snapshot.plan)
    nothing = answer({}, snapshot)
    assert not nothing.findings
    assert not nothing.complete
    assert len(nothing.not_evaluable) > len(snapshot.advisories) / 2
    whole = answer(golden("silence/protocol-patient").request, snapshot)
    assert (whole.findings, whole.complete) == ((), True)
    assert {n.severity for n in whole.not_evaluable} <= {"inform"}


# --- CS-12: an alternative is checked for this patient ------------------------------------------


def test_cs_12_an_alternative_that_this_patient_cannot_have_is_not_offered(
    snapshot: Snapshot,
) -> None:
    body: dict[str, Any] = {"medications": texts("voriconazole", role="prophylaxis")}
    free = offered(body, snapshot)
    assert len(free) >= 2
    for label in free:
        left = offered({**body, "allergies": texts(label)}, snapshot)
        assert label not in left
        assert left, "another of them still is"
    assert offered({**body, "allergies": texts("an antifungal, name lost")}, snapshot) == {}


def offered(body: dict[str, Any], snapshot: Snapshot) -> dict[str, list[dict[str, Any]]]:
    """Give the alternatives that are offered for the azole, each with its change set."""
    report = answer(body, snapshot)
    (azole,) = [f for f in report.findings if key(f.advisory) == "hepatotoxic-azole"]
    sets = [msgspec.to_builtins(s) for s in azole.clears_by]
    return {o["value"]["text"]: s for s in sets for o in s if o["op"] == "replace"}


def test_cs_12_what_is_offered_passes_the_same_check(snapshot: Snapshot) -> None:
    body = {
        "patient": {"age_years": 60, "sex": "male", "flags": ["planned_hsct"]},
        "medications": texts("citalopram", "voriconazole", "warfarin", role="treatment"),
        "conditions": texts("hepatitis C"),
    }
    before = answer(body, snapshot)
    choices = offered(body, snapshot)
    assert choices
    for change in choices.values():
        after = answer(apply(body, change), snapshot)
        assert "hepatotoxic-azole" not in found(after)
        new = {f.advisory for f in after.findings} - {f.advisory for f in before.findings}
        assert not [f for f in after.findings if f.advisory in new and f.severity == "avoid"]
        assert found(after)["qt-firm-drug"] == "avoid", "and the rest is still there"
