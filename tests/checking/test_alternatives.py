"""What could stand in for a medicine: of the same use, checked for this patient (C-43).

The expectations come from the tables: citalopram is of the known tier and sertraline of the
conditional one, palonosetron is a special case without a tier, and of the echinocandins it is said
that they raise nothing.
"""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET

from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.report import Alternative, Finding
from kg.contract.request import request_from
from kg.contract.severity import rank
from kg.snapshot.model import Snapshot


def _findings(snapshot: Snapshot, **body: Any) -> dict[str, Finding]:
    report = check(assemble(request_from(body), snapshot), snapshot)
    return {f.advisory.rsplit("/", 1)[-1]: f for f in report.findings}


def _offered(finding: Finding) -> dict[str, Alternative]:
    found = finding.alternatives
    return {} if found is UNSET else {a.label: a for a in found}


def test_a_setron_gives_way_to_palonosetron(snapshot: Snapshot) -> None:
    found = _findings(snapshot, medications=[{"text": "ondansetron"}])["qt-firm-drug"]
    # A ranking gives it less concern for the liver, and no tier of QT is left.
    assert _offered(found)["palonosetron"].raises == "inform"


def test_an_azole_gives_way_to_an_echinocandin(snapshot: Snapshot) -> None:
    found = _findings(snapshot, medications=[{"text": "voriconazole"}])["hepatotoxic-azole"]
    assert {"caspofungin", "micafungin", "anidulafungin"} & set(_offered(found))


def test_what_stands_in_is_told_with_what_it_raises(snapshot: Snapshot) -> None:
    found = _findings(snapshot, medications=[{"text": "citalopram"}])["qt-firm-drug"]
    sertraline = _offered(found)["sertraline"]
    assert sertraline.raises is not None
    assert rank(sertraline.raises) > rank(found.severity)


def test_what_would_raise_as_much_here_is_not_offered(snapshot: Snapshot) -> None:
    """Sertraline is a caution beside another QT drug; against a caution it is no way out."""
    body = {"medications": [{"text": "agomelatine"}, {"text": "amiodarone"}]}
    found = _findings(snapshot, **body)["hepatotoxic-drug"]
    assert all(
        a.raises is None or rank(a.raises) > rank(found.severity) for a in _offered(found).values()
    )


def test_what_the_patient_takes_or_does_not_tolerate_is_not_offered(snapshot: Snapshot) -> None:
    taken = {"medications": [{"text": "ondansetron"}, {"text": "palonosetron"}]}
    assert "palonosetron" not in _offered(_findings(snapshot, **taken)["qt-firm-drug"])
    allergic = {"medications": [{"text": "ondansetron"}], "allergies": [{"text": "palonosetron"}]}
    assert "palonosetron" not in _offered(_findings(snapshot, **allergic)["qt-firm-drug"])


def test_an_allergy_that_nobody_could_read_closes_the_list(snapshot: Snapshot) -> None:
    body = {"medications": [{"text": "ondansetron"}], "allergies": [{"text": "xyzzyq"}]}
    assert _offered(_findings(snapshot, **body)["qt-firm-drug"]) == {}


@pytest.mark.parametrize("drug", ["amiodarone", "arsenic trioxide"])
def test_where_nothing_has_the_same_use_nothing_is_offered(snapshot: Snapshot, drug: str) -> None:
    found = _findings(snapshot, medications=[{"text": drug}])["qt-firm-drug"]
    assert found.alternatives is UNSET


def test_nothing_is_offered_that_is_as_strong_or_open_on_either_axis(snapshot: Snapshot) -> None:
    for use in snapshot.uses.values():
        for drug in use.replaced:
            body = {"medications": [{"text": snapshot.drugs[drug].label}]}
            for found in _findings(snapshot, **body).values():
                offered = _offered(found)
                assert len(offered) <= 4
                for one in offered.values():
                    assert not use.axes & set(snapshot.drugs[one.term].open_axes)
                    assert one.raises is None or rank(one.raises) > rank(found.severity)
