"""What one input led to, what it may lead to, and why the rest is silent about it."""

from __future__ import annotations

from typing import Any

import pytest

from kg import terms
from kg.contract.explanation import Explanation
from kg.contract.place import begins_as_place
from kg.contract.request import request_from
from kg.errors import UnknownSubject
from kg.explaining.input import explain_input
from kg.explaining.without_patient import explain_drug
from kg.explaining.words import paths_of
from kg.snapshot.model import Snapshot


def asked(path: str, body: dict[str, Any], snapshot: Snapshot) -> Explanation:
    return explain_input(request_from(body), path, snapshot)


def keys(found: Explanation) -> set[str]:
    return {terms.local(iri) for iri in found.raises}


def test_premedication_names_the_advice_that_left_it_out(snapshot: Snapshot) -> None:
    body = {"medications": [{"text": "paracetamol", "role": "premedication"}]}
    found = asked("medications[0]", body, snapshot)
    assert not found.raises
    aside = [s for s in found.silent if s.advisory in snapshot.advisories]
    assert aside
    assert all(s.evidence and all(e.section for e in s.evidence) for s in aside)
    assert "set aside" in {n.kind for n in found.nodes}


def test_a_role_not_said_is_not_called_silence(snapshot: Snapshot) -> None:
    found = asked("medications[0]", {"medications": [{"text": "paracetamol"}]}, snapshot)
    assert "raises nothing" not in found.summary
    (open_,) = (u for u in found.unsettled if u.advisory in snapshot.advisories)
    assert "medications[0]: role" in open_.needs


def test_a_drug_stopped_on_an_unknown_day_is_not_called_silent(snapshot: Snapshot) -> None:
    body = {"medications": [{"text": "azithromycin", "status": "stopped"}]}
    found = asked("medications[0]", body, snapshot)
    assert not found.raises
    assert "cannot be judged yet" in found.summary
    assert "medications[0]: last_taken" in found.needs


def test_a_local_route_is_the_reason_and_has_its_source(snapshot: Snapshot) -> None:
    body = {"medications": [{"text": "azithromycin", "route": "local"}]}
    found = asked("medications[0]", body, snapshot)
    assert not found.raises
    why = {terms.local(s.advisory): s.reason for s in found.silent}
    assert "systemic exposure" in why["qt-firm-drug"]
    assert any(s.advisory in snapshot.silences and s.evidence for s in found.silent)


def test_a_dose_above_the_bound_is_no_premedication(snapshot: Snapshot) -> None:
    """That premedication raises nothing is no reason where the use is another one."""
    entry = {
        "text": "paracetamol",
        "role": "premedication",
        "daily_dose": {"value": 4, "unit": "g"},
    }
    found = asked("medications[0]", {"medications": [entry]}, snapshot)
    assert found.raises
    assert not any("premedication" in s.advisory for s in found.silent)


def test_what_nobody_judged_is_never_called_silent(snapshot: Snapshot) -> None:
    drug = next(
        d
        for _, d in sorted(snapshot.drugs.items())
        if not d.assessed and d.kind == "drug" and d.label.isalpha()
    )
    found = asked("medications[0]", {"medications": [{"text": drug.label}]}, snapshot)
    assert "raises nothing" not in found.summary
    assert found.unsettled


def test_a_misspelt_name_is_never_called_silent(snapshot: Snapshot) -> None:
    found = asked("medications[0]", {"medications": [{"text": "haloperidl"}]}, snapshot)
    assert "not recognised" in found.summary
    assert any(step.startswith("Not recognised") for step in found.steps)


def test_a_condition_that_must_raise_nothing_says_by_whom(snapshot: Snapshot) -> None:
    found = asked("conditions[0]", {"conditions": [{"text": "atrial fibrillation"}]}, snapshot)
    assert not found.raises
    assert any(s.advisory in snapshot.silences and s.evidence for s in found.silent)


def test_a_past_condition_says_what_it_would_have_to_be(snapshot: Snapshot) -> None:
    body = {"conditions": [{"text": "cirrhosis", "status": "resolved"}]}
    found = asked("conditions[0]", body, snapshot)
    why = {terms.local(s.advisory): s.reason for s in found.silent}
    assert "ongoing" in why["serious-hepatic-disease"]


@pytest.mark.parametrize(
    ("path", "raised"),
    [
        ("patient.flags[0]", "transplant-planned"),
        ("patient.age_years", "nearing-old-age"),
        ("observations[0]", "electrolyte-low"),
    ],
)
def test_any_input_can_be_asked_about(path: str, raised: str, snapshot: Snapshot) -> None:
    body = {
        "patient": {"flags": ["planned_hsct"], "age_years": 60},
        "observations": [{"text": "potassium", "value": 2.9, "unit": "mmol/L"}],
    }
    found = asked(path, body, snapshot)
    assert raised in keys(found)
    assert any(n.label == path for n in found.nodes)


def test_the_index_drug_raises_nothing_against_itself(snapshot: Snapshot) -> None:
    label = snapshot.drugs[snapshot.index_drug].label
    found = asked("medications[0]", {"medications": [{"text": label}]}, snapshot)
    assert "against itself" in found.summary
    assert "against itself" in explain_drug(snapshot.index_drug, snapshot).summary


def test_every_place_of_a_request_has_a_path_and_no_other_has(snapshot: Snapshot) -> None:
    body = {
        "patient": {"flags": ["ph_positive"], "sex": "female"},
        "medications": [{"text": "haloperidol"}],
        "conditions": [],
        "context": {"cycle": 2},
    }
    paths = list(paths_of(request_from(body)))
    assert paths == [
        "medications",
        "medications[0]",
        "conditions",
        "patient.sex",
        "patient.flags",
        "patient.flags[0]",
        "context.cycle",
    ]
    for path in paths:
        assert begins_as_place(path)
        assert asked(path, body, snapshot).summary
    for path in ("medications[1]", "context.day", "allergies", "medications[x]", "patient"):
        assert begins_as_place(path)
        with pytest.raises(UnknownSubject) as refused:
            asked(path, body, snapshot)
        assert "medications[0]" in refused.value.repair
    assert not any(map(begins_as_place, snapshot.advisories))
    assert not any(begins_as_place(terms.local(iri)) for iri in snapshot.advisories)
