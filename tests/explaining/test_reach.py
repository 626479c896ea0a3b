"""What a term can raise: held against every finding of the golden cases and of whole patients."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from kg import terms
from kg.errors import UnknownSubject
from kg.explaining.reach import reach
from kg.explaining.without_patient import explain_drug
from kg.snapshot.model import Snapshot
from tests.cases.golden import FILES, answer, golden
from tests.patients.test_patients import FILES as PATIENTS
from tests.patients.test_patients import patient

ADDRESS = "/v1/terms/reaches"


def reached(term: str, snapshot: Snapshot) -> set[str]:
    return {one.advisory for one in reach(term, snapshot).advisories}


def test_whatever_made_advice_apply_can_reach_it(snapshot: Snapshot) -> None:
    known = {*snapshot.drugs, *snapshot.conditions, *snapshot.observations, *snapshot.flags}
    tried, missed = 0, set()
    requests = [golden(name).request for name in FILES]
    for request in [*requests, *(patient(name)["request"] for name in PATIENTS)]:
        for finding in answer(request, snapshot).findings:
            for because in finding.because:
                if because.term in known and because.term != snapshot.index_drug:
                    tried += 1
                    if finding.advisory not in reached(because.term, snapshot):
                        missed.add((terms.local(because.term), terms.local(finding.advisory)))
    assert tried > 1000
    assert not missed


def test_a_drug_reaches_what_its_explanation_says_it_raises(snapshot: Snapshot) -> None:
    for drug in snapshot.drugs:
        if not snapshot.drugs[drug].components:
            raised = set(explain_drug(drug, snapshot).raises)
            assert raised <= reached(drug, snapshot), drug


def test_what_is_broader_than_advice_asks_for_reaches_nothing_by_itself(snapshot: Snapshot) -> None:
    for iri, condition in snapshot.conditions.items():
        for above in condition.ancestors:
            if above in snapshot.conditions:
                assert reached(above, snapshot) <= reached(iri, snapshot), (above, iri)


def test_the_index_drug_reaches_nothing_against_itself(snapshot: Snapshot) -> None:
    assert reach(snapshot.index_drug, snapshot).advisories == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [("condition/cirrhosis", "condition/Cirrhosis"), ("drug/Fluconazole", "drug/fluconazole")],
)
def test_a_name_in_other_letters_leads_to_the_right_one(
    snapshot: Snapshot, written: str, meant: str
) -> None:
    with pytest.raises(UnknownSubject) as refused:
        reach(terms.BASE + written, snapshot)
    assert terms.BASE + meant in refused.value.repair


def test_the_address_answers_and_refuses(client: TestClient) -> None:
    found = client.get(ADDRESS, params={"term": terms.BASE + "drug/fluconazole"})
    assert found.status_code == 200
    said = found.json()
    assert said["label"] == "fluconazole"
    assert said["advisories"][0]["severities"]
    assert said["advisories"][0]["hazard"]["label"]
    assert client.get(ADDRESS).status_code == 422
    wrong = client.get(ADDRESS, params={"term": terms.BASE + "drug/Fluconazole"})
    assert (wrong.status_code, wrong.headers["content-type"]) == (404, "application/problem+json")
    assert "drug/fluconazole" in wrong.json()["repair"]
    for nonsense in ("x", "a" * 400, "https://w3id.org/inokg/", "http://127.0.0.1/"):
        assert client.get(ADDRESS, params={"term": nonsense}).status_code in (404, 422)
